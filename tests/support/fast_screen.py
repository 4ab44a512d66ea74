"""pyte's screen with short cuts for what the reviewer writes most: styles, moves and plain text.

pyte reads sequences character by character and makes every cell anew, which was a third of the time of all tests.
"""

import re
from functools import lru_cache

import pyte
from pyte import modes
from pyte.screens import Char, wcwidth

_STYLE_OR_MOVE = re.compile(r"\x1b\[([0-9]{0,5}(?:;[0-9]{1,5}){0,30})([mH])")


class FastScreen(pyte.Screen):
    """A screen that remembers styles and cells."""

    def draw(self, data: str) -> None:
        """Write text where the cursor is: at once if it fits into the line and each character is one cell wide."""
        x = self.cursor.x
        if (
            x + len(data) > self.columns
            or modes.IRM in self.mode
            or self.charset
            or not ((data.isascii() and data.isprintable()) or all(map(_is_single, data)))
        ):
            super().draw(data)
            return
        line, attributes = self.buffer[self.cursor.y], self.cursor.attrs
        for number, character in enumerate(data, x):
            line[number] = _cell(attributes, character)
        self.cursor.x = x + len(data)
        self.dirty.add(self.cursor.y)

    def select_graphic_rendition(self, *attrs: int) -> None:
        """Set the style of the text that follows."""
        self.cursor.attrs = _styled(self.cursor.attrs, attrs) if attrs else self.default_char

    def plain_style(self, attributes: Char, attrs: tuple[int, ...]) -> Char:
        """Return a style changed by the parameters of a sequence, as pyte does it."""
        self.cursor.attrs = attributes
        super().select_graphic_rendition(*attrs)
        return self.cursor.attrs


class FastStream(pyte.Stream):
    """A stream that reads styles, moves and text as a whole, and leaves the rest to pyte."""

    listener: FastScreen

    def feed(self, data: str) -> None:
        """Put output on the screen."""
        at = 0
        while at < len(data):
            if not self._taking_plain_text:
                super().feed(data[at])
                at += 1
            elif match := _STYLE_OR_MOVE.match(data, at):
                numbers = [min(int(number or 0), 9999) for number in match[1].split(";")]
                if match[2] == "m":
                    self.listener.select_graphic_rendition(*numbers)
                else:
                    self.listener.cursor_position(*numbers[:2])
                at = match.end()
            elif match := self._text_pattern.match(data, at):
                self.listener.draw(match[0])
                at = match.end()
            else:
                super().feed(data[at])
                at += 1


_STYLIST = FastScreen(1, 1)


@lru_cache(20_000)
def _styled(attributes: Char, attrs: tuple[int, ...]) -> Char:
    return _STYLIST.plain_style(attributes, attrs)


@lru_cache(50_000)
def _cell(attributes: Char, character: str) -> Char:
    return attributes._replace(data=character)


@lru_cache(5_000)
def _is_single(character: str) -> bool:
    width: int = wcwidth(character)
    return width == 1
