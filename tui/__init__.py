"""The terminal side of eventdesk: the command line, the reviewer and the mapping screen.

Imports ``db``; the folders' layers are a contract in pyproject.toml.
"""
