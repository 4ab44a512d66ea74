"""Grounding: finds where a text supports a value, and says how it was found.

A value is searched for exactly, then folded, then as a number in words and as a date in any notation, then in another
form: inflected, or the country of a code. A value in several places has evidence only if the other values of its event
decide which place is meant. A value that is nowhere is marked, unless no text would have it, such as a code.
"""

import re
from collections.abc import Iterable, Sequence
from functools import cached_property

from db.grounding.forms import Forms
from db.grounding.places import (
    NOWHERE,
    UNEXPECTED,
    Grounded,
    Places,
    ValueRequest,
    is_short,
    nearest,
    only_one,
    with_computed,
)
from db.grounding.values import LARGEST, MOST_DIGITS, ValueFacts, facts_of, number_of
from db.grounding.written import Effort, dates_of_day, only_digits, only_place
from db.kinds import Kind, is_date
from db.model import Span, Value
from db.native import NewField
from db.suggest.candidates.candidate import Candidate
from db.text.evidence import find_value
from db.text.folded_text import FoldedText

_PARSED = 200_000  # characters of a text that are searched for numbers in words and for dates
_MOMENT = re.compile(r"(\d{4}-\d{2}-\d{2})[T ]\d{2}:\d{2}.{0,20}", re.ASCII)
_MOST_SEARCHED = 2_000_000_000  # characters, for all values of one text
_MOST_CACHED = 1000  # values of a text
_MOST_YEARS = 8  # for which dates without a year are searched


