"""Publishes to the database that events came from: tables named NAME_reviewed and NAME_corrections beside its own.

Imports ``db.sources.database``, ``db.sources.reading``, the modules of ``db.sources.publish`` and what they may import.
"""
