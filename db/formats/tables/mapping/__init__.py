"""Mappings say which columns of a table mean what: written as TOML, shipped as presets, or guessed.

Imports the vocabulary, ``db.io``, the modules of ``db.formats.tables`` and ``db.query.names``.
"""
