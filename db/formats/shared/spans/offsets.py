"""Offsets in code points, UTF-16 units or bytes, of a text as it is or as it was before a change."""

import html
import re
import unicodedata
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from db.formats.format import OffsetUnit

UNITS: tuple[OffsetUnit, ...] = ("code_points", "utf16", "bytes")

# Runs of characters that all take the same number of units, more than one.
_WIDE_RUNS: dict[OffsetUnit, str] = {
    "code_points": "",
    "utf16": "[\U00010000-\U0010ffff]+",
    "bytes": "[\x80-\u07ff]+|[\u0800-\uffff]+|[\U00010000-\U0010ffff]+",
}


class OffsetMap:
    """Converts between code points of ``text`` and offsets in ``unit``, counted before ``change`` if one is given."""

    def __init__(self, text: str, unit: OffsetUnit = "code_points", change: "TextChange | None" = None) -> None:
        self.unit = unit
        self._length = len(text)
        self._change = change
        self._changed = re.compile((change and change.pattern(text)) or "(?!)")
        # For each run that doesn't map one to one: its bounds in code points and in units, and the size of one step.
        self._points: list[int] = []
        self._point_ends: list[int] = []
        self._units: list[int] = []
        self._unit_ends: list[int] = []
        self._steps: list[tuple[int, int]] = []
        surplus = 0
        for start, end, points, units in _runs(text, unit, change):
            size = (end - start) // points * units if points else units
            self._points.append(start)
            self._point_ends.append(end)
            self._units.append(start + surplus)
            surplus += size - (end - start)
            self._unit_ends.append(end + surplus)
            self._steps.append((points, units))

    def nearest_point(self, offset: int) -> int:
        """Return the code point at an offset, or the one that contains it; it may lie beyond the end of the text."""
        return self._point_at(offset)[0]

    def _point_at(self, offset: int) -> tuple[int, int]:
        """Return the code point at an offset, and how many units of that code point precede the offset."""
        n = bisect_right(self._units, offset) - 1
        if n < 0:
            return offset, 0
        if offset >= self._unit_ends[n]:
            return self._point_ends[n] + offset - self._unit_ends[n], 0
        points, units = self._steps[n]
        steps, inside = divmod(offset - self._units[n], units)
        return self._points[n] + steps * points, inside

    def before_change(self, part: str) -> str:
        """Return a part of the text as it was before the change."""
        change = self._change
        return part if change is None else self._changed.sub(lambda match: change.original(match[0]), part)

    def is_outside(self, start: int, end: int) -> bool:
        """Return True if a span begins before or ends after the text."""
        return start < 0 or self.nearest_point(end) > self._length

    def offset_of(self, point: int) -> int:
        """Return the offset of a code point of the text."""
        n = bisect_right(self._points, point) - 1
        if n < 0:
            return point
        if point >= self._point_ends[n]:
            return self._unit_ends[n] + point - self._point_ends[n]
        points, units = self._steps[n]
        return self._units[n] + (point - self._points[n]) // points * units

    def span(self, start: int, end: int) -> tuple[int, int] | None:
        """Return a span in code points; None if it is empty, outside the text, or cuts a character."""
        if not 0 <= start < end:
            return None
        (first, inside), (last, inside_last) = self._point_at(start), self._point_at(end)
        n = bisect_right(self._units, end) - 1
        while n >= 0 and self._units[n] == self._unit_ends[n] == end:  # leave out what the change inserted at the end
            last, n = self._points[n], n - 1
        return (first, last) if not inside and not inside_last and first < last <= self._length else None


@dataclass(frozen=True, slots=True)
class TextChange:
    """A change that may have been made to a text after spans were annotated on it.

    was: the text before the change, in words: "the text {was}". pattern: matches what the change affected; None if the
    text has nothing of it. original: what a match was before. prefix: what the text began with.
    """

    was: str
    pattern: Callable[[str], str | None]
    original: Callable[[str], str] = lambda _: ""
    prefix: str = ""


