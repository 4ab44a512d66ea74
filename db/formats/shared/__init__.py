"""What several formats need: streams of JSON, offsets, grounding, folders and the two sides of a field.

Imports the vocabulary, ``db.text``, ``db.io`` and ``db.formats.format``; it knows no single format.
"""
