"""Wrapping text to a width in terminal cells. Lines are ranges of the text, so offsets are never lost.

One regular expression per width finds the lines in a shadow of the text that has one character per cell. Joined emoji
and other oddities are wrapped grapheme by grapheme. It uses rich's private table of widths; check it on upgrade.
"""

import re
from collections.abc import Iterator
from functools import cache, lru_cache

from rich._unicode_data import load as load_cell_table
from rich.cells import cell_len, get_character_cell_size, split_graphemes

from tui.text.safe import measured

_WORDS = re.compile(r"\S+\s*|\s+")
# In a shadow: the second cell of a wide character, and of a wide blank; a mark; what has to be wrapped by graphemes.
_SECOND, _BLANK_SECOND, _MARK, _ODDITY = "\x01", "\x1f", "\u0300", "\x02"
_LOOSE_MARK = re.compile(rf"(?:^|\s){_MARK}")
_JOINERS = (0x200D, 0xFE0F)  # what they do depends on their neighbours
_PIECE = 1 << 15  # characters
_LONGEST_GRAPHEME = 10  # characters of a letter with its marks; clip reads on where they are longer
_NARROWEST = 4  # below, a wide character may not fit at all


def wrap(text: str, width: int) -> list[tuple[int, int]]:
    """Return the lines of a text as ranges ``[start, end)`` of code points, each at most ``width`` cells wide.

    Lines end at newlines and before words; a word that is too long is split between graphemes, a text without spaces
    between wide characters. What lies between two ranges is white space.
    """
    return [line for piece in wrap_in_pieces(text, width) for line in piece]


def wrap_in_pieces(text: str, width: int) -> Iterator[list[tuple[int, int]]]:
    """Yield the same lines, some at a time, so that the caller can do other things in between."""
    width = max(1, width)
    text = measured(text)
    start = 0
    while start <= len(text):
        end = text.find("\n", start + _PIECE)
        end = len(text) if end < 0 else end
        yield _wrap_paragraphs(text[start:end], start, width)
        start = end + 1


def _wrap_paragraphs(text: str, start: int, width: int) -> list[tuple[int, int]]:
    lines: list[tuple[int, int]] = []
    odd = _not_one_cell().search
    all_plain = not odd(text)
    for paragraph in text.split("\n"):
        end = start + len(paragraph)
        if all_plain or not odd(paragraph):
            if len(paragraph) <= width:
                lines.append((start, end))
            else:
                found = _lines(width, not paragraph.isascii(), False).finditer(paragraph)
                lines += [(start + match.start(1), start + match.end(1)) for match in found]
        elif 2 * len(paragraph) <= width:
            lines.append((start, end))
        else:
            lines += _wrap_shadowed(paragraph, start, width)
        start = end + 1
    return lines


def _wrap_shadowed(paragraph: str, base: int, width: int) -> Iterator[tuple[int, int]]:
    shadow = paragraph.translate(_SHADOW)
    marks = shadow.count(_MARK)
    if _ODDITY in shadow or (marks and _LOOSE_MARK.search(shadow)) or width < _NARROWEST:
        yield from _wrap_by_graphemes(paragraph, base, width)
    elif len(shadow) - marks <= width:
        yield base, base + len(paragraph)
    else:
        seconds = [second for second in (_SECOND, _BLANK_SECOND) if second in shadow]
        after = 0  # of the shadow: to where second cells are counted
        for match in _lines(width, not paragraph.isascii(), bool(marks)).finditer(shadow):
            start, end = match.span(1)
            for second in seconds:
                base -= shadow.count(second, after, start)
            before = base
            for second in seconds:
                base -= shadow.count(second, start, end)
            yield before + start, base + end
            after = end


@lru_cache(maxsize=32)
def _lines(width: int, fills: bool, marks: bool) -> re.Pattern[str]:
    """Return the pattern whose first group is a line, for paragraphs longer than one line.

    With ``fills``, a word that is longer than a line fills the rest of the line before it is broken, as in Chinese;
    without, it begins a line.
    """
    cell, letter = (rf"(?:[^{_MARK}]{_MARK}*+)", rf"(?:[^\s{_MARK}]{_MARK}*+)") if marks else (".", r"\S")
    words = rf"{cell}{{1,{width}}}(?<!\s)(?!\S)"
    blank = "^"  # blanks before a word that does not fit behind them
    if not fills:
        return re.compile(rf"({words}|{letter}{{{width}}}|{blank})\s*")
    too_long = rf"{letter}{{{width + 1}}}"
    short_after_blanks = rf"\s+{letter}{{1,{width}}}(?!\S)"
    full = rf"{cell}{{{width}}}(?<=\S)(?=\S)(?!{_SECOND})|{cell}{{{width - 1}}}(?=\S{_SECOND})"
    # In turn: a piece of a word too long; words, unless one too long comes next; with the beginning of that one, if
    # anything of it fits; without it.
    begun = rf"(?:(?={words})|(?!{short_after_blanks}))(?:{full})"
    return re.compile(rf"((?={too_long})(?:{full})|(?>{words})(?!\s*{too_long})|{begun}|{words}|{blank})\s*")


@cache
def _not_one_cell() -> re.Pattern[str]:
    """Return the pattern of characters that may not be one cell wide."""
    # One set of the characters below 0x10000 alone: with others beside them, looking one up takes thirty times as long.
    odd = [(0, 9), (11, 31), (0x7F, 0x9F), *((code, code) for code in _JOINERS)]
    odd += [(first, last) for first, last, _ in load_cell_table("auto").widths if 0 < first < 0x10000]
    one_cell, start = "\\n", 11
    for first, last in sorted(odd):
        if start < first:
            one_cell += f"\\u{start:04x}-\\u{first - 1:04x}"
        start = max(start, last + 1)
    return re.compile(f"[^{one_cell}\\u{start:04x}-\\uffff]")


class _Shadow(dict[int, str]):
    """What represents a character in a shadow: itself, and a second character if it is two cells wide."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        cells = get_character_cell_size(character)
        if character in (_SECOND, _BLANK_SECOND, _ODDITY) or code in _JOINERS or (character.isspace() and not cells):
            shown = _ODDITY
        elif cells == 2:
            shown = character + (_BLANK_SECOND if character.isspace() else _SECOND)
        elif not cells and code < 0xA0:
            shown = _ODDITY  # a control character
        elif not cells:
            shown = _MARK
        else:
            shown = character
        self[code] = shown
        return shown


_SHADOW = _Shadow()


def _wrap_by_graphemes(paragraph: str, base: int, width: int) -> Iterator[tuple[int, int]]:
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
        # Marks stay with the blank before them, if it fits.
        marked = used == width and cell_len(word[0]) == 0
        fills = cells > width and measure is cell_len and (used < width or marked)
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
    """Yield pieces of a long word: the first fills ``first`` cells, others ``width``; the last isn't full."""
    room, start, used = first, 0, 0
    for grapheme_start, _, cells in split_graphemes(word)[0]:
        if used + cells > room and (used or room < width):
            yield start, grapheme_start, True
            start, used, room = grapheme_start, 0, width
        used += cells
    yield start, len(word), False


def clip(text: str, width: int) -> str:
    """Return the text cut to a width in cells, ending in … if it was cut."""
    head = measured(text[: _LONGEST_GRAPHEME * (width + 1)])
    if cell_len(head) <= width:
        head = measured(text)
        if cell_len(head) <= width:
            return text
    used = 0
    for start, _, cells in split_graphemes(head)[0]:
        if used + cells > width - 1:
            return text[:start] + "…" if width > 0 else ""
        used += cells
    return text
