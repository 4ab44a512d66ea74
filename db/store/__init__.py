"""The SQLite file: connections, schema, migrations, trust, and reading rows as objects.

Imports the vocabulary, ``db.text`` and ``db.io``; every other room reaches the file through this one.
"""
