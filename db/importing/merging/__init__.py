"""Merging: the decisions that an export carries about a known event, compared with those of the file.

May import the modules of ``db.importing`` that match fields, and what those may import.
"""
