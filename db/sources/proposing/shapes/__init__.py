"""Shapes of databases beyond two joined tables: a module for each, with steps of `proposing.propose`.

Imports `db.sources.proposing.findings` and what that may import.
"""
