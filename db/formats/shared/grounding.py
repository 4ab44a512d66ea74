"""Grounding: finds where a text supports a value, and says how it was found.

A value is searched for exactly, then ignoring case, accents, white space, quotation marks, dashes, thousands separators
and the script of digits, then as a number in words and as a date in any notation. A value that is not found has no
evidence.
"""

import re
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, NamedTuple

from db.kinds import Kind, is_date
from db.model import Span, Value
from db.suggest.candidates.candidate import Candidate
from db.text.evidence import find_value
from db.text.folded_text import FoldedText

Method = Literal["exact", "folded", "number_words", "date", "fuzzy", "none"]

_PARSED = 200_000  # characters of a text that are searched for numbers in words and for dates
_SHORT = 2  # characters of a value that may occur nearly anywhere by chance
_REACH = 1000  # characters between a short value and the other evidence of its event, at most
_MOST_ANCHORS = 50  # spans that decide which of several places is the nearest
_MOST_DIGITS = 40
_LARGEST = 10**_MOST_DIGITS
_NUMBER = re.compile(r"[+-]?(?:0|[1-9]\d*|[1-9]\d{0,2}(?:[, ’'\u00a0\u202f]\d{3})+)(?:\.\d+)?", re.ASCII)
_MOMENT = re.compile(r"(\d{4}-\d{2}-\d{2})[T ]\d{2}:\d{2}.{0,20}", re.ASCII)
_MOST_SEARCHED = 2_000_000_000  # characters, for all values of one text
_MOST_CACHED = 1000  # values of a text
_MOST_YEARS = 8  # for which dates without a year are searched


class Grounded(NamedTuple):
    """The spans that support a value, in code points, none if it was not found; and how it was found.

    Only callers use ``fuzzy``: for a value that is supported by a quotation that does not contain it.
    """

    spans: tuple[Span, ...]
    method: Method


NOT_FOUND = Grounded((), "none")


class ValueRequest(NamedTuple):
    """A value to ground. Values of one ``group`` are searched near each other.

    ``within`` are spans to search in or near, such as those of a quotation given for the value.
    """

    value: Value
    kind: Kind | None = None
    group: str | None = None
    within: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class _Places:
    """The places where a value occurs, in text order; ``interval`` holds both ends of an interval instead."""

    method: Method = "none"
    spans: Sequence[Span] = ()
    interval: tuple[Span, ...] = ()

    @property
    def unique(self) -> bool:
        return bool(self.interval) or len(self.spans) == 1


