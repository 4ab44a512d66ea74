"""Opens files as tables: CSV and its relatives, JSON rows, Parquet and SQLite.

Imports ``db.formats.tables.mapping``, the modules of ``db.formats.tables``, ``db.formats.shared`` and ``db.io``.
"""
