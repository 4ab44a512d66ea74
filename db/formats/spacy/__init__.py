"""Reads and writes spaCy's DocBin (.spacy); spaCy itself is imported only when a file is read or written.

May import the vocabulary, ``db.formats.format`` and ``db.formats.shared``.
"""
