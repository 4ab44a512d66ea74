"""Reads and writes Label Studio's JSON tasks and their labelling configuration; reads JSON-MIN and CSV.

May import the vocabulary, ``db.io``, ``db.formats.format`` and ``db.formats.shared``.
"""
