"""Values as texts are searched for them: what is known of a value whatever the text, worked out once for equal ones."""

import re
from functools import lru_cache
from typing import NamedTuple

from db.grounding.expected import what_it_is
from db.grounding.written import NUMBER_WORDS
from db.kinds import is_date
from db.text.folded_text import fold

MOST_DIGITS = 40
LARGEST = 10**MOST_DIGITS
_NUMBER = re.compile(r"[+-]?(?:0|[1-9]\d*|[1-9]\d{0,2}(?:[, ’'\u00a0\u202f]\d{3})+)(?:\.\d+)?", re.ASCII)
_DIGIT = re.compile("[0-9]")
_DAY = len("2025-02-14")
_LAST_DIGITS = 3  # of a whole number, which no separator divides


class ValueFacts(NamedTuple):
    """A value of a field, and what a search for it needs.

    text: without blanks around it; of a number, how it is written without separators. folded: the folded text.
    number: of a number, and of a text that is one in digits. last_digits: digits that a text with this number must
    have; None if it is not searched. words: English words for the number. absent: what the value is, if no text is
    expected to hold it.
    """

    text: str
    folded: str
    number: int | float | None
    last_digits: str | None
    words: tuple[str, ...]
    is_day: bool
    has_digits: bool
    absent: str | None


@lru_cache(2**13, typed=True)  # -0.0 and 0, 1.0 and 1 are different values
def facts_of(name: str, value: str | float) -> ValueFacts:
    """Return what is known of a value of a field with that name."""
    number: int | float | None
    if isinstance(value, str):
        text = value.strip()
        number = number_of(text) if text[:1].isdigit() else None
    else:
        number = value
        text = repr(value) if abs(value) < LARGEST else ""
    last_digits: str | None = None
    words: tuple[str, ...] = ()
    if number is not None and abs(number) < LARGEST:  # which NaN is not
        last_digits = repr(abs(number)).partition(".")[0][-_LAST_DIGITS:]
        words = NUMBER_WORDS.get(number, ())
    return ValueFacts(
        text,
        fold(text),
        number,
        last_digits,
        words,
        number is None and len(text) == _DAY and is_date(text),
        _DIGIT.search(text) is not None,
        what_it_is(name, value),
    )


def number_of(written: str) -> int | float | None:
    """Return the number that a text is in digits, with or without separators of thousands; None for another text."""
    if len(written) > MOST_DIGITS or not _NUMBER.fullmatch(written):
        return None
    plain = re.sub(r"[^\d.]", "", written)
    return float(plain) if "." in plain else int(plain)
