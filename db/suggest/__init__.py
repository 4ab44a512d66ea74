"""Suggestions: values that a text offers for a field, and events that are like another.

Imports ``db.store`` and the rooms below it.
"""
