"""Converts spans and values of fields into what brat's lines can hold."""

import json
import re
from collections.abc import Iterator

from db.formats.brat.ann import Fragments
from db.formats.brat.events import covered
from db.formats.format import Data
from db.formats.shared.objects import list_at, object_at

LINE_ENDS = re.compile(r"[\n\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]+")  # where brat splits its files into lines
_MAX_COMPARED = 1000  # spans of a field that are compared pair by pair


def fragments_of(item: Data, text: str) -> tuple[Fragments, str | None]:
    """Return the spans of a field as fragments that don't cross a line end or overlap, and their quote."""
    spans = item.get("spans")
    if not spans:
        brat = object_at(item, "brat")
        fragments = tuple((pair[0], pair[1]) for pair in list_at(brat, "fragments") if _is_pair(pair))
        quote = brat.get("quote")
        return fragments, on_one_line(quote) if isinstance(quote, str) else None
    parts = [part for start, end in _merged(spans) for part in _within_lines(text, start, end)]
    return tuple(parts), covered(text, [list(part) for part in parts])


def _within_lines(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    at = start
    for match in LINE_ENDS.finditer(text, start, end):
        if at < match.start():
            yield at, match.start()
        at = match.end()
    if at < end:
        yield at, end


def _merged(spans: list[list[int]]) -> list[list[int]]:
    """Merge spans if brat counts any as overlapping, as it does if one ends where an earlier one starts."""
    pairs = ((span, earlier) for n, span in enumerate(spans) for earlier in spans[:n])
    if len(spans) <= _MAX_COMPARED and not any(end >= first and start < last for (start, end), (first, last) in pairs):
        return spans
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
