"""Reads JSON as language models write it: alone, in a code block, an object a line, or with words around it."""

import re
from typing import Any

from db.errors import InputError
from db.io.json_lines import parse_loosely

_FENCED = re.compile(r"```[\w-]*[ \t]*\n(.*?)(?:\n[ \t]*```|\Z)", re.DOTALL)
_JSON_START = re.compile(r'[\[{]\s*["{\[\]}]')
_BEFORE_PART = re.compile(r'(?:[\[{]|["}\]\d]\s*[,:])\s*\Z')
_LOOK_BACK = 100  # characters
_MAX_TRIED = 50  # code blocks of an answer, or places where JSON may start


def parse_answer(text: str, where: str) -> tuple[Any, tuple[str, ...]]:
    """Return the JSON in a text (alone, in a code block, an object a line, or with words around it), and notes.

    Errors and notes begin with ``where``. Raises InputError.
    """
    plain = _without_thoughts(text.strip())
    fenced = [match[1] for _, match in zip(range(_MAX_TRIED), _FENCED.finditer(plain), strict=False)]
    reason: InputError | None = None
    read: list[Any] = []
    for candidate in (plain, *fenced):
        try:
            value = _value(candidate)
        except InputError as error:
            reason = error  # the last code block is the likeliest to be the answer
            continue
        if isinstance(value, dict | list):
            read.append(value)
    if read:
        more = (f"{where}: {len(read)} blocks of JSON; only the first is imported",) if len(read) > 1 else ()
        return read[0], more
    starts = [match.start() for _, match in zip(range(_MAX_TRIED), _JSON_START.finditer(plain), strict=False)]
    end = max(plain.rfind("]"), plain.rfind("}")) + 1
    for start in starts:
        if _is_part(plain[:start], plain[end:]):
            continue  # a part of truncated JSON isn't the answer
        try:
            value = _value(plain[start:end])
        except InputError as error:
            reason = reason or error
            continue
        if isinstance(value, dict | list):
            return value, (f"{where}: ignored the words around the JSON",)
    if not starts:
        raise InputError(f"{where}: words without JSON; ask the model for a JSON list of objects")
    raise InputError(f"{where}: invalid JSON ({reason}); correct it and import it again")


def _without_thoughts(text: str) -> str:
    if not text.startswith("<think"):
        return text
    _, ended, rest = text.partition("</think")
    return rest.partition(">")[2].strip() if ended else text


def _is_part(before: str, after: str) -> bool:
    return bool(_BEFORE_PART.search(before[-_LOOK_BACK:])) or "{" in after or "[" in after


def _value(text: str) -> Any:
    """Parse a JSON value, or one object a line into a list. Raises InputError."""
    try:
        return parse_loosely(text.encode())[0]
    except InputError:
        lines = [line for line in text.splitlines() if line.strip()]
        if len(lines) < 2 or not all(line.lstrip().startswith("{") and line.rstrip().endswith("}") for line in lines):
            raise
    return [parse_loosely(line.encode())[0] for line in lines]
