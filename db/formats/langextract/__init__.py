"""Reads and writes LangExtract's JSON Lines: annotated documents with a list of extractions each.

May import the vocabulary, ``db.io``, ``db.formats.format`` and ``db.formats.shared``.
"""