class Grounder:
    """Grounds values in one text and caches what it learns about the text.

    ``language`` (BCP 47) and ``published`` (ISO 8601) decide how dates are read, as in ``db.suggest.candidates``.
    """

    def __init__(self, text: str, language: str | None = None, published: str | None = None) -> None:
        self.text = text
        self._language = language
        self._published = published
        self._folded = FoldedText(text)
        self._characters_left = _MOST_SEARCHED
        self._cache: dict[tuple[type, Value, Kind | None], _Places] = {}
        self._dates_by_year: dict[str, dict[str, list[Span]]] = {}

    def ground(self, value: Value, kind: Kind | None = None, near: Iterable[Span] = ()) -> Grounded:
        """Return where a value occurs; of several places the one nearest to a span of ``near``, else the first.

        Booleans, null, lists and objects are never found.
        """
        return _nearest(self._places(value, kind), tuple(near), _is_short(value))

    def ground_together(self, requests: Sequence[ValueRequest]) -> list[Grounded]:
        """Ground the values of one event: those with one place decide which places of the others are meant."""
        places = [self._places(request.value, request.kind) for request in requests]
        done: dict[int, Grounded] = {}
        anchors: dict[str | None, list[Span]] = {}
        every: list[Span] = []

        def settle(number: int) -> None:
            request = requests[number]
            near = request.within or tuple((anchors.get(request.group) or every)[:_MOST_ANCHORS])
            done[number] = grounded = _nearest(places[number], near, _is_short(request.value))
            anchors.setdefault(request.group, []).extend(grounded.spans)
            every.extend(grounded.spans)

        def is_clear(number: int) -> bool:
            # A short value with one place is not clear: it may occur there by chance.
            request = requests[number]
            return bool(request.within) or (places[number].unique and not _is_short(request.value))

        numbers = sorted(range(len(requests)), key=lambda number: len(places[number].spans))
        for number in sorted(numbers, key=is_clear, reverse=True):
            settle(number)
        return [done[number] for number in range(len(requests))]

    def _places(self, value: Value, kind: Kind | None) -> _Places:
        if isinstance(value, bool | list | dict) or value is None:
            return _Places()
        key = (type(value), value, kind)
        if (places := self._cache.get(key)) is not None:
            return places
        self._characters_left -= len(self.text)
        if self._characters_left < 0:
            return _Places()
        places = self._find_text(value.strip(), kind) if isinstance(value, str) else self._find_number(value)
        if len(self._cache) < _MOST_CACHED:
            self._cache[key] = places
        return places

    def _find_text(self, value: str, kind: Kind | None) -> _Places:
        if len(value) <= _MOST_DIGITS and _NUMBER.fullmatch(value):
            places = self._find_number(_number(value), value)
            if places.spans:
                return places
            return self._find_date(value) if is_date(value) else places
        if spans := self._folded.find_exact(value):
            return _Places("exact", spans)
        spans = self._folded.find_folded(value)
        if not spans and "_" in value:
            spans = self._folded.find_folded(value.replace("_", " "))
        if spans:
            return _Places("folded", spans)
        if moment := _MOMENT.fullmatch(value):
            value = moment[1]
            if spans := self._folded.find_exact(value):
                return _Places("date", spans)
        if is_date(value):
            return self._find_date(value)
        if kind == "date" and len(value) <= _MOST_DIGITS:
            return next((self._find_date(str(item.value)) for item in self._dates_of(value)), _Places())
        return _Places()

    def _find_number(self, value: float, written: str | None = None) -> _Places:
        if abs(value) >= _LARGEST:
            return _Places()
        plain = written or repr(value)
        spans = find_value(value, self.text)
        if exact := [span for span in spans if self.text[span.start : span.end] == plain]:
            return _Places("exact", exact)
        if spans:
            return _Places("folded", spans)
        spans = self._numbers.get(abs(value), [])
        in_digits = [span for span in spans if not any(map(str.isalpha, self.text[span.start : span.end]))]
        return _Places("folded", in_digits) if in_digits else _Places("number_words" if spans else "none", spans)

    def _find_date(self, value: str) -> _Places:
        if found := self._dates.get(value):
            return _Places("date", found)
        within = {span for date, spans in self._dates.items() if date.startswith(f"{value}-") for span in spans}
        if within:  # the value is a month or year, the text has a day of it
            return _Places("date", sorted(within))
        if self._published is None and (found := self._dates_of_year(value[:4]).get(value)):
            return _Places("date", found)
        first, slash, last = value.partition("/")
        ends = [self._find_date(end) for end in (first, last)] if slash else []
        if ends and all(end.spans for end in ends):
            begin = ends[0].spans[0]
            return _Places("date", interval=(begin, *_nearest(ends[1], (begin,), False).spans))
        return _Places()

    @cached_property
    def _numbers(self) -> dict[float, list[Span]]:
        from db.suggest.candidates.numbers import find_numbers

        found: dict[float, list[Span]] = {}
        for item in find_numbers(self.text[:_PARSED], self._language, whole=False):
            if isinstance(item.value, int | float) and not item.vague:
                found.setdefault(abs(item.value), []).append(item.span)
        return found

    @cached_property
    def _dates(self) -> dict[str, list[Span]]:
        """The places of each date, by its ISO 8601 form."""
        found: dict[str, list[Span]] = {}
        for item in self._dates_in(self._published):
            found.setdefault(str(item.value), []).append(item.span)
        return found

    def _dates_in(self, published: str | None) -> list[Candidate]:
        from db.suggest.candidates.dates import find_dates

        return find_dates(self.text[:_PARSED], published, self._language)

    def _dates_of(self, value: str) -> list[Candidate]:
        from db.suggest.candidates.dates import find_dates

        whole = Span(0, len(value))
        return [item for item in find_dates(value, self._published, self._language) if item.span == whole]

    def _dates_of_year(self, year: str) -> dict[str, list[Span]]:
        """Return the places of dates written without a year, read as dates of ``year``.

        For a text whose date of publication is unknown. The text is read as of several days, and only dates that stay
        the same are used; relative dates such as "yesterday" change.
        """
        if year not in self._dates_by_year:
            found: dict[str, list[Span]] = {}
            following = f"{int(year) + 1:04}"
            if len(self._dates_by_year) < _MOST_YEARS and len(following) == len(year):
                as_of = [
                    {(str(item.value), item.span) for item in self._dates_in(day)}
                    for day in (f"{year}-12-31", f"{year}-11-20", f"{following}-02-09")
                ]
                for date, span in sorted(as_of[0] & (as_of[1] | as_of[2])):
                    if len(date) > len(year):
                        found.setdefault(date, []).append(span)
            self._dates_by_year[year] = found
        return self._dates_by_year[year]


def _nearest(places: _Places, near: tuple[Span, ...], short: bool) -> Grounded:
    if places.interval:
        return Grounded(places.interval, places.method)
    if not places.spans:
        return NOT_FOUND
    if not near:
        return Grounded((places.spans[0],), places.method)
    anchors = near[:_MOST_ANCHORS]
    gap, best = min((_gap(span, anchor), span) for anchor in anchors for span in _neighbours(places.spans, anchor))
    return NOT_FOUND if short and gap > _REACH else Grounded((best,), places.method)


def _neighbours(spans: Sequence[Span], anchor: Span) -> Sequence[Span]:
    at = bisect_left(spans, anchor.start, key=lambda span: span.start)
    return spans[max(0, at - 1) : at + 1]


def _gap(left: Span, right: Span) -> int:
    return max(0, left.start - right.end, right.start - left.end)


def _is_short(value: Value) -> bool:
    if isinstance(value, str):
        return len(value.strip()) <= _SHORT
    return isinstance(value, int | float) and abs(value) < 10**_SHORT


def _number(written: str) -> int | float:
    plain = re.sub(r"[^\d.]", "", written)
    return float(plain) if "." in plain else int(plain)
