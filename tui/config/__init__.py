"""What a person can set: bindings, key maps, themes, and the configuration file that sets them.

Imports the vocabulary of ``db`` and ``tui.text``.
"""
