"""Values of a query as SQL on a column: alternatives, of which one must hold."""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import product
from math import isfinite

from db.kinds import is_date
from db.model import SqlValue

_INTEGER = re.compile(r"[+-]?[0-9]{1,19}")
_FLOAT = re.compile(r"[+-]?([0-9]{1,19}|[0-9]{0,19}\.[0-9]{1,20})([eE][+-]?[0-9]{1,3})?")
_DATE_LIKE = re.compile(r"[0-9]{4}(-[0-9]{2}){0,2}")
IS_DATE = "({0} GLOB '[0-9][0-9][0-9][0-9]' OR {0} GLOB '[0-9][0-9][0-9][0-9]-*')"
_AFTER_DATES = ":"  # the character after 9

Sql = tuple[str, list[SqlValue]]


@dataclass(frozen=True, slots=True)
class Bound:
    """A number, a date, or a year, which may be stored as either.

    Dates compare as text by their first day: ``begin`` is the least text with that first day, ``after`` the least after
    the year, month or day. So 2024-01-01 begins at "2024", and a value "2024" is not before it.
    """

    number: int | float | None = None
    date: str | None = None
    begin: str = ""
    after: str = ""


def bound_of(text: str, *, numbers: bool, dates: bool) -> Bound:
    """What was typed as an end; ``numbers``, ``dates``: what the column may hold."""
    number = number_of(text) if numbers and is_number(text) else None
    if not dates or not _DATE_LIKE.fullmatch(text) or not is_date(text):
        return Bound(number)
    return Bound(number, text, _least(text), _least(_next(text)))


def is_no_date(text: str) -> bool:
    """Whether it is written as a date, of a day that there is not."""
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
    """One value between two ends, of which one may be open; nothing when the ends are of two kinds or of none."""
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
    """The number, if it is one and the column may hold numbers."""
    return [(f"{column} = ?", [number_of(value)])] if numbers and is_number(value) else []


def equal_text(column: str, value: str, wildcards: bool) -> list[Sql]:
    """LIKE, within the ranges of the index that hold what begins with the same letters in any case."""
    branches: list[Sql] = []
    for case in cases(value):
        pattern = "%".join(map(escaped, case.split("*"))) if wildcards else escaped(case)
        head = (case.partition("*")[0] if wildcards else case)[: 3 if case.isascii() else 1]
        if not head or (wildcards and not head[0].isalpha()):  # 7* takes in numbers too, which are not in any range
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
    """The usual ways to write it; LIKE folds the case of ASCII alone."""
    written = dict.fromkeys((text, text.lower(), text.upper(), text.title(), text.capitalize()))
    folded = {re.sub("[A-Z]+", lambda letters: letters[0].lower(), case): case for case in written}
    return list(folded.values())


def is_number(text: str) -> bool:
    """Whether it is written as a number that SQLite has a type for."""
    if _INTEGER.fullmatch(text):
        return -(2**63) <= int(text) < 2**63
    return _FLOAT.fullmatch(text) is not None and isfinite(float(text))


def number_of(text: str) -> int | float:
    """The number that it is written as."""
    return int(text) if _INTEGER.fullmatch(text) else float(text)


def escaped(text: str) -> str:
    """As LIKE takes it for itself, with ``ESCAPE`` a backslash."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def in_order(pieces: list[str], text: str) -> bool:
    """Whether a text is these pieces with anything between them: a ``*`` each, in one pass over the text.

    A regular expression would try every place of one piece with every place of the next.
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
