"""Wrapping as it was before it was made fast, word by word and grapheme by grapheme: the law for what it gives."""

import re
from collections.abc import Iterator

from rich.cells import cell_len, split_graphemes

_WORDS = re.compile(r"\S+\s*|\s+")


def wrapped_slowly(text: str, width: int) -> list[tuple[int, int]]:
    """The lines of a text as ranges ``[start, end)`` of code points, each at most ``width`` cells wide.

    Lines end at newlines and before words; a word that is too long is split between graphemes, a text without spaces
    between wide characters. What lies between two ranges is white space.
    """
    width = max(1, width)
    lines: list[tuple[int, int]] = []
    start = 0
    for paragraph in text.split("\n"):
        end = start + len(paragraph)
        if paragraph.isascii() and len(paragraph) <= width:
            lines.append((start, end))
        else:
            lines += _wrap_paragraph(paragraph, start, width)
        start = end + 1
    return lines


def _wrap_paragraph(paragraph: str, base: int, width: int) -> Iterator[tuple[int, int]]:
    measure = len if paragraph.isascii() else cell_len
    if measure(paragraph) <= width:
        yield base, base + len(paragraph)
        return
    start = end = 0  # the line so far, without the white space after it
    used = 0  # its cells, with the white space
    for match in _WORDS.finditer(paragraph):
        chunk = match[0]
        word = chunk.rstrip()
        cells = measure(word)
        # A run without spaces that is longer than a line, as in Chinese, fills the line before it is broken.
        fills = cells > width and used < width and measure is cell_len
        if used and used + cells > width and not fills:
            yield base + start, base + end
            start = match.start()
            used = 0
        if used + cells > width:
            for piece_start, piece_end, whole in _split(word, width, width - used):
                if whole:
                    yield base + start, base + match.start() + piece_end
                    start = match.start() + piece_end
                    used = 0
                else:
                    used += cell_len(word[piece_start:piece_end])
            end = match.end() - (len(chunk) - len(word))
            used += measure(chunk[len(word) :])
            continue
        end = match.start() + len(word)
        used += measure(chunk)
    yield base + start, base + max(end, start)


def _split(word: str, width: int, first: int) -> Iterator[tuple[int, int, bool]]:
    """Pieces of a too long word: the first fills ``first`` cells, others ``width``; the last is not whole."""
    room, start, used = first, 0, 0
    for grapheme_start, _, cells in split_graphemes(word)[0]:
        if used + cells > room and (used or room < width):
            yield start, grapheme_start, True
            start, used, room = grapheme_start, 0, width
        used += cells
    yield start, len(word), False
