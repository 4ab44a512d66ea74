"""Writes events as tables: wide, long, or by a mapping, with a codebook.

Imports ``db.formats.tables.read``, ``db.formats.tables.mapping`` and what those may import.
"""
