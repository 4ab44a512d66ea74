"""Values of a query as SQL on a column: alternatives, of which one must match."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import product
from math import isfinite

from db.kinds import is_date
from db.model import SqlValue
from db.text.folding import normal_forms

_INTEGER = re.compile(r"[+-]?[0-9]{1,19}")
_FLOAT = re.compile(r"[+-]?([0-9]{1,19}|[0-9]{0,19}\.[0-9]{1,20})([eE][+-]?[0-9]{1,3})?")
_DATE_LIKE = re.compile(r"[0-9]{4}(-[0-9]{2}){0,2}")
IS_DATE = "({0} GLOB '[0-9][0-9][0-9][0-9]' OR {0} GLOB '[0-9][0-9][0-9][0-9]-*')"
_AFTER_DATES = ":"  # the character after 9
DAY_WORDS = ("today", "yesterday", "tomorrow", "-7d")
"""Days by their distance from today: -7d is seven days ago."""
_AGO = re.compile(r"-([0-9]{1,5})d")

Sql = tuple[str, list[SqlValue]]


@dataclass(frozen=True, slots=True)
class Bound:
    """One end of a comparison: a number, a date, or a year, which may be stored as either.

    Dates compare as text, by their first day: ``begin`` is the smallest text with the same first day, ``after`` the
    smallest text after the whole year, month or day. So 2024-01-01 begins at "2024", and a value "2024" is not before.
    """

    number: int | float | None = None
    date: str | None = None
    begin: str = ""
    after: str = ""


def bound_of(text: str, *, numbers: bool, dates: bool) -> Bound:
    """Return what was typed as a bound. ``numbers``, ``dates``: True if the column may hold them."""
    number = number_of(text) if numbers and is_number(text) else None
    if not dates or not _DATE_LIKE.fullmatch(text) or not is_date(text):
        return Bound(number)
    return Bound(number, text, _least(text), _least(_next(text)))


def day_named(word: str) -> date | None:
    """Return the day, in the time zone of this machine; None for any other word."""
    word = word.lower()
    ago = _AGO.fullmatch(word)
    days = {"today": 0, "yesterday": 1, "tomorrow": -1}.get(word, int(ago[1]) if ago else None)
    return None if days is None else date.today() - timedelta(days)


def bound_of_day(day: date, *, times: bool) -> Bound:
    """Return a day as a bound. ``times``: the column holds times in UTC, and the day is that of this machine."""
    if not times:
        return bound_of(day.isoformat(), numbers=False, dates=True)
    start, stop = (datetime.combine(at, time()).astimezone(UTC) for at in (day, day + timedelta(1)))
    begin, after = (moment.isoformat(timespec="milliseconds").replace("+00:00", "Z") for moment in (start, stop))
    return Bound(None, begin, begin, after)


def is_impossible_date(text: str) -> bool:
    """Return True for a text in the form of a date that doesn't exist, such as 2024-02-31."""
    return "-" in text and _DATE_LIKE.fullmatch(text) is not None and not is_date(text)


def _next(text: str) -> str:
    year, month, day = (*map(int, text.split("-")), 0, 0)[:3]
    if (year, month or 12, day or 31) == (9999, 12, 31):
        return _AFTER_DATES
    if day:
        return (date(year, month, day) + timedelta(1)).isoformat()
    if month:
        return f"{year + month // 12:04}-{month % 12 + 1:02}"
    return f"{year + 1:04}"


def _least(text: str) -> str:
    return text.removesuffix("-01").removesuffix("-01")


def between(column: str, low: Bound | None, high: Bound | None, inclusive: bool = True) -> list[Sql]:
    """Return the alternatives for a value between two ends; None is an open end.

    There are none if one end is a number and the other a date, or an end is neither.
    """
    branches: list[Sql] = []
    ends = [end for end in (low, high) if end]
    equal = "=" * inclusive
    if all(end.number is not None for end in ends):
        # SQLite sorts every text after every number, and '' is the least text.
        above = f"{column} >{equal} ?" if low else f"{column} IS NOT NULL"
        below = f"{column} <{equal} ?" if high else f"{column} < ''"
        branches.append((f"({above} AND {below})", [end.number for end in ends]))
    if all(end.date for end in ends):
        start = (low.begin if inclusive else low.after) if low else "0"
        stop = (high.after if inclusive else high.begin) if high else _AFTER_DATES
        branches.append((f"({column} >= ? AND {column} < ? AND {IS_DATE.format(column)})", [start, stop]))
    return branches


def equal_number(column: str, value: str, numbers: bool) -> list[Sql]:
    """Return the alternative for an equal number, if the value is one and the column may hold ``numbers``."""
    return [(f"{column} = ?", [number_of(value)])] if numbers and is_number(value) else []


def equal_text(column: str, value: str, wildcards: bool) -> list[Sql]:
    """Return alternatives with LIKE, each within a range of the index: values with the same first letters, any case."""
    branches: list[Sql] = []
    for case in cases(value):
        pattern = "%".join(map(escaped, case.split("*"))) if wildcards else escaped(case)
        head = (case.partition("*")[0] if wildcards else case)[: 3 if case.isascii() else 1]
        if not head or (wildcards and not head[0].isalpha()):  # 7* matches numbers too, which are in none of the ranges
            branches.append((f"{column} LIKE ? ESCAPE '\\'", [pattern]))
            continue
        letters = ((letter.lower(), letter.upper()) if letter.isascii() else (letter,) for letter in head)
        branches += [
            (
                f"({column} >= ? AND {column} < ? AND {column} LIKE ? ESCAPE '\\')",
                [start, f"{start}\U0010ffff", pattern],
            )
            for start in sorted({"".join(choice) for choice in product(*letters)})
        ]
    return branches


def cases(text: str) -> list[str]:
    """Return the text in the usual cases and normal forms, since LIKE ignores the case of ASCII letters only."""
    forms = dict.fromkeys(
        case
        for form in normal_forms(text)
        for case in (form, form.lower(), form.upper(), form.title(), form.capitalize())
    )
    by_like = {re.sub("[A-Z]+", lambda letters: letters[0].lower(), form): form for form in forms}
    return list(by_like.values())


def is_number(text: str) -> bool:
    """Return True if the text is a number that SQLite can store."""
    if _INTEGER.fullmatch(text):
        return -(2**63) <= int(text) < 2**63
    return _FLOAT.fullmatch(text) is not None and isfinite(float(text))


def number_of(text: str) -> int | float:
    """Return the number that a text writes."""
    return int(text) if _INTEGER.fullmatch(text) else float(text)


def escaped(text: str) -> str:
    """Escape a text for LIKE … ESCAPE a backslash."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def matches_wildcards(pieces: list[str], text: str) -> bool:
    """Return True if the text is these pieces with anything in between, as in ``a*b*c``.

    It takes one pass over the text; a regular expression would try every combination of places.
    """
    first, *rest = pieces
    if not rest:
        return text == first
    *within, last = rest
    end = len(text) - len(last)
    if not (text.startswith(first) and text.endswith(last) and len(first) <= end):
        return False
    place = len(first)
    for piece in within:
        found = text.find(piece, place, end)
        if found < 0:
            return False
        place = found + len(piece)
    return True
