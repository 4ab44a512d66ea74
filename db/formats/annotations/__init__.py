"""Reads texts with spans, events or labels from JSON under any keys, by a mapping; the usual corpora have one each.

May import the vocabulary, ``db.io``, ``db.formats.format`` and ``db.formats.shared``.
"""
