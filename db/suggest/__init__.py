"""Suggestions: values for a field found in the text, and events that may be duplicates.

Imports ``db.store`` and the rooms below it.
"""
