"""Hint letters: likely candidates get a single letter."""

from bisect import bisect
from collections.abc import Sequence

from db.model import Span

LETTERS = "asdfghjklqwertyuiopzxcvbnm"  # the home row first


def labels(count: int) -> list[str]:
    """Return labels, none the start of another: as many single letters as possible, then pairs; at most 26 × 26."""
    letters = len(LETTERS)
    prefixes = 0
    while letters - prefixes + prefixes * letters < count and prefixes < letters:
        prefixes += 1
    single = LETTERS[: letters - prefixes]
    double = [first + second for first in LETTERS[letters - prefixes :] for second in LETTERS]
    return [*single, *double][:count]


def by_likelihood(candidates: Sequence[tuple[Span, object]], near: Sequence[Span], current: object) -> list[int]:
    """Return the indexes of candidates, the likely ones first.

    Those nearest to the old evidence come first, each value once; then other places of these values; last, places of
    the current value.
    """

    places = sorted(span.start for span in near)

    def distance(number: int) -> int:
        start = candidates[number][0].start
        at = bisect(places, start)
        return min((abs(start - place) for place in places[max(0, at - 1) : at + 1]), default=start)

    first: list[int] = []
    repeated: list[int] = []
    present: list[int] = []
    seen: set[str] = set()
    for number in sorted(range(len(candidates)), key=distance):
        value = candidates[number][1]
        if value == current and type(value) is type(current):
            present.append(number)
        elif repr(value) in seen:
            repeated.append(number)
        else:
            seen.add(repr(value))
            first.append(number)
    return [*first, *repeated, *present]
