"""Reads cells as typed values and writes values as cells; a cell that can't be rewritten exactly is kept."""

import json
import re
from math import isfinite
from typing import NamedTuple

from db.errors import KindError
from db.io.json_lines import shorten
from db.kinds import Kind, parse_typed
from db.model import Value
from db.notation.any_date import read_date
from db.notation.dates import Base, Order
from db.notation.missing import is_missing_number
from db.notation.numbers import Sign, read_number

_BOOLEANS = {"true": 1, "yes": 1, "t": 1, "y": 1, "false": 0, "no": 0, "f": 0, "n": 0}
_INTEGER = re.compile(r"0|-?[1-9][0-9]{0,17}")
_FLOAT = re.compile(r"-?[0-9]{1,17}\.[0-9]{1,17}|-?[0-9](?:\.[0-9]{1,17})?e[+-][0-9]{2,3}")
_MAY_BE_THOUSANDS = re.compile(r"-?[1-9][0-9]{0,2}\.[0-9]{3}")


class Notation(NamedTuple):
    """How the cells of a column are written, as far as it is known.

    order: if day or month comes first. base: from which year day numbers count; None if numbers are no dates.
    sign: the decimal sign. unit: what stands beside each number.
    """

    order: Order | None = None
    base: Base | None = None
    sign: Sign | None = None
    unit: str | None = None


PLAIN = Notation()


class Cell(NamedTuple):
    """The content of a cell.

    rewritable: writing the value gives the same characters. problem: why the cell is not of its kind.
    ambiguous: the rest of the column decides how it is read. missing: the cell means no value.
    note: True if users should know how it was read.
    """

    value: Value = None
    modifier: str | None = None
    rewritable: bool = True
    problem: str = ""
    ambiguous: bool = False
    missing: bool = False
    note: bool = False


def read_cell(text: str, kind: Kind | None, notation: Notation = PLAIN) -> Cell:
    """Return the value of a cell of a kind. Without a kind, only a number that is rewritten exactly is a number."""
    if kind is None:
        number = exact_number(text)
        if isinstance(number, float) and notation.sign == "," and may_be_thousands(text):
            return Cell(text, problem="is a number only if the column has a kind")
        return Cell(text if number is None else number)
    if kind in ("integer", "number"):
        return _number(text, kind, notation)
    if kind == "date":
        date = read_date(text, notation.order, notation.base)
        if date.value is None:
            if is_missing_number(text):
                return Cell(missing=True)
            return Cell(text, problem=date.problem, ambiguous=date.ambiguous)
        return Cell(date.value, rewritable=date.value == text, note=date.note)
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


def may_be_thousands(text: str) -> bool:
    """Return True for a number such as 1.234, whose point may group thousands."""
    return _MAY_BE_THOUSANDS.fullmatch(text) is not None


def write_value(value: Value, modifier: object = None) -> str:
    """Return a value as a cell: lists and objects as JSON, None as an empty cell.

    A modifier without a column of its own is written before the number as people type it: ``~500``, ``>=500``.
    """
    if isinstance(value, str):
        text = value
    elif value is None:
        text = ""
    elif value.__class__ is int:  # most ids, and quicker than as JSON
        text = str(value)
    else:
        text = json.dumps(value, ensure_ascii=False)
    if not isinstance(modifier, str) or not text:
        return text
    if modifier.startswith("to "):
        return f"{text}-{modifier.removeprefix('to ')}"
    return {"about": "~", "at least": ">=", "at most": "<="}.get(modifier, f"{modifier} ") + text


def _has_point(text: str, notation: Notation) -> bool:
    """Return True if the point of an exact number surely precedes decimals."""
    return notation.sign == "." or "e" in text or (notation.sign is None and not may_be_thousands(text))


def shown(cell: object) -> str:
    """Return a cell in quotation marks, shortened for a message."""
    return f'"{shorten(write_value(cell))}"'  # type: ignore[arg-type]


def _number(text: str, kind: Kind, notation: Notation) -> Cell:
    exact = exact_number(text)
    if isinstance(exact, int) or (exact is not None and kind == "number" and _has_point(text, notation)):
        return Cell(exact)
    if is_missing_number(text):
        return Cell(missing=True)
    read = read_number(text, notation.sign, notation.unit)
    if read.ambiguous:
        return Cell(text, problem=read.problem, ambiguous=True)
    if read.value is not None:
        if kind == "integer" and not float(read.value).is_integer():
            return Cell(text, problem="is not a whole number")
        value = int(read.value) if kind == "integer" else read.value
        return Cell(value, rewritable=value == exact and type(value) is type(exact), note=read.note)

    def part(_: Kind, typed: str) -> Value:
        inner = read_number(typed, notation.sign, notation.unit)
        if inner.value is None or (kind == "integer" and not float(inner.value).is_integer()):
            raise KindError(inner.problem)
        return int(inner.value) if kind == "integer" else inner.value

    try:
        typed = parse_typed(kind, text.strip(), number=part)
    except KindError:
        what = "is not a whole number" if kind == "integer" else "is not a number"
        return Cell(text, problem=read.problem if read.sign else what)
    return Cell(typed.value, typed.modifier, rewritable=False)
