"""What the offsets of a table count: characters, UTF-16 units, bytes, words or tokens, from where, and up to where.

Nothing in a database says that. What fits most rows decides: the text at the offsets is then the quote or the value.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from functools import cache, lru_cache
from itertools import product
from typing import Any, Literal, NamedTuple

from db.formats.shared.spans.offsets import OffsetMap

Unit = Literal["code_points", "utf16", "bytes", "words", "tokens"]
End = Literal["exclusive", "inclusive", "length"]

_UNITS: tuple[Unit, ...] = ("code_points", "utf16", "bytes", "words", "tokens")
_ENDS: tuple[End, ...] = ("exclusive", "inclusive", "length")
_NAMES = {"code_points": "characters", "utf16": "UTF-16 units", "bytes": "bytes", "words": "words", "tokens": "tokens"}
_PATTERNS = {"words": re.compile(r"\S+"), "tokens": re.compile(r"\w+|[^\w\s]")}
_GOOD = 0.9  # share of the examples that fit as they are, with which nothing else is tried
_LEAST = 3  # examples that a reading must fit, and more than the plain one does
_EXAMPLES = 300

Span = tuple[int, int]
ToSpan = Callable[[int, int], Span | None]


class Example(NamedTuple):
    """Offsets of a row, the text that they point into, the value and quote of which one must be there, and other whole
    numbers of the row, from which the offsets may count."""

    text: str
    start: int
    end: int
    quotes: tuple[str, ...]
    bases: dict[str, int]


class Counting(NamedTuple):
    """How offsets count. first: the number of the first one. base: the column with where the counting begins."""

    unit: Unit = "code_points"
    first: int = 0
    end: End = "exclusive"
    base: str | None = None

    def span(self, text: str, start: int, end: int, base: int = 0) -> Span | None:
        """Return the span in characters; None if it is empty, outside the text, or cuts a character."""
        return self.span_by(_kept_span(text, self.unit), start, end, base)

    def span_by(self, to_span: ToSpan, start: int, end: int, base: int) -> Span | None:
        """Return the span in characters, as ``to_span`` converts spans of the text in this unit."""
        start -= self.first
        if self.end == "length":
            end += start
        else:
            end += (self.end == "inclusive") - self.first
        return to_span(start + base, end + base)

    def words(self) -> str:
        """Return how the offsets are read, in words."""
        parts = [f"as {_NAMES[self.unit]}"]
        if self.first:
            parts.append("from 1")
        if self.end == "inclusive":
            parts.append("with the last one included")
        elif self.end == "length":
            parts.append("with a length in place of an end")
        if self.base:
            parts.append(f"from {self.base}")
        return ", ".join(parts)


PLAIN = Counting()


def counting_of(examples: Sequence[Example]) -> Counting:
    """Return how the offsets of a table count: as characters, unless something else fits far more of the examples."""
    examples = examples[:_EXAMPLES]
    converters = cache(_to_span)
    best, hits = PLAIN, fitting(PLAIN, examples, converters)
    if not examples or hits >= _GOOD * len(examples):
        return best
    needed = hits + max(_LEAST, len(examples) // 10)
    if len(examples) < 2 * _LEAST:
        needed = max(hits + 1, len(examples))  # few examples must all fit
    for counting in _countings(examples):
        found = fitting(counting, examples, converters)
        if found >= needed and found > hits:
            best, hits, needed = counting, found, found + 1
        if hits == len(examples):
            break
    return best


def _countings(examples: Sequence[Example]) -> Iterator[Counting]:
    """Yield what is tried, the usual ones first."""
    bases = [None, *dict.fromkeys(name for example in examples for name in example.bases)]
    for base, unit, first, end in product(bases, _UNITS, (0, 1), _ENDS):
        yield Counting(unit, first, end, base)


def fitting(
    counting: Counting, examples: Sequence[Example], converters: Callable[[str, Unit], ToSpan] | None = None
) -> int:
    """Return how many examples have their quote at their offsets."""
    converters = converters or cache(_to_span)
    found = 0
    for example in examples:
        base = example.bases.get(counting.base, 0) if counting.base else 0
        span = counting.span_by(converters(example.text, counting.unit), example.start, example.end, base)
        found += span is not None and _plain(example.text[span[0] : span[1]]) in map(_plain, example.quotes)
    return found


def _plain(text: str) -> str:
    return " ".join(text.split()).casefold()


def _to_span(text: str, unit: Unit) -> ToSpan:
    if unit in ("code_points", "utf16", "bytes"):
        return OffsetMap(text, unit).span
    places = [match.span() for match in _PATTERNS[unit].finditer(text)]

    def span(start: int, end: int) -> Span | None:
        return (places[start][0], places[end - 1][1]) if 0 <= start < end <= len(places) else None

    return span


_kept_span = lru_cache(8)(_to_span)


def whole_numbers(row: dict[str, Any]) -> dict[str, int]:
    """Return the cells of a row that are whole numbers, from which offsets may count."""
    return {name: cell for name, cell in row.items() if type(cell) is int and cell > 0}
