"""The kinds of fields: parsing what a person typed, and checking that a value fits."""

import re
import unicodedata
from calendar import monthrange
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Literal, get_args

from db.errors import KindError
from db.model import Value

Kind = Literal["text", "integer", "number", "date", "choice", "place", "actor"]
KINDS: tuple[Kind, ...] = get_args(Kind)

MODIFIERS = ("about", "at least", "at most")
_TO = re.compile(r"to [+-]?\d{1,40}(\.\d{1,40})?")
_GROUPED = re.compile(r"[+-]?\d{1,3}(?:[,.  '’]\d{3})+")
_RANGE = re.compile(r"([+-]?\d[\d,.  '’]*?)\s*(?:-|–|—|\.\.|to)\s*(\d[\d,.  '’]*)")
_MODIFIED = {
    "about": re.compile(r"(?:~|≈|about|circa|ca\.?)\s*(.+)", re.IGNORECASE),
    "at least": re.compile(r"(?:>=|≥|at least)\s*(.+)|(.+?)\s*\+", re.IGNORECASE),
    "at most": re.compile(r"(?:<=|≤|at most|up to)\s*(.+)", re.IGNORECASE),
}
_MAX_NUMBER = 100  # characters: the patterns above take quadratic time
_LONGEST_DATE = 10
_DATE = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?")


def fits(kind: Kind, value: Value, choices: Sequence[str] = ()) -> bool:
    """Return True if a stored value fits the kind; a date is ISO 8601 text, a choice is one of ``choices``."""
    match kind:
        case "integer":
            return isinstance(value, int) and not isinstance(value, bool)
        case "number":
            return isinstance(value, int | float) and not isinstance(value, bool)
        case "date":
            return isinstance(value, str) and is_date(value)
        case "choice":
            return value in choices
        case "text":
            return isinstance(value, str | int | float) and not isinstance(value, bool) and value != ""
        case _:
            return isinstance(value, str) and bool(value.strip())


def is_modifier(text: object) -> bool:
    """Return True for a modifier of a number: about, at least, at most, or ``to 600``, the upper end of a range."""
    return isinstance(text, str) and (text in MODIFIERS or _TO.fullmatch(text) is not None)


def parse(kind: Kind, typed: str, choices: Sequence[str] = ()) -> Value:
    """Return the value that a person typed. Raises KindError that says what to type."""
    typed = typed.strip()
    if not typed:
        raise KindError("no value; to remove the field, press d")
    return _PARSERS[kind](typed, choices)


@dataclass(frozen=True, slots=True)
class Typed:
    """A value that a person typed, and the modifier of a number."""

    value: Value
    modifier: str | None = None


def parse_typed(
    kind: Kind, typed: str, choices: Sequence[str] = (), number: Callable[[Kind, str], Value] | None = None
) -> Typed:
    """Parse a value with its modifier: ``about 500``, ``500+``, ``<=500``, ``500-600``. Raises KindError.

    ``number`` parses the numbers; by default, they are in the notation that people type here.
    """
    number = number or parse
    if kind not in ("integer", "number"):
        return Typed(parse(kind, typed, choices))
    plain = typed.strip()
    if len(plain) > _MAX_NUMBER:
        raise KindError(f"not a number: {plain[:_MAX_NUMBER]}…; type digits, as in 757 or 15,000")
    if match := _RANGE.fullmatch(plain):
        low, high = (number(kind, end) for end in match.groups())
        if isinstance(low, int | float) and isinstance(high, int | float) and low < high:
            if is_modifier(modifier := f"to {high}"):
                return Typed(low, modifier)
            raise KindError(f"not a range: {plain}; its upper end has too many digits")
        raise KindError(f"not a range: {plain}; type the lower end first, as in 500-600")
    for modifier, pattern in _MODIFIED.items():
        if match := pattern.fullmatch(plain):
            return Typed(number(kind, next(part for part in match.groups() if part)), modifier)
    return Typed(number(kind, plain))


def is_date(text: str) -> bool:
    """Return True for an ISO 8601 year, month or day, or an interval of two: 2024-10/2025-01."""
    if not text[:4].isdecimal():  # a quick no for nearly every other text
        return False
    first, slash, last = text.partition("/")
    if not _is_one_date(first):
        return False
    return not slash or (_is_one_date(last) and first <= last)


def date_range(value: Value) -> tuple[date, date] | None:
    """Return the first and last day of a date of any precision or of an interval, or None if it is not a date."""
    if not isinstance(value, str) or not is_date(value):
        return None
    first, _, last = value.partition("/")
    return _first_and_last_day(first)[0], _first_and_last_day(last or first)[1]


def _first_and_last_day(text: str) -> tuple[date, date]:
    year, *rest = map(int, text.split("-"))
    match rest:
        case []:
            return date(year, 1, 1), date(year, 12, 31)
        case [month]:
            return date(year, month, 1), date(year, month, monthrange(year, month)[1])
        case _:
            day = date(year, *rest)
            return day, day


def _is_one_date(text: str) -> bool:
    return len(text) <= _LONGEST_DATE and _is_short_date(text)


@lru_cache(2**12)
def _is_short_date(text: str) -> bool:
    match = _DATE.fullmatch(text)
    if not match or not text.isascii():
        return False
    year, month, day = match.groups()
    try:
        date(int(year), int(month or 1), int(day or 1))
    except ValueError:
        return False
    return True


def _integer(typed: str, _: Sequence[str]) -> Value:
    plain = re.sub(r"[,.  '’]", "", typed) if _GROUPED.fullmatch(typed) else typed
    try:
        if len(plain) > 40 or "_" in plain:
            raise ValueError
        return int(plain)
    except ValueError:
        raise KindError(f"not a whole number: {typed}; type digits, as in 757 or 15,000") from None


def _number(typed: str, _: Sequence[str]) -> Value:
    try:
        number = float(typed)
    except ValueError:
        number = float("nan")
    if not abs(number) < float("inf"):
        raise KindError(f"not a number: {typed}; type digits, as in 12.5")
    return int(typed) if re.fullmatch(r"[+-]?\d{1,40}", typed) else number


def _date(typed: str, _: Sequence[str]) -> Value:
    if not is_date(typed):
        raise KindError(f"not a date: {typed}; type 2025, 2025-02, 2025-02-14 or 2025-02-14/2025-02-16")
    return typed


def _choice(typed: str, choices: Sequence[str]) -> Value:
    letters = _comparable(typed)
    same = [choice for choice in choices if _comparable(choice) == letters]
    starting = [choice for choice in choices if _comparable(choice).startswith(letters)]
    if same or len(starting) == 1:
        return (same or starting)[0]
    raise KindError(f"not a choice: {typed}; type one of {', '.join(choices)}")


def _comparable(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


def _text(typed: str, _: Sequence[str]) -> Value:
    return typed


_PARSERS: dict[Kind, Callable[[str, Sequence[str]], Value]] = {
    "text": _text,
    "integer": _integer,
    "number": _number,
    "date": _date,
    "choice": _choice,
    "place": _text,
    "actor": _text,
}
