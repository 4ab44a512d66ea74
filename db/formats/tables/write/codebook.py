"""The codebook of a table: each column's meaning, kind and unit; for a wide or long table also counts and examples."""

from collections.abc import Iterable, Iterator

from db.event_types import EventType, FieldType
from db.formats.format import Export
from db.formats.shared.versions import extracted_version, reviewed_version
from db.formats.tables.mapping.loading import WIDE, load_mapping
from db.formats.tables.write.long import COLUMNS, columns
from db.formats.tables.write.marks import MARK
from db.formats.tables.write.rows import rows_of
from db.formats.tables.write.wide import EVENT_COLUMNS, REST, SUFFIXES, ColumnCounts, events_of, shape_of
from db.formats.tables.write.wide_columns import MAX_REPEATS, ColumnKey
from db.io.csv import cell_of, csv_of, defused
from db.kinds import fits

NAMES = ("column", "field", "about", "kind", "unit", "choices", "types", "events", "other_kind", "example")
_CELLS = (
    "CSV in UTF-8. An empty cell means no value. A ' precedes texts that a spreadsheet would run as a formula, and"
    " texts that begin with '; a lone ' is an empty text. null, true, false, lists and objects are JSON. other_kind"
    " counts values that don't fit the kind, such as dozens for a number."
)
_WIDE = (
    "One row per event. transfer:2.count is the count of the event's second transfer group: the one called transfer:2,"
    " or, if groups have names or high numbers, the second in order. mediator.2 is the second mediator. From the"
    f" {MAX_REPEATS + 1}st on, values are in the column {REST}. If a field's name is also the name of another column,"
    " its column begins with field. (field.status)."
)
_EXTRACTED = (
    " The column NAME.machine holds the extracted value, whether or not it was changed. If it differs from NAME, a"
    " reviewer changed the value; if it is empty, a reviewer added the value; if only it is filled, a reviewer removed"
    " the value."
)
_LONG = "One row per field; an event without fields has one row with only the event's columns."
_REVIEWED = " Accepted events with their final values; extracted values are not included."
_FIELD_COLUMNS = (
    "reviewed value",
    "extracted value",
    "modifier of the reviewed number: about, at least, at most, or to 600 for the upper end of a range",
    "modifier of the extracted number: about, at least, at most, or to 600",
)
_REST = "fields without a column of their own, as JSON; left_out counts those that did not fit: the long table has all"
_MARK = "digest of the row as it was exported, by which an import recognises what was edited since"
_NUMBERS = {"confidence": "number", "start": "integer", "end": "integer"}
_DATES = {"published", "decided_at"}


def write(export: Export) -> Iterator[bytes]:
    """Yield the codebook of an export as CSV. Raises InputError like the table itself."""
    return csv_of(_rows(export) if export.mapping in (None, WIDE) else _of_mapped(export))


def _rows(export: Export) -> Iterator[list[str]]:
    yield list(NAMES)
    layout, extracted = (_WIDE, _EXTRACTED) if export.layout == "wide" else (_LONG, "")
    yield _row("*", "", f"{layout}{_REVIEWED if export.reviewed else extracted} {_CELLS}")
    yield from _of_wide(export) if export.layout == "wide" else _of_long(export)


def _of_wide(export: Export) -> Iterator[list[str]]:
    shape = shape_of(export)
    for name, counts in shape.events.items():
        yield _row(name, "", EVENT_COLUMNS[name], _kind_of(name), counts=counts)
    for column, (key, part) in shape.columns().items():
        known = _field_types(key.name, shape.types[key], export.types)
        about = f"{_position(key)}{_FIELD_COLUMNS[part]}"
        counts = shape.fields[key][part]
        if SUFFIXES[part] in ("", ".machine"):
            yield _of_field(column, key.name, about, known, counts)
        else:
            yield _row(column, key.name, about, "text", "", "", "; ".join(known), counts=counts)
    if shape.rest.events:
        yield _row(REST, "", _REST, "json", counts=shape.rest)
    yield _row(MARK, "", _MARK, "text")


