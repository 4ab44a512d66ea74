"""Source databases: any SQLite file of the user's own that holds events. A plan says how to read it.

Imports every room of `db` but `db.demo`.
"""
