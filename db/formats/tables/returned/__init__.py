"""The wide table when it comes back: its rows as events, and what a person edited in them.

Imports ``db.formats.tables.write`` and what that may import.
"""
