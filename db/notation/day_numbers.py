"""Reads numbers as days: a spreadsheet's day numbers, and seconds since 1970 with their thousandths and millionths."""

import re
from datetime import UTC, date, datetime, timedelta

_NUMBER = re.compile(r"([1-9]\d{4,18})(?:\.\d{1,9})?", re.ASCII)
_FIRST_DAYS = {1900: date(1899, 12, 30), 1904: date(1904, 1, 1)}
_DAYS = (10_000, 80_000)  # from 1927 to 2119
_SECONDS = (315_532_800, 4_102_444_800)  # from 1980 to 2100
_UNITS = (1, 1_000, 1_000_000, 1_000_000_000)


def is_spreadsheet_day(cell: str | float) -> bool:
    """Return True for a number of five digits that may count the days of a spreadsheet."""
    number = _whole(cell)
    return number is not None and _DAYS[0] <= number < _DAYS[1]


def is_unix_time(cell: str | float) -> bool:
    """Return True for a number that may count seconds since 1970, or thousandths to billionths of them."""
    number = _whole(cell)
    return number is not None and _seconds(number) is not None


def day_of_number(cell: str | float, base: int = 1900) -> str | None:
    """Return the day of a number in ISO 8601, of Unix times the day in UTC; None if it is no such number.

    base: the first year of the spreadsheet's days, 1900 or 1904.
    """
    number = _whole(cell)
    if number is None:
        return None
    if _DAYS[0] <= number < _DAYS[1]:
        return (_FIRST_DAYS[base] + timedelta(days=number)).isoformat()
    seconds = _seconds(number)
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC).date().isoformat()


def _whole(cell: str | float) -> int | None:
    if isinstance(cell, bool):
        return None
    if isinstance(cell, int | float):
        return int(cell) if _DAYS[0] <= cell < 1e19 else None
    match = _NUMBER.fullmatch(cell.strip())
    return int(match[1]) if match else None


def _seconds(number: int) -> int | None:
    return next((number // unit for unit in _UNITS if _SECONDS[0] <= number // unit < _SECONDS[1]), None)
