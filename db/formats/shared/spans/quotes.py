"""Finds quotes whose offsets are wrong in a text, if it is clear which of several places is meant."""

import html
import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from db.text.folding import INVISIBLE, LOOK_ALIKES

_MAX_PLACES = 10_000  # of a quote; one that occurs more often says nothing
_SEARCH_ONE_BY_ONE = 10**8  # characters; beyond, one pass searches for all quotes
_VOTING_PLACES = 8  # on each side of an offset
_PREFIX_LENGTHS = (8, 4, 2, 1)
_PLAIN = {**LOOK_ALIKES, **dict.fromkeys(INVISIBLE, "")}
_SPECIAL = re.compile(r"\s+|&#?\w{1,32};|[`]|[^\x00-\x7f\s]")


class LostQuote(NamedTuple):
    """A quote, and where it is expected to begin."""

    expected: int
    quote: str


class Anchor(NamedTuple):
    """A quote that was found: where it was expected to begin, and how far behind that it does."""

    expected: int
    drift: int


def find_quotes(text: str, lost: Sequence[LostQuote], anchors: Iterable[Anchor]) -> list[tuple[int, int] | int]:
    """Return the span of each quote, or the number of its places if it is unclear which is meant, 0 if there is none.

    A quote that occurs once is found. Of several places, the only one that moves the quote as far as its neighbours
    move is taken. Quotes match exactly, or else whatever their accents, quotation marks, dashes, white space and
    entities.
    """
    places = _places(text, {item.quote for item in lost})
    # Sorted by position, so that neighbours are found by bisection.
    unique = [Anchor(expected, places[quote][0][0] - expected) for expected, quote in lost if len(places[quote]) == 1]
    known = sorted([*anchors, *unique]) or _agreeing_anchors(lost, places)
    starts = {quote: [start for start, _ in spans] for quote, spans in places.items()}
    positions = [anchor.expected for anchor in known]
    found: list[tuple[int, int] | int] = []
    for item in lost:
        spans = places[item.quote]
        if len(spans) > 1 and known:
            least, most = _drift_range(item.expected, known, positions)
            first = bisect_left(starts[item.quote], item.expected + least)
            last = bisect_right(starts[item.quote], item.expected + most)
            spans = spans[first:last] if last - first == 1 and len(spans) < _MAX_PLACES else spans
        found.append(spans[0] if len(spans) == 1 else len(spans))
    return found


def _drift_range(position: int, known: list[Anchor], positions: list[int]) -> tuple[int, int]:
    """Return the least and the greatest drift at a position, if the drift changes steadily between anchors."""
    after = bisect_left(positions, position)
    before = bisect_right(positions, position) - 1
    low = known[before] if before >= 0 else Anchor(0, 0)  # there is no drift at the beginning of a text
    if after < len(known):
        return min(low.drift, known[after].drift), max(low.drift, known[after].drift)
    constant = all(anchor.drift == low.drift for anchor in known)
    growth = 0 if constant or not low.expected else 2 * low.drift * (position - low.expected) // low.expected
    return min(low.drift, low.drift + growth), max(low.drift, low.drift + growth)


def _agreeing_anchors(lost: Sequence[LostQuote], places: dict[str, list[tuple[int, int]]]) -> list[Anchor]:
    """Return the quotes that share the most common drift, unless another drift is nearly as common.

    For texts in which every quote occurs several times.
    """
    votes: Counter[int] = Counter()
    drifts_of: dict[LostQuote, list[int]] = {}
    for item in set(lost):
        spans = places[item.quote]
        middle = bisect_left(spans, (item.expected, 0))
        nearby = spans[max(0, middle - _VOTING_PLACES) : middle + _VOTING_PLACES]
        drifts_of[item] = [start - item.expected for start, _ in nearby]
        votes.update(drifts_of[item])
    (drift, most), (_, second) = (*votes.most_common(2), (0, 0), (0, 0))[:2]
    if most < 2 or 2 * second > most:
        return []
    return sorted(Anchor(item.expected, drift) for item, drifts in drifts_of.items() if drift in drifts)


