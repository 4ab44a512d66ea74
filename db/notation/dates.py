"""Reads dates in the notations of most programs; only unambiguous ones become ISO 8601 dates."""

import re
from datetime import date, timedelta
from typing import Literal, NamedTuple, get_args

from db.kinds import is_date

Order = Literal["dmy", "mdy", "ymd"]
ORDERS: tuple[Order, ...] = get_args(Order)
Base = Literal[1900, 1904]

LONGEST = 90  # characters
# The value drops a time of day, since dates have the precision of a day; the cell keeps it.
_TIME = re.compile(r"[T ]\d{1,2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?\s*(?:[AaPp][Mm]|Z|[+-]\d{2}:?\d{2})?", re.ASCII)
_MIDNIGHT = re.compile(r"[T ]0?0:00(?::00(?:\.0{1,9})?)?\s*(?:Z|[+-]00:?00)?", re.ASCII)
_YEAR_FIRST = re.compile(r"(\d{4})([/.-])(\d{1,2})\2(\d{1,2})", re.ASCII)
_PLAIN = re.compile(r"(\d{4})(\d{2})(\d{2})(?:\d{4}(?:\d{2})?)?", re.ASCII)
_NUMBERS = re.compile(r"(\d{1,2})\s?([/.-])\s?(\d{1,2})\2\s?(\d{4}|\d{2})\.?", re.ASCII)
_DAY_NAME = re.compile(r"(\d{1,2})(?:st|nd|rd|th)?[ .-]+([A-Za-z]{3,9})\.?,?[ -]+(\d{4})", re.ASCII)
_NAME_DAY = re.compile(r"([A-Za-z]{3,9})\.? +(\d{1,2})(?:st|nd|rd|th)?,? +(\d{4})", re.ASCII)
_MONTH_YEAR = re.compile(r"([A-Za-z]{3,9})\.?,? +(\d{4})", re.ASCII)
_MONTHS = "january february march april may june july august september october november december".split()
_PIVOT = 69  # two-digit years from here on are of the 20th century, as in POSIX


class ReadDate(NamedTuple):
    """An ISO 8601 date, or None and the problem.

    ambiguous: the rest of the column decides on the order. note: True if users should know how it was read.
    """

    value: str | None
    problem: str = ""
    ambiguous: bool = False
    note: bool = False


NO_DATE = ReadDate(None, "is not a date")


def read_plain_date(cell: str, order: Order | None = None) -> ReadDate:
    """Return the date of a cell in the notations of most programs: ISO 8601, numbers, and English month names."""
    text = cell.strip()
    if not text or len(text) > LONGEST:
        return NO_DATE
    if is_date(text):
        return ReadDate(text)
    timed = False
    if match := _TIME.search(text):
        if match.end() != len(text):
            return NO_DATE
        timed = not _MIDNIGHT.fullmatch(match[0])
        text = text[: match.start()]
        if is_date(text):
            return ReadDate(text, note=timed)
    if match := _NUMBERS.fullmatch(text):
        return _of_numbers(int(match[1]), int(match[3]), match[4], order)
    for pattern in (_YEAR_FIRST, _PLAIN):
        if match := pattern.fullmatch(text):
            year, month, day = (match[1], match[3], match[4]) if pattern is _YEAR_FIRST else match.groups()
            return calendar_date(int(year), int(month), int(day))
    for pattern, at in ((_DAY_NAME, (3, 2, 1)), (_NAME_DAY, (3, 1, 2))):
        if (match := pattern.fullmatch(text)) and (number := _english_month(match[at[1]])):
            return calendar_date(int(match[at[0]]), number, int(match[at[2]]))
    if (match := _MONTH_YEAR.fullmatch(text)) and (number := _english_month(match[1])):
        return ReadDate(f"{int(match[2]):04}-{number:02}", note=True) if int(match[2]) else NO_DATE
    return NO_DATE


def order_of(cell: str) -> Order | None:
    """Return the order of day, month and year that a cell proves, because of a number above 12 or 31; else None."""
    text = cell.strip()
    if len(text) > LONGEST or not (match := _NUMBERS.match(text)):
        return None
    return _proven(int(match[1]), int(match[3]), match[4])


def year_of(digits: str) -> int:
    """Return a year of two or four digits."""
    if len(digits) == 4:
        return int(digits)
    return int(digits) + (1900 if int(digits) >= _PIVOT else 2000)


def calendar_date(year: int, month: int, day: int) -> ReadDate:
    """Return a day, or the problem that the calendar lacks it."""
    try:
        return ReadDate(date(year, month, day).isoformat(), note=True)
    except ValueError:
        return ReadDate(None, "is not a calendar date")


def week(year: int, number: int) -> str | None:
    """Return a week of ISO 8601 as an interval; None if the year lacks it."""
    try:
        monday = date.fromisocalendar(year, number, 1)
        return f"{monday.isoformat()}/{(monday + timedelta(days=6)).isoformat()}"
    except (ValueError, OverflowError):
        return None


def _proven(first: int, second: int, year: str) -> Order | None:
    if 12 < first <= 31 and 1 <= second <= 12:
        return "dmy"
    if 12 < second <= 31 and 1 <= first <= 12:
        return "mdy"
    if len(year) == 2 and first > 31 and 1 <= second <= 12 and 1 <= int(year) <= 31:
        return "ymd"
    return None


def _of_numbers(first: int, second: int, year: str, order: Order | None) -> ReadDate:
    if order == "ymd" and len(year) == 2:
        return calendar_date(year_of(f"{first:02}"), second, int(year))
    proven = _proven(first, second, year)
    if proven == "ymd":
        return calendar_date(year_of(f"{first:02}"), second, int(year))
    if proven or first == second:
        day, month = (second, first) if proven == "mdy" else (first, second)
        return calendar_date(year_of(year), month, day)
    if not (1 <= first <= 31 and 1 <= second <= 31 and min(first, second) <= 12):
        return ReadDate(None, "is not a calendar date")
    if order is None:
        return ReadDate(None, "may have the day or the month first", ambiguous=True)
    day, month = (second, first) if order == "mdy" else (first, second)
    return calendar_date(year_of(year), month, day)


def _english_month(name: str) -> int | None:
    folded = name.casefold()
    folded = "sep" if folded == "sept" else folded
    for number, month in enumerate(_MONTHS, 1):
        if folded in (month, month[:3]):
            return number
    return None
