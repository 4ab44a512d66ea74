"""Compares a row that comes back with the row that would be exported now: the differences are a person's edits.

A row that has the digest it was exported with is unedited. Otherwise its edits count if the event is still what the
table showed. Spreadsheets write numbers and dates in their own way, which is no edit.
"""

import json
from dataclasses import dataclass
from typing import Any

from db.errors import InputError
from db.formats.tables.cells import Notation, read_cell
from db.formats.tables.returned.reading import field_columns, name_and_group, value_of
from db.formats.tables.write.marks import MARK, mark_of, plain_cell
from db.formats.tables.write.wide import EXTRACTED_TYPE, REST, RowNow, row_now
from db.io.csv import text_of
from db.io.json_lines import shorten
from db.model import ACCEPTED, Value
from db.native import NativeDocument, NativeEvent
from db.notation.any_date import read_date

_EDITABLE = ("type", "status", "reason", "reason_text", "note")
_OF_DECISION = ("reviewer", "decided_at")  # set by the decision that an edit becomes


@dataclass(frozen=True, slots=True)
class FieldEdit:
    """Another value of a field, a new field, or its removal.

    place: the position of the field in the event; None for a new one. value: None with ``removed``.
    """

    place: int | None
    name: str
    group: str | None
    value: Value
    modifier: str | None
    removed: bool = False


@dataclass(frozen=True, slots=True)
class RowEdits:
    """What a person edited in a row: cells of the event by column, and its fields."""

    event: dict[str, str]
    fields: tuple[FieldEdit, ...]


def edits_of(cells: dict[str, str], document: NativeDocument, event: NativeEvent, reviewer: str | None) -> RowEdits:
    """Return the edits of a row. Raises InputError if a cell can't be edited, or if the event has changed since."""
    none = RowEdits({}, ())
    mark = cells.get(MARK, "")
    if mark and mark == mark_of(cells):
        return none
    bases = {base for base, _ in field_columns(tuple(cells)).values()}
    now = row_now(document, event, bases, extracted=EXTRACTED_TYPE in cells)
    changed = {name: cell for name, cell in cells.items() if name != MARK and _differs(name, cell, now)}
    if not changed or all(name in _OF_DECISION for name in changed):
        return none
    if not mark:
        raise InputError(
            f"{_listed(changed)} differ from the file, and the column {MARK} is missing, by which eventdesk recognises"
            " edits; export the table again and edit that"
        )
    if mark != mark_of(now.cells):
        raise InputError(
            f"event {shorten(event['id'])} was changed in this file after the table was exported ({_listed(changed)}"
            " differ); export it again and repeat the edit"
        )
    if changed.get("reviewer") and text_of(changed["reviewer"]) != reviewer:
        raise InputError(
            f"column reviewer: {shorten(changed['reviewer'])} is not whose edits these are; name them with --reviewer"
        )
    return RowEdits(_event_edits(changed, cells), tuple(_field_edits(changed, cells, now, event)))


def _differs(name: str, cell: str, now: RowNow) -> bool:
    current = now.cells.get(name, "")
    if name == "status" and cell in ACCEPTED and current in ACCEPTED:
        return False  # which of the two follows from the fields
    return plain_cell(cell) != plain_cell(current)


def _event_edits(changed: dict[str, str], cells: dict[str, str]) -> dict[str, str]:
    edits = {name: text_of(changed[name]) or "" for name in _EDITABLE if name in changed}
    status = text_of(cells.get("status", "")) or ""
    if edits.get("status") in ("", "pending"):
        raise InputError("column status: a decision can't become pending again; undo it in the reviewer")
    if status != "rejected" and (edits.get("reason") or edits.get("reason_text")):
        raise InputError("column reason: only a rejected event has a reason; set its status to rejected")
    if status == "rejected" and edits.keys() & {"status", "reason", "reason_text"}:
        for name in ("status", "reason", "reason_text"):
            edits[name] = text_of(cells.get(name, "")) or ""
    return edits


