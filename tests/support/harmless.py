"""Checks of output: only sequences that Textual, rich or eventdesk write, and characters without side effects."""

import re
import unicodedata
from collections.abc import Iterator

from wcwidth import wcwidth

from support.attacks import NUMBER, WORD

# Format characters that are visible: signs before a number, marks over or under letters.
_SEEN = set(map(chr, (*range(0x0600, 0x0606), 0x06DD, 0x070F, 0x0890, 0x0891, 0x08E2, 0x110BD, 0x110CD)))
_JOINERS, _SELECTORS = set("\u200c\u200d"), set(map(chr, (*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0))))
_ALLOWED = _SEEN | _JOINERS
_UNSEEN = set(map(chr, (0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x3164, 0xFFA0, *range(0xE0000, 0xE1000)))) - _SELECTORS
_NONCHARACTERS = {chr(plane + code) for plane in range(0, 0x110000, 0x10000) for code in (0xFFFE, 0xFFFF)}
_NONCHARACTERS |= set(map(chr, range(0xFDD0, 0xFDF0)))
_DRAWN_SEPARATELY = set(map(chr, (*range(0x1F1E6, 0x1F200), *range(0x1F3FB, 0x1F400))))
_NEVER = _UNSEEN | _NONCHARACTERS | _DRAWN_SEPARATELY

_SEQUENCE = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b[PX^_\]k].*?(?:\x07|\x1b\\)|\x1b[ -/]*[0-~]|\x1b.?|[\x80-\x9f]", re.DOTALL
)
_COLOUR = r"[34]8;(?:5;\d{1,3}|2;\d{1,3};\d{1,3};\d{1,3})"
_LOOK = rf"(?:0|1|2|3|4|7|9|{_COLOUR}|[349][0-79]|10[0-7])"
_OURS = re.compile(
    rf"""\x1b\[ (?:
        m | {_LOOK}(?:;{_LOOK})*m
        | \d{{1,3}};\d{{1,3}}H                              # to a cell
        | \?(?:1049|1000|1003|1015|1006|25|1004|2004|7|2026)[hl]
        | \?(?:2026|2048)\$p | >29u | <u                     # what the terminal can do; keys as Textual wants them
        | 2K | 1A                                            # a bar of progress drawn anew
    )
    | \x1b\]22;(?:default|pointer|text)\x07                  # the shape of the mouse
    | (?P<copied>\x1b\]52;c;[A-Za-z0-9+/]*=*\x07)""",
    re.VERBOSE,
)
_CELL = re.compile(r"\x1b\[(\d+);(\d+)H")


def is_dangerous(character: str) -> bool:
    """Return True if a terminal acts on the character, does not show it, or its width differs among terminals."""
    unseen = unicodedata.category(character) in ("Cc", "Cf", "Cs", "Zl", "Zp") and character not in _ALLOWED
    return unseen or character in _NEVER


def assert_harmless(raw: bytes, *, copied: bool = False, lines: str = "\r\n") -> None:
    """Check that every sequence is one of ours without the canary, and that the rest only shows text and ends lines."""
    text = bytes(raw).decode()
    for sequence in set(_SEQUENCE.findall(text)):
        match = _OURS.fullmatch(sequence)
        assert match is not None, f"{sequence!r} near {_around(text, sequence)!r}"
        assert copied or not match["copied"], sequence
        assert match["copied"] or (NUMBER not in sequence and WORD not in sequence), sequence
    plain = _SEQUENCE.sub("", text)
    found = {character for character in set(plain) if is_dangerous(character)} - set(lines)
    assert not found, f"{sorted(map(ascii, found))} near {_around(text, min(found))!r}"
    flood = re.search("[\u0300-\u036f]{5}|[\u200c\u200d]{2}", plain)
    assert flood is None, _around(text, flood[0])


def _around(text: str, what: str) -> str:
    at = text.index(what)
    return text[max(0, at - 80) : at + 80]


def painted(raw: bytes) -> Iterator[tuple[int, int, int, str]]:
    """Yield each painted run: row, first column, column after the last (from 1), and text.

    Widths are those of a terminal that measures each character by itself. The cursor's final position is no run.
    """
    parts = _CELL.split(bytes(raw).decode())
    for row, column, text in zip(parts[1::3], parts[2::3], parts[3::3], strict=True):
        run = _SEQUENCE.sub("", text).rstrip("\r\n")
        if run or not text.startswith("\x1b[?2026l"):
            yield int(row), int(column), int(column) + sum(map(wcwidth, run)), run


def assert_in_place(raw: bytes, columns: int) -> None:
    """Check that each painted run ends where another begins, or at the edge: nothing is shifted."""
    runs = list(painted(raw))
    begins = {x for _, x, _, _ in runs} | {columns + 1}
    for y, x, end, run in runs:
        assert end in begins, f"row {y} from column {x} ends at {end}: {run!r}"
