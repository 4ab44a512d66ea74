"""Finds the values of a row in its text: by marks in a copy of the text, or where a value occurs exactly once."""

import re
from typing import Any, NamedTuple

from db.formats.tables.mapping.mapping import Markup

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


def ground(text: str, field: dict[str, Any], marks: list[Mark]) -> None:
    """Set the span of a field's value: the marked one, else its only place in the text; or the grounding ``none``.

    If no mark holds the value, but all of them together do, the field gets all their spans.
    """
    value = field["value"]
    if not isinstance(value, str) or not value.strip():
        return
    same = [mark for mark in marks if text[mark.start : mark.end] == value]
    if len(same) == 1:
        field["spans"] = [[same[0].start, same[0].end]]
        return
    found = list(re.finditer(rf"(?<!\w){re.escape(value)}(?!\w)", text))
    if len(found) == 1:
        field["spans"] = [list(found[0].span())]
        field["grounding"] = "exact"
    elif marks and not same and value.split() == [word for m in marks for word in text[m.start : m.end].split()]:
        field["spans"] = [[mark.start, mark.end] for mark in marks]
    else:
        field["grounding"] = "none"


def marks_for(markup: Markup | None, column: str, marks: list[Mark]) -> list[Mark]:
    """Return the marks that locate values of a column."""
    if markup is None:
        return []
    return [mark for mark in marks if any(markup.marks.get(label) == column for label in mark.labels)]


def _closing_bracket(marked: str, at: int) -> int:
    """Return the position of the bracket that closes the mark at ``at``; -1 if there is none."""
    depth = 1
    for position in range(at, min(len(marked), at + _LONGEST_MARK)):
        depth += (marked[position] == "(") - (marked[position] == ")")
        if not depth:
            return position
    return -1