def spans_in_unit(text: str, spans: Iterable[Sequence[int]], unit: OffsetUnit) -> list[tuple[int, int]]:
    """Convert spans of code points of ``text`` to ``unit``."""
    if unit == "code_points" or text.isascii():
        return [(start, end) for start, end in spans]
    offsets = OffsetMap(text, unit)
    return [(offsets.offset_of(start), offsets.offset_of(end)) for start, end in spans]


def differing_units(text: str) -> tuple[OffsetUnit, ...]:
    """Return the units in which offsets of ``text`` differ."""
    if text.isascii():
        return UNITS[:1]
    return UNITS if max(text) > "\uffff" else ("code_points", "bytes")


def maps_before_changes(text: str, units: Iterable[OffsetUnit]) -> Iterator[tuple[OffsetMap, TextChange]]:
    """Yield offset maps for every change that may have been made to the text, the most common ones first."""
    possible = [
        change
        for change in _CHANGES
        if change.prefix or ((pattern := change.pattern(text)) is not None and re.search(pattern, text))
    ]
    for change in possible:
        for unit in units:
            yield OffsetMap(text, unit, change), change


def _runs(text: str, unit: OffsetUnit, change: TextChange | None) -> Iterator[tuple[int, int, int, int]]:
    """Yield the bounds of runs that don't map one to one, and how many code points there are for how many units."""
    changed = change and change.pattern(text)
    runs = "" if text.isascii() else _WIDE_RUNS[unit]
    if change and change.prefix:
        yield 0, 0, 0, _size(change.prefix, unit)
    if changed:
        # A run must end where a changed part begins.
        runs = "".join(f"|(?:(?!{changed}){part})+" for part in runs.removesuffix("+").split("+|") if part)
        runs = f"({changed}){runs}"
    for match in re.finditer(runs, text) if runs else ():
        if change and changed and match[1] is not None:
            yield *match.span(), len(match[0]), _size(change.original(match[0]), unit)
        else:
            yield *match.span(), 1, _size(match[0][0], unit)


def _size(text: str, unit: OffsetUnit) -> int:
    if unit == "bytes":
        return len(text.encode("utf-8", "surrogatepass"))
    return len(text) + (sum(character > "\uffff" for character in text) if unit == "utf16" else 0)


def _any_of(characters: list[str]) -> str | None:
    return f"[{''.join(map(re.escape, sorted(characters)))}]" if characters else None


def _decomposable(text: str) -> str | None:
    return _any_of([c for c in set(text) if not c.isascii() and unicodedata.normalize("NFD", c) != c])


def _composable(text: str) -> str | None:
    marks = _any_of([c for c in set(text) if unicodedata.combining(c)])
    return marks and f"[^{marks[1:-1]}]{marks}+"


def _non_ascii(text: str) -> str | None:
    return None if text.isascii() else "[^\x00-\x7f]+"


def _ascii_letters(text: str) -> str:
    return unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()


_CHANGES = (
    TextChange("with CRLF line ends", lambda _: "(?<!\r)\n", lambda _: "\r\n"),
    TextChange("with LF line ends", lambda _: "\r\n", lambda _: "\n"),
    TextChange("with a byte order mark", lambda _: None, prefix="\ufeff"),
    TextChange("without its byte order mark", lambda _: r"\A\ufeff"),
    TextChange("in NFD", _decomposable, lambda part: unicodedata.normalize("NFD", part)),
    TextChange("in NFC", _composable, lambda part: unicodedata.normalize("NFC", part)),
    TextChange("with HTML entities", lambda _: "[&<>]", lambda part: html.escape(part, quote=False)),
    TextChange("with HTML entities", lambda _: "[&<>\"']", html.escape),
    TextChange("without HTML entities", lambda _: r"&#?\w+;", html.unescape),
    TextChange("with single spaces", lambda _: r"\s{2,}", lambda _: " "),
    TextChange("in ASCII", _non_ascii, _ascii_letters),
    TextChange("without its non-ASCII characters", _non_ascii),
)
