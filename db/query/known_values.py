"""Values, field names and event types that the file knows, to choose from when editing."""

import contextlib
import sqlite3
from functools import cache
from importlib.resources import files

from db.model import Value, from_sql
from db.query.names import field_names
from db.store.valid.fetching import decoded, texts

_SCANNED = 20_000  # index rows read for one answer: takes some milliseconds, however large the file is

_MAX_CLOSED = 20  # distinct values of a field with a closed set of values
_MIN_USES = 3  # of each value, on average


def known_values(connection: sqlite3.Connection, name: str, limit: int = 500) -> list[Value]:
    """Return the values of a field, the most used first. Of numbers, the 20,000 smallest are counted."""
    rows = decoded(
        connection,
        "SELECT value, uses FROM field_values WHERE name = ?1 AND uses > 0 UNION ALL SELECT value, count(*) FROM"
        " (SELECT value FROM fields WHERE name = ?1 AND value < '' AND state <> 'removed' LIMIT ?2) GROUP BY value"
        " ORDER BY 2 DESC, 1 LIMIT ?3",
        2,
        (name, _SCANNED, limit),
    )
    values = []
    for value, _ in rows:
        with contextlib.suppress(ValueError):  # `check` names it
            values.append(from_sql(value))
    return values


def closed_values(connection: sqlite3.Connection, name: str) -> list[str]:
    """Return the values of a field that repeats a few, such as a stage or a kind of victim, the most used first.

    Empty if the field has many values, too few uses, or numbers.
    """
    rows = decoded(
        connection,
        "SELECT value, uses FROM field_values WHERE name = ? AND uses > 0 ORDER BY uses DESC, value LIMIT ?",
        2,
        (name, _MAX_CLOSED + 1),
    )
    numbers = connection.execute(
        "SELECT 1 FROM fields WHERE name = ? AND value < '' AND state <> 'removed' LIMIT 1", (name,)
    ).fetchone()
    closed = not numbers and len(rows) <= _MAX_CLOSED and sum(count for _, count in rows) >= _MIN_USES * len(rows)
    return [value for value, _ in rows if isinstance(value, str)] if closed else []


def known_names(connection: sqlite3.Connection) -> list[str]:
    """Return the field names of the file, sorted, then those of the event types that eventdesk ships."""
    return list(dict.fromkeys([*field_names(connection), *_shipped_names()]))


@cache
def _shipped_names() -> tuple[str, ...]:
    from db.io.types_toml import parse_event_types

    toml = (files("db") / "demo" / "types.toml").read_text(encoding="utf-8")
    return tuple(dict.fromkeys(item.name for spec in parse_event_types(toml, "types.toml") for item in spec.fields))


def known_types(connection: sqlite3.Connection) -> list[str]:
    """Return the event types, those with the most events first, then declared types without events."""
    # Jumps from type to type in the index and counts only so many of each; counting all would read a million rows.
    used = decoded(
        connection,
        "WITH RECURSIVE used (name) AS (SELECT min(type) FROM events WHERE live UNION ALL"
        " SELECT (SELECT min(type) FROM events WHERE type > used.name AND live) FROM used WHERE name IS NOT NULL)"
        " SELECT name, (SELECT count(*) FROM (SELECT 1 FROM events WHERE type = used.name AND live LIMIT ?)) AS times"
        " FROM used WHERE name IS NOT NULL ORDER BY times DESC, name",
        2,
        (_SCANNED,),
    )
    declared = texts(connection, "SELECT name FROM event_types ORDER BY name")
    return list(dict.fromkeys([*(name for name, _ in used if type(name) is str), *declared]))
