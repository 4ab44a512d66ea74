"""The query language: ``type:attack killed>=10 (status:pending or is:unsure) -"by accident" sort:-date``.

Parses a query, turns it into SQL, runs it and completes it. Imports ``db.suggest``, ``db.decisions`` and the rooms
below them.
"""

from db.query.grammar import Query, QueryError, parse
from db.query.plan import Search, check_query, compile_query

__all__ = ["Query", "QueryError", "Search", "check_query", "compile_query", "parse"]
