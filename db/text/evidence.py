"""Finds where a value stands in a source text."""

import re

from db.model import Span, Value

_DIGITS = "0123456789"
# Between groups of three digits: comma, dot, apostrophes, space, no-break, thin and narrow no-break space.
_SEPARATOR = "[,.'’\u0020\u00a0\u2009\u202f]"
_SAME = {"'": "'’‘ʼ", '"': '"“”„«»', "-": "-‐‑‒–—"}
_SAME_AS = {character: f"[{re.escape(group)}]" for group in _SAME.values() for character in group}
_LONGEST = 2000  # characters of a value that are looked for
# Scripts that are written without spaces between words: Thai to Khmer, kana, Han, Hangul's are not among them.
_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
)


def find_value(value: Value, source: str) -> list[Span]:
    """Where a value stands in the text, in order.

    Numbers are found with and without thousands separators and in any decimal digits, never within a longer number.
    Texts are found to the letter, else whatever their case, white space, quotes and dashes; whole words only, in
    scripts that have spaces between words. Dates are texts: they are found as they are written in ISO 8601.
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
    """The spans, those that begin nearest to one of ``to`` first; in the order of the text where there is none."""
    return sorted(spans, key=lambda span: min((abs(span.start - old.start) for old in to), default=0))


def _find_number(whole: str, decimals: str, source: str) -> list[Span]:
    if len(whole) > 40:
        return []
    plain = source if source.isascii() else _with_ascii_digits(source)
    groups = [whole[max(0, end - 3) : end] for end in range(len(whole), 0, -3)][::-1]
    pattern = f"(?:{whole}|{_SEPARATOR.join(groups)})" if len(groups) > 1 else whole
    if decimals and decimals != "0":
        pattern += f"[.,]{decimals}"
    # Not the rest of a longer number before it, nor more digits or decimals after it.
    return _spans(
        re.compile(rf"(?<![{_DIGITS}])(?<![{_DIGITS}][.,'’]){pattern}(?![{_DIGITS}])(?![.,'’][{_DIGITS}])"), plain
    )


def _with_ascii_digits(source: str) -> str:
    """The text with the decimal digits of every script as ASCII digits, of equal length."""
    others = {character for character in set(source) if not character.isascii() and character.isdecimal()}
    return source.translate({ord(character): str(int(character)) for character in others}) if others else source


def _find_text(text: str, source: str) -> list[Span]:
    text = text[:_LONGEST]
    if not text:
        return []
    begins = r"(?<!\w)" if _bounded(text[0]) else ""
    ends = r"(?!\w)" if _bounded(text[-1]) else ""
    exact = _spans(re.compile(begins + re.escape(text) + ends), source)
    if exact:
        return exact
    words = ["".join(_SAME_AS.get(character, re.escape(character)) for character in word) for word in text.split()]
    return _spans(re.compile(begins + r"\s+".join(words) + ends, re.IGNORECASE), source)


def _bounded(character: str) -> bool:
    return (character.isalnum() or character == "_") and not _UNSPACED.match(character)


def _spans(pattern: re.Pattern[str], source: str) -> list[Span]:
    return [Span(*match.span()) for match in pattern.finditer(source)]
