"""Evidence from the event's own place in the text: a quote, or offsets."""

from collections.abc import Mapping as MappingOf
from collections.abc import Sequence
from typing import Any

from db.formats.format import Data
from db.formats.shared.spans.placing import RawSpan, place_spans
from db.formats.tables.cells import exact_number
from db.formats.tables.mapping.mapping import EventColumns
from db.text.evidence import find_value


def place_event(columns: EventColumns, row: MappingOf[str, Any], text: str, fields: Sequence[Data]) -> tuple[str, ...]:
    """Set the spans of the values that occur in the event's place in the text, and return notes.

    The others are searched in the whole text, where a place near these spans is preferred.
    """
    quote = row.get(columns.quote or "")
    quote = quote.strip() if isinstance(quote, str) and quote.strip() else None
    start, end = (_whole(row.get(column or "")) for column in (columns.start, columns.end))
    notes: tuple[str, ...] = ()
    span: tuple[int, int] | None = None
    if start is not None and end is not None:
        placed = place_spans(text, [RawSpan(start, end, quote or _value_as_long(fields, end - start))])
        place = placed.spans[0]
        span, notes = (place[0], place[1]) if place else None, tuple(placed.notes)
    elif quote is not None and text.count(quote) == 1:
        span = (text.index(quote), text.index(quote) + len(quote))
    elif quote is not None:
        times = "several times" if quote in text else "nowhere"
        return (f"column {columns.quote}: {quote[:40]!r} occurs {times} in the text; it is no evidence",)
    if span is None:
        return notes
    within = text[span[0] : span[1]]
    for field in fields:
        if not field.get("spans") and len(found := find_value(field["value"], within)) == 1:
            field["spans"] = [[span[0] + found[0].start, span[0] + found[0].end]]
    return notes


def _value_as_long(fields: Sequence[Data], length: int) -> str | None:
    """Return the only value that is as long as the place, in some unit: it shows in which one offsets count."""
    values = {value for field in fields if isinstance(value := field["value"], str)}
    found = [
        value for value in values if length in (len(value), len(value.encode()), len(value.encode("utf-16")) // 2 - 1)
    ]
    return found[0] if len(found) == 1 else None


def _whole(cell: object) -> int | None:
    number = exact_number(cell.strip().removesuffix(".0")) if isinstance(cell, str) else cell
    if isinstance(number, float) and number.is_integer():
        return int(number)
    return number if type(number) is int else None
