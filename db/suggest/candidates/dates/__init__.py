"""Finds dates in a text: full and partial dates, and phrases that count from the day of publication.

The words (months, weekdays, "last month") come from dateparser, which has them for 200 languages, and from
``words/*.toml``. The arithmetic is ours: a date is as precise as the text ("last month" is a month), and a weekday may
be the day of publication. Imports the vocabulary, ``db.text`` and the words of ``db.suggest.candidates``.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from functools import cache

from db.model import Span
from db.suggest.candidates.candidate import Candidate
from db.suggest.candidates.dates.calendars import other_calendars
from db.suggest.candidates.dates.cjk import east_asian
from db.suggest.candidates.dates.numeric import in_digits
from db.suggest.candidates.dates.parts import Parts, joined
from db.suggest.candidates.dates.patterns import Patterns, in_words, patterns
from db.suggest.candidates.dates.words import words
from db.suggest.candidates.languages import languages

__all__ = ["find_dates", "month_names"]

_OTHER_DIGITS = re.compile(r"(?![0-9])\d")
_TOKEN = re.compile(r"\w+")
_DIGITS = re.compile(r"\d+")
_LOOK_BACK = 24  # characters before a date to search for "between"
_LONGEST_GAP = 16  # characters between the two ends of a range


def find_dates(source: str, published: str | None = None, language: str | None = None) -> list[Candidate]:
    """Return dates as ISO 8601, as precise as the text; intervals as ``2025-02-03/2025-02-09``.

    Sorted by place. A date in digits that can be read in two ways, such as 03/04/2025, is there twice.
    """
    day = _published(published)
    here = [known for code in languages(source, language) if (known := patterns(code)) is not None]
    source = _ascii_digits(source).replace("’", "'").replace("ʼ", "'")
    # Matching lower case is several times faster than ignoring case.
    lower = source.lower() if len(source.lower()) == len(source) else "".join(map(_lower, source))
    tokens = [(match.start(), match[0]) for match in _TOKEN.finditer(lower)]
    digits = [start for start, token in tokens if token[0].isdecimal()]
    digits = digits if source.isascii() else [match.start() for match in _DIGITS.finditer(source)]
    found = [
        *in_digits(source, digits, here[0].words.day_first if here else True),
        *(parts for known in here for parts in in_words(source, lower, tokens, known, day)),
        *other_calendars(lower, source, day),
        *east_asian(source, day),
    ]
    return list(_candidates(_ranges(_outermost(found), source, here, day), day))


@cache
def month_names(here: tuple[str, ...]) -> frozenset[str]:
    """Return the names of months in some languages."""
    from db.suggest.candidates.vocabulary import normal

    return frozenset(
        normal(month) for code in here if (known := words(code)) is not None for month in known.months if len(month) > 2
    )


def _candidates(found: Iterable[Parts], published: date | None) -> Iterator[Candidate]:
    for parts in found:
        for value in dict.fromkeys((parts.resolved(published), parts.other)):
            if value is not None:
                yield Candidate(Span(parts.start, parts.end), value)


def _ranges(found: Sequence[Parts], source: str, here: Sequence[Patterns], published: date | None) -> Iterator[Parts]:
    """Join dates to intervals: 28 February to 2 March, between January and March."""
    place = 0
    while place < len(found):
        first = found[place]
        last = found[place + 1] if place + 1 < len(found) else None
        both = None
        if last is not None and _is_range(first, last, source, here):
            both = joined(first, last, published)
        yield both or first
        place += 2 if both else 1


def _is_range(first: Parts, last: Parts, source: str, here: Sequence[Patterns]) -> bool:
    if not 0 < last.start - first.end <= _LONGEST_GAP:
        return False
    between = source[first.end : last.start]
    before = source[max(0, first.start - _LOOK_BACK) : first.start]
    for known in here:
        if known.range.fullmatch(between):
            return first.month is not None or first.day is not None or last.month is None
        if known.between_and.fullmatch(between) and known.between.search(before):
            return True
    return False


def _outermost(found: Iterable[Parts]) -> list[Parts]:
    """Leave out parts of longer dates, such as the year of a date."""
    out: list[Parts] = []
    for item in sorted(found, key=lambda item: (item.start, -item.end, item.value is not None)):
        if (not out or item.end > out[-1].end) and item.start < item.end:
            if out and item.start < out[-1].end:
                continue  # it overlaps an earlier one
            out.append(item)
    return out


def _published(text: str | None) -> date | None:
    """Return the day of publication, or None if it is not known to the day."""
    try:
        return date.fromisoformat(text[:10]) if text else None
    except ValueError:
        return None


def _lower(character: str) -> str:
    lower = character.lower()
    return lower if len(lower) == 1 else "i" if character == "İ" else character


def _ascii_digits(source: str) -> str:
    if _OTHER_DIGITS.search(source) is None:
        return source
    return _OTHER_DIGITS.sub(lambda match: str(int(match[0])), source)
