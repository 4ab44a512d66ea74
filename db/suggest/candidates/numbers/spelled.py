"""Finds numbers in digits and words where words have blanks between them: half a dozen, двух десятков."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from db.suggest.candidates.numbers.digits import DIGITS, digits_value
from db.suggest.candidates.numbers.found import Number, whole
from db.suggest.candidates.vocabulary import WORD, Phrases, Vocabulary, compound, normal

_GAP = re.compile(r"[ \u00a0\u202f\u2009]|[-‑–]|\. ?(?=\w)|[ \u00a0\u202f]*\n?")
_TOKEN = re.compile(rf"({WORD.pattern})|{DIGITS.pattern}")
_ORDINAL = re.compile(r"(?:st|nd|rd|th|er|ère|ème|e|º|ª|°|-?[йяеї]|-?(?:го|му|ти|х|ій|ый|ой|ая))(?!\w)")
_ABBREVIATED = re.compile(r"(?:тыс|тис|млн|млрд|трлн|tys|mln|mld|mio|mrd|tsd|mill|milj|tis|kr)\.", re.IGNORECASE)
_CURRENCY = re.compile(r"[$€£¥₴₽₹₺₩₪฿]\s?$|(?:USD|EUR|US\$|Rs\.?|GBP|CHF)\s?$")
_LONGEST = 40  # words in a row that may be one number


class _Step(NamedTuple):
    """What was read: the index of the next token, and the value."""

    next: int
    value: float


class Reader:
    """Reads the numbers of one text."""

    def __init__(self, source: str, known: Vocabulary, decimal: str | None) -> None:
        self._source = source
        self._known = known
        self._starts: list[int] = []
        self._ends: list[int] = []
        self._words: list[str] = []  # as ``normal`` returns them; empty for digits
        self._values: dict[int, int | float] = {}
        self._first = 0
        words, starts, ends = self._words, self._starts, self._ends
        for match in _TOKEN.finditer(source):
            if match.lastindex is None:
                self._values[len(words)] = digits_value(match[0], decimal)
                words.append("")
            else:
                words.append(normal(match[0]))
            start, end = match.span()
            starts.append(start)
            ends.append(end)

    def numbers(self) -> Iterator[Number]:
        """Yield numbers in the order of the text."""
        first, compounds = self._known.first, self._known.in_compounds
        following = 0
        for place, word in enumerate(self._words):
            if place < following:
                continue
            self._first = place  # a number may begin after any punctuation, and goes on only after a blank
            if not word:
                found = self._counted(place)
            elif word in first:
                found = self._few(place) or self._part(place) or self._plural(place) or self._counted(place)
            elif compounds and len(word) > 4 and compounds.search(word):
                found = self._compound(place)
            else:
                continue
            if found is not None:
                following, number = found
                if number is not None:
                    yield number

    # Forms. Each returns the index of the next token and the number, or None if there is no such number here.

    def _few(self, place: int) -> tuple[int, Number | None] | None:
        step = self._match(self._known.few, place)
        if step is None:
            return None
        units = self._units(self._skip_of(step.next))
        return self._made(place, units.next, 2 * units.value, vague=True) if units else None

    def _part(self, place: int) -> tuple[int, Number | None] | None:
        step = self._match(self._known.parts, place)
        if step is None:
            return None
        units = self._units(self._skip_of(step.next))
        return self._made(place, units.next, step.value * units.value, units.value) if units else None

    def _plural(self, place: int) -> tuple[int, Number | None] | None:
        """Read "hundreds of thousands", and words for vague numbers such as "kilkadziesiąt"."""
        if (step := self._match(self._known.vague, place)) is not None:
            units = self._units(step.next, plural=False)
            units = units or _Step(step.next, 1)
            return self._made(place, units.next, step.value * units.value, vague=True)
        if self._match(self._known.plurals, place) is None:
            return None
        units = self._units(place)
        return self._made(place, units.next, 2 * units.value, vague=True) if units else None

    def _units(self, place: int, plural: bool = True) -> _Step | None:
        """Read units in a row: "dozen", "tens of thousands"; the value is their product."""
        value: float = 1
        first = place
        while place - first < 6:
            step = None
            after = self._skip_of(place) if place > first else place
            for phrases in (self._known.plurals, self._known.groups, self._known.magnitudes)[0 if plural else 2 :]:
                step = step or self._match(phrases, after)
            if step is None:
                break
            value, place = value * step.value, step.next
        return _Step(place, value) if place > first else None

    def _compound(self, place: int) -> tuple[int, Number | None] | None:
        value = compound(self._words[place], self._known)
        return self._composed(place, place + 1, value) if value else None

    def _counted(self, place: int) -> tuple[int, Number | None] | None:
        if not self._words[place]:
            return self._in_digits(place)
        if (step := self._match(self._known.articles, place)) is not None:
            after = self._any_of(step.next, self._known.magnitudes, self._known.groups)
            return self._composed(place, step.next, 1, article=True) if after else self._small(place)
        return self._small(place)

    def _small(self, place: int) -> tuple[int, Number | None] | None:
        step = self._longest(place, self._known.small, self._known.exact, self._known.ordinals)
        if step is not None:
            return self._composed(place, step.next, step.value)
        if self._words[place] in self._known.alone or self._match(self._known.and_half, place + 1):
            return self._composed(place, place, 1)
        return None

    def _in_digits(self, place: int) -> tuple[int, Number | None] | None:
        start, end, value = self._starts[place], self._ends[place], self._values[place]
        following = self._starts[place + 1] if place + 1 < len(self._words) else -1
        if suffix := _ORDINAL.match(self._source, end):
            if 0 <= following < suffix.end():
                place += 1
            return place + 1, Number(start, suffix.end(), value, digits=True)
        if following == end and self._words[place + 1]:
            attached = self._match(self._known.magnitudes, place + 1)
            if attached is None and self._source[end].isascii():
                return place + 2, None  # part of a name, as in 5G
        return self._composed(place, place + 1, value)

    def _composed(
        self, first: int, place: int, value: float, article: bool = False
    ) -> tuple[int, Number | None] | None:
        """Read what follows a count: magnitudes, smaller numbers, halves and groups."""
        known = self._known
        total: float = 0
        section, times = value, 1.0
        in_digits = not self._words[first]
        about = False
        while place - first < _LONGEST:
            if half := self._match(known.and_half, place):
                if times > 1 and not section:
                    total, place = total + times / 2, half.next
                    break
                if self._match(known.magnitudes, half.next):
                    section, place = section + 0.5, half.next
                    continue
            if (step := self._magnitude(place, article)) is not None and not (
                times > 1 and section == 0 and place == 0
            ):
                if step.value == 100 and section < 100:
                    section *= 100
                elif total and section == 0:
                    total *= step.value
                elif times > 1 and step.value >= times:
                    total, section = (total + section) * step.value, 0
                else:
                    total, section = total + max(section, 1 if place == first else section) * step.value, 0
                times, place = step.value, step.next
                continue
            if in_digits and times == 1:
                break
            following = self._addend(place, section)
            if following is None:
                break
            section, place = section + following.value, following.next
            times = times if section == 0 else max(times, 1)
        if total == 0 and place > first and (group := self._group(place)) is not None:
            about = article and self._words[group.next - 1] in known.about
            section, place, times = section * group.value, group.next, group.value
            if (more := self._match(known.magnitudes, self._skip_of(place))) is not None:  # a couple of hundred
                section, place, times = section * more.value, more.next, more.value
        if place == first:
            return None
        if times == 1 and place - first > 1 and section >= 100 and section % 100 == 0:
            times = 100  # "three hundred" is one phrase
        last = times if section == 0 or (total == 0 and times > 1) else 1
        return self._made(first, place, total + section, last, about=about)

    def _magnitude(self, place: int, article: bool) -> _Step | None:
        step = self._match(self._known.magnitudes, place)
        if step is None:
            return None
        word = self._words[place]
        if word in self._known.metres:
            attached = self._ends[place - 1] == self._starts[place] and not self._words[place - 1]
            before = self._source[max(0, self._starts[place - 1] - 4) : self._starts[place - 1]]
            after = self._source[self._ends[place] : self._ends[place] + 40]
            if not (_CURRENCY.search(before) or (attached and not _MEASURED.match(after))):
                return None
        return None if article and word in ("k", "bn", "mn") else step

    def _addend(self, place: int, section: float) -> _Step | None:
        """Read a smaller number that is added: "(three hundred) and twelve"."""
        if place >= len(self._words) or not self._joined(place):
            return None
        after = place
        if self._words[place] in self._known.ands:
            after += 1
            if after >= len(self._words) or not self._joined(after):
                return None
        step = self._longest(after, self._known.small, self._known.ordinals)
        if step is None:
            return None
        if after > place and (
            self._words[self._first - 1] in self._known.between
            or (section < 100 and self._any_of(step.next, self._known.magnitudes))
        ):
            return None  # another number: "between a hundred and two hundred", "a thousand and two thousand"
        tens = section % 100 >= 20 and section % 10 == 0 and after == place and step.value < 10
        hundreds = section >= 100 and section % 100 == 0 and step.value < 100
        return step if (section == 0 or tens or hundreds) and step.value < 1000 else None

    def _group(self, place: int) -> _Step | None:
        return (
            self._any_of(self._skip_of(place), self._known.groups, self._known.plurals) if self._joined(place) else None
        )

    # Phrases

    def _skip_of(self, place: int) -> int:
        for phrases in (self._known.of, self._known.articles):
            if (step := self._match(phrases, place)) is not None:
                return step.next
        return place

    def _any_of(self, place: int, *several: Phrases) -> _Step | None:
        return next((step for phrases in several if (step := self._match(phrases, place)) is not None), None)

    def _longest(self, place: int, *several: Phrases) -> _Step | None:
        steps = [step for phrases in several if (step := self._match(phrases, place)) is not None]
        return max(steps, key=lambda step: step.next, default=None)

    def _match(self, phrases: Phrases, place: int) -> _Step | None:
        """Match the longest phrase at a place."""
        if place >= len(self._words) or (known := phrases.get(self._words[place])) is None:
            return None
        if place != self._first and not self._joined(place):
            return None
        for words, value in known:
            end = place + len(words)
            if len(words) == 1 or (
                end <= len(self._words)
                and all(self._words[place + n] == word and self._joined(place + n) for n, word in enumerate(words) if n)
            ):
                return _Step(end, value)
        return None

    def _joined(self, place: int) -> bool:
        """Return True if only a blank, a hyphen or nothing is between a token and the one before."""
        if not 0 < place < len(self._words):
            return place == 0
        return _GAP.fullmatch(self._source, self._ends[place - 1], self._starts[place]) is not None

    def _made(
        self, first: int, after: int, value: float, times: float = 1, vague: bool = False, about: bool = False
    ) -> tuple[int, Number | None] | None:
        if after <= first or value < 0 or value > 1e18:
            return max(after, first + 1), None
        start, end = self._starts[first], self._ends[after - 1]
        if self._words[after - 1] and _ABBREVIATED.match(self._source, self._starts[after - 1]):
            end += 1
        modifier = "at least" if vague else "about" if about else None
        digits = not self._words[first]
        value = value if digits and times == 1 else whole(value)  # 12.0 stays a fraction, 2.5 million does not
        return after, Number(start, end, value, max(1, round(times)), modifier, vague, digits)


_MEASURED = re.compile(
    r"[ -](?:long|high|deep|wide|tall|away|from|above|below|crater|wall|tower|deep|waves?|pool|race|sprint|freestyle|"
    r"hurdles|final|dash|relay|range|radius|diameter|depth|height|hole|drop|yacht|ship|boat|mast|pole|statue|bridge)\b"
)
