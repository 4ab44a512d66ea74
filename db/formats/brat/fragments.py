"""Stretches of text as brat takes them, and values as its lines can hold them."""

import json
import re
from collections.abc import Iterator
from typing import Any

from db.formats.brat.ann import Fragments
from db.formats.brat.events import Json, covered

LINE_ENDS = re.compile(r"[\n\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]+")  # as brat splits its files


def fragments_of(item: Json, text: str) -> tuple[Fragments, str | None]:
    """The fragments of a field as brat takes them, none of which crosses a line or overlaps another; and its quote."""
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
    """Whether brat would say so, which it does of one that ends where an earlier one begins too."""
    if len(spans) > 1000:
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
    """A value as text on one line."""
    return LINE_ENDS.sub(" ", value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))


def _is_pair(pair: object) -> bool:
    return isinstance(pair, list) and len(pair) == 2 and all(type(end) is int and 0 <= end < 10**12 for end in pair)


def object_of(value: object) -> Json:
    """An object as it is; an empty one of whatever else a document has under ``brat``."""
    return value if isinstance(value, dict) else {}


def list_of(value: object) -> list[Any]:
    """A list as it is; an empty one of anything else."""
    return value if isinstance(value, list) else []


def objects_of(value: object) -> list[Json]:
    """Copies of the objects of a list."""
    return [dict(item) for item in list_of(value) if isinstance(item, dict)]
