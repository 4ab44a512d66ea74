"""The wide table: a row an event, a column a field and beside it what the machine extracted."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from db.event_types import EventType
from db.formats.format import Export
from db.formats.shared.versions import FieldVersion, extracted_type_of
from db.formats.tables.write.wide_columns import Pair, Slot, place
from db.io.csv import cell_of, csv_of, defused
from db.kinds import fits

MOST_SLOTS = 480  # with four columns each, fewer columns than the 2,000 that SQLite takes
_LONGEST_REST = 30_000  # characters: a spreadsheet's cell takes 32,767
HEAD = {
    "document": "id of the document",
    "title": "title of the document",
    "publisher": "who published the document",
    "url": "where the document is",
    "published": "when the document was published",
    "language": "language of the document",
    "event": "id of the event, which is its own within a document and an extractor",
    "extractor": "who extracted the event",
    "type": "type of the event, as reviewed",
    "type.machine": "type of the event as the machine extracted it; empty where a person made the event",
    "confidence": "how sure the extractor is of the event, from 0 to 1",
    "status": "what was decided about the event: pending, confirmed, corrected, rejected or unsure",
    "reviewer": "who decided",
    "decided_at": "when it was decided, UTC",
    "reason": "why the event was rejected",
    "reason_text": "why the event was rejected, in the reviewer's words",
    "note": "what the reviewer wrote about the event",
    "same_as": "id of the event of which this one is a duplicate",
}
"""The columns that every wide table has, and what they hold."""

MACHINE = "type.machine"
REST = "rest"
PARTS = ("", ".machine", ".modifier", ".machine.modifier")
"""The columns that a slot may have: its reviewed value, the machine's, and the modifier of either."""


@dataclass(slots=True)
class Seen:
    """What a file has in one column: how many events, an example, and how many values of another kind than told."""

    events: int = 0
    example: str = ""
    unfit: int = 0

    def add(self, cell: str, fit: bool = True) -> None:
        """Count a cell that is not empty."""
        self.events += 1
        self.example = self.example or cell
        self.unfit += not fit


@dataclass(slots=True)
class Survey:
    """What columns a file needs, found in one pass over it. ``head`` and ``slots`` count what their columns hold."""

    machine: bool  # whether the machine's side is known
    head: dict[str, Seen] = field(default_factory=dict)
    slots: dict[Slot, tuple[Seen, ...]] = field(default_factory=dict)
    types: dict[Slot, dict[str, None]] = field(default_factory=dict)
    rest: Seen = field(default_factory=Seen)

    def columns(self) -> dict[str, tuple[Slot, int]]:
        """The columns of fields by name: the slot and the part of it. No two have a name that differs in case alone.

        The machine's is there whenever its side is known; those of modifiers where any event has one.
        """
        taken = {name.casefold() for name in (*self.head, REST)}
        columns = {}
        for slot, seen in self.slots.items():
            known = [0, 1, 2, 3] if self.machine else [0, 2]
            parts = [part for part in known if part < 2 or seen[part].events]
            base = str(slot)
            while any((base + suffix).casefold() in taken for suffix in PARTS):
                base = f"field.{base}"
            taken.update((base + suffix).casefold() for suffix in PARTS)
            columns.update({base + PARTS[part]: (slot, part) for part in parts})
        return columns


def survey(export: Export) -> Survey:
    """Find what columns a file needs."""
    found = Survey(not export.reviewed)
    found.head = {name: Seen() for name in HEAD if name != MACHINE or found.machine}
    for document, event in events_of(export):
        for name, cell in _head(document, event, found.machine).items():
            if cell:
                found.head[name].add(cell)
        event_type = export.types.get(event["type"])
        rest = _surveyed(found, event, event_type or EventType(event["type"]))
        if rest:
            found.rest.add(rest)
    rank = _ranks(export.types.values(), found.slots)
    block: dict[str, int] = {}
    for slot in found.slots:
        if slot.kind is not None:
            block[slot.kind] = min(rank[slot.name], block.get(slot.kind, len(rank)))
    order = sorted(
        found.slots,
        key=lambda s: (rank[s.name] if s.kind is None else block[s.kind], s.kind or "", s.group, rank[s.name], s.time),
    )
    found.slots = {slot: found.slots[slot] for slot in order}
    return found


