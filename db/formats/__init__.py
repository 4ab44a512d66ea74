"""File formats that eventdesk imports and exports: one folder per format, and ``shared`` for what several need.

Imports the vocabulary, ``db.text``, ``db.io``, ``db.suggest`` and ``db.query``. No format imports another.
"""
