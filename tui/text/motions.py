"""Moving through a text by words, characters and lines, as offsets."""

import re
from bisect import bisect_right
from collections.abc import Sequence

from rich.cells import split_graphemes

from db.model import Span
from db.text.folding import UNSPACED

# A word is a run of letters and digits with what joins them; in scripts without spaces, each character is one.
_WORD = re.compile(rf"[{UNSPACED}]|[^\W{UNSPACED}]+(?:[-.,'’][^\W{UNSPACED}]+)*|[^\w\s]")
_MAX_BACK = 2000  # characters searched for the previous word


def word_at(text: str, offset: int) -> Span:
    """Return the word at an offset, or the next one, or the last."""
    start = max(0, offset - _MAX_BACK)
    for match in _WORD.finditer(text, start):
        if match.end() > offset:
            return Span(*match.span())
    last = _before(text, len(text))
    return last or Span(0, min(1, len(text)))


def move(text: str, lines: Sequence[tuple[int, int]], offset: int, motion: str) -> int:
    """Return where a key moves: w b e (words), h l (characters), j k 0 $ (displayed lines), g G (ends of the text)."""
    last = max(0, len(text) - 1)
    match motion:
        case "w":
            here = _WORD.match(text, offset)
            following = _WORD.search(text, here.end() if here else offset + 1)
            return following.start() if following else last
        case "e":
            following = _WORD.search(text, offset + 1)
            return following.end() - 1 if following else last
        case "b":
            found = _before(text, offset)
            return found.start if found else 0
        case "h":
            return _by_character(text, lines, offset, -1)
        case "l":
            return min(last, _by_character(text, lines, offset, 1))
        case "g" | "G":
            return 0 if motion == "g" else last
        case _:
            return min(last, _by_line(lines, offset, motion))


def _before(text: str, offset: int) -> Span | None:
    found = None
    for match in _WORD.finditer(text, max(0, offset - _MAX_BACK), offset):
        if match.start() < offset:
            found = Span(*match.span())
    return found


def _by_character(text: str, lines: Sequence[tuple[int, int]], offset: int, step: int) -> int:
    number = _line_of(lines, offset)
    stops = _stops(text, lines, number)
    place = bisect_right(stops, offset) - 1 + step
    if place < 0 and number > 0:
        return _stops(text, lines, number - 1)[-1]
    if place >= len(stops) and number + 1 < len(lines):
        return lines[number + 1][0]
    return stops[max(0, min(place, len(stops) - 1))]


def _stops(text: str, lines: Sequence[tuple[int, int]], number: int) -> list[int]:
    """Return where the cursor can be in a line: on each grapheme, and once on the white space after it."""
    start, end = lines[number] if lines else (0, len(text))
    stops = [start + int(piece[0]) for piece in split_graphemes(text[start:end])[0]]
    following = lines[number + 1][0] if number + 1 < len(lines) else len(text)
    return [*stops, end] if end < following or not stops else stops


def _by_line(lines: Sequence[tuple[int, int]], offset: int, motion: str) -> int:
    if not lines:
        return 0
    number = _line_of(lines, offset)
    column = offset - lines[number][0]
    if motion == "0":
        return lines[number][0]
    if motion == "$":
        return max(lines[number][0], lines[number][1] - 1)
    number = max(0, min(len(lines) - 1, number + (1 if motion == "j" else -1)))
    start, end = lines[number]
    return min(start + column, max(start, end - 1))


def _line_of(lines: Sequence[tuple[int, int]], offset: int) -> int:
    return max(0, bisect_right(lines, offset, key=lambda line: line[0]) - 1)
