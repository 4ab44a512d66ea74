"""Finds the values of a row in its text by marks in a copy of the text."""

import re
from collections.abc import Sequence
from typing import Any, NamedTuple

from db.formats.format import Data
from db.formats.shared.spans.placing import RawSpan, place_spans
from db.formats.tables.cells import write_value
from db.formats.tables.mapping.mapping import Mapping
from db.formats.tables.read.values import PLACE, whole_number

_OPENING = re.compile(r"\(([A-Z]{2,8}(?:/[A-Z]{2,8})*): ")
_LONGEST_MARK = 1000  # characters


class Mark(NamedTuple):
    """A marked part of the text, and its labels, such as ``SRC`` and ``TAR``."""

    labels: tuple[str, ...]
    start: int
    end: int


def read_markup(text: str, marked: object) -> list[Mark]:
    """Return the marks in a copy of ``text`` with parts like ``(SRC/TAR: Tokyo)``; none if it is not a copy."""
    if not isinstance(marked, str):
        return []
    marks = []
    plain, at = "", 0
    for match in _OPENING.finditer(marked):
        if match.start() < at or (end := _closing_bracket(marked, match.end())) < 0:
            continue
        plain += marked[at : match.start()]
        inner = marked[match.end() : end]
        marks.append(Mark(tuple(match[1].split("/")), len(plain), len(plain) + len(inner)))
        plain += inner
        at = end + 1
    plain += marked[at:]
    return marks if plain == text else []


def value_at(row: dict[str, Any], path: str) -> object:
    """Return the cell of a column, or a value inside objects, as in ``textInfo.markup``; None if there is none."""
    if path in row:
        return row[path]
    found: object = row
    for key in path.split("."):
        if not isinstance(found, dict) or key not in found:
            return None
        found = found[key]
    return found


def _mark(text: str, field: dict[str, Any], marks: list[Mark]) -> None:
    """Set the span of a field's value to the only mark that holds it; or to all marks if they hold it together."""
    value = field["value"]
    if not isinstance(value, str) or not value.strip():
        return
    same = [mark for mark in marks if text[mark.start : mark.end] == value]
    if len(same) == 1:
        field["spans"] = [[same[0].start, same[0].end]]
    elif marks and not same and value.split() == [word for m in marks for word in text[m.start : m.end].split()]:
        field["spans"] = [[mark.start, mark.end] for mark in marks]


def mark_fields(
    mapping: Mapping, columns: Sequence[str], cells: Sequence[Any], document: Data, fields: Sequence[Data]
) -> None:
    """Set the spans of the values that are marked in a copy of the text, if the mapping names one."""
    markup = mapping.markup
    text = document.get("text") or document.get("title") or ""
    marks = read_markup(text, value_at(dict(zip(columns, cells, strict=True)), markup.column)) if markup else []
    if markup is None or not marks:
        return
    marked = {(item.group, item.name): item.column for item in mapping.fields}
    for item in mapping.fields:
        if isinstance(item.ground, tuple):
            marked |= {(item.group or item.name, key): item.column for key in item.ground}
    for field in fields:
        group = field.get("group")
        column = marked.get((group, field["name"]))
        if column is None and group:
            column = marked.get((group.partition(":")[0], field["name"]))
        if column is not None:
            labels = [label for label, of in markup.marks.items() if of == column]
            _mark(text, field, [mark for mark in marks if not set(labels).isdisjoint(mark.labels)])


def place_fields(
    mapping: Mapping, columns: Sequence[str], cells: Sequence[Any], document: Data, fields: Sequence[Data]
) -> tuple[str, ...]:
    """Set the spans of values whose place is in columns of its own, and return notes.

    Without offsets, the quote is searched for; it counts if it occurs once.
    """
    text = document.get("text") or document.get("title") or ""
    row = dict(zip(columns, cells, strict=True))
    found: list[tuple[Data, RawSpan]] = []
    notes: list[str] = []
    places = [(one, *place, one["name"]) for one in fields if (place := one.pop(PLACE, None)) is not None]
    for item in mapping.fields:
        if item.place_columns:
            field = next((one for one in fields if (one["name"], one.get("group")) == (item.name, item.group)), None)
            if field is not None:
                start, end = (whole_number(row.get(column or "")) for column in (item.start, item.end))
                quote = row.get(item.quote or "")
                quote = quote if isinstance(quote, str) and quote.strip() else None
                places.append((field, start, end, quote, item.quote))
    for field, start, end, quote, column in places:
        value = field["value"]
        if start is not None and end is not None:
            if text[start:end] == write_value(value):
                field["spans"] = [[start, end]]  # the quote may be the sentence around it
                continue
            # The value shows as well as a quote in what unit the offsets count.
            quote = quote or (value if isinstance(value, str) and value in text else None)
            found.append((field, RawSpan(start, end, quote)))
        elif quote is not None and text.count(quote) == 1:
            field["spans"] = [[text.index(quote), text.index(quote) + len(quote)]]
        elif quote is not None:
            times = "several times" if quote in text else "nowhere"
            notes.append(f"column {column}: {quote[:40]!r} occurs {times} in the text; {field['name']} has no evidence")
    placed = place_spans(text, [raw for _, raw in found])
    for (field, _), span in zip(found, placed.spans, strict=True):
        if span is not None:
            field["spans"] = [list(span)]
    return (*notes, *placed.notes)


def not_searched(mapping: Mapping, fields: Sequence[Data]) -> set[str]:
    """Return the names of fields that the mapping does not search in the text."""
    searched = {(item.group, item.name): item.ground for item in mapping.fields}
    by_group = {item.group or item.name: item.ground for item in mapping.fields}
    names = set()
    for field in fields:
        group = field.get("group")
        ground = searched.get((group, field["name"]))
        if ground is None:
            ground = by_group.get((group or "").partition(":")[0], True)
        if not (ground if isinstance(ground, bool) else field["name"] in ground):
            names.add(field["name"])
    return names


def _closing_bracket(marked: str, at: int) -> int:
    """Return the position of the bracket that closes the mark at ``at``; -1 if there is none."""
    depth = 1
    for position in range(at, min(len(marked), at + _LONGEST_MARK)):
        depth += (marked[position] == "(") - (marked[position] == ")")
        if not depth:
            return position
    return -1
