"""Places: where a value occurs in a text, which of several is meant, and what is kept of it."""

from bisect import bisect_left
from collections.abc import Sequence
from itertools import combinations
from typing import Literal, NamedTuple, get_args

from db.kinds import is_date
from db.model import Json, Span, Value

Method = Literal[
    "exact", "folded", "number_words", "date", "normalised", "fuzzy", "several", "computed", "unexpected", "none"
]

METHODS = frozenset(get_args(Method))
_SHORT = 2  # characters of a value that may occur nearly anywhere by chance
_REACH = 1000  # characters between a short value and the other evidence of its event, at most
MOST_ANCHORS = 50  # spans that decide which of several places is the nearest
_FEW = 4  # places that are all compared
_FAR = 10**12
_MOST_SUMMED = 8  # numbers of an event that a computed one may be the sum of


GROUNDING_KEYS = ("grounding", "places")
"""The keys of a field that say how its evidence was found."""


_KEYS: dict[str, Json] = {method: {"grounding": method} for method in METHODS} | {"unexpected": {}}  # never changed


class Grounded(NamedTuple):
    """The spans that support a value, in code points, and how it was found. Without spans: in how many places it is.

    ``several``: in several places, none of which was chosen. ``computed``: from other values of the event.
    ``unexpected``: nowhere, and no text would have it. Only callers use ``fuzzy``: for a value that is supported by a
    quotation that does not contain it.
    """

    spans: tuple[Span, ...]
    method: Method
    places: int = 0

    def keys(self) -> Json:
        """Return what a field keeps of this beside its spans."""
        if self.method == "several":
            return {"grounding": self.method, "places": self.places}
        return _KEYS[self.method]


class ValueRequest(NamedTuple):
    """A value to ground, and the name of its field. Values of one ``group`` are searched near each other."""

    value: Value
    group: str | None = None
    name: str = ""


class Places(NamedTuple):
    """The places where a value occurs, in text order; ``interval`` holds both ends of an interval instead."""

    method: Method = "none"
    spans: Sequence[Span] = ()
    interval: tuple[Span, ...] = ()

    @property
    def unique(self) -> bool:
        """True if there is one place, or one pair of ends."""
        return bool(self.interval) or len(self.spans) == 1


UNEXPECTED = Places("unexpected")
NOWHERE = Places()
_WITHOUT_SPANS = {method: Grounded((), method) for method in METHODS}


def only_one(places: Places) -> Grounded:
    """Return the only place, or the ends of the interval."""
    spans = places.spans
    if spans:
        return Grounded((spans[0],), places.method)
    return Grounded(places.interval, places.method) if places.interval else _WITHOUT_SPANS[places.method]


def nearest(places: Places, near: tuple[Span, ...], short: bool) -> Grounded:
    """Return the only place, or of several the nearest to a span of ``near``; none if that decides nothing."""
    spans = places.spans
    if places.interval or not spans or (len(spans) == 1 and not (short and near)):
        return only_one(places)
    least, best, tied = _FAR, spans[0], True
    for anchor in near[:MOST_ANCHORS]:
        for span in spans if len(spans) <= _FEW else _neighbours(spans, anchor):
            gap = max(0, span.start - anchor.end, anchor.start - span.end)
            if gap < least:
                least, best, tied = gap, span, False
            elif gap == least and span != best:
                tied = True
    # Places that are equally near decide nothing, unless they lie in what was given as evidence.
    if (tied and least) or (short and least > _REACH):
        return Grounded((), "several", len(spans))
    return Grounded((best,), places.method)


def with_computed(values: Sequence[Value], found: list[Grounded]) -> list[Grounded]:
    """Mark numbers that are nowhere, but are the sum of others of the event, or the year of its date."""
    nowhere = [
        number
        for number, value in enumerate(values)
        if value.__class__ is int and value and found[number].method == "none"
    ]
    if nowhere:
        counts = [
            value
            for value, item in zip(values, found, strict=True)
            if value.__class__ is int and value and item.method != "none"
        ]
        years = {day[:5] for day in values if isinstance(day, str) and day[4:5] == "-" and is_date(day)}
        sums = {
            sum(some)
            for size in range(2, min(len(counts), _MOST_SUMMED) + 1)
            for some in combinations(counts[:_MOST_SUMMED], size)
        }
        for number in nowhere:
            value = values[number]
            if value in sums or f"{value}-" in years:
                found[number] = Grounded((), "computed")
    return found


def _neighbours(spans: Sequence[Span], anchor: Span) -> Sequence[Span]:
    at = bisect_left(spans, anchor.start, key=lambda span: span.start)
    return spans[max(0, at - 1) : at + 1]


def is_short(value: Value) -> bool:
    """Return True for a value that may occur nearly anywhere by chance."""
    if isinstance(value, str):
        return len(value.strip()) <= _SHORT
    return isinstance(value, int | float) and abs(value) < 10**_SHORT
