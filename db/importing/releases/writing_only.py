"""Tells a value that changed from one that is only written differently: true as 1, 1.0 as 1, another form of a date."""

import re
import unicodedata

from db.model import Value
from db.notation.any_date import read_date
from db.notation.dates import ORDERS

_BOOLEANS = {"true": 1, "yes": 1, "false": 0, "no": 0}
_GROUPED = re.compile(r"[+-]?[0-9]{1,3}(?P<sign>[,' \u00a0\u202f])[0-9]{3}((?P=sign)[0-9]{3})*(\.[0-9]+)?")
_NUMBER = re.compile(r"[+-]?(0|[1-9][0-9]*)(\.[0-9]+)?")  # not a code such as 007
_LONGEST = 40  # characters of a number or date


def is_same_but_for_writing(one: Value, two: Value) -> bool:
    """Return True if two values mean the same: white space, the case of true and false, and forms of numbers and dates
    don't count.
    """
    left, right = _plain(one), _plain(two)
    if left == right:
        return True
    return isinstance(one, str) and isinstance(two, str) and not _dates(one).isdisjoint(_dates(two))


def _plain(value: Value) -> object:
    """Return what a value means: a number for a number or a truth value, else a text without additional white space."""
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if not isinstance(value, str):
        return value
    text = unicodedata.normalize("NFC", " ".join(value.split()))
    if len(text) > _LONGEST:
        return text
    if (truth := _BOOLEANS.get(text.casefold())) is not None:
        return truth
    digits = re.sub(r"[,' \u00a0\u202f]", "", text) if _GROUPED.fullmatch(text) else text
    if _NUMBER.fullmatch(digits):
        return int(digits) if digits.lstrip("+-").isdecimal() else float(digits)
    return text


def _dates(text: str) -> set[str]:
    """Return the dates that a text may mean: two if day and month may be either."""
    if len(text) > _LONGEST:
        return set()
    return {value for order in ORDERS if (value := read_date(text.strip(), order).value)}
