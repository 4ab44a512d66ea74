"""Reading tables: files become rows of cells, and rows become documents by a mapping.

Imports ``db.formats.tables.mapping`` and what that may import.
"""
