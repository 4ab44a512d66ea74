"""Completes a query at the cursor: names, then values from the file."""

import re
import sqlite3
from dataclasses import dataclass

from db.describe import value_text
from db.model import REASONS, STATUSES
from db.query.grammar import SCOPES, quoted
from db.query.known_values import known_types, known_values
from db.query.names import DATE_PROPERTIES, IS_VALUES, KEYWORDS, PROPERTIES, field_names
from db.store.valid.fetching import decoded, texts
from db.text.folding import canonical, folded, normal_forms
from db.text.matching import best_matches

_NAME = re.compile(r"(?:^|[\s(])-?(?P<typed>[^\W\d]?[^\s()\":<>=!,@]*)\Z")
_SAVED = re.compile(r"(?:^|[\s(])-?@(?P<typed>[^\s()\":<>=]*)\Z")
_VALUE = re.compile(
    r"(?:^|[\s(])-?(?P<name>[^\W\d][^\s()\":<>=!,]*)(?P<operator>:|>=|<=|=|<|>)(?P<typed>\"[^\"]*|[^\s()\"]*)\Z"
)
_PLAIN = re.compile(r"[^\s()\"*]+")
_CANDIDATES = 2000  # values compared to find the most used ones: takes some milliseconds
_OPERATORS = {"integer": ">=", "number": ">=", "date": ">="}


@dataclass(frozen=True, slots=True)
class Completion:
    """Options to replace the characters ``[start, end)`` of a query, the most likely first."""

    start: int
    end: int
    options: tuple[str, ...]


def complete(connection: sqlite3.Connection, text: str, cursor: int, limit: int) -> Completion:
    """Return at most ``limit`` completions at ``cursor``, an offset in code points; none inside a quoted phrase."""
    before = text[:cursor]
    if match := _VALUE.search(before):
        typed = match["typed"]
        start = match.start("typed")
        name, operator = match["name"], match["operator"]
        values = _values(connection, name, typed.removeprefix('"').removeprefix("-"), limit)
        if name.lower() == "sort" and typed.startswith("-"):
            values = [f"-{value}" for value in values]
        options = [value if _PLAIN.fullmatch(value) else quoted(value) for value in values]
        if operator not in (":", "=") and name.lower() in ("has", "is", "in", "sort", "near"):
            options = []
        return Completion(start, cursor, tuple(option for option in options[:limit] if option != typed))
    if match := _SAVED.search(before):
        names = texts(connection, "SELECT name FROM saved_queries ORDER BY name")
        return Completion(match.start("typed"), cursor, tuple(best_matches(names, match["typed"], limit)))
    if (match := _NAME.search(before)) and match["typed"]:
        return Completion(match.start("typed"), cursor, tuple(_names(connection, match["typed"], limit)))
    return Completion(cursor, cursor, ())


def _names(connection: sqlite3.Connection, typed: str, limit: int) -> list[str]:
    names = [*field_names(connection), *PROPERTIES, *KEYWORDS]
    kinds: dict[str, str] = dict(decoded(connection, "SELECT name, kind FROM event_type_fields", 2))
    kinds |= {"confidence": "number"} | dict.fromkeys(DATE_PROPERTIES, "date")
    return [f"{name}{_OPERATORS.get(kinds.get(name, ''), ':')}" for name in best_matches(names, typed, limit)]


def _values(connection: sqlite3.Connection, name: str, typed: str, limit: int) -> list[str]:
    folded_name = canonical(name)
    closed: dict[str, list[str]] = {
        "status": list(STATUSES),
        "reason": list(REASONS),
        "is": list(IS_VALUES),
        "in": list(SCOPES),
    }
    if folded_name in closed:
        return best_matches(closed[folded_name], typed, limit)
    if folded_name == "type":
        return best_matches(known_types(connection), typed, limit)
    if folded_name in ("has", "sort"):
        return best_matches([*field_names(connection), *PROPERTIES], typed, limit)
    if folded_name in ("confidence", "near"):
        return []
    if folded_name in PROPERTIES:
        return _property_values(connection, PROPERTIES[folded_name], typed, limit)
    names = [item for item in field_names(connection) if canonical(item) == folded_name]
    if not typed:
        return [value_text(value) for item in names for value in known_values(connection, item, limit)]
    head = folded(typed)
    known = texts(
        connection,
        "SELECT value FROM (SELECT value, uses FROM field_values WHERE name = ? AND folded >= ? AND folded < ? LIMIT ?)"
        " WHERE uses > 0 ORDER BY uses DESC, value LIMIT ?",
        (names[0] if names else name, head, f"{head}\U0010ffff", _CANDIDATES, limit),
    )
    return [value_text(value) for value in known]


def _property_values(connection: sqlite3.Connection, column: str, typed: str, limit: int) -> list[str]:
    """Return distinct values that begin as typed, in the usual cases and forms. Each takes one step in the index."""
    table = column.partition(".")[0]
    found: dict[str, None] = {}
    for head in dict.fromkeys(
        form
        for text in normal_forms(typed)
        for form in (text, text.lower(), text.upper(), text.title(), text.capitalize())
    ):
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
