"""Documents without events: plain text files, folders of texts with front matter, and saved HTML pages.

Imports the vocabulary, ``db.io`` and ``db.formats.shared``.
"""
