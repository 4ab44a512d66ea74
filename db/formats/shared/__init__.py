"""What several formats need: JSON records, offsets, folders, saved pages, tokens, and the two versions of a field.

Imports the vocabulary, ``db.text``, ``db.io``, ``db.suggest.candidates`` and ``db.formats.format``, but no format.
"""
