"""Names that a query may use: the event's own, the document's, and those of fields; and which one a slip meant."""

import sqlite3
from collections.abc import Iterable

from db.model import STATUSES
from db.query.grammar import QueryError

OWN_TEXT = {
    "type": "events.type",
    "status": "events.status",
    "reason": "events.reason",
    "extractor": "events.extractor",
    "id": "events.external_id",
    "reviewer": "events.reviewer",
    "note": "events.note",
    "document": "documents.external_id",
    "title": "documents.title",
    "publisher": "documents.publisher",
    "url": "documents.url",
    "language": "documents.language",
}
OWN_DATES = {"decided": "events.decided_at", "published": "documents.published"}
OWN = {**OWN_TEXT, **OWN_DATES, "confidence": "events.confidence"}
IS = (*STATUSES, "reviewed", "accepted", "added", "merged", "changed")
OF_FEW_VALUES = ("type", "status", "reason", "extractor", "reviewer", "publisher", "language")
QUESTIONS = ("has", "is", "in", "near", "sort")
_CLOSE = 0.6  # of letters alike: below, a suggestion would only puzzle
_LISTED = 12
_DISTINCT = 1000


def field_names(connection: sqlite3.Connection) -> list[str]:
    """Names that fields of the file have, and those that its event types declare: in order."""
    declared = {row[0] for row in connection.execute("SELECT DISTINCT name FROM event_type_fields")}
    # From name to name through the index: a plain DISTINCT would read ten million rows of it.
    given = connection.execute(
        "WITH RECURSIVE given (name) AS (SELECT min(name) FROM fields WHERE state <> 'removed' UNION ALL"
        " SELECT (SELECT min(name) FROM fields WHERE name > given.name AND state <> 'removed') FROM given"
        " WHERE name IS NOT NULL) SELECT name FROM given WHERE name IS NOT NULL"
    )
    return sorted(declared | {row[0] for row in given})


def distinct_values(connection: sqlite3.Connection, column: str) -> list[str] | None:
    """The values of a column with an index of its own, in order; None where there are more than a thousand."""
    table = column.partition(".")[0]
    live = " AND live" if table == "events" else ""
    # From value to value through the index. Partial ones are of what is not NULL, and of live events.
    rows = connection.execute(
        f"WITH RECURSIVE known (value) AS (SELECT min({column}) FROM {table} WHERE {column} IS NOT NULL{live}"
        f" UNION ALL SELECT (SELECT min({column}) FROM {table} WHERE {column} > known.value{live}) FROM known"
        f" WHERE value IS NOT NULL) SELECT value FROM known WHERE value IS NOT NULL LIMIT {_DISTINCT + 1}"
    ).fetchall()
    return [row[0] for row in rows] if len(rows) <= _DISTINCT else None


def resolve(name: str, names: Iterable[str], column: int) -> tuple[str, ...]:
    """The names of fields that were meant, whatever their case. Raises QueryError where there is none."""
    known = list(names)
    wanted = name.casefold()
    found = tuple(item for item in known if item.casefold() == wanted)
    if not found:
        raise QueryError(column, f"no field {name}{suggestion(name, [*known, *OWN, *QUESTIONS], known)}")
    return found


def suggestion(typed: str, candidates: Iterable[str], listed: Iterable[str] = ()) -> str:
    """What to say of a slip: ``; did you mean count?``, or else what there is."""
    from difflib import get_close_matches  # only for who made a slip

    by_folded = {item.casefold(): item for item in candidates}
    if close := get_close_matches(typed.casefold(), by_folded, 1, _CLOSE):
        return f"; did you mean {by_folded[close[0]]}?"
    some = list(listed)
    if not some:
        return ""
    return f"; there are {', '.join(some[:_LISTED])}{' …' if len(some) > _LISTED else ''}"
