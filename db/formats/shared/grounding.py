"""Grounds a value in a text: where it stands there, and how it was found.

What a machine says without saying where is looked for to the letter, then whatever its case, accents, white space,
quotes, dashes, separators of thousands and script of digits, then as a number in words and as a date however it is
written. What is not found has no evidence, which is as worth knowing.
"""

import re
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, NamedTuple

from db.formats.shared.folded_text import FoldedText
from db.kinds import Kind, is_date
from db.model import Span, Value
from db.suggest.candidates.candidate import Candidate
from db.text.evidence import find_value

How = Literal["exact", "folded", "number_words", "date", "fuzzy", "none"]

_LOOKED_AT = 200_000  # characters of a text in which numbers in words and dates are looked for
_ONLY_NEAR = 2  # characters of a value, up to which it stands nearly anywhere by chance
_REACH = 1000  # characters from the other evidence of its event within which so short a value counts
_ANCHORS = 50  # spans that tell which of several places is the nearest
_LONGEST_NUMBER = 40  # characters
_LARGEST = 10**_LONGEST_NUMBER
_NUMBER = re.compile(r"[+-]?(?:0|[1-9]\d*|[1-9]\d{0,2}(?:[, ’'\u00a0\u202f]\d{3})+)(?:\.\d+)?", re.ASCII)
_MOMENT = re.compile(r"(\d{4}-\d{2}-\d{2})[T ]\d{2}:\d{2}.{0,20}", re.ASCII)
_WORK = 2_000_000_000  # characters that are looked through for the values of one text
_KEPT = 1000  # values of a text whose places are kept
_YEARS = 8  # in which dates without a year are looked for


class Grounded(NamedTuple):
    """The spans that a value rests on, in code points, none where it was not found; and how it was found.

    ``fuzzy`` is for who grounds a value by a quotation that does not hold it; it is not found here.
    """

    spans: tuple[Span, ...]
    how: How


NOT_FOUND = Grounded((), "none")


class Wanted(NamedTuple):
    """A value that is to be grounded; those of one ``group`` are looked for near to each other.

    ``within`` are spans that it should stand in or near, as of a quotation that was given for it.
    """

    value: Value
    kind: Kind | None = None
    group: str | None = None
    within: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class _Places:
    """Each place at which a value stands, in the order of the text: mostly one span, two of the ends of an interval."""

    how: How = "none"
    spans: Sequence[Span] = ()
    together: tuple[Span, ...] = ()

    @property
    def certain(self) -> bool:
        return bool(self.together) or len(self.spans) == 1


