"""Cells as typed values, and values as cells: exact in both directions, with the cell kept where it says more."""

import json
import re
from math import isfinite
from typing import NamedTuple

from db.errors import KindError
from db.formats.tables.dates import read_date
from db.formats.tables.mapping.mapping import Order
from db.kinds import Kind, parse_typed
from db.model import Value

NO_NUMBER = frozenset(("na", "n/a", "nan", "none", "null", "nil", "\\n", "-", "–", "—", "?", "..", "...", "unknown"))
"""What stands for no value where a number or a date should be, in lower case."""

_INTEGER = re.compile(r"0|-?[1-9][0-9]{0,17}")
_FLOAT = re.compile(r"-?[0-9]{1,17}\.[0-9]{1,17}|-?[0-9](?:\.[0-9]{1,17})?e[+-][0-9]{2,3}")
_NUMBER = re.compile(r"[+-]?(?:[0-9]{1,40}(?:\.[0-9]{0,40})?|\.[0-9]{1,40})(?:[eE][+-]?[0-9]{1,3})?")
_THOUSANDS = re.compile(r"[+-]?[0-9]{1,3}(?:([,  '’])[0-9]{3})(?:\1[0-9]{3}){0,10}(?:\.[0-9]{1,40})?")
_COMMA = re.compile(r"[+-]?(?:[0-9]{1,40}|[0-9]{1,3}(?:\.[0-9]{3}){1,12}),[0-9]{1,40}")
_LONGEST = 100  # characters of a number


class Cell(NamedTuple):
    """What a cell says. ``kept``: writing the value would not give its characters. ``why``: it is not of its kind.

    ``waits``: that depends on the rest of the column. ``missing``: it stands for no value.
    """

    value: Value = None
    modifier: str | None = None
    kept: bool = False
    why: str = ""
    waits: bool = False
    missing: bool = False


def read_cell(text: str, kind: Kind | None, order: Order | None = None) -> Cell:
    """The value of a cell of a kind; of None, a number only where writing it again gives the same characters."""
    if kind is None:
        number = exact_number(text)
        return Cell(text if number is None else number)
    if kind in ("integer", "number"):
        return _number(text, kind)
    if kind == "date":
        told = read_date(text, order)
        if told.value is None:
            if text.strip().casefold() in NO_NUMBER:
                return Cell(missing=True)
            return Cell(text, why=told.why, waits=told.waits)
        return Cell(told.value, kept=told.value != text)
    return Cell(text)


def exact_number(text: str) -> int | float | None:
    """The number that is written as these characters and no others."""
    if _INTEGER.fullmatch(text):
        return int(text)
    if _FLOAT.fullmatch(text):
        number = float(text)
        return number if isfinite(number) and repr(number) == text else None
    return None


def write_value(value: Value, modifier: object = None) -> str:
    """A value as a cell: text and numbers as they are, lists and objects as JSON, None empty.

    A modifier that has no column of its own stands before the number, as people type it: ``~500``, ``>=500``.
    """
    if isinstance(value, str):
        text = value
    elif value is None:
        text = ""
    else:
        text = json.dumps(value, ensure_ascii=False)
    if not isinstance(modifier, str) or not text:
        return text
    if modifier.startswith("to "):
        return f"{text}-{modifier.removeprefix('to ')}"
    return {"about": "~", "at least": ">=", "at most": "<="}.get(modifier, f"{modifier} ") + text


def _number(text: str, kind: Kind) -> Cell:
    exact = exact_number(text)
    if exact is not None and (kind == "number" or isinstance(exact, int)):
        return Cell(exact)
    plain = text.strip()
    if plain.casefold() in NO_NUMBER:
        return Cell(missing=True)
    if len(plain) <= _LONGEST and (number := _any_number(plain)) is not None:
        if kind == "integer":
            if isinstance(number, float) and not number.is_integer():
                return Cell(text, why="is no whole number")
            number = int(number)
        return Cell(number, kept=True)
    try:
        typed = parse_typed(kind, plain)
    except KindError:
        return Cell(text, why="is no whole number" if kind == "integer" else "is no number")
    return Cell(typed.value, typed.modifier, kept=True)


def _any_number(plain: str) -> int | float | None:
    """Any writing of a number; a comma before other than three digits is that of a decimal fraction."""
    if _THOUSANDS.fullmatch(plain):
        plain = re.sub(r"[,  '’]", "", plain)
    elif _COMMA.fullmatch(plain):
        plain = plain.replace(".", "").replace(",", ".")
    if not _NUMBER.fullmatch(plain):
        return None
    if re.fullmatch(r"[+-]?[0-9]+", plain):
        return int(plain)
    number = float(plain)
    return number if isfinite(number) else None
