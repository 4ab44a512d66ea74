"""Words and sentences of a text in any script, for training data, by their offsets."""

import re
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from functools import cache
from typing import NamedTuple
from unicodedata import category

_ALONE = "぀-ヿ㐀-䶿一-鿿豈-﫿𠀀-𲎯"  # scripts without spaces: each character is a token, as models take them
_JOINERS = "\u200c\u200d"
_PLANES_WITH_MARKS = 0x20000
_ENDS = frozenset(".!?…。！？｡؟۔।॥")
_ENDS_ALONE = frozenset("。！？｡")  # after which no white space follows
_TITLES = frozenset("Mr Mrs Ms Dr Prof St Gen Col Capt Lt Sgt Gov Sen Rep Rev Hon Jr No vs".split())
_CLOSERS = frozenset("\"'”’»)]}」』）")
_CLOSING = 4  # closing marks after the one that ends a sentence, at most
_EMPTY_LINE = re.compile(r"\n\s*\n|[\u2029\f]")


class Token(NamedTuple):
    """Characters ``[start, end)`` of a text: a word, a number, or one other character. Never white space."""

    start: int
    end: int


def tokenise(text: str, cuts: Iterable[int] = ()) -> list[Token]:
    """The tokens of a text. None goes across one of ``cuts``: spans that begin and end there are of whole tokens."""
    tokens = [Token(*match.span()) for match in _pattern().finditer(text)]
    return _cut(tokens, sorted(set(cuts)))


def sentences(text: str, tokens: Sequence[Token], whole: Sequence[tuple[int, int]] = ()) -> list[list[Token]]:
    """Tokens by sentence. None ends within a span of ``whole``.

    A sentence ends at an empty line, and after a mark that ends one where white space and no small letter follows; not
    after a title or a letter that stands alone, as in ``Dr. J. Smith``.
    """
    found: list[list[Token]] = []
    inside = _Inside(whole)
    current: list[Token] = []
    for number, token in enumerate(tokens):
        current.append(token)
        if number + 1 == len(tokens):
            break
        following = tokens[number + 1]
        gap = text[token.end : following.start]
        if inside.between(token.end, following.start) or not (gap or text[token.start] in _ENDS_ALONE):
            continue
        if _EMPTY_LINE.search(gap) or (_ends(text, tokens, number) and not text[following.start].islower()):
            found.append(current)
            current = []
    return [*found, current] if current else found


class _Inside:
    """Tells whether a place is within one of many spans."""

    def __init__(self, spans: Sequence[tuple[int, int]]) -> None:
        self._starts: list[int] = []
        self._furthest: list[int] = []  # of the spans so far
        for start, end in sorted(spans):
            self._starts.append(start)
            self._furthest.append(max(end, self._furthest[-1] if self._furthest else 0))

    def between(self, end: int, start: int) -> bool:
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
    """A number with its separators, a run of letters, digits and what belongs to them, or one other character.

    Accents and vowel signs are no letters to Python, yet a word does not end at one.
    """
    marks = "".join(chr(code) for code in range(_PLANES_WITH_MARKS) if category(chr(code)).startswith("M"))
    return re.compile(rf"\d+(?:[.,]\d+)+|[{_ALONE}]|(?:(?![{_ALONE}])[\w{marks}{_JOINERS}])+|\S")


def _ends(text: str, tokens: Sequence[Token], number: int) -> bool:
    for _ in range(_CLOSING):
        if number > 0 and text[tokens[number].start] in _CLOSERS:
            number -= 1
    mark = tokens[number]
    if text[mark.start] != ".":
        return text[mark.start] in _ENDS
    before = tokens[number - 1] if number else mark
    word = text[before.start : before.end]
    return before.end != mark.start or not (word in _TITLES or (len(word) == 1 and word.isalpha()))
