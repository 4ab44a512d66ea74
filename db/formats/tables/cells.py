"""Reads cells as typed values and writes values as cells; a cell that can't be rewritten exactly is kept."""

import json
import re
from math import isfinite
from typing import NamedTuple

from db.errors import KindError
from db.formats.tables.dates import read_date
from db.formats.tables.mapping.mapping import Order
from db.kinds import Kind, parse_typed
from db.model import Value

MISSING_WORDS = frozenset(
    ("na", "n/a", "nan", "none", "null", "nil", "\\n", "-", "–", "—", "?", "..", "...", "unknown")
)
"""Lower-case words for a missing number or date."""

_BOOLEANS = {"true": 1, "yes": 1, "t": 1, "y": 1, "false": 0, "no": 0, "f": 0, "n": 0}
_INTEGER = re.compile(r"0|-?[1-9][0-9]{0,17}")
_FLOAT = re.compile(r"-?[0-9]{1,17}\.[0-9]{1,17}|-?[0-9](?:\.[0-9]{1,17})?e[+-][0-9]{2,3}")
_NUMBER = re.compile(r"[+-]?(?:[0-9]{1,40}(?:\.[0-9]{0,40})?|\.[0-9]{1,40})(?:[eE][+-]?[0-9]{1,3})?")
_THOUSANDS = re.compile(r"[+-]?[0-9]{1,3}(?:([,  '’])[0-9]{3})(?:\1[0-9]{3}){0,10}(?:\.[0-9]{1,40})?")
_COMMA = re.compile(r"[+-]?(?:[0-9]{1,40}|[0-9]{1,3}(?:\.[0-9]{3}){1,12}),[0-9]{1,40}")
_LONGEST_NUMBER = 100  # characters


class Cell(NamedTuple):
    """The content of a cell.

    rewritable: writing the value gives the same characters. problem: why the cell is not of its kind.
    ambiguous: a date that needs the rest of the column to be read. missing: the cell stands for no value.
    """

    value: Value = None
    modifier: str | None = None
    rewritable: bool = True
    problem: str = ""
    ambiguous: bool = False
    missing: bool = False


def read_cell(text: str, kind: Kind | None, order: Order | None = None) -> Cell:
    """Return the value of a cell of a kind. Without a kind, only a number that is rewritten exactly is a number."""
    if kind is None:
        number = exact_number(text)
        return Cell(text if number is None else number)
    if kind in ("integer", "number"):
        return _number(text, kind)
    if kind == "date":
        date = read_date(text, order)
        if date.value is None:
            if text.strip().casefold() in MISSING_WORDS:
                return Cell(missing=True)
            return Cell(text, problem=date.problem, ambiguous=date.ambiguous)
        return Cell(date.value, rewritable=date.value == text)
    return Cell(text)


def boolean_number(text: str) -> int | None:
    """Return 1 for true and yes and 0 for false and no, in any case; None for other cells."""
    return _BOOLEANS.get(text.strip().casefold())


def exact_number(text: str) -> int | float | None:
    """Return the number that is written with exactly these characters; None if there is none."""
    if _INTEGER.fullmatch(text):
        return int(text)
    if _FLOAT.fullmatch(text):
        number = float(text)
        return number if isfinite(number) and repr(number) == text else None
    return None


def write_value(value: Value, modifier: object = None) -> str:
    """Return a value as a cell: lists and objects as JSON, None as an empty cell.

    A modifier without a column of its own is written before the number as people type it: ``~500``, ``>=500``.
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
    if plain.casefold() in MISSING_WORDS:
        return Cell(missing=True)
    if len(plain) <= _LONGEST_NUMBER and (number := _any_number(plain)) is not None:
        if kind == "integer":
            if isinstance(number, float) and not number.is_integer():
                return Cell(text, problem="is not a whole number")
            number = int(number)
        return Cell(number, rewritable=False)
    try:
        typed = parse_typed(kind, plain)
    except KindError:
        return Cell(text, problem="is not a whole number" if kind == "integer" else "is not a number")
    return Cell(typed.value, typed.modifier, rewritable=False)


def _any_number(plain: str) -> int | float | None:
    """Return a number in any notation. A comma that does not precede three digits is a decimal comma."""
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
