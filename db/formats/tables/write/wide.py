"""The wide table: one row per event, and for each field a column with the reviewed and one with the extracted value."""

import json
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from db.event_types import EventType
from db.formats.format import Export
from db.formats.shared.versions import FieldVersion, extracted_type_of
from db.formats.tables.write.marks import MARK, mark_of
from db.formats.tables.write.wide_columns import ColumnKey, Versions, assign_columns
from db.io.csv import cell_of, csv_of, defused
from db.kinds import fits
from db.model import Value
from db.native import NativeDocument, NativeEvent

MAX_FIELD_COLUMNS = 480  # each with up to four columns, which is below the 2,000 columns that SQLite allows
_LONGEST_REST = 30_000  # characters; a spreadsheet allows 32,767 in a cell
EVENT_COLUMNS = {
    "document": "id of the document",
    "title": "title of the document",
    "publisher": "publisher of the document",
    "url": "URL of the document",
    "published": "date of publication of the document",
    "language": "language of the document",
    "event": "id of the event, unique within its document and extractor",
    "extractor": "extractor of the event",
    "type": "type of the event, as reviewed",
    "type.machine": "extracted type of the event; empty if a reviewer added the event",
    "confidence": "the extractor's confidence in the event, from 0 to 1",
    "status": "status of the event: pending, confirmed, corrected, rejected or unsure",
    "reviewer": "who decided on the event",
    "decided_at": "time of the decision, UTC",
    "reason": "reason for rejecting the event",
    "reason_text": "reason for rejecting the event, in the reviewer's words",
    "note": "the reviewer's note on the event",
    "same_as": "id of the event that this one duplicates",
}
"""The columns of every wide table, with their descriptions."""

EXTRACTED_TYPE = "type.machine"
REST = "rest"
SUFFIXES = ("", ".machine", ".modifier", ".machine.modifier")
"""The columns of a field: reviewed and extracted value, and the modifiers of both."""


@dataclass(slots=True)
class ColumnCounts:
    """What a column holds: the number of events with a value, an example, and values that don't fit the kind."""

    events: int = 0
    example: str = ""
    other_kind: int = 0

    def add(self, cell: str, fits_kind: bool = True) -> None:
        """Count a cell that is not empty."""
        self.events += 1
        self.example = self.example or cell
        self.other_kind += not fits_kind


@dataclass(slots=True)
class TableShape:
    """The columns that an export needs, with their counts. ``extracted``: the extracted values are known."""

    extracted: bool
    events: dict[str, ColumnCounts] = field(default_factory=dict)
    fields: dict[ColumnKey, tuple[ColumnCounts, ...]] = field(default_factory=dict)
    types: dict[ColumnKey, dict[str, None]] = field(default_factory=dict)
    rest: ColumnCounts = field(default_factory=ColumnCounts)

    def columns(self) -> dict[str, tuple[ColumnKey, int]]:
        """Return the field columns by name, as key and index into SUFFIXES. Names differ in more than case.

        A modifier has a column only if an event has one.
        """
        used = {name.casefold() for name in (*self.events, REST, MARK)}
        columns = {}
        for key, counts in self.fields.items():
            parts = [part for part in ((0, 1, 2, 3) if self.extracted else (0, 2)) if part < 2 or counts[part].events]
            base = str(key)
            while any((base + suffix).casefold() in used for suffix in SUFFIXES):
                base = f"field.{base}"
            used.update((base + suffix).casefold() for suffix in SUFFIXES)
            columns.update({base + SUFFIXES[part]: (key, part) for part in parts})
        return columns


def shape_of(export: Export) -> TableShape:
    """Return the columns that an export needs, in order; reads all documents once."""
    shape = TableShape(not export.reviewed)
    shape.events = {name: ColumnCounts() for name in EVENT_COLUMNS if name != EXTRACTED_TYPE or shape.extracted}
    for document, event in events_of(export):
        for name, cell in _event_cells(document, event, shape.extracted).items():
            if cell:
                shape.events[name].add(cell)
        event_type = export.types.get(event["type"]) or EventType(event["type"])
        if rest := _count_fields(shape, event, event_type):
            shape.rest.add(rest)
    rank = _ranks(export.types.values(), shape.fields)
    group_rank: dict[str, int] = {}
    for key in shape.fields:
        if key.group_kind is not None:
            group_rank[key.group_kind] = min(rank[key.name], group_rank.get(key.group_kind, len(rank)))

    def order(key: ColumnKey) -> tuple[int, str, int, int, int]:
        kind = key.group_kind
        first = rank[key.name] if kind is None else group_rank[kind]
        return first, kind or "", key.group_number, rank[key.name], key.repeat

    shape.fields = {key: shape.fields[key] for key in sorted(shape.fields, key=order)}
    return shape


def _count_fields(shape: TableShape, event: NativeEvent, event_type: EventType) -> str:
    """Count the fields of an event and return the cell of the column ``rest``."""
    assigned = assign_columns(event.get("fields") or ())
    rest = list(assigned.rest)
    for key, versions in assigned.columns.items():
        counts = shape.fields.get(key)
        if counts is None:
            if len(shape.fields) >= MAX_FIELD_COLUMNS:
                rest.append(versions)
                continue
            counts = shape.fields[key] = tuple(ColumnCounts() for _ in SUFFIXES)
        shape.types.setdefault(key, {})[event["type"]] = None
        known = event_type.field(key.name)
        sides = (versions.reviewed, versions.extracted, None, None)
        for count, side, cell in zip(counts, sides, _field_cells(versions), strict=True):
            if cell:
                count.add(cell, side is None or fits(known.kind, side.value, known.choices))
    return _rest_cell(rest, shape.extracted)


