"""The one translation that makes text from outside safe for widgets and terminals.

It replaces what a terminal acts on, and what terminals give different widths: one cell more or less than was counted
shifts everything to the right.
"""

import re
from functools import lru_cache
from unicodedata import east_asian_width

_REPLACED, _JOINED, _TONE = "\ufffd", "+", "▒"
_AS_TEXT, _AS_PICTURE = "\ufe0e", "\ufe0f"  # variation selectors 15 and 16
_NON_JOINER, _JOINER = "\u200c", "\u200d"
_MARKS_KEPT, _POINTS_KEPT = 4, 8

# Sets of characters below 0x10000, which are looked up thirty times as fast as sets that reach beyond.
_CONTROLS = "\x00-\x09\x0b-\x1f\x7f-\x9f\xad"  # all but the newline
_DIRECTION = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
_INVISIBLE = "\u034f\u115f\u1160\u17b4\u17b5\u180e\u200b\u2028\u2029\u2060-\u2065\u206a-\u206f\u3164\ufeff\uffa0"
_NO_CHARACTERS = "\ud800-\udfff\ufdd0-\ufdef\ufff0-\ufffb\ufffe\uffff"
_NEW = "\u05c8\u05c9\u0b53\u0b54\u1ade\u1adf\u1aec-\u1af0"  # of Unicode 18, whose widths rich does not know yet
_NEVER_SHOWN = f"{_CONTROLS}{_DIRECTION}{_INVISIBLE}{_NO_CHARACTERS}{_NEW}"
_SELECTORS = "\u180b-\u180d\u180f\ufe00-\ufe0f"
# Marks that pile up on one letter: in blocks that hold nothing else, and of scripts in which a letter has several.
_MARKS = f"\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f{_SELECTORS}"
_POINTS = (
    "\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e4"
    "\u06e7\u06e8\u06ea-\u06ed\u0730-\u074a\u0e31\u0e34-\u0e3a\u0e47-\u0e4e\u0eb1\u0eb4-\u0ebc\u0ec8-\u0ece"
)
_NEVER_SHOWN_BEYOND = (
    "\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"  # of the layout of hieroglyphs, shorthand, music
    "\U0001f1e6-\U0001f1ff\U0001f3fb-\U0001f3ff"  # letters of flags, colours of skin
    "\U000e0000-\U000e0fff"  # tags, variation selectors 17 to 256
    # Of Unicode 18
    "\U00010ecb-\U00010ecf\U00010ef0-\U00010ef9\U00011df0\U00018cd6-\U00018cda\U00018d1f\U00018d20"
    "\U00018e00-\U000191ff\U0001b123-\U0001b128\U0001b168\U0001d127\U0001d128\U0001d250-\U0001d281\U0001f1ae"
    "\U0001f6d9\U0001f7da\U0001fa8b-\U0001fa8d\U0001facc\U0001fadd\U0001faeb\U0001faf9\U0001fafa"
) + "".join(f"{chr(plane + 0xFFFE)}{chr(plane + 0xFFFF)}" for plane in range(0x10000, 0x110000, 0x10000))

_SUSPECT = re.compile(f"[{_NEVER_SHOWN}{_NON_JOINER}{_JOINER}{_MARKS}{_POINTS}]")
_UNSAFE = re.compile(f"[{_NEVER_SHOWN}]")
# The set that is slow to look up comes after one range, which is fast.
_UNSAFE_BEYOND = re.compile(f"[\U00010000-\U0010ffff](?<=[{_NEVER_SHOWN_BEYOND}])")
# A set first, so that a search passes over all else at once.
_FLOOD = re.compile(f"[{_MARKS}][{_MARKS}]{{{_MARKS_KEPT},}}")
_FLOOD_OF_POINTS = re.compile(f"[{_MARKS}{_POINTS}][{_MARKS}{_POINTS}]{{{_POINTS_KEPT},}}")
_SELECTOR = re.compile(f"[{_SELECTORS}]")
# In scripts whose letters join, joiners are spelling.
_LOOSE_JOINER = re.compile(
    f"[{_NON_JOINER}{_JOINER}](?<![\u0600-\u109f\u1780-\u1aaf\u1b00-\u1cff\ua800-\uabff\ufb50-\ufdff\ufe70-\ufefc"
    "\U00010a00-\U00011fff\U0001e900-\U0001eeff].)"
)
# What has variants: digits for keycaps, symbols and emoji, letters of Burma and Mongolia, Chinese characters.
_VARYING = (
    *((0x23, 0x23), (0x2A, 0x2A), (0x30, 0x39), (0xA9, 0xA9), (0xAE, 0xAE), (0x1000, 0x109F), (0x1820, 0x18AA)),
    *((0x2030, 0x2BFF), (0x3003, 0x4DBF), (0x4E00, 0x9FFF), (0xA840, 0xA877), (0xAA60, 0xAA7F), (0xF900, 0xFAFF)),
    *((0xFF00, 0xFFFC), (0x10AC0, 0x10AFF), (0x1F000, 0x1F1E5), (0x1F200, 0x1FAFF), (0x20000, 0x3FFFD)),
)
_PICTURES = ((0xA9, 0xA9), (0xAE, 0xAE), (0x203C, 0x2BFF), (0xFE0E, 0xFE0F), (0x1F000, 0x1FAFF))

