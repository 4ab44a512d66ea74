"""Figures about events: columns, counts, groups, sums and progress.

Imports ``db.query`` and the rooms below it.
"""
