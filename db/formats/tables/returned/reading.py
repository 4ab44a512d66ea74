"""Reads the wide table that eventdesk exports: each row as an event with both sides, and with its cells.

A file that has the events compares the cells with what it would export now. Another one imports the events, as far as
the table holds them: without texts, evidence and the confidences of fields.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from db.errors import InputError
from db.formats.format import Record, ReturnedRow
from db.formats.tables.cells import exact_number, read_cell
from db.formats.tables.table import ABSENT, Row, Table
from db.formats.tables.write.marks import MARK, has_its_ids
from db.formats.tables.write.wide import EVENT_COLUMNS, EXTRACTED_TYPE, REST, SUFFIXES
from db.io.csv import cell_of, text_of
from db.io.json_lines import shorten
from db.model import ACCEPTED, REASONS, STATUSES, Value, same_value

_DOCUMENT = ("title", "publisher", "url", "published", "language")
_REVIEW = ("status", "reviewer", "decided_at", "reason", "reason_text", "note")
_RESERVED = {name.casefold() for name in (*EVENT_COLUMNS, REST, MARK)}
_GROUPED = re.compile(r"([^:]+:[1-9][0-9]?)\.(.+)", re.DOTALL)
_REPEATED = re.compile(r"(.+)\.(?:[2-9]|1[0-9]|20)", re.DOTALL)
_MOST_EVENTS = 1000  # of a record


def read_returned(table: Table, reviewer: str | None) -> Iterator[Record]:
    """Yield a record for the consecutive rows of each document, with the cells of each row.

    ``reviewer``: who added the rows without a mark, whatever they say; None if that is unknown.
    """
    columns = field_columns(table.columns)
    header = table.header
    rows: list[tuple[Row, dict[str, str], dict[str, Any]]] = []
    for row in table.rows():
        try:
            if isinstance(row.cells, InputError):
                raise row.cells
            cells = _texts(row.columns or table.columns, row.cells)
            event = _event(cells, columns, reviewer)
        except InputError as error:
            if rows:
                yield _record(rows, header)
                rows = []
            yield Record(row.position, error, header + row.raw, bytes_read=row.bytes_read)
            header = b""
            continue
        if rows and (cells.get("document") != rows[0][1].get("document") or len(rows) == _MOST_EVENTS):
            yield _record(rows, header)
            rows = []
        rows.append((row, cells, event))
    if rows:
        yield _record(rows, header)


def field_columns(columns: Sequence[str]) -> dict[str, tuple[str, int]]:
    """Return the column without its suffix, and the suffix by its place in SUFFIXES, for each column of a field."""
    others = {name for name in columns if name.casefold() not in _RESERVED}
    found = {}
    for name in columns:
        if name not in others:
            continue
        found[name] = (name, 0)
        for part in (3, 2, 1):
            base = name.removesuffix(SUFFIXES[part])
            if base != name and base in others:
                found[name] = (base, part)
                break
    return found


def name_and_group(base: str, bases: Mapping[str, object]) -> tuple[str, str | None]:
    """Return the field and group of a column without its suffix; ``bases`` are all such columns of the table."""
    plain = base.removeprefix("field.")
    is_taken = plain.casefold() in _RESERVED or any(plain + suffix in bases for suffix in SUFFIXES[1:])
    plain = plain if is_taken else base
    if (match := _REPEATED.fullmatch(plain)) and match[1] in bases:
        plain = match[1]
    match = _GROUPED.fullmatch(plain)
    return (match[2], match[1]) if match else (plain, None)


def value_of(cell: str) -> Value:
    """Return the value of a cell that isn't empty: a number, a list or an object if it is written as one, else text."""
    number = exact_number(cell)
    if number is not None:
        return number
    if cell[0] in "[{":
        try:
            value: Value = json.loads(cell)
            return value
        except (ValueError, RecursionError):
            pass
    return text_of(cell)


def _texts(columns: Sequence[str], cells: Sequence[Any]) -> dict[str, str]:
    """Return the cells of a row as a CSV file has them."""
    texts = ("" if cell is None or cell is ABSENT else cell for cell in cells)
    plain = (cell if isinstance(cell, str) else cell_of(cell) for cell in texts)
    return dict(zip(columns, plain, strict=True))


