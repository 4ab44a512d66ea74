"""Mappings: which columns of a table hold what, written as TOML, shipped as presets or guessed.

Imports the vocabulary, ``db.io``, ``db.formats.shared`` and the cells of tables.
"""
