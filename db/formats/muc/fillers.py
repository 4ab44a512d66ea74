"""Parses and writes the fillers of a MUC slot, such as ``? "A" / "B": "X" / "Y"``.

A filler is a list of alternatives. A colon followed by a quotation mark starts a cross reference to the filler that it
is about. A question mark makes the filler optional. Strings from the text are in quotation marks; codes, dates and
numbers aren't. ``-`` means no value, ``*`` means not applicable.
"""

import json
import re
from typing import Any, NamedTuple

NOTHING, NOT_APPLICABLE = "-", "*"
_TOKENS = re.compile(r'"(?:[^"\\]|\\.)*"|[^"]+|"', re.DOTALL)
_REFERENCE = re.compile(r'\s*:\s*(?=\(?\s*")')
_NUMBER = re.compile(r"0|-?[1-9]\d{0,17}")
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_UNESCAPED = {"n": "\n", "r": "\r"}


class Filler(NamedTuple):
    """One filler.

    values: the alternatives, each text, an integer, or None for ``-``.
    quoted: for each, True if it is a string from the text.
    about: the alternatives of the cross reference.
    """

    values: tuple[str | int | None, ...]
    quoted: tuple[bool, ...]
    about: tuple[str, ...] = ()
    optional: bool = False

    def __str__(self) -> str:
        values = " / ".join(_format(value, quoted) for value, quoted in zip(self.values, self.quoted, strict=True))
        about = " / ".join(_quote(text) for text in self.about)
        return f"{'? ' if self.optional else ''}{values}{f': {about}' if about else ''}"


def parse_filler(text: str) -> Filler:
    """Parse a filler that isn't empty. Never raises: anything that isn't a string is a code."""
    text = text.strip()
    optional = text.startswith("?")
    if optional:
        text = text[1:].strip()
    masked = "".join(
        '"' + "_" * (len(token) - 2) + '"' if len(token) > 1 and token[0] == '"' else token
        for token in _TOKENS.findall(text)
    )
    colon = _REFERENCE.search(masked)
    value, about = (text[: colon.start()], text[colon.end() :]) if colon else (text, "")
    parts = _alternatives(value, masked[: len(value)])
    quoted = tuple(_is_quoted(part) for part in parts)
    values = tuple(_unquote(part) if is_string else _code(part) for part, is_string in zip(parts, quoted, strict=True))
    references = _alternatives(about, masked[len(masked) - len(about) :]) if about else []
    return Filler(values, quoted, tuple(_unquote(part) for part in references), optional)


def filler_of(alternatives: list[Any], is_string: bool, optional: bool) -> Filler:
    """Return a filler of any JSON values. One that is neither text nor an integer becomes its JSON as text."""
    values = tuple(
        item if item is None or isinstance(item, str) or _is_integer(item) else json.dumps(item, ensure_ascii=False)
        for item in alternatives
    )
    quoted = tuple(isinstance(item, str) and (is_string or not is_code(item)) for item in values)
    return Filler(values, quoted, optional=optional)


def is_code(text: str) -> bool:
    """Return True if a text reads back unchanged without quotation marks, alone and among alternatives."""
    if text in (NOTHING, NOT_APPLICABLE) or text.startswith(";") or '"' in text:
        return False
    return parse_filler(text) == Filler((text,), (False,))


def _alternatives(text: str, masked: str) -> list[str]:
    parts, at = [], 0
    for match in re.finditer(r'\s+/\s*|(?<=")/|/(?=")|^/|/$', masked):
        parts.append(text[at : match.start()])
        at = match.end()
    parts.append(text[at:])
    stripped = (part.strip().strip("()").strip() if '"' in part else part.strip() for part in parts)
    return list(filter(None, stripped))


def _is_quoted(part: str) -> bool:
    return len(part) > 1 and part[0] == part[-1] == '"'


def _unquote(part: str) -> str:
    if not _is_quoted(part):
        return part
    return _ESCAPED.sub(lambda match: _UNESCAPED.get(match[1], match[1]), part[1:-1])


def _code(part: str) -> str | int | None:
    if part == NOTHING:
        return None
    return int(part) if _NUMBER.fullmatch(part) else " ".join(part.split())


def _format(value: str | int | None, quoted: bool) -> str:
    if value is None:
        return NOTHING
    return _quote(value) if quoted and isinstance(value, str) else str(value)


def _quote(text: str) -> str:
    text = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\r", "\\r")
    return f'"{text}"'


def _is_integer(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and bool(_NUMBER.fullmatch(str(value)[:20]))
