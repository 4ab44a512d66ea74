"""What a query could go on with, at the place where one types: names, then values that the file has."""

import re
import sqlite3
from dataclasses import dataclass

from db.describe import value_text
from db.model import REASONS, STATUSES
from db.query.grammar import SCOPES, quoted
from db.query.known_values import known_types, known_values
from db.query.names import IS, OWN, OWN_DATES, field_names
from db.text.folding import folded
from db.text.matching import best_matches

_NAME = re.compile(r"(?:^|[\s(])-?(?P<typed>[^\W\d]?[^\s()\":<>=!,@]*)\Z")
_SAVED = re.compile(r"(?:^|[\s(])-?@(?P<typed>[^\s()\":<>=]*)\Z")
_VALUE = re.compile(
    r"(?:^|[\s(])-?(?P<name>[^\W\d][^\s()\":<>=!,]*)(?P<operator>:|>=|<=|=|<|>)(?P<typed>\"[^\"]*|[^\s()\"]*)\Z"
)
_PLAIN = re.compile(r"[^\s()\"*]+")
_CANDIDATES = 2000  # values that begin so, of which the most used are told: some milliseconds
_OPERATORS = {"integer": ">=", "number": ">=", "date": ">="}


@dataclass(frozen=True, slots=True)
class Completion:
    """What may stand in place of the characters ``[start, end)`` of a query, the likeliest first."""

    start: int
    end: int
    options: tuple[str, ...]


def complete(connection: sqlite3.Connection, text: str, cursor: int, limit: int) -> Completion:
    """At most ``limit`` ways to go on at ``cursor``, a place in code points; none within a quoted phrase."""
    before = text[:cursor]
    if match := _VALUE.search(before):
        typed = match["typed"]
        start = match.start("typed")
        name, operator = match["name"], match["operator"]
        values = _values(connection, name.lower(), name, typed.removeprefix('"').removeprefix("-"), limit)
        if name.lower() == "sort" and typed.startswith("-"):
            values = [f"-{value}" for value in values]
        options = [value if _PLAIN.fullmatch(value) else quoted(value) for value in values]
        if operator not in (":", "=") and name.lower() in ("has", "is", "in", "sort", "near"):
            options = []
        return Completion(start, cursor, tuple(option for option in options[:limit] if option != typed))
    if match := _SAVED.search(before):
        names = [row[0] for row in connection.execute("SELECT name FROM saved_queries ORDER BY name")]
        return Completion(match.start("typed"), cursor, tuple(best_matches(names, match["typed"], limit)))
    if (match := _NAME.search(before)) and match["typed"]:
        return Completion(match.start("typed"), cursor, tuple(_names(connection, match["typed"], limit)))
    return Completion(cursor, cursor, ())


def _names(connection: sqlite3.Connection, typed: str, limit: int) -> list[str]:
    names = [*field_names(connection), *OWN, "has", "is", "in", "near", "sort"]
    kinds = dict(connection.execute("SELECT name, kind FROM event_type_fields"))
    kinds |= {"confidence": "number"} | dict.fromkeys(OWN_DATES, "date")
    return [f"{name}{_OPERATORS.get(kinds.get(name, ''), ':')}" for name in best_matches(names, typed, limit)]


def _values(connection: sqlite3.Connection, own: str, name: str, typed: str, limit: int) -> list[str]:
    closed: dict[str, list[str]] = {
        "status": list(STATUSES),
        "reason": list(REASONS),
        "is": list(IS),
        "in": list(SCOPES),
    }
    if own in closed:
        return best_matches(closed[own], typed, limit)
    if own == "type":
        return best_matches(known_types(connection), typed, limit)
    if own in ("has", "sort"):
        return best_matches([*field_names(connection), *OWN], typed, limit)
    if own in ("confidence", "near"):
        return []
    if own in OWN:
        return _own_values(connection, OWN[own], typed, limit)
    names = [item for item in field_names(connection) if item.casefold() == own]
    if not typed:
        return [value_text(value) for item in names for value in known_values(connection, item, limit)]
    head = folded(typed)
    rows = connection.execute(
        "SELECT value FROM (SELECT value, uses FROM field_values WHERE name = ? AND folded >= ? AND folded < ? LIMIT ?)"
        " WHERE uses > 0 ORDER BY uses DESC, value LIMIT ?",
        (names[0] if names else name, head, f"{head}\U0010ffff", _CANDIDATES, limit),
    )
    return [value_text(row[0]) for row in rows if isinstance(row[0], str)]


def _own_values(connection: sqlite3.Connection, column: str, typed: str, limit: int) -> list[str]:
    """Distinct values that begin so in a usual case, each found by one step through the column's index."""
    table = column.partition(".")[0]
    found: dict[str, None] = {}
    for head in dict.fromkeys((typed, typed.lower(), typed.upper(), typed.title(), typed.capitalize())):
        value: str | None = head
        inclusive = ">="
        while len(found) < limit:
            row = connection.execute(
                f"SELECT min({column}) FROM {table} WHERE {column} {inclusive} ? AND {column} < ?",
                (value, f"{head}\U0010ffff"),
            ).fetchone()
            value, inclusive = row[0], ">"
            if value is None:
                break
            found[value] = None
    return list(found)
