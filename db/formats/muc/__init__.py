"""Reads and writes the answer keys and responses of MUC-3 and MUC-4: templates of slots, with their messages.

May import the vocabulary, ``db.io``, ``db.formats.format`` and ``db.formats.shared``.
"""