def _of_long(export: Export) -> Iterator[list[str]]:
    """Yield a row for each column, then one for each field, which describes its values in the column ``value``."""
    values: dict[str, ColumnCounts] = {}
    types: dict[str, dict[str, None]] = {}
    for _, event in events_of(export):
        names = set()
        for field in event.get("fields") or ():
            version = reviewed_version(field) or extracted_version(field)
            if version is None:
                continue
            types.setdefault(version.name, {})[event["type"]] = None
            event_type = export.types.get(event["type"])
            known = event_type.field(version.name) if event_type else FieldType(version.name)
            counts = values.setdefault(version.name, ColumnCounts())
            counts.add(cell_of(version.value), fits(known.kind, version.value, known.choices))
            counts.events -= version.name in names
            names.add(version.name)
    for name in columns(export):
        yield _row(name, "", COLUMNS[name], _kind_of(name))
    for name, counts in values.items():
        known_types = _field_types(name, types[name], export.types)
        yield _of_field("value", name, f"value of the field {name}", known_types, counts)


def _of_field(column: str, name: str, about: str, known: dict[str, FieldType], counts: ColumnCounts) -> list[str]:
    # The help texts are not repeated for the extracted value.
    helps = {type_: item.help for type_, item in known.items() if item.help and not column.endswith(SUFFIXES[1])}
    if len(set(helps.values())) == 1:
        about += f". {next(iter(helps.values()))}"
    elif helps:
        about += ". " + " ".join(f"{event_type}: {text}" for event_type, text in helps.items())
    kinds = "; ".join(dict.fromkeys(item.kind for item in known.values()))
    unit = _by_type({event_type: item.unit or "" for event_type, item in known.items()})
    choices = _by_type({event_type: ", ".join(item.choices) for event_type, item in known.items()})
    return _row(column, name, about, kinds, unit, choices, "; ".join(known), counts=counts)


def _row(*cells: str, counts: ColumnCounts | None = None) -> list[str]:
    """Return a row that begins with these cells, which may run as formulas in a spreadsheet."""
    row = [defused(text) for text in cells] + [""] * (len(NAMES) - len(cells))
    if counts is not None:
        row[-3:] = str(counts.events), str(counts.other_kind) if counts.other_kind else "", counts.example
    return row


def _field_types(name: str, of_types: Iterable[str], types: dict[str, EventType]) -> dict[str, FieldType]:
    """Return the field of this name in each event type."""
    return {each: types[each].field(name) if each in types else FieldType(name) for each in of_types}


def _by_type(texts: dict[str, str]) -> str:
    """Return the text that all event types share, or the text of each."""
    if len(set(texts.values())) == 1:
        return next(iter(texts.values()))
    return "; ".join(f"{event_type}: {text}" for event_type, text in texts.items() if text)


def _position(key: ColumnKey) -> str:
    group = "" if key.group_kind is None else f"group {key.group_number} of the kind {key.group_kind}: "
    return f"{group}{f'number {key.repeat} of that name: ' if key.repeat > 1 else ''}"


def _kind_of(column: str) -> str:
    if column in _DATES:
        return "date"
    return _NUMBERS.get(column, "json" if column.startswith("spans") else "text")


def _of_mapped(export: Export) -> Iterator[list[str]]:
    mapping = load_mapping(export.mapping or "")
    names, _ = next(rows_of(export, mapping))
    mapping = mapping.with_columns(names)
    yield ["column", "field", "about", "kind", "unit", "group"]
    fields = {item.column: item for item in mapping.fields}
    modifiers = {item.modifier: item.name for item in mapping.fields if item.modifier}
    uses = mapping.uses()
    for column in names:
        item = fields.get(column)
        if item:
            about = f"values of the field {item.name}"
            if item.separator:
                about += f", separated by {item.separator!r}"
            row = [column, item.name, about, item.kind or "", item.unit or "", item.group or ""]
        elif column in modifiers:
            row = [column, modifiers[column], f"modifier of the number in {modifiers[column]}", "", "", ""]
        else:
            use = uses.get(column, "ignored")
            part, _, key = use.partition(".")
            about = "not used; kept as imported" if use == "ignored" else f"{key} of the {part}"
            row = [column, "", about, "", "", ""]
        yield [defused(cell) for cell in row]
