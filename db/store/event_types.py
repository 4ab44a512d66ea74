"""Stores event types: reads them, replaces declared ones, and learns new ones from imported events."""

import json
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass

from db.event_types import EventType, FieldType
from db.kinds import Kind, is_date
from db.model import Value
from db.store.valid import fetching, rows
from db.store.valid.fetching import Skipped

_LEARN_FROM = 2 / 3  # a kind is learnt if at least this share of the values fits it


def read_event_types(connection: sqlite3.Connection, skipped: Skipped = lambda _: None) -> dict[str, EventType]:
    """Return all event types, by name. What is damaged goes to ``skipped``; a field counts as text without it."""
    fields: dict[str, list[FieldType]] = {}
    shape = rows.EVENT_TYPE_FIELD
    for row in fetching.readable_rows(connection, shape, "event_type, position", skipped):
        _, event_type, name, kind, required, repeated, group, _, unit, help_line = row
        choices = fetching.checked_texts(shape, row, "choices", skipped)
        fields.setdefault(event_type, []).append(
            FieldType(name, kind, bool(required), bool(repeated), group, choices, unit, help_line)
        )
    types = {}
    for row in fetching.readable_rows(connection, rows.EVENT_TYPE, "name", skipped):
        name, help_line, _, source = row
        headline = fetching.checked_texts(rows.EVENT_TYPE, row, "headline", skipped)
        types[name] = EventType(name, help_line, headline, tuple(fields.get(name, ())), source == "declared")
    return types


def declare(connection: sqlite3.Connection, types: Iterable[EventType]) -> None:
    """Store declared types in place of those of the same name. The caller holds the transaction."""
    for event_type in types:
        connection.execute("DELETE FROM event_type_fields WHERE event_type = ?", (event_type.name,))
        _store_type(connection, event_type)


def _store_type(connection: sqlite3.Connection, event_type: EventType) -> None:
    """Insert or update a type, and append its fields to those that it has."""
    source = "declared" if event_type.declared else "learnt"
    connection.execute(
        "INSERT INTO event_types (name, help, headline, source) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (name) DO UPDATE"
        " SET help = excluded.help, headline = excluded.headline, source = excluded.source",
        (event_type.name, event_type.help, json.dumps(event_type.headline, ensure_ascii=False), source),
    )
    _insert_fields(connection, event_type.name, event_type.fields, source)


def _insert_fields(connection: sqlite3.Connection, event_type: str, fields: Iterable[FieldType], source: str) -> None:
    """Append fields to a stored type."""
    (position,) = connection.execute(
        "SELECT coalesce(max(position), 0) FROM event_type_fields WHERE event_type = ?", (event_type,)
    ).fetchone()
    rows = (
        (event_type, item.name, number, item.kind, item.required, item.repeated, item.group,
         json.dumps(item.choices, ensure_ascii=False), item.unit, item.help, source)
        for number, item in enumerate(fields, position + 1)
    )  # fmt: skip
    connection.executemany(
        "INSERT INTO event_type_fields (event_type, name, position, kind, required, repeated, field_group, choices,"
        " unit, help, source) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        rows,
    )


@dataclass(slots=True)
class _Counts:
    values: int = 0
    integers: int = 0
    floats: int = 0
    dates: int = 0
    group: str | None = None
    repeated: bool = False


class TypeLearner:
    """Learns the fields of each event type during an import."""

    def __init__(self) -> None:
        self._seen: dict[str, dict[str, _Counts]] = {}

    def observe(self, event_type: str, fields: Iterable[tuple[str, str | None, Value]]) -> None:
        """Count the fields of one event, given as (name, group, value)."""
        types = self._seen.setdefault(event_type, {})
        keys = set()
        for name, group, value in fields:
            seen = types.get(name)
            if seen is None:
                seen = types[name] = _Counts()
            seen.values += 1
            if type(value) is str:
                seen.dates += is_date(value)
            elif type(value) is int:
                seen.integers += 1
            elif type(value) is float:
                seen.floats += 1
            if group:
                seen.group = group.partition(":")[0]
            if (key := (name, group)) in keys:
                seen.repeated = True
            else:
                keys.add(key)

    def store(self, connection: sqlite3.Connection) -> None:
        """Add the types and fields that are not stored yet; stored ones stay unchanged."""
        known = read_event_types(connection)
        for name, seen_fields in self._seen.items():
            learnt = tuple(
                FieldType(field_name, _kind(seen), repeated=seen.repeated, group=seen.group)
                for field_name, seen in seen_fields.items()
            )
            if name not in known:
                headline = tuple(item.name for item in learnt if item.kind != "date" and item.name != "date")[:2]
                _store_type(connection, EventType(name, headline=headline, fields=learnt))
            else:
                have = {item.name for item in known[name].fields}
                new = [item for item in learnt if item.name not in have]
                if new:
                    _insert_fields(connection, name, new, "learnt")


def _kind(seen: _Counts) -> Kind:
    enough = seen.values * _LEARN_FROM
    if seen.integers >= enough:
        return "integer"
    if seen.integers + seen.floats >= enough:
        return "number"
    return "date" if seen.dates >= enough else "text"
