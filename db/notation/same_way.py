"""Writes a new value in the notation in which a cell has another one: 1,250 for 1,200, 03/04/2025 for 02/04/2025."""

import re
from collections.abc import Iterator
from datetime import date, timedelta

from db.notation.dates import Order

_DAY = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_NUMBER = re.compile(r"[0-9](?:[0-9.,'’_\u00a0\u2009\u202f ]*[0-9])?")
_SIGNS = ((",", "."), (".", ","), (" ", ","), (" ", "."), ("'", "."), ("’", "."), ("_", "."))
_BLANKS = ("\u00a0", "\u2009", "\u202f")
_MONTHS = "January February March April May June July August September October November December".split()
_WORDS = (("true", "false"), ("yes", "no"), ("t", "f"), ("y", "n"))
_SECONDS = 86_400
_NUMERIC: dict[Order, str] = {"dmy": "{d}{s}{m}{s}{y}", "mdy": "{m}{s}{d}{s}{y}", "ymd": "{y}{s}{m}{s}{d}"}
_NAMED = ("{d} {n} {y}", "{n} {d}, {y}", "{d}-{n}-{y}", "{d}. {n} {y}", "{n} {d} {y}")
_FIRST_DAYS = (date(1899, 12, 30), date(1904, 1, 1))  # of a spreadsheet's day numbers


def written_like(
    cell: str | int | float, old: object, new: object, order: Order | None = None
) -> str | int | float | None:
    """Return ``new`` in the notation in which ``cell`` has the value ``old``; None if that notation is unknown.

    order: if day or month comes first in the column, if known.
    """
    if isinstance(cell, bool) or cell == new:
        return None
    if isinstance(new, str):
        before, after = _day_of(old), _day_of(new)
        if before is None or after is None:
            return None
        return _day_number(cell, before, after) if not isinstance(cell, str) else _date(cell, before, after, order)
    if not isinstance(cell, str) or isinstance(new, bool) or not isinstance(new, int | float):
        return None
    if isinstance(old, bool) or not isinstance(old, int | float):
        return None
    return _word(cell, old, new) or _number(cell, old, new)


def _day_of(value: object) -> date | None:
    match = _DAY.fullmatch(value) if isinstance(value, str) else None
    try:
        return date(*map(int, match.groups())) if match else None
    except ValueError:
        return None


def _word(cell: str, old: float, new: float) -> str | None:
    for yes, no in _WORDS:
        if cell.casefold() == (yes if old == 1 else no) and new in (0, 1):
            word = yes if new else no
            return word.upper() if cell.isupper() else word.capitalize() if cell[0].isupper() else word
    return None


def _number(cell: str, old: float, new: float) -> str | None:
    match = _NUMBER.search(cell)
    if match is None or (new < 0) != (old < 0) or len(_NUMBER.findall(cell)) > 1:
        return None
    digits = match[0]
    blank = next((blank for blank in _BLANKS if blank in digits), "")
    plain = digits.replace(blank, " ") if blank else digits
    written = None
    if plain.isdecimal() and plain.startswith("0") and int(plain) == abs(old) and float(new).is_integer():
        written = f"{abs(int(new)):0{len(plain)}d}"
    for group, sign in (("", "."), ("", ","), *_SIGNS):
        decimals = len(plain.rpartition(sign)[2]) if sign in plain else 0
        if written is None and _grouped(old, group, sign, decimals) == plain:
            own = len(repr(float(new)).partition(".")[2]) if not float(new).is_integer() else 0
            written = _grouped(new, group, sign, max(decimals, own))
    if written is None:
        return None
    return cell[: match.start()] + (written.replace(" ", blank) if blank else written) + cell[match.end() :]


def _grouped(number: float, group: str, sign: str, decimals: int) -> str:
    whole, _, rest = f"{abs(number):,.{decimals}f}".partition(".")
    return whole.replace(",", group) + (sign + rest if rest else "")


def _date(cell: str, old: date, new: date, order: Order | None) -> str | None:
    if cell.startswith(old.isoformat()):
        return new.isoformat() + cell[10:]
    if cell == f"{old:%Y%m%d}":
        return f"{new:%Y%m%d}"
    if cell.lstrip("-").isdecimal():
        number = _day_number(int(cell), old, new)
        return None if number is None else str(number)
    head, blank, rest = cell.partition(" ")
    ends = [(cell, "")] + ([(head, blank + rest)] if ":" in rest else [])
    for text, end in ends:
        found = {one for template in _templates(text, order) if _filled(template, old) == text
                 for one in (_filled(template, new),)}  # fmt: skip
        if len(found) == 1:
            return found.pop() + end
    return None


def _templates(text: str, order: Order | None) -> Iterator[tuple[str, str, bool, bool, str]]:
    """Yield pattern, separator, padding of day and month, a year of two digits, and how a month's name is written."""
    orders: tuple[Order, ...] = (order,) if order else ("dmy", "mdy", "ymd")
    padded = (True, False) if re.search(r"\b0[0-9]\b", text) is None else (True,)
    for pad in padded:
        for short_year in (False, True):
            for one in orders:
                for separator in "/.-":
                    yield _NUMERIC[one], separator, pad, short_year, ""
            for pattern in _NAMED:
                for name in ("long", "short", "LONG", "SHORT"):
                    yield pattern, "", pad, short_year, name


def _filled(template: tuple[str, str, bool, bool, str], day: date) -> str:
    pattern, separator, pad, short_year, name = template
    month = _MONTHS[day.month - 1]
    month = month[:3] if name.lower() == "short" else month
    width = 2 if pad else 1
    return pattern.format(
        d=f"{day.day:0{width}d}",
        m=f"{day.month:0{width}d}",
        y=f"{day.year % 100:02d}" if short_year else f"{day.year:04d}",
        s=separator,
        n=month.upper() if name.isupper() else month,
    )


def _day_number(cell: float, old: date, new: date) -> int | float | None:
    """Return the day as a number that counts as ``cell`` does: seconds or their parts, YYYYMMDD, or days."""
    if cell == int(f"{old:%Y%m%d}"):
        return int(f"{new:%Y%m%d}")
    for unit in (1, 1000, 1_000_000):
        if int(cell // (_SECONDS * unit)) == (old - date(1970, 1, 1)).days:
            return cell + (new - old).days * _SECONDS * unit
    for first in _FIRST_DAYS:
        if 0 <= cell < 3_000_000 and first + timedelta(days=int(cell)) == old:
            return cell + (new - old).days
    return None
