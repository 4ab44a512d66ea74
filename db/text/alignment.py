"""Aligns two versions of a text, to find spans of the one in the other.

difflib is not used: without its heuristics, two long texts with many changes take minutes, and with them a common word
matches nothing. Here, sequences of words that occur once in both texts are anchors, in the longest order that both
share; then the same between two anchors. Both texts are compared in composed characters (NFC), without invisible ones,
with quotes and dashes alike, in lower case, and by words, so that white space doesn't count.
"""

import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Hashable, Iterable, Sequence
from functools import cached_property, lru_cache

from db.model import Span
from db.text.folding import INVISIBLE, LOOK_ALIKES, UNSPACED

# A number with its separators is one token: "1" is not found in "1,200".
_SEPARATOR = "[.,:'\u00a0\u202f\u2009]"
_TOKEN = re.compile(
    rf"\d{{1,3}}(?: \d{{3}})+(?!\d)|\d+(?:{_SEPARATOR}\d+)*|[{UNSPACED}]|[^\W{UNSPACED}]+|[^\w\s]",
)
_INVISIBLE = re.compile(f"[{INVISIBLE}]")
_PLAIN = str.maketrans(LOOK_ALIKES)
_ANCHORS = (6, 2, 1)  # tokens of an anchor: longer ones are safer
_BUDGET = 60  # steps for each token, so that no pair of texts takes long
_CONTEXT = 2  # tokens on each side of a single one that may support it
_SURROUNDINGS = 8  # tokens on each side that decide between two places
_MIN_WORD = 3  # letters of a word that needs no support
_KEPT = 8  # alignments: those of the document that is being imported or checked


class Alignment:
    """Where the tokens of one text are in another."""

    def __init__(self, old: str, new: str) -> None:
        self._texts = old, new

    @cached_property
    def _old(self) -> "_Text":
        return _Text(self._texts[0])

    @cached_property
    def _new(self) -> "_Text":
        return _Text(self._texts[1])

    @cached_property
    def _matches(self) -> list[int]:
        return _match(self._old.tokens, self._new.tokens)

    def move(self, span: Span) -> Span | None:
        """Return the span of the same text in the new version; None if it has none.

        A single number or short word also needs a neighbour that is the same, because it may occur anywhere.
        """
        if self._texts[0] == self._texts[1]:
            return span
        old, new = self._old, self._new
        start, end = old.to_plain(span.start), old.to_plain(span.end)
        first, last = bisect_right(old.ends, start), bisect_left(old.starts, end) - 1
        if first > last:
            return None
        shift = self._best_shift(first, last)
        if shift is None:
            return None
        target = first + shift
        moved_start = new.starts[target] + max(0, start - old.starts[first])
        moved_end = new.ends[target + last - first] - max(0, old.ends[last] - end)
        before, after = old.plain[start : old.starts[first]], old.plain[old.ends[last] : end]
        if before and new.plain.endswith(before, 0, moved_start):
            moved_start -= len(before)
        if after and new.plain.startswith(after, moved_end):
            moved_end += len(after)
        return Span(new.from_start(moved_start), new.from_end(moved_end))

    def _best_shift(self, first: int, last: int) -> int | None:
        """Return how far tokens moved; where a repeated word makes that ambiguous, most of what is around decides."""
        tokens, others, matches = self._old.tokens, self._new.tokens, self._matches
        near = range(max(0, first - _CONTEXT), min(len(tokens), last + 1 + _CONTEXT))
        best, best_score = None, 0
        for shift in dict.fromkeys(matches[place] - place for place in near if matches[place] >= 0):
            if first + shift < 0 or tokens[first : last + 1] != others[first + shift : last + 1 + shift]:
                continue
            sides = [self._same_around(place, shift, step) for place, step in ((first, -1), (last, 1))]
            alone = first == last and not (tokens[first].isalpha() and len(tokens[first]) >= _MIN_WORD)
            if alone and not any(is_support for _, is_support in sides):
                continue
            score = 1 + sum(count for count, _ in sides)
            if score > best_score:
                best, best_score = shift, score
        return best

    def _same_around(self, place: int, shift: int, step: int) -> tuple[int, bool]:
        """Return how many tokens on one side are the same, and True if they support a single token."""
        tokens, others = self._old.tokens, self._new.tokens
        is_support = False
        for count in range(_SURROUNDINGS):
            place += step
            in_old, in_new = 0 <= place < len(tokens), 0 <= place + shift < len(others)
            if not (in_old and in_new):
                return count, is_support or not (in_old or in_new)
            if tokens[place] != others[place + shift]:
                return count, is_support
            is_support = is_support or (count < _CONTEXT and tokens[place].isalnum())
        return _SURROUNDINGS, is_support


