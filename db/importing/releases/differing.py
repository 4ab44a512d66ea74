"""What a newer extraction of an event changes, field by field, decided or not."""

from collections.abc import Collection, Iterator, Sequence
from typing import Literal, NamedTuple

from db.importing.releases.writing_only import is_same_but_for_writing
from db.model import Document, Event, Field, Json, Value, same_value
from db.native import NewDocument, NewEvent, NewField

Kind = Literal["changed", "written", "details", "new", "gone"]
"""What changed of a field: its value; only how it is written; only evidence, confidence or other details; or all."""

TABLE_KEY = "table"  # the key of an event under which a table keeps cells that are not fields


class FieldChange(NamedTuple):
    """One change. ``field``: the stored field, if it is about one. The values are the machine's."""

    name: str
    kind: Kind
    before: Value = None
    now: Value = None
    group: str | None = None
    field: Field | None = None


def is_same_extraction(stored: Event, event: NewEvent) -> bool:
    """Return True if the machine's side of a stored event is that of a new one, in every detail."""
    if stored.extracted_type != event.extracted_type or stored.confidence != event.confidence:
        return False
    if (event.run is not None and stored.run != event.run) or not same_json(stored.extra, event.extra):
        return False
    items = iter(event.fields)
    for field in stored.fields:
        if not field.in_extraction or field.extracted is None:
            continue
        item = next(items, None)
        if item is None or not is_same_field(field, item):
            return False
    return next(items, None) is None


def is_same_field(field: Field, item: NewField) -> bool:
    """Return True if the machine's side of a stored field is that of a new one."""
    machine = field.extracted
    return (
        machine is not None
        and machine.name == item.name
        and same_json(machine.value, item.value)
        and machine.group == item.group
        and machine.modifier == item.modifier
        and machine.spans == item.spans
        and field.confidence == item.confidence
        and same_json(field.extra, item.extra)
    )


def same_json(one: Value, two: Value) -> bool:
    """Return True if two values are equal and of one type, at every level."""
    if one is two:
        return True
    if type(one) is not type(two) or one != two:
        return False
    if not isinstance(one, (list, dict)) or not one:
        return True
    if len(one) == 1 and isinstance(one, dict) and type(next(iter(one.values()))) is str:
        return True
    return repr(one) == repr(two)


def differences(
    stored: Event, event: NewEvent, pairs: Sequence[tuple[Field | None, NewField]]
) -> Iterator[FieldChange]:
    """Yield what a new extraction of an event changes. ``pairs``: each new field with the stored one it matches."""
    if stored.extracted_type != event.extracted_type:
        yield FieldChange("type", "changed", stored.extracted_type, event.extracted_type)
    if stored.confidence != event.confidence:
        yield FieldChange("confidence", "changed", stored.confidence, event.confidence)
    if event.run is not None and stored.run != event.run:
        yield FieldChange("run", "changed", stored.run, event.run)
    yield from (change for change in _other_keys(stored.extra, event.extra) if change.name != "run")
    matched = set()
    for field, item in pairs:
        if field is None or field.extracted is None or not field.in_extraction:
            yield FieldChange(item.name, "new", None, item.value, item.group, field)
            matched.add(field.id if field else 0)
            continue
        matched.add(field.id)
        old = field.extracted
        if not same_value(old.value, item.value) or old.modifier != item.modifier:
            same = old.modifier == item.modifier and is_same_but_for_writing(old.value, item.value)
            yield FieldChange(item.name, "written" if same else "changed", old.value, item.value, item.group, field)
        elif not is_same_field(field, item):
            kind: Kind = "written" if _only_cell(field, item) else "details"
            yield FieldChange(item.name, kind, old.value, item.value, item.group, field)
    for field in stored.fields:
        if field.in_extraction and field.extracted is not None and field.id not in matched:
            yield FieldChange(field.extracted.name, "gone", field.extracted.value, None, field.extracted.group, field)


def described_differences(stored: Document, document: NewDocument, keys: Collection[str]) -> Iterator[FieldChange]:
    """Yield the changes of what describes a document; ``keys`` are those that change."""
    for key in keys:
        before, now = getattr(stored, key), getattr(document, key)
        yield FieldChange(key, _kind(before, now), before, now)


def _only_cell(field: Field, item: NewField) -> bool:
    """Return True if the cell of a table gives the same value in other characters."""
    cells = (field.extra.get("cell"), item.extra.get("cell"))
    old, new = ({key: value for key, value in extra.items() if key != "cell"} for extra in (field.extra, item.extra))
    same_place = field.extracted is not None and field.extracted.spans == item.spans
    return cells[0] != cells[1] and same_place and field.confidence == item.confidence and same_json(old, new)


def _other_keys(old: Json, new: Json) -> Iterator[FieldChange]:
    """Yield the changes of the keys that eventdesk doesn't know, and of the cells that are not fields."""
    for key in dict.fromkeys((*old, *new)):
        before, now = old.get(key), new.get(key)
        if same_json(before, now):
            continue
        if key == TABLE_KEY and isinstance(before, dict | None) and isinstance(now, dict | None):
            yield from _other_keys(before or {}, now or {})
        else:
            yield FieldChange(key, _kind(before, now), before, now)


def _kind(before: Value, now: Value) -> Kind:
    if before is None or now is None:
        return "new" if before is None else "gone"
    return "written" if is_same_but_for_writing(before, now) else "changed"
