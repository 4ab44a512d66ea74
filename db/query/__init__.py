"""The query language: ``type:attack killed>=10 (status:pending or is:unsure) -"by accident" sort:-date``."""

from db.query.grammar import Query, QueryError, parse
from db.query.sql import Compiled, compile_query

__all__ = ["Compiled", "Query", "QueryError", "compile_query", "parse"]
