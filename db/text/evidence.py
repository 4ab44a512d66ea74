"""Finds the places in a source text that support a value."""

import re
from functools import lru_cache

from db.model import Span, Value
from db.text.folded_text import FoldedText

_DIGITS = "0123456789"
# Between groups of three digits: comma, dot, apostrophes, space, no-break, thin and narrow no-break space.
_SEPARATOR = "[,.'’\u0020\u00a0\u2009\u202f]"
_MAX_SEARCHED = 2000  # characters of a value
_MAX_DIGITS = 40


def find_value(value: Value, source: str) -> list[Span]:
    """Return the spans of a value in the text, in order.

    A number matches with and without thousands separators and in the digits of any script, but not inside a longer
    number. A text matches exactly or, if it doesn't occur so, folded; only whole words match, except in scripts without
    spaces and in Korean. A date is a text: it matches if written in ISO 8601.
    """
    match value:
        case bool() | None | list() | dict():
            return []
        case int():
            return _find_number(str(abs(value)), "", source)
        case float():
            whole, _, decimals = repr(abs(value)).partition(".")
            return _find_number(whole, decimals, source) if whole.isdigit() and decimals.isdigit() else []
        case str():
            return _find_text(value.strip(), source)


def nearest(spans: list[Span], to: tuple[Span, ...]) -> list[Span]:
    """Return the spans sorted by the distance of their start from the nearest span of ``to``, if there is any."""
    return sorted(spans, key=lambda span: min((abs(span.start - old.start) for old in to), default=0))


def _find_number(whole: str, decimals: str, source: str) -> list[Span]:
    if len(whole) > _MAX_DIGITS:
        return []
    plain = source if source.isascii() else _with_ascii_digits(source)
    return _spans(_number_pattern(whole, decimals), plain)


@lru_cache(2**10)
def _number_pattern(whole: str, decimals: str) -> re.Pattern[str]:
    groups = [whole[max(0, end - 3) : end] for end in range(len(whole), 0, -3)][::-1]
    pattern = f"(?:{whole}|{_SEPARATOR.join(groups)})" if len(groups) > 1 else whole
    if decimals and decimals != "0":
        pattern += f"[.,]{decimals}"
    # No digits before or after it, with or without a separator: they would make it part of a longer number.
    return re.compile(rf"(?<![{_DIGITS}])(?<![{_DIGITS}][.,'’]){pattern}(?![{_DIGITS}])(?![.,'’][{_DIGITS}])")


def _with_ascii_digits(source: str) -> str:
    """Return the text with the decimal digits of every script as ASCII digits, in the same length."""
    others = {character for character in set(source) if not character.isascii() and character.isdecimal()}
    return source.translate({ord(character): str(int(character)) for character in others}) if others else source


def _find_text(text: str, source: str) -> list[Span]:
    text = text[:_MAX_SEARCHED]
    searched = _searched(source)
    return searched.find_exact(text) or searched.find_folded(text)


@lru_cache(2)  # a value is searched for after each key
def _searched(source: str) -> FoldedText:
    return FoldedText(source)


def _spans(pattern: re.Pattern[str], source: str) -> list[Span]:
    return [Span(*match.span()) for match in pattern.finditer(source)]