_UNSAFE_TO_SHOWN: dict[str, str] = {
    **{chr(code): chr(0x2400 + code) for code in range(0x20)},  # control pictures: ESC is shown as ␛
    "\t": " ",
    "\n": " ",
    "\x7f": "\u2421",
    "\xad": "-",  # some terminals give a soft hyphen a cell, some none
    "\u2028": "\u2424",
    "\u2029": "\u2424",
    **{chr(0x1F1E6 + place): chr(0x41 + place) for place in range(26)},
    **dict.fromkeys(map(chr, range(0x1F3FB, 0x1F400)), _TONE),
}


def safe(text: str, *, keep_newlines: bool = False) -> str:
    """Return the text with everything that a terminal could act on replaced by a visible character.

    The result has as many code points as the text, so offsets stay valid, and the same width in every terminal.
    Replaced are control characters, direction marks, invisible characters that aren't spelling, lone surrogates,
    noncharacters, and marks that pile up on a letter. A flag is shown as two letters, joined emoji side by side.
    Markup stays: give widgets ``Content``, never a ``str``.
    """
    if text.isascii() and text.isprintable():
        return text
    if not keep_newlines:
        text = text.replace("\n", _UNSAFE_TO_SHOWN["\n"])
    beyond = not text.isascii() and _UNSAFE_BEYOND.search(text) is not None
    if not beyond and not _SUSPECT.search(text):
        return text
    text = _UNSAFE.sub(_shown, text)
    if beyond:
        text = _UNSAFE_BEYOND.sub(_shown, text)
    text = _FLOOD.sub(lambda flood: _first_of(flood[0], _MARKS_KEPT), text)
    text = _FLOOD_OF_POINTS.sub(lambda flood: _first_of(flood[0], _POINTS_KEPT), text)
    return _LOOSE_JOINER.sub(_joined, _SELECTOR.sub(_selected, text))


def measured(text: str) -> str:
    """Return a safe text in the form to measure and cut, with as many code points.

    rich gives no width to what follows a joiner. In the scripts that keep joiners, every terminal gives it one.
    """
    return text.replace(_JOINER, _NON_JOINER)


def _shown(match: re.Match[str]) -> str:
    character = match[0]
    if "\U000e0100" <= character <= "\U000e01ef":
        return character if _varies(_before(match)) else _REPLACED
    return _UNSAFE_TO_SHOWN.get(character, _REPLACED)


def _first_of(marks: str, kept: int) -> str:
    return marks[:kept] + _REPLACED * (len(marks) - kept)


def _selected(match: re.Match[str]) -> str:
    selector, before = match[0], _before(match)
    if not _varies(before):
        return _REPLACED
    if selector not in (_AS_TEXT, _AS_PICTURE):
        return selector
    # A picture of what is one cell wide has two, but not in every terminal; as text, what has two may have one.
    return _AS_PICTURE if east_asian_width(before) in "WF" else _AS_TEXT


def _joined(match: re.Match[str]) -> str:
    return _JOINED if match[0] == _JOINER and _is_picture(_before(match)) else _REPLACED


def _before(match: re.Match[str]) -> str:
    """Return the character before a match, or an empty text."""
    return match.string[max(0, match.start() - 1) : match.start()]


@lru_cache(maxsize=1024)
def _varies(character: str) -> bool:
    return _is_in(_VARYING, character)


@lru_cache(maxsize=1024)
def _is_picture(character: str) -> bool:
    return _is_in(_PICTURES, character)


def _is_in(ranges: tuple[tuple[int, int], ...], character: str) -> bool:
    return character != "" and any(first <= ord(character) <= last for first, last in ranges)
