"""What a field could hold: values that the file has for its name, and names that its type or the file has."""

import sqlite3
from functools import cache
from importlib.resources import files

from db.model import Value, from_sql
from db.query.names import field_names

_SCANNED = 20_000  # rows of the index looked at for one answer: some milliseconds, however large the file is

_CLOSED = 20  # values of a field that has no others
_OFTEN = 3  # times that each is used, on average


def known_values(connection: sqlite3.Connection, name: str, limit: int = 500) -> list[Value]:
    """Values used for a field name, the most used first. Numbers are of the first 20,000 in order."""
    rows = connection.execute(
        "SELECT value, uses FROM field_values WHERE name = ?1 AND uses > 0 UNION ALL SELECT value, count(*) FROM"
        " (SELECT value FROM fields WHERE name = ?1 AND value < '' AND state <> 'removed' LIMIT ?2) GROUP BY value"
        " ORDER BY 2 DESC, 1 LIMIT ?3",
        (name, _SCANNED, limit),
    )
    return [from_sql(row[0]) for row in rows]


def closed_values(connection: sqlite3.Connection, name: str) -> list[str]:
    """The values of a field that has a few over and over, as a stage or a kind of victim: the most used first.

    Empty where the field has many values, or too few to tell, or numbers.
    """
    rows = connection.execute(
        "SELECT value, uses FROM field_values WHERE name = ? AND uses > 0 ORDER BY uses DESC, value LIMIT ?",
        (name, _CLOSED + 1),
    ).fetchall()
    numbers = connection.execute(
        "SELECT 1 FROM fields WHERE name = ? AND value < '' AND state <> 'removed' LIMIT 1", (name,)
    ).fetchone()
    closed = not numbers and len(rows) <= _CLOSED and sum(count for _, count in rows) >= _OFTEN * len(rows)
    return [value for value, _ in rows if isinstance(value, str)] if closed else []


def known_names(connection: sqlite3.Connection) -> list[str]:
    """Field names of the file, in order; then those of the types that eventdesk ships."""
    return list(dict.fromkeys([*field_names(connection), *_shipped_names()]))


@cache
def _shipped_names() -> tuple[str, ...]:
    from db.io.types_toml import parse_event_types

    toml = (files("db") / "demo" / "types.toml").read_text(encoding="utf-8")
    return tuple(dict.fromkeys(item.name for spec in parse_event_types(toml, "types.toml") for item in spec.fields))


def known_types(connection: sqlite3.Connection) -> list[str]:
    """Event types, also those that people gave, those with the most events first."""
    # From type to type through the index, and only so many of each: counting all would read a million rows of it.
    used = connection.execute(
        "WITH RECURSIVE used (name) AS (SELECT min(type) FROM events WHERE live UNION ALL"
        " SELECT (SELECT min(type) FROM events WHERE type > used.name AND live) FROM used WHERE name IS NOT NULL)"
        " SELECT name, (SELECT count(*) FROM (SELECT 1 FROM events WHERE type = used.name AND live LIMIT ?)) AS times"
        " FROM used WHERE name IS NOT NULL ORDER BY times DESC, name",
        (_SCANNED,),
    )
    declared = connection.execute("SELECT name FROM event_types ORDER BY name")
    return list(dict.fromkeys(row[0] for row in [*used, *declared]))
