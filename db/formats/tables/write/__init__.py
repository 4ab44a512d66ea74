"""Writing tables: events become rows, wide, long or by a mapping, with a codebook.

Imports ``db.formats.tables.mapping`` and what that may import.
"""
