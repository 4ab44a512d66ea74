"""Turns the rows of a table into documents and events by a mapping.

Imports ``db.formats.tables.files``, ``db.formats.tables.mapping`` and what those may import.
"""
