"""Reads and writes doccano's JSON Lines: texts with labelled spans and relations, or labels of the whole text.

May import the vocabulary, ``db.io``, ``db.formats.format`` and ``db.formats.shared``.
"""
