"""Words, sentences and labelled spans of a text in any script, for training data."""

import re
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from functools import cache
from typing import NamedTuple
from unicodedata import category

_UNSPACED = "぀-ヿ㐀-䶿一-鿿豈-﫿𠀀-𲎯"  # scripts without spaces: each character is a token, as models expect
_JOINERS = "\u200c\u200d"
_MARKS_BELOW = 0x20000  # code points checked for combining marks
_ENDS = frozenset(".!?…。！？｡؟۔।॥")
_ENDS_WITHOUT_SPACE = frozenset("。！？｡")
_TITLES = frozenset("Mr Mrs Ms Dr Prof St Gen Col Capt Lt Sgt Gov Sen Rep Rev Hon Jr No vs".split())
_CLOSERS = frozenset("\"'”’»)]}」』）")
_MOST_CLOSERS = 4  # after the mark that ends a sentence
_EMPTY_LINE = re.compile(r"\n\s*\n|[\u2029\f]")


class Token(NamedTuple):
    """Characters ``[start, end)`` of a text: a word, a number, or one other character, but never white space."""

    start: int
    end: int


def tokenise(text: str, cuts: Iterable[int] = ()) -> list[Token]:
    """Return the tokens of a text, cut at ``cuts`` so that spans that begin or end there hold whole tokens."""
    tokens = [Token(*match.span()) for match in _pattern().finditer(text)]
    return _cut(tokens, sorted(set(cuts)))


def sentences(text: str, tokens: Sequence[Token], whole: Sequence[tuple[int, int]] = ()) -> list[list[Token]]:
    """Return the tokens of each sentence. No sentence ends inside a span of ``whole``.

    A sentence ends at an empty line, and after an end mark if white space and no lower-case letter follows; but not
    after a title or an initial, as in ``Dr. J. Smith``.
    """
    found: list[list[Token]] = []
    spans = _SpanIndex(whole)
    current: list[Token] = []
    for number, token in enumerate(tokens):
        current.append(token)
        if number + 1 == len(tokens):
            break
        following = tokens[number + 1]
        gap = text[token.end : following.start]
        if spans.cover(token.end, following.start) or not (gap or text[token.start] in _ENDS_WITHOUT_SPACE):
            continue
        if _EMPTY_LINE.search(gap) or (_ends(text, tokens, number) and not text[following.start].islower()):
            found.append(current)
            current = []
    return [*found, current] if current else found


class _SpanIndex:
    """Finds out if a gap lies inside one of many spans."""

    def __init__(self, spans: Sequence[tuple[int, int]]) -> None:
        self._starts: list[int] = []
        self._furthest: list[int] = []  # end of the spans so far
        for start, end in sorted(spans):
            self._starts.append(start)
            self._furthest.append(max(end, self._furthest[-1] if self._furthest else 0))

    def cover(self, end: int, start: int) -> bool:
        number = bisect_left(self._starts, start)
        return number > 0 and self._furthest[number - 1] > end


def _cut(tokens: list[Token], cuts: list[int]) -> list[Token]:
    if not cuts:
        return tokens
    pieces: list[Token] = []
    for start, end in tokens:
        for cut in cuts[bisect_left(cuts, start + 1) : bisect_left(cuts, end)]:
            pieces.append(Token(start, cut))
            start = cut
        pieces.append(Token(start, end))
    return pieces


@cache
def _pattern() -> re.Pattern[str]:
    """Match a number with its separators, a run of letters, digits and combining marks, or one other character.

    Combining marks are listed, since ``\\w`` does not match accents and vowel signs, which must not end a word.
    """
    marks = "".join(chr(code) for code in range(_MARKS_BELOW) if category(chr(code)).startswith("M"))
    return re.compile(rf"\d+(?:[.,]\d+)+|[{_UNSPACED}]|(?:(?![{_UNSPACED}])[\w{marks}{_JOINERS}])+|\S")


def _ends(text: str, tokens: Sequence[Token], number: int) -> bool:
    for _ in range(_MOST_CLOSERS):
        if number > 0 and text[tokens[number].start] in _CLOSERS:
            number -= 1
    mark = tokens[number]
    if text[mark.start] != ".":
        return text[mark.start] in _ENDS
    before = tokens[number - 1] if number else mark
    word = text[before.start : before.end]
    return before.end != mark.start or not (word in _TITLES or (len(word) == 1 and word.isalpha()))


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
