"""Training data for taggers: CoNLL columns, and JSON Lines with BIO tags for Hugging Face datasets.

Imports the vocabulary, ``db.io`` and ``db.formats.shared``.
"""
