"""Texts of documents as a database holds them: HTML, files, bytes of any encoding; and what offsets into them count.

Imports `db.formats` and the vocabulary.
"""
