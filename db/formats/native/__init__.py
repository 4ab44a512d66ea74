"""The format ``native``: eventdesk's own JSON Lines, one document with its events per line.

Imports ``db.io`` and ``db.formats.shared``.
"""
