"""Reads digits of any script, with separators of thousands and decimals."""

import re
import unicodedata

from db.suggest.candidates.languages import declared_language, words_of
from db.suggest.candidates.numbers.found import LARGEST
from db.text.folding import UNSPACED

DIGITS = re.compile(
    rf"(?<![^\W{UNSPACED}\uac00-\ud7a3\u05d0-\u05ea\u0620-\u064a])(?<![.,/])"
    r"(?:\d{1,2}(?:,\d{2})+,\d{3}(?!\d)|\d{1,3}(?:[,.  \u202f'’٬]\d{3})+(?!\d)|\d+)(?:[.,٫]\d+)?[½¼¾⅓⅔⅛]?(?!\d|/\d)"
)
_MOST_DIGITS = 40
_GROUPED = re.compile(r"\d{1,3}(?:[,.']\d{3})+|\d{1,2}(?:,\d{2})+,\d{3}")
_SEPARATOR = re.compile(r"[,.'](?=\d+$)")


def decimal_mark(language: str | None) -> str | None:
    """Return the decimal mark of a declared language, or None if it is not known."""
    code = declared_language(language)
    mark = words_of(code, "numbers").get("decimal") if code else None
    return mark if isinstance(mark, str) else None


def digits_value(written: str, decimal: str | None) -> int | float:
    """Return the number for digits. ``1.500`` is 1.5 where the point is the decimal mark, and 1500 otherwise."""
    if written.isascii() and written.isdecimal():
        return int(written) if len(written) <= _MOST_DIGITS else LARGEST * 10
    fraction = unicodedata.numeric(written[-1]) if written[-1] in "½¼¾⅓⅔⅛" else 0.0
    if fraction:
        value = digits_value(written[:-1], decimal) + fraction
        return round(value, 6)
    plain = "".join(_ascii(character) for character in written)
    marks = [character for character in plain if character in ",.'"]
    alone = len(marks) == 1 and plain[-4] == marks[0] if len(plain) > 4 else False
    if alone and (marks[0] == decimal or plain.startswith("0")):
        return float(plain.replace(",", "."))
    if _GROUPED.fullmatch(plain):
        plain, marks = re.sub("[^0-9]", "", plain), []
    if marks:
        head, tail = _SEPARATOR.split(plain)
        return float(f"{re.sub('[^0-9]', '', head)[:300]}.{tail}")
    return int(plain) if len(plain) <= _MOST_DIGITS else LARGEST * 10


def _ascii(character: str) -> str:
    if character.isdecimal():
        return str(int(character))
    return "." if character in ".٫" else "," if character in ",٬" else "'"
