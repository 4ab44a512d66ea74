"""The format ``html``: the main text of saved pages, of one file, a folder, or a list of files and their URLs.

Imports the vocabulary, ``db.io`` and ``db.formats.shared``; trafilatura only when a page is read.
"""
