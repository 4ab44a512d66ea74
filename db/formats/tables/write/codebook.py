"""The codebook of a table: what each column holds, of what kind, in which unit, how many events have it, an example."""

from collections.abc import Iterable, Iterator

from db.event_types import EventType, FieldType
from db.formats.format import Export
from db.formats.shared.versions import extracted_version, reviewed_version
from db.formats.tables.write.long import COLUMNS, columns
from db.formats.tables.write.wide import HEAD, PARTS, REST, Seen, events_of, survey
from db.formats.tables.write.wide_columns import MOST_TIMES, Slot
from db.io.csv import cell_of, csv_of, defused
from db.kinds import fits

NAMES = ("column", "field", "about", "kind", "unit", "choices", "types", "events", "other_kind", "example")
_EVERY_CELL = (
    "CSV in UTF-8. An empty cell: there is nothing. A text that a spreadsheet would take for a formula has a ' before"
    " it, as one that begins with ' has; an empty text is a lone '. null, true, false, lists and objects are JSON."
    " other_kind counts values that do not fit the kind, as dozens for a number."
)
_WIDE = (
    "A row is an event. transfer:2.count is the count of the event's second group of the kind transfer: the one called"
    " transfer:2, or where groups have names or high numbers, the second in order; mediator.2 is the second mediator."
    f" From the {MOST_TIMES + 1}st on they stand in the column {REST}. A column whose name is another's already begins"
    " with field. (field.status)."
)
_MACHINE = (
    " .machine is what the machine extracted, whether it was changed or not: where it differs from the column before"
    " it, a person changed it; where it is empty, a person added the value; where it alone is filled, a person"
    " removed it."
)
_LONG = "A row is a field; an event without fields has one with the event's columns alone."
_GOLD = " Accepted events with their final values; the machine's are not known here."
_PARTS = (
    "the value as reviewed",
    "the value as the machine extracted it",
    "of the reviewed number: about, at least, at most, or to 600 for the upper end of a range",
    "of the machine's number: about, at least, at most, or to 600",
)
_REST = "fields that have no column of their own, as JSON; left_out says how many did not fit: the long table has all"
_NUMBERS = {"confidence": "number", "start": "integer", "end": "integer"}
_DATES = {"published", "decided_at"}


def write(export: Export) -> Iterator[bytes]:
    """The codebook as CSV, of the layout that the export has."""
    return csv_of(_rows(export))


def _rows(export: Export) -> Iterator[list[str]]:
    yield list(NAMES)
    layout, side = (_WIDE, _MACHINE) if export.layout == "wide" else (_LONG, "")
    yield _row("*", about=f"{layout}{_GOLD if export.reviewed else side} {_EVERY_CELL}")
    yield from _of_wide(export) if export.layout == "wide" else _of_long(export)


def _of_wide(export: Export) -> Iterator[list[str]]:
    found = survey(export)
    for name, seen in found.head.items():
        yield _row(name, about=HEAD[name], kind=_kind_of(name), seen=seen)
    for column, (slot, part) in found.columns().items():
        known = _known(slot.name, found.types[slot], export.types)
        about = f"{_which(slot)}{_PARTS[part]}"
        if PARTS[part] in ("", ".machine"):
            yield _of_field(column, slot.name, about, known, found.slots[slot][part])
        else:
            types = "; ".join(known)
            yield _row(column, slot.name, about, kind="text", types=types, seen=found.slots[slot][part])
    if found.rest.events:
        yield _row(REST, about=_REST, kind="json", seen=found.rest)


def _of_long(export: Export) -> Iterator[list[str]]:
    """The columns; and below, what ``value`` is in each field."""
    values: dict[str, Seen] = {}
    types: dict[str, dict[str, None]] = {}
    for _, event in events_of(export):
        names = set()
        for field in event.get("fields") or ():
            side = reviewed_version(field) or extracted_version(field)
            if side is None:
                continue
            types.setdefault(side.name, {})[event["type"]] = None
            event_type = export.types.get(event["type"])
            known = event_type.field(side.name) if event_type else FieldType(side.name)
            seen = values.setdefault(side.name, Seen())
            seen.add(cell_of(side.value), fits(known.kind, side.value, known.choices))
            seen.events -= side.name in names
            names.add(side.name)
    for name in columns(export):
        yield _row(name, about=COLUMNS[name], kind=_kind_of(name))
    for name, seen in values.items():
        yield _of_field("value", name, f"the value of the field {name}", _known(name, types[name], export.types), seen)


def _of_field(column: str, name: str, about: str, known: dict[str, FieldType], seen: Seen) -> list[str]:
    # Once is enough: the machine's column stands beside.
    helps = {event_type: item.help for event_type, item in known.items() if item.help and not column.endswith(PARTS[1])}
    if len(set(helps.values())) == 1:
        about += f". {next(iter(helps.values()))}"
    elif helps:
        about += ". " + " ".join(f"{event_type}: {text}" for event_type, text in helps.items())
    return _row(
        column,
        name,
        about,
        "; ".join(dict.fromkeys(item.kind for item in known.values())),
        _by_type({event_type: item.unit or "" for event_type, item in known.items()}),
        _by_type({event_type: ", ".join(item.choices) for event_type, item in known.items()}),
        "; ".join(known),
        seen,
    )


def _row(
    column: str,
    field: str = "",
    about: str = "",
    kind: str = "",
    unit: str = "",
    choices: str = "",
    types: str = "",
    seen: Seen | None = None,
) -> list[str]:
    cells = [defused(text) for text in (column, field, about, kind, unit, choices, types)]
    if seen is None:
        return [*cells, "", "", ""]
    return [*cells, str(seen.events), str(seen.unfit) if seen.unfit else "", seen.example]


def _known(name: str, of_types: Iterable[str], types: dict[str, EventType]) -> dict[str, FieldType]:
    """What each event type says of a field."""
    return {each: types[each].field(name) if each in types else FieldType(name) for each in of_types}


def _by_type(said: dict[str, str]) -> str:
    """What all types say, or who says what."""
    if len(set(said.values())) == 1:
        return next(iter(said.values()))
    return "; ".join(f"{event_type}: {text}" for event_type, text in said.items() if text)


def _which(slot: Slot) -> str:
    group = "" if slot.kind is None else f"of group {slot.group} of the kind {slot.kind}: "
    return f"{group}{f'number {slot.time} of that name: ' if slot.time > 1 else ''}"


def _kind_of(column: str) -> str:
    if column in _DATES:
        return "date"
    return _NUMBERS.get(column, "json" if column.startswith("spans") else "text")
