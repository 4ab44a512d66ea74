"""Reads and writes Prodigy's JSON Lines: a task a line, with its spans, relations or choices and its answer.

May import the vocabulary, ``db.io``, ``db.formats.format`` and ``db.formats.shared``.
"""
