"""Guesses the kind of a column from its name and its cells: a few odd cells don't change what nearly all are."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from db.formats.tables.cells import exact_number
from db.formats.tables.read.column_names import ACTOR_WORDS, DATE_WORDS, PLACE_WORDS, name_words
from db.kinds import Kind
from db.model import Value
from db.notation.any_date import read_date
from db.notation.day_numbers import is_spreadsheet_day, is_unix_time
from db.notation.evidence import ShareEvidence
from db.notation.missing import is_missing_number
from db.notation.numbers import read_number, split_unit

_PLACES = PLACE_WORDS | frozenset("admin adm county".split())
_ACTORS = ACTOR_WORDS
_DATES = (DATE_WORDS - {"year", "tag"}) | frozenset("dates datetime timestamp published publication".split())
_ENDS_OF_DATES = (("at",), ("on",), ("ts",), ("epoch",), ("utc",))
_SAYS_DATE = re.compile(r"(?!up|candi|man)\w+date|dt")
_CODE = re.compile(r"[+-]?0[0-9]")


class GuessedKind(NamedTuple):
    """The kind of a column, the unit beside its numbers, and how many of its cells that have a value fit."""

    kind: Kind | None
    unit: str | None = None
    fit: int = 0
    given: int = 0

    def note(self, column: str) -> str | None:
        """Return a note if some cells don't fit."""
        if self.fit == self.given:
            return None
        what = "dates" if self.kind == "date" else "numbers"
        return f"column {column}: {self.fit} of the first {self.given} cells are {what}; the others are kept as text"


def guess_kind(column: str, values: Sequence[Value]) -> GuessedKind:
    """Return the kind of a column; None if its cells are JSON values that need none."""
    ordered = name_words(column)
    words = {*ordered, *re.findall(r"[^\W\d_]+", column.casefold())}
    if not values or any(isinstance(value, bool | list | dict) for value in values):
        return GuessedKind(None)
    texts = [value if isinstance(value, str) else repr(value) for value in values]
    given = [text for text in texts if not is_missing_number(text)]
    only_numbers = not any(isinstance(value, str) for value in values)
    if not given:
        return GuessedKind(None if only_numbers else "text")
    says_date = bool(words & _DATES) or ordered[-1:] in _ENDS_OF_DATES or any(map(_SAYS_DATE.fullmatch, words))
    days = sum(_is_date(text, says_date) for text in given)
    beside = sum(is_spreadsheet_day(text) for text in given) if 0 < days < len(given) and not says_date else 0
    if _most(days + beside, len(given)) or (says_date and days and 2 * days >= len(given)):
        return GuessedKind("date", None, days + beside, len(given))
    if only_numbers:
        return GuessedKind(None)
    return _of_numbers(given) or GuessedKind(
        "place" if words & _PLACES else "actor" if words & _ACTORS else "text", None, len(given), len(given)
    )


def is_day(value: Value) -> bool:
    """Return True for a date of publication: any text that is no number, or a number that is a day."""
    if isinstance(value, str) and exact_number(value) is None:
        return True
    return not isinstance(value, bool | list | dict) and _is_date(str(value), True)


def percent_or_share(values: Sequence[Value]) -> float | None:
    """Return the value that means certain, 1 or 100; None if the values are no confidences."""
    evidence = ShareEvidence()
    signs = 0
    for value in values:
        text = value.strip() if isinstance(value, str) else repr(value)
        if is_missing_number(text):
            continue
        read = read_number(text, evidence.numbers.sign or ".", "%")
        read = read_number(text, ",", "%") if read.value is None else read
        if read.value is None or isinstance(value, bool | list | dict):
            return None
        evidence.add(read.value)
        signs += "%" in text
    if evidence.is_percent or (signs and signs == len(values)):
        return 100.0 if evidence.least >= 0 and evidence.most <= 100 else None
    return 1.0 if evidence.least >= 0 and evidence.most <= 1 else None


def _most(fit: int, given: int) -> bool:
    """Return True if nearly all cells fit: four of five, or all but one."""
    return fit > 0 and (fit >= 4 * (given - fit) or (fit >= 2 and given - fit == 1))


def _is_date(text: str, says_date: bool) -> bool:
    """Return True for a date. Digits alone are one only if the column's name says so."""
    plain = text.strip()
    if exact_number(plain) is not None or plain.isdecimal():
        if not says_date:
            return False
        if is_spreadsheet_day(plain) or is_unix_time(plain):
            return True
        return len(plain) >= len("20250214") and read_date(plain).value is not None
    date = read_date(plain)
    return date.value is not None or date.ambiguous


def _of_numbers(given: Sequence[str]) -> GuessedKind | None:
    numbers = [text for text in given if _is_number(text, None)]
    if _most(len(numbers), len(given)):
        whole = all(isinstance(exact_number(text), int) for text in numbers)
        return GuessedKind("integer" if whole else "number", None, len(numbers), len(given))
    parts = [split_unit(text) for text in given]
    units = {part[1] for part in parts if part}
    if len(units) == 1 and all(parts) and all(_is_number(text, *units) for text in given):
        return GuessedKind("number", units.pop(), len(given), len(given))
    return None


def _is_number(text: str, unit: str | None) -> bool:
    """Return True for a number in any notation, but not for a code such as 007."""
    read = read_number(text, None, unit)
    return (read.value is not None or read.ambiguous) and not _CODE.match(text.strip())
