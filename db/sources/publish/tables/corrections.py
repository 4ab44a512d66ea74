"""The corrections of an event: one for each field that people changed, added or removed, and for the type."""

from typing import Any

from db.formats.tables.cells import write_value
from db.formats.tables.mapping.mapping import Mapping
from db.model import Event, Json
from db.sources.publish.tables.decided import DecidedEvent
from db.sources.publish.tables.edits import Correction
from db.sources.publish.tables.values import as_cell

Pair = tuple[Json | None, Json | None]
"""A field as it was extracted and as it is reviewed: None if a person added it, or removed it."""


def corrections_of(decided: DecidedEvent, mapping: Mapping, each: str | None) -> list[Correction]:
    """Return the corrections of an event, by the columns of its row; ``each``: the JSON list that events are in."""
    of_item = f"{each}[{decided.number}]." if each and decided.number else ""
    columns = {(item.group, item.name): item.column for item in mapping.fields}
    found = []
    for old, new in field_pairs(decided.event):
        field = new or old
        assert field is not None
        if old is not None and new is not None and _said(old) == _said(new):
            continue
        group, name = field.get("group"), str(field["name"])
        column = columns.get((None if group is None else str(group), name)) or (f"{group}.{name}" if group else name)
        before = None if old is None else as_cell(old.get("value"))
        after = None if new is None else as_cell(new.get("value"))
        if new is not None and new.get("modifier"):
            after = write_value(new.get("value"), new["modifier"])
        elif new is not None and _is_plain(decided.changed.get(column)):
            after = as_cell(decided.changed[column])
        if old is not None and _is_plain(decided.cells.get(column)):
            before = as_cell(decided.cells[column])
        by = _author(decided, field, removed=new is None)
        found.append(Correction(decided.key, of_item + column, before, after, *by))
    event = decided.event
    if event.extracted_type not in (None, event.type):
        column = mapping.event.type or "type"
        correction = Correction(decided.key, of_item + column, event.extracted_type, event.type, *decided.author)
        found.append(correction)
    return found


def field_pairs(event: Event) -> list[Pair]:
    """Return each field as extracted and as reviewed, in their order."""
    pairs: list[Pair] = []
    for field in event.fields:
        machine = field.extracted if field.in_extraction else None
        old = new = None
        if machine is not None:
            old = _field(field.extra, machine.name, machine.value, machine.group, machine.modifier, machine.spans)
        if field.state != "removed":
            new = _field(field.extra, field.name, field.value, field.group, field.modifier, field.spans)
        if old is not None or new is not None:
            pairs.append((old, new))
    return pairs


def _field(extra: Json, name: str, value: Any, group: str | None, modifier: str | None, spans: Any) -> Json:
    plain: Json = {"name": name, "value": value, "spans": [[start, end] for start, end in spans]}
    if group is not None:
        plain["group"] = group
    if modifier is not None:
        plain["modifier"] = modifier
    return {key: extra[key] for key in ("key",) if key in extra} | plain


def _said(field: Json) -> Json:
    return {key: field.get(key) for key in ("name", "group", "value", "modifier")}


def _is_plain(cell: Any) -> bool:
    return isinstance(cell, str | int | float)


def _author(decided: DecidedEvent, field: Json, *, removed: bool) -> tuple[Any, Any]:
    """Return who decided about a field, and when."""
    fields = decided.reviewed["fields"]
    assert isinstance(fields, list)
    for each in fields:
        if not isinstance(each, dict) or (each["name"], each.get("group")) != (field["name"], field.get("group")):
            continue
        if removed == (each.get("state") == "removed") and "reviewer" in each:
            return each["reviewer"], each.get("decided_at")
    return decided.author
