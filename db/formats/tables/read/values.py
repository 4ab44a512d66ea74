"""Reads a cell that holds several values, each with its place in the text."""

from collections.abc import Callable, Iterator

from db.formats.format import Data
from db.formats.tables.cells import Cell, shown
from db.formats.tables.mapping.mapping import MappedField
from db.formats.tables.values import PlacedValue, Values

PLACE = "_place"
"""The key under which a field has its place, until it is found in the text."""


def fields_of_values(
    item: MappedField,
    cell: Values,
    read: Callable[[str], Cell] | None,
    unfit: Callable[[str, Cell], Cell],
    notes: list[str],
) -> Iterator[Data]:
    """Yield a field for each value, read as a cell of its column is; a word for no value has none."""
    for part in cell:
        value = Cell(part.value)
        if isinstance(part.value, str) and read is not None:
            value = read(part.value)
            if value.problem:
                value = unfit(part.value, value)
        if value.missing or value.value is None or value.value == "":
            continue
        field: Data = {"name": item.name, "value": value.value}
        if value.modifier:
            field["modifier"] = value.modifier
        if part.group or item.group:
            field["group"] = part.group or item.group
        if part.confidence is not None and part.confidence != "":
            if isinstance(part.confidence, int | float) and 0 <= part.confidence <= 1:
                field["confidence"] = part.confidence
            else:
                notes.append(
                    f"column {item.column}: confidence {shown(part.confidence)} is not from 0 to 1; not imported"
                )
        if (place := _place(part)) is not None:
            field[PLACE] = place
        yield field


def whole_number(cell: object) -> int | None:
    """Return a cell as a whole number; None if it is none."""
    if isinstance(cell, str) and cell.strip().removesuffix(".0").isdecimal() and len(cell) < 12:
        return int(cell.strip().removesuffix(".0"))  # as pandas writes whole numbers of a column with gaps
    if isinstance(cell, float) and cell.is_integer():
        return int(cell)
    return cell if type(cell) is int else None


def _place(part: PlacedValue) -> tuple[int | None, int | None, str | None] | None:
    quote = part.quote if isinstance(part.quote, str) and part.quote.strip() else None
    start, end = whole_number(part.start), whole_number(part.end)
    if (start is None or end is None) and quote is None:
        return None
    return start, end, quote
