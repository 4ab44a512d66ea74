"""Hint letters: which candidate gets which, so that the likely ones have one letter."""

from collections.abc import Sequence

from db.model import Span

LETTERS = "asdfghjklqwertyuiopzxcvbnm"  # the home row first


def labels(count: int) -> list[str]:
    """Labels of one or two letters, none the beginning of another; as many of one letter as can be.

    At most 26 × 26: what comes after has no label.
    """
    letters = len(LETTERS)
    prefixes = 0
    while letters - prefixes + prefixes * letters < count and prefixes < letters:
        prefixes += 1
    single = LETTERS[: letters - prefixes]
    double = [first + second for first in LETTERS[letters - prefixes :] for second in LETTERS]
    return [*single, *double][:count]


def by_likelihood(candidates: Sequence[tuple[Span, object]], near: Sequence[Span], current: object) -> list[int]:
    """Places of candidates, the likely ones first.

    Nearest to the old evidence first, each value once; then the other places of the same values; last, places of the
    value that the field has already.
    """

    def distance(number: int) -> int:
        start = candidates[number][0].start
        return min((abs(start - span.start) for span in near), default=start)

    first: list[int] = []
    again: list[int] = []
    present: list[int] = []
    seen: set[str] = set()
    for number in sorted(range(len(candidates)), key=distance):
        value = candidates[number][1]
        if value == current and type(value) is type(current):
            present.append(number)
        elif repr(value) in seen:
            again.append(number)
        else:
            seen.add(repr(value))
            first.append(number)
    return [*first, *again, *present]
