"""Event types as TOML, which people write: parsed, and written."""

from collections.abc import Iterable
from typing import cast

from db.errors import InputError
from db.event_types import EventType, FieldType
from db.io.toml import parse_toml
from db.kinds import KINDS, Kind

_FIELD_KEYS = {"kind", "required", "repeated", "group", "choices", "unit", "help"}
_TYPE_KEYS = {"help", "headline", "fields"}


def parse_event_types(toml: str, where: str) -> list[EventType]:
    """Return the event types in TOML text. Raises InputError that names ``where``, the type and the field."""
    tables = parse_toml(toml, where)
    return [_parse_type(f"{where}: [{name}]", name, table) for name, table in tables.items()]


def _parse_type(where: str, name: str, table: object) -> EventType:
    if not isinstance(table, dict) or not isinstance(table.get("fields", {}), dict):
        raise InputError(f"{where}: must be a table with a table of fields, as in [attack.fields.date]")
    _reject_unknown_keys(where, table, _TYPE_KEYS)
    fields = tuple(
        _parse_field(f"{where}: field {field_name}", field_name, spec)
        for field_name, spec in table.get("fields", {}).items()
    )
    headline = _strings(where, table, "headline")
    if unknown := [name for name in headline if name not in {field.name for field in fields}]:
        raise InputError(f"{where}: the headline names {unknown[0]}, which is not a field; add it or remove the name")
    return EventType(name, _string(where, table, "help") or "", headline, fields, declared=True)


def _parse_field(where: str, name: str, spec: object) -> FieldType:
    if not isinstance(spec, dict):
        raise InputError(f"{where}: must be a table with a kind")
    _reject_unknown_keys(where, spec, _FIELD_KEYS)
    kind = spec.get("kind", "text")
    if kind not in KINDS:
        raise InputError(f"{where}: unknown kind {kind!r}; use one of {', '.join(KINDS)}")
    choices = _strings(where, spec, "choices")
    if kind == "choice" and not choices:
        raise InputError(f'{where}: kind choice needs choices = ["…"]')
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


def _reject_unknown_keys(where: str, table: dict[str, object], known: set[str]) -> None:
    for key in table:
        if key not in known:
            raise InputError(f"{where}: unknown key {key!r}; use one of {', '.join(sorted(known))}")


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


def event_types_to_toml(types: Iterable[EventType]) -> str:
    """Return the types as TOML, as ``parse_event_types`` reads it."""
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
