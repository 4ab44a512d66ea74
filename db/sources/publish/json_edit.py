"""Changes values in a JSON text and nothing else: other keys, their order, blanks and notations stay."""

import json
from collections.abc import Callable
from typing import Any, NamedTuple

_BLANKS = " \t\r\n"
_decode = json.JSONDecoder().raw_decode
_scan_string = json.decoder.scanstring  # type: ignore[attr-defined]


class _Part(NamedTuple):
    """A member of an object or an item of a list: what precedes it, its key with the colon, and its value's place."""

    lead: str
    key: str | None
    head: str
    start: int
    end: int


def edited(text: str, new: Any) -> str:
    """Return a JSON text with the value ``new``; what is equal in both keeps its characters. Raises ValueError."""
    start = _skip(text, 0)
    is_escaped = text.isascii() and "\\u" in text
    separators = (", ", ": ") if '": ' in text or ", " in text else (",", ":")

    def dumps(value: Any) -> str:
        return json.dumps(value, ensure_ascii=is_escaped, separators=separators)

    changed, end = _edited(text, start, new, dumps, separators)
    return text[:start] + changed + text[end:]


def same_json(one: Any, other: Any) -> bool:
    """Return True if two JSON values are equal, as 1, 1.0 and true are not."""
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)


def _edited(
    text: str, start: int, new: Any, dumps: Callable[[Any], str], separators: tuple[str, str]
) -> tuple[str, int]:
    """Return the new text of the value that begins at ``start``, and where the old one ends."""
    old, end = _decode(text, start)
    if same_json(old, new):
        return text[start:end], end
    if not (old and new) or type(old) is not type(new) or not isinstance(old, dict | list):
        return dumps(new), end
    parts, tail = _parts(text, start)
    values: dict[str, Any] = new if isinstance(new, dict) else {}
    if isinstance(new, list):
        kept, added = parts[: len(new)], new[len(parts) :]
    else:
        kept, added = [part for part in parts if part.key in values], []
    pieces = [text[start]]
    between = parts[1].lead if len(parts) > 1 else separators[0] + parts[0].lead
    for at, part in enumerate(kept):
        lead = parts[0].lead if at == 0 else part.lead if part.lead.lstrip(_BLANKS).startswith(",") else between
        value = new[at] if isinstance(new, list) else values[part.key or ""]
        pieces += [lead, part.head, _edited(text, part.start, value, dumps, separators)[0]]
    for value in added:
        pieces += [between, dumps(value)]
    known = {part.key for part in parts}
    for key, value in values.items():
        if key not in known:
            pieces += [between if len(pieces) > 1 else parts[0].lead, dumps(key), separators[1], dumps(value)]
    return "".join((*pieces, tail)), end


def _parts(text: str, start: int) -> tuple[list[_Part], str]:
    """Return the members of the object, or the items of the list, that begins at ``start``, and what ends it."""
    is_object = text[start] == "{"
    parts: list[_Part] = []
    end = at = start + 1
    while True:
        at = _skip(text, at)
        if text[at] in "]}":
            return parts, text[end : at + 1]
        if text[at] == ",":
            at = _skip(text, at + 1)
        lead, begin, key = text[end:at], at, None
        if is_object:
            key, at = _scan_string(text, at + 1)
            at = _skip(text, _skip(text, at) + 1)
        _, value_end = _decode(text, at)
        parts.append(_Part(lead, key, text[begin:at], at, value_end))
        end = at = value_end


def _skip(text: str, at: int) -> int:
    while at < len(text) and text[at] in _BLANKS:
        at += 1
    return at
