"""Publishes to the file that was imported: changes the corrected cells of a CSV, JSON or Parquet table, nothing else.

Imports the modules of ``db.sources.publish`` and what they may import.
"""
