"""Sync: finds the rows of source databases that are new, changed or gone, and imports only these.

Imports what `db.sources` may import.
"""
