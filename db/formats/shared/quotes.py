"""Finds quotes in a text again whose offsets are wrong, as far as it is clear which place of several is meant."""

import html
import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

_MOST = 10_000  # places of a quote; one that stands more often tells nothing
_SEARCHED = 10**8  # characters that are searched quote by quote; beyond, all quotes are looked for at once
_NEAR = 8  # places on each side of an offset that have a say in by how much all are off
_PREFIXES = (8, 4, 2, 1)
_PLAIN = {
    **dict.fromkeys("‘’‚‛ʼ′`´", "'"),
    **dict.fromkeys("“”„‟«»″", '"'),
    **dict.fromkeys("‐‑‒–—―−", "-"),
    **dict.fromkeys("\u00ad\u200b\u200c\u200d\u2060\ufeff", ""),
}
_SPECIAL = re.compile(r"\s+|&#?\w{1,32};|[`]|[^\x00-\x7f\s]")


class Lost(NamedTuple):
    """A quote, and about where it should begin."""

    about: int
    quote: str


class Anchor(NamedTuple):
    """Something that was found: about where it should have begun, and by how much further on it does."""

    about: int
    drift: int


def find_again(text: str, lost: Sequence[Lost], anchors: Iterable[Anchor]) -> list[tuple[int, int] | int]:
    """For each quote its span, or in how many places it stands where it is not clear which is meant, 0 for none.

    A quote that stands once is there. Of several places, one is taken that alone moves it as far as what stands
    around it is moved. Quotes are found to the letter, else whatever their accents, quotes, dashes, white space and
    entities.
    """
    places = _places(text, {item.quote for item in lost})
    # In the order of the text, so that each one's neighbours are found by bisection.
    known = sorted([*anchors, *(Anchor(about, places[q][0][0] - about) for about, q in lost if len(places[q]) == 1)])
    known = known or _agreed(lost, places)
    starts = {quote: [start for start, _ in spans] for quote, spans in places.items()}
    abouts = [anchor.about for anchor in known]
    found: list[tuple[int, int] | int] = []
    for item in lost:
        spans = places[item.quote]
        if len(spans) > 1 and known:
            least, most = _drifts_around(item.about, known, abouts)
            first = bisect_left(starts[item.quote], item.about + least)
            last = bisect_right(starts[item.quote], item.about + most)
            spans = spans[first:last] if last - first == 1 and len(spans) < _MOST else spans
        found.append(spans[0] if len(spans) == 1 else len(spans))
    return found


def _drifts_around(about: int, known: list[Anchor], abouts: list[int]) -> tuple[int, int]:
    """Between how much and how much something is moved there, if what moves the text does so steadily."""
    after = bisect_left(abouts, about)
    before = bisect_right(abouts, about) - 1
    low = known[before] if before >= 0 else Anchor(0, 0)  # nothing has moved a text before its beginning
    if after < len(known):
        return min(low.drift, known[after].drift), max(low.drift, known[after].drift)
    constant = all(anchor.drift == low.drift for anchor in known)
    further = 0 if constant or not low.about else 2 * low.drift * (about - low.about) // low.about
    return min(low.drift, low.drift + further), max(low.drift, low.drift + further)


def _agreed(lost: Sequence[Lost], places: dict[str, list[tuple[int, int]]]) -> list[Anchor]:
    """Where every quote stands several times: those that are off by the same, if most are and by nothing else."""
    votes: Counter[int] = Counter()
    say: dict[tuple[int, str], list[int]] = {}
    for about, quote in set(lost):
        spans = places[quote]
        middle = bisect_left(spans, (about, 0))
        drifts = [start - about for start, _ in spans[max(0, middle - _NEAR) : middle + _NEAR]]
        say[about, quote] = drifts
        votes.update(drifts)
    (drift, most), (_, second) = (*votes.most_common(2), (0, 0), (0, 0))[:2]
    if most < 2 or 2 * second > most:
        return []
    return sorted(Anchor(about, drift) for (about, _), drifts in say.items() if drift in drifts)


def _places(text: str, quotes: set[str]) -> dict[str, list[tuple[int, int]]]:
    """The spans of each quote, in order, at most ``_MOST``."""
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
    """A text without accents and entities, with plain quotes, dashes and blanks; knows where each part stood."""

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
        """Where a stretch of ``text`` stood; what it begins or ends within is taken whole."""
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
    """Where each quote begins, in order, at most ``_MOST`` places of each."""
    if len(quotes) * len(text) <= _SEARCHED:
        return {quote: list(_finds(text, quote)) for quote in quotes}
    found: dict[str, list[int]] = {quote: [] for quote in quotes}
    # By their first characters, and how long those are that begin so: one pass for each length of a beginning.
    for size, longer in zip(_PREFIXES, (None, *_PREFIXES), strict=False):
        begun: dict[str, set[int]] = defaultdict(set)
        for quote in quotes:
            if len(quote) >= size and (longer is None or len(quote) < longer):
                begun[quote[:size]].add(len(quote))
        if not begun:
            continue
        for at in range(len(text) - size + 1):
            for length in begun.get(text[at : at + size], ()):
                starts = found.get(text[at : at + length])
                if starts is not None and len(starts) < _MOST:
                    starts.append(at)
    return found


def _finds(text: str, quote: str) -> Iterator[int]:
    at, count = text.find(quote), 0
    while at >= 0 and count < _MOST:
        yield at
        count += 1
        at = text.find(quote, at + 1)
