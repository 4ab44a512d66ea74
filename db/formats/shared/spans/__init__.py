"""Spans of other programs as code points: units of offsets, texts that changed, and spans found by their quotes.

Imports the vocabulary, ``db.text`` and ``db.formats.format``.
"""