def _surveyed(found: Survey, event: dict[str, Any], event_type: EventType) -> str:
    """Count the fields of an event; the cell of what has no column."""
    placed = place(event.get("fields") or ())
    rest = list(placed.rest)
    for slot, pair in placed.pairs.items():
        seen = found.slots.get(slot)
        if seen is None:
            if len(found.slots) >= MOST_SLOTS:
                rest.append(pair)
                continue
            seen = found.slots[slot] = tuple(Seen() for _ in PARTS)
        found.types.setdefault(slot, {})[event["type"]] = None
        known = event_type.field(slot.name)
        for one, side, cell in zip(seen, (pair.reviewed, pair.machine, None, None), _cells(pair), strict=True):
            if cell:
                one.add(cell, side is None or fits(known.kind, side.value, known.choices))
    return _rest(rest, found.machine)


def rows(export: Export) -> Iterator[list[str]]:
    """The line of names and a row for each event, as cells."""
    found = survey(export)
    columns = found.columns()
    begins = [*found.head]
    names = [*begins, *columns, *([REST] if found.rest.events else [])]
    yield [defused(name) for name in names]
    at: dict[Slot, list[tuple[int, int]]] = {}
    for position, (slot, part) in enumerate(columns.values(), len(begins)):
        at.setdefault(slot, []).append((position, part))
    for document, event in events_of(export):
        row = [""] * len(names)
        row[: len(begins)] = _head(document, event, found.machine).values()
        placed = place(event.get("fields") or ())
        rest = list(placed.rest)
        for slot, pair in placed.pairs.items():
            if slot not in at:
                rest.append(pair)
                continue
            cells = _cells(pair)
            for position, part in at[slot]:
                row[position] = cells[part]
        if found.rest.events:
            row[-1] = _rest(rest, found.machine)
        yield row


def write(export: Export) -> Iterator[bytes]:
    """The wide table as CSV."""
    return csv_of(rows(export))


def events_of(export: Export) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """Each event with its document."""
    for document in export.documents():
        for event in document.get("events") or ():
            yield document, event


def _head(document: dict[str, Any], event: dict[str, Any], machine: bool) -> dict[str, str]:
    same_as = event.get("same_as")
    values = {
        "document": document["id"],
        **{key: document.get(key) for key in ("title", "publisher", "url", "published", "language")},
        "event": event["id"],
        "extractor": event.get("extractor"),
        "type": event["type"],
        MACHINE: extracted_type_of(event),
        **{key: event.get(key) for key in ("confidence", "status", "reviewer", "decided_at")},
        **{key: event.get(key) for key in ("reason", "reason_text", "note")},
        "same_as": same_as.get("event") if isinstance(same_as, dict) else same_as,
    }
    if not machine:
        del values[MACHINE]
    return {name: "" if value is None else cell_of(value) for name, value in values.items()}


def _cells(pair: Pair) -> tuple[str, str, str, str]:
    """The cells of a slot, in the order of ``PARTS``."""
    reviewed, machine = pair.reviewed, pair.machine
    return (
        "" if reviewed is None else cell_of(reviewed.value),
        "" if machine is None else cell_of(machine.value),
        _modifier(reviewed),
        _modifier(machine),
    )


def _modifier(side: FieldVersion | None) -> str:
    return "" if side is None or side.modifier is None else cell_of(side.modifier)


def _rest(pairs: list[Pair], machine: bool) -> str:
    """Fields without a column of their own, as JSON: those that a cell has room for, and how many more there are."""
    told: list[str] = []
    length = 0
    for pair in pairs:
        text = json.dumps(_as_json(pair, machine), ensure_ascii=False)
        length += len(text) + 2
        if length > _LONGEST_REST:
            told.append(json.dumps({"left_out": len(pairs) - len(told)}))
            break
        told.append(text)
    return f"[{', '.join(told)}]" if told else ""


def _as_json(pair: Pair, machine: bool) -> dict[str, Any]:
    side = pair.reviewed or pair.machine
    assert side is not None
    told = {"name": side.name, "group": side.group}
    if pair.reviewed is not None:
        told |= {"value": pair.reviewed.value, "modifier": pair.reviewed.modifier}
    if machine and pair.machine is not None:
        told |= {"machine": pair.machine.value, "machine_modifier": pair.machine.modifier}
    return {key: value for key, value in told.items() if value is not None or key in ("value", "machine")}


def _ranks(types: Iterable[EventType], slots: Iterable[Slot]) -> dict[str, int]:
    """The order of names: as the event types have them, then as they came."""
    names = [known.name for event_type in types for known in event_type.fields]
    return {name: rank for rank, name in enumerate(dict.fromkeys([*names, *(slot.name for slot in slots)]))}
