"""Reads and writes the JSON that any language model returns: a text and a list of objects, each an event.

May import the vocabulary, ``db.io``, ``db.formats.format`` and ``db.formats.shared``.
"""
