"""Reading: the tables of a source database as one wide table, and its rows as documents with events, by a plan.

Imports the plan, ``db.formats``, ``db.store.sqlite``, and for slices ``db.importing``.
"""
