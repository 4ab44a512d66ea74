"""The format ``hf-bio``: training data for Hugging Face libraries as JSON Lines with BIO tags.

Imports ``db.formats.shared``; it only writes.
"""