class Grounder:
    """Grounds values in one text and caches what it learns about the text.

    ``language`` (BCP 47) and ``published`` (ISO 8601) decide how dates are read, as in ``db.suggest.candidates``.
    """

    def __init__(
        self, text: str, language: str | None = None, published: str | None = None, effort: Effort | None = None
    ) -> None:
        """``effort`` bounds what is spent on the values of a field that are never found, over many texts."""
        self.text = text
        self._language = language
        self._published = published
        self._effort = effort or Effort()
        self._folded = FoldedText(text)
        self._characters_left = _MOST_SEARCHED
        self._cache: dict[tuple[type, Value, Kind | None, str], Places] = {}
        self._dates_by_year: dict[str, dict[str, list[Span]]] = {}

    def ground(self, value: Value, kind: Kind | None = None, near: Iterable[Span] = (), name: str = "") -> Grounded:
        """Return where a value occurs; of several places the one nearest to a span of ``near``, or none without any.

        Booleans, null, lists and objects are never found.
        """
        return nearest(self._places(value, kind, name), tuple(near), is_short(value))

    def find_all(self, value: Value) -> tuple[Span, ...]:
        """Return all places of a value."""
        places = self._places(value, None, "")
        return places.interval or tuple(places.spans)

    def ground_together(
        self,
        requests: Sequence[ValueRequest | NewField],
        given: Sequence[Span] = (),
        within: Sequence[tuple[Span, ...]] = (),
    ) -> list[Grounded]:
        """Ground the values of one event: those with one place decide which places of the others are meant.

        ``given``: the evidence of its other values, which decides too. ``within``: for each value, spans to search in
        or near, such as those of a quotation given for it.
        """
        places: list[Places] = []
        is_clear, may_be_computed = True, False
        for request in requests:
            value = request.value
            item = self._places(value, None, request.name)
            places.append(item)
            if item.spans:
                is_clear = is_clear and len(item.spans) == 1 and not is_short(value)
            elif item.method == "none" and value.__class__ is int:
                may_be_computed = True
        found = list(map(only_one, places)) if is_clear else self._settle(requests, places, given, within)
        return with_computed([request.value for request in requests], found) if may_be_computed else found

    def _settle(
        self,
        requests: Sequence[ValueRequest | NewField],
        places: Sequence[Places],
        given: Sequence[Span],
        within: Sequence[tuple[Span, ...]],
    ) -> list[Grounded]:
        done: dict[int, Grounded] = {}
        anchors: dict[str | None, list[Span]] = {}
        every = list(given)
        # A short value with one place is not clear: it may occur there by chance.
        short = [is_short(request.value) for request in requests]
        unclear = []
        for number, request in enumerate(requests):
            item = places[number]
            quoted = within[number] if within else ()
            if (len(item.spans) != 1 or short[number]) and not item.interval and not quoted:
                unclear.append(number)
                continue
            done[number] = grounded = nearest(item, quoted, short[number])
            anchors.setdefault(request.group, []).extend(grounded.spans)
            every.extend(grounded.spans)
        for number in sorted(unclear, key=lambda number: len(places[number].spans)):
            near = tuple(anchors.get(requests[number].group) or every)
            done[number] = grounded = nearest(places[number], near, short[number])
            if grounded.spans:
                anchors.setdefault(requests[number].group, []).extend(grounded.spans)
                every.extend(grounded.spans)
        return [done[number] for number in range(len(requests))]

    def _places(self, value: Value, kind: Kind | None, name: str) -> Places:
        if value.__class__ is str:
            if (span := only_place(value, self.text)) is not None:
                return Places("exact", (span,))
        elif value.__class__ is int:
            if abs(value) < LARGEST and (span := only_digits(str(value), self.text)) is not None:
                return Places("exact", (span,))
        elif value.__class__ is not float:
            return UNEXPECTED
        key = (value.__class__, value, kind, name)
        if (places := self._cache.get(key)) is not None:
            return places
        self._characters_left -= len(self.text)
        if self._characters_left < 0:
            return NOWHERE
        places = self._find(value, kind, name)
        if len(self._cache) < _MOST_CACHED:
            self._cache[key] = places
        return places

    def _find(self, value: str | float, kind: Kind | None, name: str) -> Places:
        facts = facts_of(name, value)
        places = self._find_quickly(facts)
        if places.spans:
            return places
        absent = facts.absent
        if absent not in (None, "a code") or not self._effort.allows(name):
            return UNEXPECTED if absent else NOWHERE
        if not absent:
            places = self._find_text(facts, kind) if isinstance(value, str) else self._find_number(value)
        if not (places.spans or places.interval) and (spans := self._forms.find(name, value)):
            places = Places("normalised", spans)
        found = bool(places.spans or places.interval)
        self._effort.count(name, found)
        return places if found or not absent else UNEXPECTED

    def _find_quickly(self, facts: ValueFacts) -> Places:
        """Find a value as it is written, or folded; a number of up to twenty also as a word, and a day as usual."""
        if facts.number is not None:
            return self._find_digits(facts)
        value = facts.text
        if facts.is_day and (spans := self._days(value)):
            return Places("date", spans)
        if value in self.text and (spans := self._folded.find_exact(value)):
            return Places("exact", spans)
        folded = self._folded
        spans = folded.find_folded(value) if facts.folded in folded.folded[0] else []
        if not spans and "_" in value:
            spans = folded.find_folded(value.replace("_", " "))
        return Places("folded", spans) if spans else NOWHERE

    def _days(self, value: str) -> list[Span]:
        spans = self._folded.find_exact(value)
        return spans or dates_of_day(self._folded, value, self._published, self._language)

    @cached_property
    def _forms(self) -> Forms:
        return Forms(self._folded)

    def _find_text(self, facts: ValueFacts, kind: Kind | None) -> Places:
        """Find a text that does not occur as it is written."""
        value = facts.text
        if facts.has_digits:
            if (number := number_of(value)) is not None:
                places = self._find_number(number)
                if places.spans:
                    return places
                return self._find_date(value) if is_date(value) else places
            if moment := _MOMENT.fullmatch(value):
                value = moment[1]
                if spans := self._days(value):
                    return Places("date", spans)
            if is_date(value):
                return self._find_date(value)
        if kind == "date" and len(value) <= MOST_DIGITS:
            return next((self._find_date(str(item.value)) for item in self._dates_of(value)), NOWHERE)
        return NOWHERE

    def _find_digits(self, facts: ValueFacts) -> Places:
        text = self.text
        if facts.last_digits is None or facts.number is None:
            return NOWHERE
        if facts.last_digits in (text if text.isascii() else self._folded.folded[0]):
            spans = find_value(facts.number, text)
            if exact := [span for span in spans if text[span.start : span.end] == facts.text]:
                return Places("exact", exact)
            if spans:
                return Places("folded", spans)
        spans = [span for word in facts.words for span in self._folded.find_folded(word)]
        return Places("number_words", sorted(spans)) if spans else NOWHERE

    def _find_number(self, value: float) -> Places:
        """Find a number that does not occur in digits as it is usually written."""
        if abs(value) >= LARGEST:
            return NOWHERE
        spans = self._numbers.get(abs(value), [])
        in_digits = [span for span in spans if not any(map(str.isalpha, self.text[span.start : span.end]))]
        return Places("folded", in_digits) if in_digits else Places("number_words" if spans else "none", spans)

    def _find_date(self, value: str) -> Places:
        if found := self._dates.get(value):
            return Places("date", found)
        within = {span for date, spans in self._dates.items() if date.startswith(f"{value}-") for span in spans}
        if within:  # the value is a month or year, the text has a day of it
            return Places("date", sorted(within))
        if self._published is None and (found := self._dates_of_year(value[:4]).get(value)):
            return Places("date", found)
        first, slash, last = value.partition("/")
        ends = [self._find_date(end) for end in (first, last)] if slash else []
        if ends and all(end.spans for end in ends):
            begin = ends[0].spans[0]
            return Places("date", interval=(begin, *nearest(ends[1], (begin,), False).spans))
        return NOWHERE

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
