"""What stands in a slot of a MUC template: ``? "A" / "B": "X" / "Y"``.

Alternatives are of one filler; what follows a colon and begins with a quotation mark is what the filler is about, a
cross reference; a question mark says that the filler may be left out. Strings of the text are in quotation marks,
codes, dates and numbers are not. ``-`` alone is nothing, ``*`` alone not applicable.
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
    """One filler. ``values`` are alternatives: text, whole numbers, or None for ``-``; ``quoted`` says of each whether
    it is a string of the text. ``about`` are the alternatives of the cross reference.
    """

    values: tuple[str | int | None, ...]
    quoted: tuple[bool, ...]
    about: tuple[str, ...] = ()
    optional: bool = False

    def __str__(self) -> str:
        said = " / ".join(_written(value, quoted) for value, quoted in zip(self.values, self.quoted, strict=True))
        about = " / ".join(_quoted(text) for text in self.about)
        return f"{'? ' if self.optional else ''}{said}{f': {about}' if about else ''}"


def parse_filler(text: str) -> Filler:
    """The filler of a text that is not empty. Nothing is refused: what is no string is a code."""
    text = text.strip()
    optional = text.startswith("?")
    if optional:
        text = text[1:].strip()
    masked = "".join(
        '"' + "_" * (len(token) - 2) + '"' if len(token) > 1 and token[0] == '"' else token
        for token in _TOKENS.findall(text)
    )
    colon = _REFERENCE.search(masked)
    said, about = (text[: colon.start()], text[colon.end() :]) if colon else (text, "")
    parts = _alternatives(said, masked[: len(said)])
    quoted = tuple(_is_quoted(part) for part in parts)
    values = tuple(_unquoted(part) if is_string else _code(part) for part, is_string in zip(parts, quoted, strict=True))
    references = _alternatives(about, masked[len(masked) - len(about) :]) if about else []
    return Filler(values, quoted, tuple(_unquoted(part) for part in references), optional)


def filler_of(value: Any, alternatives: list[Any], is_string: bool, about: tuple[str, ...], optional: bool) -> Filler:
    """The filler of any JSON value; what is neither text nor a whole number is its JSON as text."""
    every = tuple(
        item if item is None or isinstance(item, str) or _is_whole(item) else json.dumps(item, ensure_ascii=False)
        for item in (value, *alternatives)
    )
    quoted = tuple(isinstance(item, str) and (is_string or not is_code(item)) for item in every)
    return Filler(every, quoted, about, optional)


def is_code(text: str) -> bool:
    """Whether a text can stand without quotation marks: it is the same when it is read."""
    if text in (NOTHING, NOT_APPLICABLE) or text.startswith(";"):
        return False
    return parse_filler(text) == Filler((text,), (False,))


def _alternatives(text: str, masked: str) -> list[str]:
    """The parts between strokes that are in no string."""
    parts, at = [], 0
    for match in re.finditer(r'\s+/\s*|(?<=")/|/(?=")|^/|/$', masked):
        parts.append(text[at : match.start()])
        at = match.end()
    parts.append(text[at:])
    return [
        part for part in (part.strip().strip("()").strip() if '"' in part else part.strip() for part in parts) if part
    ]


def _is_quoted(part: str) -> bool:
    return len(part) > 1 and part[0] == part[-1] == '"'


def _unquoted(part: str) -> str:
    if not _is_quoted(part):
        return part
    return _ESCAPED.sub(lambda match: _UNESCAPED.get(match[1], match[1]), part[1:-1])


def _code(part: str) -> str | int | None:
    if part == NOTHING:
        return None
    return int(part) if _NUMBER.fullmatch(part) else " ".join(part.split())


def _written(value: str | int | None, quoted: bool) -> str:
    if value is None:
        return NOTHING
    return _quoted(value) if quoted and isinstance(value, str) else str(value)


def _quoted(text: str) -> str:
    text = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\r", "\\r")
    return f'"{text}"'


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and bool(_NUMBER.fullmatch(str(value)[:20]))