def _field_edits(changed: dict[str, str], cells: dict[str, str], now: RowNow, event: NativeEvent) -> list[FieldEdit]:
    columns = field_columns(tuple(cells))
    bases = dict.fromkeys(base for base, _ in columns.values())
    edits = []
    for base in bases:
        parts = {part: name for name, (other, part) in columns.items() if other == base}
        for part in (1, 3):
            if parts.get(part) in changed:
                raise InputError(f"column {parts[part]}: what the machine extracted can't be edited; edit {base}")
        if not {parts.get(0), parts.get(2)} & changed.keys():
            continue
        edits.append(_field_edit(base, parts, cells, bases, now, event))
    for name in changed:
        if name not in columns and name not in (*_EDITABLE, *_OF_DECISION):
            what = "holds fields without a column" if name == REST else "describes the extraction"
            raise InputError(f"column {name}: {what} and can't be edited in a table; use the reviewer")
    return edits


def _field_edit(
    base: str,
    parts: dict[int, str],
    cells: dict[str, str],
    bases: dict[str, None],
    now: RowNow,
    event: NativeEvent,
) -> FieldEdit:
    versions = now.versions.get(base)
    cell = cells[parts[0]] if 0 in parts else ""
    modifier = text_of(cells[parts[2]]) if 2 in parts else None
    fields: list[Any] = list(event.get("fields") or ())
    place = versions.place if versions is not None else None
    if versions is None or (versions.reviewed is None and (place is None or fields[place].get("state") != "removed")):
        place = None
    current = None if versions is None else versions.reviewed or versions.extracted
    name, group = name_and_group(base, bases) if current is None else (current.name, current.group)
    if not cell:
        if versions is None or versions.reviewed is None:
            raise InputError(f"column {parts.get(2, base)}: a modifier needs a value in column {base}")
        return FieldEdit(place, name, group, None, None, removed=True)
    if current is None:
        return FieldEdit(None, name, group, value_of(cell), modifier)
    if 2 not in parts:
        modifier = current.modifier
    if parts.get(0) and plain_cell(cell) == plain_cell(now.cells.get(parts[0], "")):
        return FieldEdit(place, name, group, current.value, modifier)
    value, typed = _value_like(current.value, cell, parts[0])
    return FieldEdit(place, name, group, value, typed or modifier)


def _value_like(old: Value, cell: str, column: str) -> tuple[Value, str | None]:
    """Return the value of an edited cell in the type of the old value if it can be read as one, and a modifier."""
    text = text_of(cell) or ""
    if isinstance(old, bool) or old is None:
        return {"true": True, "false": False}.get(text.strip().lower(), value_of(cell)), None
    if isinstance(old, int | float):
        read = read_cell(text, "integer" if isinstance(old, int) else "number")
        if read.ambiguous and isinstance(old, int):  # a count has thousands, and no decimals
            read = read_cell(text, "integer", Notation(sign="." if "," in text else ","))
        if read.ambiguous:
            raise InputError(f"column {column}: {shorten(text)} may have decimals or thousands; write 1234 or 1.234")
        if read.problem or read.missing:
            read = read_cell(text, "number")
        return (text, None) if read.problem or read.missing else (read.value, read.modifier)
    if isinstance(old, str):
        date = read_date(text) if read_date(old).value == old else None
        if date and date.ambiguous:
            raise InputError(f"column {column}: {shorten(text)} may have the day or the month first; write 2025-03-07")
        return (date.value if date and date.value else text), None
    try:
        return json.loads(text), None
    except (ValueError, RecursionError):
        raise InputError(f"column {column}: {shorten(text)} is not JSON, as the value was; correct it") from None


def _listed(changed: dict[str, str]) -> str:
    names = [name for name in changed if name not in _OF_DECISION]
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return f"column{'s' * (len(names) > 1)} {', '.join(map(shorten, names[:3]))}{more}"
