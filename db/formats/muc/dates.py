"""Dates of MUC slots, such as ``12 MAR 90``, ``- 12 MAR 90`` (by then) and ``12 MAR 90 - 15 MAR 90``, as ISO 8601."""

import re
from datetime import date

_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_DATE = rf"(?:(?:(\d{{1,2}}) )?({'|'.join(_MONTHS)})[A-Z]* )?(\d{{4}}|\d\d)"
_WRITTEN = re.compile(rf"(-)? ?{_DATE} ?(?:(-) ?(?:{_DATE})?)?")
_ISO = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d))?)?")
_PIVOT = 30  # two digits from here on are of the 20th century
BY, SINCE = "at most", "at least"


def iso_date(written: str) -> tuple[str, str | None] | None:
    """Return a date or an interval in ISO 8601, and its modifier; None for anything else."""
    match = _WRITTEN.fullmatch(" ".join(written.upper().split()))
    if match is None:
        return None
    before, day, month, year, dash, last_day, last_month, last_year = match.groups()
    if not month and len(year) < 4:
        return None  # a bare number of two digits is no year
    first = _iso(day, month, year)
    if first is None or (before and dash):
        return None
    if last_year is None:
        return first, BY if before else SINCE if dash else None
    last = _iso(last_day, last_month, last_year) if last_month or len(last_year) == 4 else None
    return (f"{first}/{last}", None) if last is not None and first <= last else None


def muc_date(iso: str, modifier: str | None = None) -> str | None:
    """Return a date or an interval as MUC writes it; None if it isn't one in ISO 8601."""
    first, slash, last = iso.partition("/")
    parts = [_written(first), _written(last)] if slash else [_written(first)]
    if None in parts:
        return None
    written = " - ".join(part for part in parts if part)
    written = f"- {written}" if modifier == BY else f"{written} -" if modifier == SINCE else written
    return written if iso_date(written) == (iso, modifier if modifier in (BY, SINCE) else None) else None


def _iso(day: str | None, month: str | None, year: str) -> str | None:
    number = int(year) if len(year) == 4 else int(year) + (1900 if int(year) >= _PIVOT else 2000)
    if not month:
        return f"{number:04}"
    place = _MONTHS.index(month) + 1
    try:
        return date(number, place, int(day)).isoformat() if day else f"{date(number, place, 1):%Y-%m}"
    except ValueError:
        return None


def _written(iso: str) -> str | None:
    match = _ISO.fullmatch(iso)
    if match is None:
        return None
    year, month, day = match.groups()
    if month is None:
        return year
    if not 1 <= int(month) <= len(_MONTHS):
        return None
    short = year[2:] if 1900 + _PIVOT <= int(year) < 2000 + _PIVOT else year
    return f"{f'{day} ' if day else ''}{_MONTHS[int(month) - 1]} {short}"
