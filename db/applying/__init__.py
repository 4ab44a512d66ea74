"""Values that a person gives by a command or in a table: each becomes a decision, as a key of the reviewer makes it.

Imports every room of ``db`` but the other ones of its layer, ``db.sources`` and ``db.demo``.
"""
