"""Publishes reviewed values to where the events came from: new tables in a database, or changed cells in a file.

The only room that opens a user's database for writing. Imports what ``db.sources`` may import.
"""
