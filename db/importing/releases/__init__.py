"""What a newer extraction or release changes: field by field, only in writing, under a decision, and what is gone.

Imports ``db.decisions``, ``db.formats``, ``db.store`` and what those may import.
"""
