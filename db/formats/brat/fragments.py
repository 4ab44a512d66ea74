"""Converts spans and values of fields into what brat's lines can hold."""

import json
import re
from collections.abc import Iterator
from typing import Any

from db.formats.brat.ann import Fragments
from db.formats.brat.events import covered
from db.formats.format import Data

LINE_ENDS = re.compile(r"[\n\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]+")  # where brat splits its files into lines
_MAX_COMPARED = 1000  # spans of a field that are compared pair by pair


def fragments_of(item: Data, text: str) -> tuple[Fragments, str | None]:
    """Return the spans of a field as fragments that don't cross a line end or overlap, and their quote."""
    spans = item.get("spans")
    if not spans:
        brat = object_of(item.get("brat"))
        fragments = tuple((pair[0], pair[1]) for pair in list_of(brat.get("fragments")) if _is_pair(pair))
        quote = brat.get("quote")
        return fragments, on_one_line(quote) if isinstance(quote, str) else None
    spans = [list(span) for span in spans]
    if _overlap(spans):
        spans = _merged(spans)
    parts = [part for start, end in spans for part in _within_lines(text, start, end)]
    return tuple(parts), covered(text, [list(part) for part in parts])


def _within_lines(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    at = start
    for match in LINE_ENDS.finditer(text, start, end):
        if at < match.start():
            yield at, match.start()
        at = match.end()
    if at < end:
        yield at, end


def _overlap(spans: list[list[int]]) -> bool:
    """Return True if brat counts the spans as overlapping, as it does if one ends where an earlier one starts."""
    if len(spans) > _MAX_COMPARED:
        return True
    return any(end >= start_ and start < end_ for n, (start, end) in enumerate(spans) for start_, end_ in spans[:n])


def _merged(spans: list[list[int]]) -> list[list[int]]:
    merged: list[list[int]] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1][1] = max(end, merged[-1][1])
        else:
            merged.append([start, end])
    return merged


def on_one_line(value: object) -> str:
    """Return a value as text without line ends."""
    return LINE_ENDS.sub(" ", value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))


def _is_pair(pair: object) -> bool:
    return isinstance(pair, list) and len(pair) == 2 and all(type(end) is int and 0 <= end < 10**12 for end in pair)


def object_of(value: object) -> Data:
    """Return ``value`` if it is an object, else an empty one."""
    return value if isinstance(value, dict) else {}


def list_of(value: object) -> list[Any]:
    """Return ``value`` if it is a list, else an empty one."""
    return value if isinstance(value, list) else []


def objects_of(value: object) -> list[Data]:
    """Return copies of the objects in a list."""
    return [dict(item) for item in list_of(value) if isinstance(item, dict)]
