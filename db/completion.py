"""What a field could hold: values that the file has for its name, and names that its type or the file has."""

import sqlite3

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
    """Field names of any event type, in order."""
    return [row[0] for row in connection.execute("SELECT DISTINCT name FROM event_type_fields ORDER BY name")]


def matching(candidates: list[str], typed: str, limit: int) -> list[str]:
    """Candidates that hold what was typed, whatever the case: those that begin with it first, else in their order."""
    wanted = typed.strip().casefold()
    folded = [(candidate, candidate.casefold()) for candidate in candidates]
    begin = [candidate for candidate, text in folded if text.startswith(wanted)]
    hold = [candidate for candidate, text in folded if wanted in text and not text.startswith(wanted)]
    return (begin + hold)[:limit]
