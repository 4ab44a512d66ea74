"""What a field could hold: values that the file has for its name, and names that its type or the file has."""

import sqlite3
from functools import cache
from importlib.resources import files

from db.model import Value, from_sql

_SCANNED = 20_000  # rows of the index looked at for one answer: some milliseconds, however large the file is


def known_values(connection: sqlite3.Connection, name: str, limit: int = 500) -> list[Value]:
    """Values used for a field name, the most used first. In a large file, among the first 20,000 in order."""
    rows = connection.execute(
        "SELECT value FROM (SELECT value FROM fields WHERE name = ? AND state <> 'removed' LIMIT ?)"
        " GROUP BY value ORDER BY count(*) DESC, value LIMIT ?",
        (name, _SCANNED, limit),
    )
    return [from_sql(row[0]) for row in rows]


def known_names(connection: sqlite3.Connection) -> list[str]:
    """Field names of any event type of the file, in order; then those of the types that eventdesk ships."""
    names = [row[0] for row in connection.execute("SELECT DISTINCT name FROM event_type_fields ORDER BY name")]
    return list(dict.fromkeys([*names, *_shipped_names()]))


@cache
def _shipped_names() -> tuple[str, ...]:
    from db.event_types import parse_event_types

    toml = (files("db") / "demo" / "types.toml").read_text(encoding="utf-8")
    return tuple(dict.fromkeys(item.name for spec in parse_event_types(toml, "types.toml") for item in spec.fields))


def known_types(connection: sqlite3.Connection) -> list[str]:
    """Event types, those with the most events first."""
    rows = connection.execute(
        "SELECT name FROM event_types LEFT JOIN (SELECT type, count(*) AS events FROM events GROUP BY type)"
        " ON type = name ORDER BY coalesce(events, 0) DESC, name"
    )
    return [row[0] for row in rows]


def matching(candidates: list[str], typed: str, limit: int) -> list[str]:
    """Candidates that have what was typed, whatever the case: those that begin with it first, then those that hold it,
    then those with its letters in order (``pod`` finds place_of_death); within each, in their order."""
    wanted = typed.strip().casefold()
    ranked: list[list[str]] = [[], [], []]
    for candidate in candidates:
        text = candidate.casefold()
        rank = 0 if text.startswith(wanted) else 1 if wanted in text else 2
        if rank < 2 or _in_order(wanted, text):
            ranked[rank].append(candidate)
    return [candidate for rank in ranked for candidate in rank][:limit]


def _in_order(letters: str, text: str) -> bool:
    rest = iter(text)
    return all(letter in rest for letter in letters if not letter.isspace())
