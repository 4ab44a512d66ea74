"""A source database as it is: opened read-only and safely, with a catalogue of its tables and samples of their rows.

Imports the vocabulary, `db.io` and `db.store`.
"""
