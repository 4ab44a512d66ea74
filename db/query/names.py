"""Names that a query may use: properties of events and documents, and fields. Suggests names for typing errors."""

import sqlite3
from collections.abc import Iterable

from db.model import STATUSES
from db.query.grammar import QueryError
from db.store.valid.fetching import decoded, readable_rows, texts
from db.store.valid.rows import SAVED_QUERY
from db.text.folding import canonical

TEXT_PROPERTIES = {
    "type": "events.type",
    "status": "events.status",
    "reason": "events.reason",
    "extractor": "events.extractor",
    "run": "events.run",
    "id": "events.external_id",
    "reviewer": "events.reviewer",
    "note": "events.note",
    "document": "documents.external_id",
    "title": "documents.title",
    "publisher": "documents.publisher",
    "url": "documents.url",
    "language": "documents.language",
}
DATE_PROPERTIES = {"decided": "events.decided_at", "published": "documents.published"}
PROPERTIES = {**TEXT_PROPERTIES, **DATE_PROPERTIES, "confidence": "events.confidence"}
IS_VALUES = (*STATUSES, "reviewed", "accepted", "added", "merged", "changed", "gone", "weak")
FEW_VALUED = ("type", "status", "reason", "extractor", "reviewer", "publisher", "language")
KEYWORDS = ("has", "is", "in", "near", "sort")
_SIMILARITY = 0.6  # below this, a suggestion would only confuse
_LISTED = 12
_DISTINCT = 1000


def field_names(connection: sqlite3.Connection) -> list[str]:
    """Return the names of the file's fields and those that its event types declare, sorted."""
    declared = texts(connection, "SELECT DISTINCT name FROM event_type_fields")
    # Jumps from name to name in the index; a plain DISTINCT would read ten million rows of it.
    given = texts(
        connection,
        "WITH RECURSIVE given (name) AS (SELECT min(name) FROM fields WHERE state <> 'removed' UNION ALL"
        " SELECT (SELECT min(name) FROM fields WHERE name > given.name AND state <> 'removed') FROM given"
        " WHERE name IS NOT NULL) SELECT name FROM given WHERE name IS NOT NULL",
    )
    return sorted({*declared, *given})


def distinct_values(connection: sqlite3.Connection, column: str) -> list[str] | None:
    """Return the values of an indexed column, sorted, or None if there are more than a thousand."""
    table = column.partition(".")[0]
    live = " AND live" if table == "events" else ""
    # Jumps from value to value in the index. Some indexes hold only values that are not NULL, and only live events.
    rows = decoded(
        connection,
        f"WITH RECURSIVE known (value) AS (SELECT min({column}) FROM {table} WHERE {column} IS NOT NULL{live}"
        f" UNION ALL SELECT (SELECT min({column}) FROM {table} WHERE {column} > known.value{live}) FROM known"
        f" WHERE value IS NOT NULL) SELECT value FROM known WHERE value IS NOT NULL LIMIT {_DISTINCT + 1}",
        1,
    )
    return [row[0] for row in rows if type(row[0]) is str] if len(rows) <= _DISTINCT else None


def saved_queries(connection: sqlite3.Connection) -> dict[str, str]:
    """Return the texts of the readable saved queries, by name."""
    return {row[0]: row[1] for row in readable_rows(connection, SAVED_QUERY, "name", lambda _: None)}


def resolve(name: str, names: Iterable[str], column: int) -> tuple[str, ...]:
    """Return the names that equal ``name`` but for case and normal form. Raises QueryError if there is none."""
    known = list(names)
    found = tuple(item for item in known if canonical(item) == canonical(name))
    if not found:
        raise QueryError(column, f"no field {name}{suggestion(name, [*known, *PROPERTIES, *KEYWORDS], known)}")
    return found


def suggestion(typed: str, candidates: Iterable[str], listed: Iterable[str] = ()) -> str:
    """Return ``; did you mean count?`` for the most similar candidate, or else the first names ``listed``."""
    from difflib import get_close_matches  # imported only after a typing error

    by_folded = {canonical(item): item for item in candidates}
    if close := get_close_matches(canonical(typed), by_folded, 1, _SIMILARITY):
        return f"; did you mean {by_folded[close[0]]}?"
    names = list(listed)
    if not names:
        return ""
    return f"; use one of {', '.join(names[:_LISTED])}{' …' if len(names) > _LISTED else ''}"