class Grounder:
    """One text in which values are grounded; what is found out about it is kept for the next value.

    ``language`` (BCP 47) and ``published`` (ISO 8601) tell how its dates are to be read, as in candidates.
    """

    def __init__(self, text: str, language: str | None = None, published: str | None = None) -> None:
        self.text = text
        self._language = language
        self._published = published
        self._words = FoldedText(text)
        self._left = _WORK
        self._known: dict[tuple[type, Value, Kind | None], _Places] = {}
        self._years: dict[str, dict[str, list[Span]]] = {}

    def ground(self, value: Value, kind: Kind | None = None, near: Iterable[Span] = ()) -> Grounded:
        """Where a value stands; of several places that which is nearest to one of ``near``, else the first.

        Truth values, null, lists and objects stand nowhere.
        """
        return _nearest(self._places(value, kind), tuple(near), _is_short(value))

    def ground_together(self, wanted: Sequence[Wanted]) -> list[Grounded]:
        """The values of one event: what stands in one place alone tells which place of the others is meant."""
        found = [self._places(item.value, item.kind) for item in wanted]
        done: dict[int, Grounded] = {}
        anchors: dict[str | None, list[Span]] = {}
        every: list[Span] = []

        def settle(number: int) -> None:
            item = wanted[number]
            near = item.within or tuple((anchors.get(item.group) or every)[:_ANCHORS])
            done[number] = grounded = _nearest(found[number], near, _is_short(item.value))
            anchors.setdefault(item.group, []).extend(grounded.spans)
            every.extend(grounded.spans)

        numbers = sorted(range(len(wanted)), key=lambda number: len(found[number].spans))
        for sure in (True, False):  # what is short and stands once comes last too: that once may be by chance
            for number in numbers:
                item = wanted[number]
                told = found[number].certain and not _is_short(item.value)
                if (told or bool(item.within)) is sure:
                    settle(number)
        return [done[number] for number in range(len(wanted))]

    def _places(self, value: Value, kind: Kind | None) -> _Places:
        if isinstance(value, bool | list | dict) or value is None:
            return _Places()
        key = (type(value), value, kind)
        if (places := self._known.get(key)) is not None:
            return places
        self._left -= len(self.text)
        if self._left < 0:
            return _Places()
        places = self._of_text(value.strip(), kind) if isinstance(value, str) else self._of_number(value)
        if len(self._known) < _KEPT:
            self._known[key] = places
        return places

    def _of_text(self, value: str, kind: Kind | None) -> _Places:
        if len(value) <= _LONGEST_NUMBER and _NUMBER.fullmatch(value):
            places = self._of_number(_number(value), value)
            if places.spans:
                return places
            return self._of_date(value) if is_date(value) else places
        if spans := self._words.to_the_letter(value):
            return _Places("exact", spans)
        if spans := self._words.folded(value) or ("_" in value and self._words.folded(value.replace("_", " "))) or []:
            return _Places("folded", spans)
        if moment := _MOMENT.fullmatch(value):
            value = moment[1]
            if spans := self._words.to_the_letter(value):
                return _Places("date", spans)
        if is_date(value):
            return self._of_date(value)
        if kind == "date" and len(value) <= _LONGEST_NUMBER:
            return next((self._of_date(str(item.value)) for item in self._dates_of(value)), _Places())
        return _Places()

    def _of_number(self, value: float, written: str | None = None) -> _Places:
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

    def _of_date(self, value: str) -> _Places:
        if found := self._dates.get(value):
            return _Places("date", found)
        within = {span for date, spans in self._dates.items() if date.startswith(f"{value}-") for span in spans}
        if within:  # of a month or year, a day of it
            return _Places("date", sorted(within))
        if self._published is None and (found := self._dates_of_year(value[:4]).get(value)):
            return _Places("date", found)
        first, slash, last = value.partition("/")
        ends = [self._of_date(end) for end in (first, last)] if slash else []
        if ends and all(end.spans for end in ends):
            begin = ends[0].spans[0]
            return _Places("date", together=(begin, *_nearest(ends[1], (begin,), False).spans))
        return _Places()

    @cached_property
    def _numbers(self) -> dict[float, list[Span]]:
        """Where each number is written, in digits or in words."""
        from db.suggest.candidates.numbers import find_numbers

        found: dict[float, list[Span]] = {}
        for item in find_numbers(self.text[:_LOOKED_AT], self._language, whole=False):
            if isinstance(item.value, int | float) and not self._is_vague(item):
                found.setdefault(abs(item.value), []).append(item.span)
        return found

    def _is_vague(self, item: Candidate) -> bool:
        """Whether it says no number, as "dozens" and "hundreds"."""
        from db.suggest.candidates.numbers import find_numbers

        quote = self.text[item.span.start : item.span.end]
        return (
            item.modifier is not None
            and quote.isalpha()
            and any(alone.modifier for alone in find_numbers(quote, self._language))
        )

    @cached_property
    def _dates(self) -> dict[str, list[Span]]:
        """Where each date is written, as ISO 8601."""
        found: dict[str, list[Span]] = {}
        for item in self._dates_in(self._published):
            found.setdefault(str(item.value), []).append(item.span)
        return found

    def _dates_in(self, published: str | None) -> list[Candidate]:
        from db.suggest.candidates.dates import find_dates

        return find_dates(self.text[:_LOOKED_AT], published, self._language)

    def _dates_of(self, value: str) -> list[Candidate]:
        from db.suggest.candidates.dates import find_dates

        whole = Span(0, len(value))
        return [item for item in find_dates(value, self._published, self._language) if item.span == whole]

    def _dates_of_year(self, year: str) -> dict[str, list[Span]]:
        """Dates that are written without a year, as they are in that one; those that count from a day are left out.

        For a text whose day of publication is not known. Read as of several days, they alone stay the same.
        """
        if year not in self._years:
            found: dict[str, list[Span]] = {}
            following = f"{int(year) + 1:04}"
            if len(self._years) < _YEARS and len(following) == len(year):
                as_of = [
                    {(str(item.value), item.span) for item in self._dates_in(day)}
                    for day in (f"{year}-12-31", f"{year}-11-20", f"{following}-02-09")
                ]
                for date, span in sorted(as_of[0] & (as_of[1] | as_of[2])):
                    if len(date) > len(year):
                        found.setdefault(date, []).append(span)
            self._years[year] = found
        return self._years[year]


def ground(
    text: str,
    value: Value,
    kind: Kind | None = None,
    language: str | None = None,
    published: str | None = None,
    near: Iterable[Span] = (),
) -> Grounded:
    """Where one value stands in a text. For several of one text, a Grounder reads it once."""
    return Grounder(text, language, published).ground(value, kind, near)


def _nearest(places: _Places, near: tuple[Span, ...], short: bool) -> Grounded:
    if places.together:
        return Grounded(places.together, places.how)
    if not places.spans:
        return NOT_FOUND
    if not near:
        return Grounded((places.spans[0],), places.how)
    best = min((_gap(span, anchor), span) for anchor in near[:_ANCHORS] for span in _beside(places.spans, anchor))
    if short and best[0] > _REACH:
        return NOT_FOUND
    return Grounded((best[1],), places.how)


def _beside(spans: Sequence[Span], anchor: Span) -> Sequence[Span]:
    """The span that begins before the anchor, and the one that begins next."""
    at = bisect_left(spans, anchor.start, key=lambda span: span.start)
    return spans[max(0, at - 1) : at + 1]


def _gap(left: Span, right: Span) -> int:
    """The characters between two spans."""
    return max(0, left.start - right.end, right.start - left.end)


def _is_short(value: Value) -> bool:
    if isinstance(value, str):
        return len(value.strip()) <= _ONLY_NEAR
    return isinstance(value, int | float) and abs(value) < 10**_ONLY_NEAR


def _number(written: str) -> int | float:
    plain = re.sub(r"[^\d.]", "", written)
    return float(plain) if "." in plain else int(plain)
