"""Reads and writes brat standoff: folders of .txt and .ann files with annotation.conf, or one .ann with its .txt.

May import the vocabulary, ``db.io``, ``db.formats.format`` and ``db.formats.shared``.
"""
