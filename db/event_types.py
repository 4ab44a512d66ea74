"""Event types: which fields an event of a type has, declared in TOML or learnt from the data."""

import json
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from typing import cast

from db.errors import InputError
from db.io.toml import parse_toml
from db.kinds import KINDS, Kind, is_date
from db.model import Value

_FIELD_KEYS = {"kind", "required", "repeated", "group", "choices", "unit", "help"}
_TYPE_KEYS = {"help", "headline", "fields"}
_LEARN_FROM = 2 / 3  # a kind is learnt when at least this share of the values fits it


@dataclass(frozen=True, slots=True)
class FieldType:
    """One field of an event type."""

    name: str
    kind: Kind = "text"
    required: bool = False
    repeated: bool = False
    group: str | None = None
    choices: tuple[str, ...] = ()
    unit: str | None = None
    help: str = ""


@dataclass(frozen=True, slots=True)
class EventType:
    """An event type; ``headline`` names the fields that stand for an event in a list."""

    name: str
    help: str = ""
    headline: tuple[str, ...] = ()
    fields: tuple[FieldType, ...] = ()
    declared: bool = False

    def field(self, name: str) -> FieldType:
        """The field of that name; one that the type does not know is text."""
        return next((field for field in self.fields if field.name == name), FieldType(name))


def read_event_types(connection: sqlite3.Connection) -> dict[str, EventType]:
    """All event types of the file, by name."""
    fields: dict[str, list[FieldType]] = {}
    rows = connection.execute(
        "SELECT event_type, name, kind, required, repeated, field_group, choices, unit, help"
        " FROM event_type_fields ORDER BY event_type, position"
    )
    for event_type, name, kind, required, repeated, group, choices, unit, help_line in rows:
        fields.setdefault(event_type, []).append(
            FieldType(name, kind, bool(required), bool(repeated), group, tuple(json.loads(choices)), unit, help_line)
        )
    return {
        name: EventType(name, help_line, tuple(json.loads(headline)), tuple(fields.get(name, ())), source == "declared")
        for name, help_line, headline, source in connection.execute(
            "SELECT name, help, headline, source FROM event_types ORDER BY name"
        )
    }


def parse_event_types(toml: str, where: str) -> list[EventType]:
    """Event types from TOML text. Raises InputError that names ``where``, the type and the field."""
    tables = parse_toml(toml, where)
    return [_parse_type(f"{where}: [{name}]", name, table) for name, table in tables.items()]


def _parse_type(where: str, name: str, table: object) -> EventType:
    if not isinstance(table, dict) or not isinstance(table.get("fields", {}), dict):
        raise InputError(f"{where}: must be a table with a table of fields, as in [attack.fields.date]")
    _refuse_unknown(where, table, _TYPE_KEYS)
    fields = tuple(
        _parse_field(f"{where}: field {field_name}", field_name, spec)
        for field_name, spec in table.get("fields", {}).items()
    )
    headline = _strings(where, table, "headline")
    if unknown := [name for name in headline if name not in {field.name for field in fields}]:
        raise InputError(f"{where}: headline names {unknown[0]}, which is not among the fields; add it or take it out")
    return EventType(name, _string(where, table, "help") or "", headline, fields, declared=True)


def _parse_field(where: str, name: str, spec: object) -> FieldType:
    if not isinstance(spec, dict):
        raise InputError(f"{where}: must be a table with a kind")
    _refuse_unknown(where, spec, _FIELD_KEYS)
    kind = spec.get("kind", "text")
    if kind not in KINDS:
        raise InputError(f"{where}: unknown kind {kind!r}; one of {', '.join(KINDS)}")
    choices = _strings(where, spec, "choices")
    if kind == "choice" and not choices:
        raise InputError(f'{where}: a choice needs choices = ["…"]')
    for key in ("required", "repeated"):
        if not isinstance(spec.get(key, False), bool):
            raise InputError(f"{where}: {key} must be true or false")
    return FieldType(
        name,
        cast("Kind", kind),
        spec.get("required", False),
        spec.get("repeated", False),
        _string(where, spec, "group") or None,
        choices,
        _string(where, spec, "unit") or None,
        _string(where, spec, "help") or "",
    )


def _refuse_unknown(where: str, table: dict[str, object], known: set[str]) -> None:
    for key in table:
        if key not in known:
            raise InputError(f"{where}: unknown key {key!r}; one of {', '.join(sorted(known))}")


def _string(where: str, table: dict[str, object], key: str) -> str | None:
    value = table.get(key)
    if value is not None and not isinstance(value, str):
        raise InputError(f"{where}: {key} must be text")
    return value


