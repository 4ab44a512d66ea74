"""Labelled spans of a text, and a choice of those that don't overlap."""

from bisect import bisect_left
from collections.abc import Iterable
from typing import NamedTuple


class Mention(NamedTuple):
    """Characters ``[start, end)`` of a text that support a value; ``label`` is the name of its field."""

    start: int
    end: int
    label: str


def without_overlaps(mentions: Iterable[Mention]) -> list[Mention]:
    """Return mentions that share no character, in text order. Of overlapping ones, the longest wins, then the first."""
    chosen: list[Mention] = []  # in the order of the text
    for mention in sorted(mentions, key=lambda mention: (mention.start - mention.end, mention)):
        at = bisect_left(chosen, mention)
        neighbours = chosen[max(0, at - 1) : at + 1]
        if all(other.end <= mention.start or mention.end <= other.start for other in neighbours):
            chosen.insert(at, mention)
    return chosen
