"""The formats ``text`` and ``text-folder``: text files as documents without events, described by front matter.

Imports the vocabulary, ``db.io``, ``db.formats.format`` and ``db.formats.shared``.
"""
