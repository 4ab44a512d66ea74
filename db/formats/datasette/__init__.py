"""The format ``datasette``: metadata with which Datasette describes an eventdesk file.

Imports the vocabulary and ``db.io``; it only writes.
"""
