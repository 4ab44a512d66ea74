"""Decisions: what a reviewer can do, and the one transaction that appends a decision and applies its patch.

Imports ``db.store`` and the rooms below it.
"""
