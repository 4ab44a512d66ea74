"""Where the values of a row stand in its text: by marks in a copy of the text, or where they are found just once."""

import re
from typing import Any, NamedTuple

from db.formats.tables.mapping.mapping import Markup

_OPENS = re.compile(r"\(([A-Z]{2,8}(?:/[A-Z]{2,8})*): ")


class Mark(NamedTuple):
    """A marked stretch of the text, and its marks: ``SRC``, ``TAR``."""

    marks: tuple[str, ...]
    start: int
    end: int


def read_markup(text: str, marked: object) -> list[Mark]:
    """The marks of a copy of ``text`` in which stretches stand as ``(SRC/TAR: Tokyo)``; none where it is no copy."""
    if not isinstance(marked, str):
        return []
    marks = []
    plain, at = "", 0
    for match in _OPENS.finditer(marked):
        if match.start() < at or (end := _closes(marked, match.end())) < 0:
            continue
        plain += marked[at : match.start()]
        inner = marked[match.end() : end]
        marks.append(Mark(tuple(match[1].split("/")), len(plain), len(plain) + len(inner)))
        plain += inner
        at = end + 1
    plain += marked[at:]
    return marks if plain == text else []


def at_path(row: dict[str, Any], path: str) -> object:
    """What stands in a column, or within the objects of one: ``textInfo.markup``."""
    if path in row:
        return row[path]
    found: object = row
    for key in path.split("."):
        if not isinstance(found, dict) or key not in found:
            return None
        found = found[key]
    return found


def ground(text: str, field: dict[str, Any], marks: list[Mark]) -> None:
    """Give a field the span of its value: the marked one, else the only one in the text; or say that there is none.

    Where a mark's text is none of the values, as of a value that is made of several stretches, all its marks are given.
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
    """The marks that point to the values of a column."""
    if markup is None:
        return []
    return [mark for mark in marks if any(markup.marks.get(one) == column for one in mark.marks)]


def _closes(marked: str, at: int) -> int:
    """Where the bracket closes in which ``at`` stands; -1 for nowhere."""
    depth = 1
    for position in range(at, min(len(marked), at + 1000)):
        depth += (marked[position] == "(") - (marked[position] == ")")
        if not depth:
            return position
    return -1
