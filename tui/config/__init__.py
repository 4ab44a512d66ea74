"""What a person can set: bindings, key maps, themes, and the configuration file that sets them.

May import the vocabulary, ``db.io`` and ``db.text``.
"""