def rows(export: Export) -> Iterator[list[str]]:
    """Yield the header and a row for each event."""
    shape = shape_of(export)
    columns = shape.columns()
    names = [*shape.events, *columns, *([REST] if shape.rest.events else []), MARK]
    yield [defused(name) for name in names]
    positions: dict[ColumnKey, list[tuple[int, int]]] = {}
    for position, (key, part) in enumerate(columns.values(), len(shape.events)):
        positions.setdefault(key, []).append((position, part))
    for document, event in events_of(export):
        row = [""] * len(names)
        row[: len(shape.events)] = _event_cells(document, event, shape.extracted).values()
        assigned = assign_columns(event.get("fields") or ())
        rest = list(assigned.rest)
        for key, versions in assigned.columns.items():
            if key not in positions:
                rest.append(versions)
                continue
            cells = _field_cells(versions)
            for position, part in positions[key]:
                row[position] = cells[part]
        if shape.rest.events:
            row[-2] = _rest_cell(rest, shape.extracted)
        row[-1] = mark_of(dict(zip(names, row, strict=True)))
        yield row


def write(export: Export) -> Iterator[bytes]:
    """Yield the wide table as CSV."""
    return csv_of(rows(export))


@dataclass(frozen=True, slots=True)
class RowNow:
    """The row of an event as it would be exported now, without empty cells, and the field of each column."""

    cells: dict[str, str]
    versions: dict[str, Versions]


def row_now(document: NativeDocument, event: NativeEvent, bases: Collection[str], *, extracted: bool) -> RowNow:
    """Return the row of an event in a table that was exported with these columns, of which some may be gone.

    ``bases``: the columns of fields without their suffixes. ``extracted``: the table has the extracted values.
    """
    fields = event.get("fields") or []
    kept = [n for n, item in enumerate(fields) if extracted or item.get("state") not in ("extracted", "removed")]
    assigned = assign_columns([fields[n] for n in kept])
    reserved = {name.casefold() for name in (*EVENT_COLUMNS, REST, MARK)}
    cells = _event_cells(document, event, extracted)
    by_column: dict[str, Versions] = {}
    for key, versions in assigned.columns.items():
        base = str(key)
        while (
            any((base + suffix).casefold() in reserved for suffix in SUFFIXES)
            or base in by_column
            or (base not in bases and f"field.{base}" in bases)  # base is the name of another field's column
        ):
            base = f"field.{base}"
        versions.place = None if versions.place is None else kept[versions.place]
        by_column[base] = versions
        parts = zip(SUFFIXES, _field_cells(versions), strict=True)
        cells |= {base + suffix: cell for suffix, cell in parts if extracted or "machine" not in suffix}
    if assigned.rest:
        cells[REST] = _rest_cell(assigned.rest, extracted)
    return RowNow({name: cell for name, cell in cells.items() if cell}, by_column)


def events_of(export: Export) -> Iterator[tuple[NativeDocument, NativeEvent]]:
    """Yield each event with its document."""
    for document in export.documents():
        for event in document.get("events") or ():
            yield document, event


def _event_cells(document: NativeDocument, event: NativeEvent, extracted: bool) -> dict[str, str]:
    same_as = event.get("same_as")
    values: dict[str, Any] = {
        "document": document["id"],
        **{key: document.get(key) for key in ("title", "publisher", "url", "published", "language")},
        "event": event["id"],
        "extractor": event.get("extractor"),
        "type": event["type"],
        EXTRACTED_TYPE: extracted_type_of(event),
        **{key: event.get(key) for key in ("confidence", "status", "reviewer", "decided_at")},
        **{key: event.get(key) for key in ("reason", "reason_text", "note")},
        "same_as": same_as.get("event") if isinstance(same_as, dict) else same_as,
    }
    if not extracted:
        del values[EXTRACTED_TYPE]
    return {name: "" if value is None else cell_of(value) for name, value in values.items()}


def _field_cells(versions: Versions) -> tuple[str, str, str, str]:
    """Return the cells of a field, in the order of SUFFIXES."""
    reviewed, extracted = versions.reviewed, versions.extracted
    return (
        "" if reviewed is None else cell_of(reviewed.value),
        "" if extracted is None else cell_of(extracted.value),
        _modifier(reviewed),
        _modifier(extracted),
    )


def _modifier(version: FieldVersion | None) -> str:
    return "" if version is None or version.modifier is None else cell_of(version.modifier)


def _rest_cell(rest: list[Versions], extracted: bool) -> str:
    """Return fields without a column as JSON: as many as fit in a cell, and the number of the others."""
    items: list[str] = []
    length = 0
    for versions in rest:
        text = json.dumps(_rest_item(versions, extracted), ensure_ascii=False)
        length += len(text) + 2
        if length > _LONGEST_REST:
            items.append(json.dumps({"left_out": len(rest) - len(items)}))
            break
        items.append(text)
    return f"[{', '.join(items)}]" if items else ""


def _rest_item(versions: Versions, extracted: bool) -> dict[str, Any]:
    version = versions.reviewed or versions.extracted
    assert version is not None
    item: dict[str, Value] = {"name": version.name, "group": version.group}
    if versions.reviewed is not None:
        item |= {"value": versions.reviewed.value, "modifier": versions.reviewed.modifier}
    if extracted and versions.extracted is not None:
        item |= {"machine": versions.extracted.value, "machine_modifier": versions.extracted.modifier}
    return {key: value for key, value in item.items() if value is not None or key in ("value", "machine")}


def _ranks(types: Iterable[EventType], keys: Iterable[ColumnKey]) -> dict[str, int]:
    """Return the order of field names: that of the event types, then that of their appearance."""
    names = [known.name for event_type in types for known in event_type.fields]
    return {name: rank for rank, name in enumerate(dict.fromkeys([*names, *(key.name for key in keys)]))}
