"""The rules of wrapping, checked against wrapped lines. Widths come from wcwidth, not from rich."""

import re
from collections.abc import Iterator

from wcwidth import wcwidth

_WORD = re.compile(r"\S+")


def assert_wrapped(text: str, width: int, lines: list[tuple[int, int]]) -> None:
    """Check that lines ``[start, end)`` are the one correct wrapping of a safe text at a width in cells.

    A newline ends a paragraph. A paragraph that fits is one line. In a longer one, each line is the longest that fits
    and ends where a line may end; the white space after it belongs to no line.
    """
    remaining = iter(lines)
    base = 0
    for paragraph in text.split("\n"):
        start = 0
        while True:
            line = next(remaining, None)
            assert line is not None, f"a line is missing at {base + start}"
            end = _end_of_line(paragraph, start, width)
            assert line == (base + start, base + end), f"expected {(base + start, base + end)}, not {line}"
            start = len(paragraph) - len(paragraph[end:].lstrip())
            if start == len(paragraph):
                break
        base += len(paragraph) + 1
    assert next(remaining, None) is None, "there are more lines than text"


def _end_of_line(paragraph: str, start: int, width: int) -> int:
    if start == 0 and _cells(paragraph) <= width:
        return len(paragraph)
    longest = start
    for end in _possible_ends(paragraph, start, width):
        if _cells(paragraph[start:end]) > width:
            # Blanks that don't fit leave an empty line; a character that doesn't fit gets a line of its own.
            return end if longest == start and not paragraph[start].isspace() else longest
        longest = end
    return longest


def _possible_ends(paragraph: str, start: int, width: int) -> Iterator[int]:
    """Yield where a line may end: after each word, and between the characters of a word wider than a line.

    A mark stays with the character before it. In ASCII text, a word wider than a line begins a line of its own; in
    other scripts it first fills the line before.
    """
    for word in _WORD.finditer(paragraph, start):
        if _cells(word[0]) > width and (word.start() == start or not paragraph.isascii()):
            if start < word.start() and _cells(paragraph[start : word.start()]) < width:
                yield word.start()  # the first character is wide, and half of it would fit
            for place in range(word.start() + 1, word.end()):
                if wcwidth(paragraph[place]) and _cells(paragraph[start:place]):
                    yield place
        yield word.end()


def _cells(text: str) -> int:
    return sum(map(wcwidth, text))
