"""Reads numbers in the notations of people and programs; only unambiguous ones become numbers."""

import re
import unicodedata
from math import isfinite
from typing import Literal, NamedTuple, get_args

Sign = Literal[".", ","]
SIGNS: tuple[Sign, ...] = get_args(Sign)
"""The decimal signs; the other one groups thousands."""

_LONGEST = 100  # characters
_GAPS = "  \u2009\u202f'’_"  # blanks, apostrophes and underscores that group thousands, and nothing else
_PLAIN = re.compile(r"[0-9]{1,40}")
_IN_GAPS = re.compile(rf"[0-9]{{1,3}}(?:([{_GAPS}])[0-9]{{3}})(?:\1[0-9]{{3}}){{0,12}}(?:([.,])[0-9]{{0,40}})?")
_INDIAN = re.compile(r"[0-9]{1,2}(?:,[0-9]{2}){1,10},[0-9]{3}(?:\.[0-9]{0,40})?")
_GROUPS = re.compile(r"[1-9][0-9]{0,2}(?:([.,])[0-9]{3})(?:\1[0-9]{3}){0,12}(?:(?!\1)([.,])[0-9]{0,40})?")
_DECIMALS = re.compile(r"[0-9]{0,40}([.,])[0-9]{0,40}")
_POWER = re.compile(r"([0-9.,]{1,40})[eE]([+-]?[0-9]{1,3})")
_SIGNS = {0x066B: ".", 0x066C: "'", 0x00A0: " "}  # the Arabic signs of decimals and thousands
_CURRENCIES = "$€£¥₹₽₴₺₩₪₦฿"
_BEFORE = rf"[{_CURRENCIES}]|[A-Z]{{1,3}}[{_CURRENCIES}]|[A-Z]{{3}}"  # not a word: Town 1 is no number
_AFTER = rf"[{_CURRENCIES}%‰°]|[^\W\d_]{{1,12}}[²³]?\.?"
_WITH_UNIT = re.compile(
    rf"(?P<minus>[-+−]?)(?P<before>{_BEFORE})?\s?(?P<number>[-+−]?[0-9.,][0-9{_GAPS}.,]{{0,60}}?)\s?(?P<after>{_AFTER})?"
)
_BRACKETS = re.compile(r"\((.{1,60})\)")


class ReadNumber(NamedTuple):
    """A number, or None and the problem. ``ambiguous``: the rest of the column decides on the decimal sign.

    sign: the decimal sign that the notation proves. note: True if users should know how it was read.
    """

    value: int | float | None
    problem: str = ""
    ambiguous: bool = False
    sign: Sign | None = None
    note: bool = False


NO_NUMBER = ReadNumber(None, "is not a number")


def read_number(cell: str, sign: Sign | None = None, unit: str | None = None) -> ReadNumber:
    """Return the number of a cell.

    sign: the column's decimal sign, if known. unit: what may stand beside the number.
    """
    text = cell.strip()
    if not text or len(text) > _LONGEST:
        return NO_NUMBER
    if not text.isascii():
        text = _ascii_digits(text)
    noted = False
    if unit is not None and (parts := split_unit(text)) is not None and parts[1] == unit:
        text, noted = parts[0], True
    negative = text[:1] in "-−"
    if text[:1] in "+-−":
        text = text[1:]
    elif text.endswith(("-", "−")) and any(sign in text for sign in ".,"):  # as SAP writes it; 12- may be a range
        text, negative, noted = text[:-1], True, True
    read = _unsigned(text, sign)
    if read.value is None:
        return read
    return read._replace(value=-read.value if negative else read.value, note=read.note or noted)


def split_unit(cell: str) -> tuple[str, str] | None:
    """Return a number and the one unit or currency beside it; None if the cell is not of that form."""
    text = cell.strip()
    if len(text) > _LONGEST:
        return None
    negative = ""
    if match := _BRACKETS.fullmatch(text):  # ($1,200) is negative; (5) may be a remark
        text, negative = match[1].strip(), "-"
    match = _WITH_UNIT.fullmatch(text)
    if not match or bool(match["before"]) == bool(match["after"]):
        return None
    if negative and not any(sign in _CURRENCIES for sign in match["before"] or match["after"]):
        return None
    return f"{negative or match['minus']}{match['number']}", (match["before"] or match["after"]).rstrip(".")


def _unsigned(text: str, sign: Sign | None) -> ReadNumber:
    if _PLAIN.fullmatch(text):
        return ReadNumber(int(text))
    if match := _IN_GAPS.fullmatch(text):
        return _number(re.sub(rf"[{_GAPS}]", "", text), match[2], sign)
    if _INDIAN.fullmatch(text):
        return _number(text.replace(",", ""), ".", sign)
    if match := _GROUPS.fullmatch(text):
        group = match[1]
        if len(text) <= len("123,456") and not match[2]:  # one group only: decimals could look the same
            if sign is None:
                return ReadNumber(None, "may have decimals or thousands after its sign", ambiguous=True)
            if sign == group:
                return _number(text, group, sign)._replace(sign=None)
            return _number(text.replace(group, ""), None, sign)
        return _number(text.replace(group, ""), "," if group == "." else ".", sign)
    if (match := _DECIMALS.fullmatch(text)) and len(text) > 1:
        return _number(text, match[1], sign)
    if (match := _POWER.fullmatch(text)) and (base := _base(match[1], sign)).value is not None:
        digits = match[1].replace(",", ".") if base.sign == "," else match[1].replace(",", "")
        number = float(f"{digits}e{match[2]}") if digits.count(".") < 2 else float("nan")
        return base._replace(value=number) if isfinite(number) else NO_NUMBER
    return NO_NUMBER


def _base(digits: str, sign: Sign | None) -> ReadNumber:
    read = _unsigned(digits, sign)
    return _unsigned(digits, ".") if read.ambiguous else read


def _number(text: str, own: str | None, sign: Sign | None) -> ReadNumber:
    """Return the number of digits with at most the decimal sign ``own``, which the column's must not contradict."""
    if own is not None and sign is not None and own != sign:
        return ReadNumber(None, f"doesn't have the column's decimal sign, {sign!r}", sign=_sign(own))
    if own is None or own not in text:
        return ReadNumber(int(text), sign=_sign(own), note=own != ".")
    number = float(text.replace(",", "."))
    return ReadNumber(number, sign=_sign(own), note=own == ",") if isfinite(number) else NO_NUMBER


def _sign(sign: str | None) -> Sign | None:
    return None if sign is None else "," if sign == "," else "."


def _ascii_digits(text: str) -> str:
    """Return a text with ASCII digits in place of others, and with the Arabic signs of decimals and thousands."""
    digits = (str(unicodedata.digit(c)) if not c.isascii() and c.isdigit() and c not in "²³¹" else c for c in text)
    return "".join(digits).translate(_SIGNS)
