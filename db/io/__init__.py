"""Files that are not the database: JSON Lines, TOML, CSV, atomic and private files, the state folder.

Imports the vocabulary and ``db.text``.
"""
