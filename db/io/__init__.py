"""Files that are not the database: JSON Lines, TOML, CSV, atomic and private files, network drives, the native form.

Imports the vocabulary and ``db.text``.
"""