def _event(cells: dict[str, str], columns: dict[str, tuple[str, int]], reviewer: str | None) -> dict[str, Any]:
    if not has_its_ids(cells):
        raise InputError(
            "columns document, event, extractor: these ids differ from those of the exported row, as when a spreadsheet"
            f" writes 0042 as 42; export again and open these columns as text, or empty {MARK} for a new event"
        )
    text = {name: text_of(cells.get(name, "")) for name in EVENT_COLUMNS}
    if not text["type"]:
        raise InputError("column type: is empty; an event needs a type")
    event: dict[str, Any] = {"id": text["event"], "type": text["type"], "extractor": text["extractor"]}
    event |= {key: text[key] for key in _REVIEW}
    if MARK in cells and not cells[MARK]:
        event |= {"reviewer": reviewer, "decided_at": None}
    for key, known in (("status", STATUSES), ("reason", REASONS)):
        if event[key] and event[key] not in known:
            raise InputError(f"column {key}: {shorten(event[key])} is not one of {', '.join(known)}")
    if text["confidence"]:
        number = read_cell(text["confidence"], "number").value
        if not isinstance(number, int | float):
            raise InputError(f"column confidence: {shorten(text['confidence'])} is not a number; correct it")
        event["confidence"] = number
    extracted = EXTRACTED_TYPE in cells
    if extracted and not text[EXTRACTED_TYPE]:
        event["added"] = True
    elif extracted and text[EXTRACTED_TYPE] != text["type"]:
        event["extracted_type"] = text[EXTRACTED_TYPE]
    sides: dict[str, dict[int, str]] = {}
    for name, (base, part) in columns.items():
        if cell := cells.get(name):
            sides.setdefault(base, {})[part] = cell
    implied = "confirmed" if text["status"] in ACCEPTED else "extracted"
    fields = []
    for base, parts in sides.items():
        name, group = name_and_group(base, sides)
        if field := _field({"name": name, "group": group}, parts, extracted, implied):
            fields.append(field)
    event["fields"] = fields + _rest(cells.get(REST, ""), extracted, implied)
    return {key: value for key, value in event.items() if value is not None}


def _field(field: dict[str, Any], parts: dict[int, str], extracted: bool, implied: str) -> dict[str, Any] | None:
    reviewed = value_of(parts[0]) if 0 in parts else None
    machine = value_of(parts[1]) if 1 in parts else None
    if 0 not in parts and 1 not in parts:
        return None
    field |= {"value": reviewed if 0 in parts else machine}
    if modifier := parts.get(2 if 0 in parts else 3):
        field["modifier"] = text_of(modifier)
    if not extracted:
        return field
    if 0 not in parts:
        return field | {"state": "removed"}
    if 1 not in parts:
        return field | {"state": "added"}
    if same_value(reviewed, machine) and parts.get(2) == parts.get(3):
        return field | {"state": implied}
    return field | {"state": "corrected", "extracted": machine, "extracted_modifier": text_of(parts.get(3, ""))}


def _rest(cell: str, extracted: bool, implied: str) -> list[dict[str, Any]]:
    """Return the fields of the column ``rest``. Raises InputError if it isn't as eventdesk writes it."""
    try:
        items = json.loads(cell) if cell else []
        fields = []
        for item in items:
            if "left_out" in item:
                continue
            keys = (("value", 0), ("machine", 1), ("modifier", 2), ("machine_modifier", 3))
            parts = {part: cell_of(item[key]) for key, part in keys if key in item}
            head = {"name": item["name"], "group": item.get("group")}
            if field := _field(head, parts, extracted, implied):
                fields.append(field)
        return fields
    except (ValueError, TypeError, KeyError, RecursionError):
        raise InputError(f"column {REST}: is not what eventdesk wrote; leave it unchanged") from None


def _record(rows: list[tuple[Row, dict[str, str], dict[str, Any]]], header: bytes) -> Record:
    first, cells, _ = rows[0]
    document: dict[str, Any] = {"id": text_of(cells.get("document", ""))}
    document |= {key: text_of(cells.get(key, "")) for key in _DOCUMENT}
    document = {key: value for key, value in document.items() if value is not None}
    notes = []
    if "title" not in document and (title := document.get("url") or document.get("id")):
        document["title"] = title
        notes.append(f"has neither text nor title; {shorten(title)} becomes the title")
    document["events"] = [event for _, _, event in rows]
    returned = tuple(ReturnedRow(row.position, row_cells, header + row.raw) for row, row_cells, _ in rows)
    raw = header + b"".join(row.raw for row, _, _ in rows)
    return Record(first.position, document, raw, tuple(notes), rows[-1][0].bytes_read, rows=returned)