def _strings(where: str, table: dict[str, object], key: str) -> tuple[str, ...]:
    value = table.get(key, [])
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise InputError(f"{where}: {key} must be a list of texts")
    return tuple(value)


def to_toml(types: Iterable[EventType]) -> str:
    """The types as TOML that ``parse_event_types`` reads back."""
    import tomli_w

    def table(event_type: EventType) -> dict[str, object]:
        fields = {}
        for item in event_type.fields:
            spec: dict[str, object] = {"kind": item.kind}
            spec |= {key: getattr(item, key) for key in ("required", "repeated") if getattr(item, key)}
            spec |= {key: getattr(item, key) for key in ("group", "unit", "help") if getattr(item, key)}
            if item.choices:
                spec["choices"] = list(item.choices)
            fields[item.name] = spec
        return {"help": event_type.help, "headline": list(event_type.headline), "fields": fields}

    return tomli_w.dumps({event_type.name: table(event_type) for event_type in types})


def declare(connection: sqlite3.Connection, types: Iterable[EventType]) -> None:
    """Store types as declared: they replace those of the same name. The caller holds the transaction."""
    for event_type in types:
        connection.execute("DELETE FROM event_type_fields WHERE event_type = ?", (event_type.name,))
        store_type(connection, event_type)


def store_type(connection: sqlite3.Connection, event_type: EventType) -> None:
    """Insert or update one type and insert its fields, after those that the file has of it."""
    source = "declared" if event_type.declared else "learnt"
    connection.execute(
        "INSERT INTO event_types (name, help, headline, source) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (name) DO UPDATE"
        " SET help = excluded.help, headline = excluded.headline, source = excluded.source",
        (event_type.name, event_type.help, json.dumps(event_type.headline, ensure_ascii=False), source),
    )
    insert_fields(connection, event_type.name, event_type.fields, source)


def insert_fields(connection: sqlite3.Connection, event_type: str, fields: Iterable[FieldType], source: str) -> None:
    """Append fields to a type that is in the file."""
    (position,) = connection.execute(
        "SELECT coalesce(max(position), 0) FROM event_type_fields WHERE event_type = ?", (event_type,)
    ).fetchone()
    connection.executemany(
        "INSERT INTO event_type_fields (event_type, name, position, kind, required, repeated, field_group, choices,"
        " unit, help, source) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (
                event_type,
                item.name,
                number,
                item.kind,
                item.required,
                item.repeated,
                item.group,
                json.dumps(item.choices, ensure_ascii=False),
                item.unit,
                item.help,
                source,
            )
            for number, item in enumerate(fields, position + 1)
        ],
    )


@dataclass(slots=True)
class _Seen:
    values: int = 0
    integers: int = 0
    floats: int = 0
    dates: int = 0
    group: str | None = None
    repeated: bool = False


class TypeLearner:
    """Gathers what fields the events of each type have while a file is read, and stores what is new."""

    def __init__(self) -> None:
        self._seen: dict[str, dict[str, _Seen]] = {}

    def observe(self, event_type: str, fields: Iterable[tuple[str, str | None, Value]]) -> None:
        """Take in one event's fields as (name, group, value)."""
        types = self._seen.setdefault(event_type, {})
        keys = set()
        for name, group, value in fields:
            seen = types.get(name)
            if seen is None:
                seen = types[name] = _Seen()
            seen.values += 1
            if type(value) is int:
                seen.integers += 1
            elif type(value) is float:
                seen.floats += 1
            elif type(value) is str and is_date(value):
                seen.dates += 1
            if group:
                seen.group = group.partition(":")[0]
            seen.repeated |= (name, group) in keys
            keys.add((name, group))

    def store(self, connection: sqlite3.Connection) -> None:
        """Add the types and fields that the file does not have yet. What it has stays as it is."""
        known = read_event_types(connection)
        for name, seen_fields in self._seen.items():
            learnt = tuple(
                FieldType(field_name, _kind(seen), repeated=seen.repeated, group=seen.group)
                for field_name, seen in seen_fields.items()
            )
            if name not in known:
                headline = tuple(item.name for item in learnt if item.kind != "date" and item.name != "date")[:2]
                store_type(connection, EventType(name, headline=headline, fields=learnt))
            else:
                have = {item.name for item in known[name].fields}
                new = [item for item in learnt if item.name not in have]
                if new:
                    insert_fields(connection, name, new, "learnt")


def _kind(seen: _Seen) -> Kind:
    enough = seen.values * _LEARN_FROM
    if seen.integers >= enough:
        return "integer"
    if seen.integers + seen.floats >= enough:
        return "number"
    return "date" if seen.dates >= enough else "text"
