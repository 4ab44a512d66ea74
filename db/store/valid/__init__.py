"""Checks rows as they are read: SQLite has no checksums, and other programs may have written to the file.

Imports the vocabulary.
"""