def _places(text: str, quotes: set[str]) -> dict[str, list[tuple[int, int]]]:
    places = {
        quote: [(start, start + len(quote)) for start in starts] for quote, starts in _occurrences(text, quotes).items()
    }
    missing = {quote: plain for quote in quotes if not places[quote] and (plain := Folded(quote).text.strip())}
    if missing:
        plain_text = Folded(text)
        starts = _occurrences(plain_text.text, set(missing.values()))
        for quote, plain in missing.items():
            spans = (plain_text.span(start, start + len(plain)) for start in starts[plain])
            places[quote] = list(dict.fromkeys(span for span in spans if span))
    return places


class Folded:
    """A text without accents and entities, with plain quotation marks, dashes and spaces, and its original offsets."""

    def __init__(self, text: str) -> None:
        pieces: list[str] = []
        self._folded: list[int] = []
        self._folded_ends: list[int] = []
        self._starts: list[int] = []
        self._ends: list[int] = []
        at = length = 0
        known: dict[str, str] = {}
        for match in _SPECIAL.finditer(text):
            start, end = match.span()
            special = match[0]
            plain = known.get(special)
            if plain is None:
                plain = known[special] = _plain(special)
            if plain == special:
                continue
            pieces += text[at:start], plain
            length += start - at
            self._folded.append(length)
            length += len(plain)
            self._folded_ends.append(length)
            self._starts.append(start)
            self._ends.append(end)
            at = end
        pieces.append(text[at:])
        self.text = "".join(pieces)

    def span(self, start: int, end: int) -> tuple[int, int] | None:
        """Return the original span of a part of ``text``, extended to whole original characters and entities."""
        n = bisect_right(self._folded, start) - 1
        if n < 0:
            first = start
        elif start < self._folded_ends[n]:
            first = self._starts[n]
        else:
            first = self._ends[n] + start - self._folded_ends[n]
        n = bisect_left(self._folded, end) - 1
        if n < 0:
            last = end
        elif end <= self._folded_ends[n]:
            last = self._ends[n]
        else:
            last = self._ends[n] + end - self._folded_ends[n]
        return (first, last) if first < last else None


def _plain(special: str) -> str:
    if special[0] == "&" and len(special) > 1:
        resolved = html.unescape(special)
        return special if resolved == special else Folded(resolved).text
    if special.isspace():
        return " "
    if special in _PLAIN:
        return _PLAIN[special]
    decomposed = unicodedata.normalize("NFKD", special)
    return "".join(_PLAIN.get(c, c) for c in decomposed if not unicodedata.combining(c))


def _occurrences(text: str, quotes: set[str]) -> dict[str, list[int]]:
    if len(quotes) * len(text) <= _SEARCH_ONE_BY_ONE:
        return {quote: list(_find_all(text, quote)) for quote in quotes}
    found: dict[str, list[int]] = {quote: [] for quote in quotes}
    # One pass over the text for each prefix length, with the lengths of the quotes that begin with each prefix.
    for size, longer in zip(_PREFIX_LENGTHS, (None, *_PREFIX_LENGTHS), strict=False):
        lengths: dict[str, set[int]] = defaultdict(set)
        for quote in quotes:
            if len(quote) >= size and (longer is None or len(quote) < longer):
                lengths[quote[:size]].add(len(quote))
        if not lengths:
            continue
        for at in range(len(text) - size + 1):
            for length in lengths.get(text[at : at + size], ()):
                starts = found.get(text[at : at + length])
                if starts is not None and len(starts) < _MAX_PLACES:
                    starts.append(at)
    return found


def _find_all(text: str, quote: str) -> Iterator[int]:
    at, count = text.find(quote), 0
    while at >= 0 and count < _MAX_PLACES:
        yield at
        count += 1
        at = text.find(quote, at + 1)
