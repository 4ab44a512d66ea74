"""A cell that holds several values of a field, each with its place in the text, as the rows of a fields table do."""

from typing import Any, NamedTuple


class PlacedValue(NamedTuple):
    """A value; where it is in the text, in any unit of offsets; its quote, its confidence, and its group."""

    value: Any
    start: Any = None
    end: Any = None
    quote: Any = None
    confidence: Any = None
    group: str | None = None


class Values(tuple[PlacedValue, ...]):
    """The values of a cell. Each is read like a cell of its own."""

    __slots__ = ()
