"""The SQLite file: connections, schema, migrations, trust, event types, lookup index, and reading rows as objects.

Imports the vocabulary, ``db.text`` and ``db.io``; every other room reaches the file through this one.
"""
