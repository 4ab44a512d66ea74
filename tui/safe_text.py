"""The one translation that text from outside passes before a widget or a terminal sees it."""

import re

_UNSAFE_TO_SHOWN: dict[int, str] = {
    **{code: chr(0x2400 + code) for code in range(0x20)},  # control pictures: ESC is shown as ␛
    **dict.fromkeys(range(0x80, 0xA0), "\ufffd"),
    **dict.fromkeys((0x200E, 0x200F, 0x061C, *range(0x202A, 0x202F), *range(0x2066, 0x206A)), "\ufffd"),  # direction
    **dict.fromkeys((0x200B, *range(0x2060, 0x2066), *range(0x206A, 0x2070), 0xFEFF, 0x180E), "\ufffd"),  # no width
    **dict.fromkeys((*range(0xD800, 0xE000), *range(0xFFF9, 0xFFFC), *range(0xE0000, 0xE0080)), "\ufffd"),
    0x09: " ",
    0x0A: " ",
    0x7F: "\u2421",
    0xAD: "-",  # some terminals give a soft hyphen a cell, some none
    0x2028: "\u2424",
    0x2029: "\u2424",
}
# Sets of characters below 0x10000, which are looked up thirty times as fast as sets that reach beyond.
_CONTROLS = "\x00-\x09\x0b-\x1f\x7f-\x9f\xad"  # all but the newline
_NO_LETTERS = "\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff"
# Marks that pile up on one letter: in blocks that hold nothing else, and variation selectors.
_MARKS = "\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe00-\ufe0f\ufe20-\ufe2f"
_MARKS_BEYOND = "\U000e0100-\U000e01ef"
_MARKS_KEPT = 4
_SUSPECT = re.compile(f"[{_CONTROLS}{_NO_LETTERS}{_MARKS}]")
_UNSAFE = re.compile(f"[{_CONTROLS}{_NO_LETTERS}]")
_BEYOND = re.compile("[\U000e0000-\U000e01ef]")
_TAGS = re.compile("[\U000e0000-\U000e007f]")
_FLOOD = re.compile(f"(?<=[{_MARKS}{_MARKS_BEYOND}]{{{_MARKS_KEPT}}})[{_MARKS}{_MARKS_BEYOND}]+")


def safe(text: str, *, keep_newlines: bool = False) -> str:
    """The text with everything that a terminal could act on shown as a character instead.

    The result has as many code points as the text, so that offsets hold in both. Control characters, direction marks,
    characters without width, tag characters, halves of surrogate pairs and more than four marks on a letter are
    replaced. Markup is left: widgets must be given ``Content``, never a ``str``.
    """
    if text.isascii() and text.isprintable():
        return text
    if not keep_newlines:
        text = text.replace("\n", _UNSAFE_TO_SHOWN[0x0A])
    beyond = not text.isascii() and _BEYOND.search(text) is not None
    if not beyond and not _SUSPECT.search(text):
        return text
    text = _UNSAFE.sub(lambda match: _UNSAFE_TO_SHOWN[ord(match[0])], text)
    if beyond:
        text = _TAGS.sub("\ufffd", text)
    return _FLOOD.sub(lambda flood: "\ufffd" * len(flood[0]), text)
