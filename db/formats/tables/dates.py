"""Reads dates in the notations that tables use; only unambiguous ones become ISO 8601 dates."""

import re
from datetime import date
from typing import NamedTuple

from db.formats.tables.mapping.mapping import Order
from db.kinds import is_date

_LONGEST = 40  # characters
_ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})")
# The value drops a time of day, since dates have the precision of a day; the cell keeps it.
_TIME = re.compile(r"[T ]\d{1,2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?\s*(?:[AaPp][Mm]|Z|[+-]\d{2}:?\d{2})?")
_YEAR_FIRST = re.compile(r"(\d{4})([/.])(\d{1,2})\2(\d{1,2})")
_PLAIN = re.compile(r"(\d{4})(\d{2})(\d{2})(?:\d{6})?")
_NUMBERS = re.compile(r"(\d{1,2})([/.-])(\d{1,2})\2(\d{4})")
_DAY_NAME = re.compile(r"(\d{1,2})(?:st|nd|rd|th)?[ .-]+([A-Za-z]{3,9})\.?,?[ -]+(\d{4})")
_NAME_DAY = re.compile(r"([A-Za-z]{3,9})\.? +(\d{1,2})(?:st|nd|rd|th)?,? +(\d{4})")
_MONTH_YEAR = re.compile(r"([A-Za-z]{3,9})\.?,? +(\d{4})")
_MONTHS = "january february march april may june july august september october november december".split()


class ReadDate(NamedTuple):
    """An ISO 8601 date, or None and the problem. ``ambiguous``: the rest of the column decides on the order."""

    value: str | None
    problem: str = ""
    ambiguous: bool = False


def read_date(cell: str, order: Order | None = None) -> ReadDate:
    """Return the date of a cell. ``order`` says if day or month comes first in the column, if known."""
    text = cell.strip()
    if not text or len(text) > _LONGEST:
        return ReadDate(None, "is not a date")
    if is_date(text):
        return ReadDate(text)
    if match := _TIME.search(text):
        if match.end() != len(text):
            return ReadDate(None, "is not a date")
        text = text[: match.start()]
        if is_date(text):
            return ReadDate(text)
    if match := _NUMBERS.fullmatch(text):
        return _of_numbers(int(match[1]), int(match[3]), int(match[4]), order)
    for pattern in (_YEAR_FIRST, _PLAIN):
        if match := pattern.fullmatch(text):
            year, month, day = (match[1], match[3], match[4]) if pattern is _YEAR_FIRST else match.groups()
            return _date(int(year), int(month), int(day))
    for pattern, at in ((_DAY_NAME, (3, 2, 1)), (_NAME_DAY, (3, 1, 2))):
        if (match := pattern.fullmatch(text)) and (month := _month(match[at[1]])):
            return _date(int(match[at[0]]), month, int(match[at[2]]))
    if (match := _MONTH_YEAR.fullmatch(text)) and (month := _month(match[1])):
        return ReadDate(f"{int(match[2]):04}-{month:02}")
    return ReadDate(None, "is not a date")


def order_of(cell: str) -> Order | None:
    """Return the order of day and month that a cell proves, because one of them is above 12; else None."""
    text = cell.strip()
    if len(text) > _LONGEST or not (match := _NUMBERS.match(text)):
        return None
    return _proven(int(match[1]), int(match[3]))


def _proven(first: int, second: int) -> Order | None:
    if 12 < first <= 31 and 1 <= second <= 12:
        return "dmy"
    if 12 < second <= 31 and 1 <= first <= 12:
        return "mdy"
    return None


def _of_numbers(first: int, second: int, year: int, order: Order | None) -> ReadDate:
    proven = _proven(first, second)
    if proven or first == second:
        day, month = (second, first) if proven == "mdy" else (first, second)
        return _date(year, month, day)
    if order is None:
        return ReadDate(None, "may have the day or the month first", ambiguous=True)
    day, month = (first, second) if order == "dmy" else (second, first)
    return _date(year, month, day)


def _month(name: str) -> int | None:
    folded = name.casefold()
    folded = "sep" if folded == "sept" else folded
    for number, month in enumerate(_MONTHS, 1):
        if folded in (month, month[:3]):
            return number
    return None


def _date(year: int, month: int, day: int) -> ReadDate:
    try:
        return ReadDate(date(year, month, day).isoformat())
    except ValueError:
        return ReadDate(None, "is not a calendar date")