@lru_cache(maxsize=_KEPT)
def align(old: str, new: str) -> Alignment:
    """Return the alignment of two texts; the last ones are kept."""
    return Alignment(old, new)


class _Text:
    """A text in plain form, and its tokens with their offsets in that form."""

    def __init__(self, text: str) -> None:
        self._starts: list[int] = []  # of each plain character in the text; empty if they are the same
        self._ends: list[int] = []
        self.plain = text.translate(_PLAIN) if not text.isascii() else text
        if not (self.plain.isascii() or unicodedata.is_normalized("NFC", text)) or _INVISIBLE.search(text):
            self.plain = self._composed(self.plain)
        spans = [found.span() for found in _TOKEN.finditer(self.plain)]
        self.starts = [start for start, _ in spans]
        self.ends = [end for _, end in spans]
        lower = self.plain.lower()
        compared = lower if len(lower) == len(self.plain) else self.plain
        self.tokens = [compared[start:end] for start, end in spans]

    def to_plain(self, offset: int) -> int:
        return bisect_left(self._starts, offset) if self._starts else offset

    def from_start(self, offset: int) -> int:
        return self._starts[offset] if self._starts else offset

    def from_end(self, offset: int) -> int:
        return self._ends[offset - 1] if self._starts else offset

    def _composed(self, text: str) -> str:
        """Return the text composed and without invisible characters, and note where each character is from."""
        parts, start = [], 0
        for end in range(1, len(text) + 1):
            if end < len(text) and _continues(text[end]):
                continue
            part = unicodedata.normalize("NFC", _INVISIBLE.sub("", text[start:end]))
            parts.append(part)
            self._starts += [start] * len(part)
            self._ends += [end] * len(part)
            start = end
        return "".join(parts)


def _continues(character: str) -> bool:
    """Return True for what can be composed with the character before it: marks, vowels and finals of Korean."""
    return character > "\u02ff" and ("\u1160" <= character <= "\u11ff" or unicodedata.category(character)[0] == "M")


def _match(old: Sequence[str], new: Sequence[str]) -> list[int]:
    """Return for each old token its place among the new ones, or -1; places ascend."""
    matches = [-1] * len(old)
    budget = _BUDGET * (len(old) + len(new))
    gaps = [(0, len(old), 0, len(new))]
    while gaps:
        start, end, other, other_end = gaps.pop()
        while start < end and other < other_end and old[start] == new[other]:
            matches[start] = other
            start, other = start + 1, other + 1
        while start < end and other < other_end and old[end - 1] == new[other_end - 1]:
            end, other_end = end - 1, other_end - 1
            matches[end] = other_end
        if start == end or other == other_end:
            continue
        before, other_before = start, other
        for length in _ANCHORS:
            budget -= end - start + other_end - other
            if budget < 0:
                return matches
            if anchors := _anchors(old[start:end], new[other:other_end], length):
                for place, target in anchors:
                    place, target = start + place, other + target
                    matches[place] = target
                    gaps.append((before, place, other_before, target))
                    before, other_before = place + 1, target + 1
                gaps.append((before, end, other_before, other_end))
                break
    return matches


def _anchors(old: Sequence[str], new: Sequence[str], length: int) -> list[tuple[int, int]]:
    """Return where sequences of ``length`` tokens begin that occur once in both, in the longest common order."""
    places, others = _unique(old, length), _unique(new, length)
    pairs = [(place, other) for key, place in places.items() if place >= 0 and (other := others.get(key, -1)) >= 0]
    lowest: list[int] = []  # the lowest end of an ascending sequence of each length
    ends: list[int] = []  # the pairs that these are
    previous = [-1] * len(pairs)
    for number, (_, other) in enumerate(pairs):
        at = bisect_left(lowest, other)
        previous[number] = ends[at - 1] if at else -1
        lowest[at : at + 1] = [other]
        ends[at : at + 1] = [number]
    found = []
    number = ends[-1] if ends else -1
    while number >= 0:
        found.append(pairs[number])
        number = previous[number]
    return found[::-1]


def _unique(tokens: Sequence[str], length: int) -> dict[Hashable, int]:
    """Return the sequences of tokens with their places; -1 for one that occurs more than once."""
    keys: Iterable[Hashable] = tokens if length == 1 else zip(*(tokens[n:] for n in range(length)), strict=False)
    places: dict[Hashable, int] = {}
    for place, key in enumerate(keys):
        places[key] = -1 if key in places else place
    return places
