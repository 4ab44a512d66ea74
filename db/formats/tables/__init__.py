"""The table formats (CSV, JSON rows, Parquet, SQLite), read by a mapping and written wide, long or by a mapping.

Imports the vocabulary, ``db.io`` and ``db.formats.shared``; only ``files.sqlite_file`` uses SQLite.
"""
