"""Pasted text: it may hold escape characters, after which Textual's parser reads the rest as keys, and be long.

No upstream issue known; written for Textual 8.2, check on upgrade.
"""

from collections.abc import Iterable

from textual._xterm_parser import XTermParser
from textual.events import Paste
from textual.message import Message

_BEGIN, _END = "\x1b[200~", "\x1b[201~"


class PasteFilter:
    """Replaces escape characters in pasted text by a visible symbol. Feed it what was read, in pieces of any size."""

    def __init__(self) -> None:
        self._pasting = False
        self._tail = ""  # outside a paste: the end of what was passed on; inside: what may be the start of its end

    def feed(self, text: str) -> str:
        """Return the text to parse. Outside a paste nothing is held back, because an escape may be a key."""
        passed = ""
        while text:
            if self._pasting:
                text, self._tail = self._tail + text, ""
                pasted, end, rest = text.partition(_END)
                if not end:
                    self._tail = _start_of_end(pasted)
                    pasted = pasted.removesuffix(self._tail)
                self._pasting = not end
                passed, text = passed + pasted.replace("\x1b", "␛") + end, rest
            else:
                at = (self._tail + text).find(_BEGIN)
                stop = len(text) if at < 0 else at + len(_BEGIN) - len(self._tail)
                self._tail = "" if at >= 0 else (self._tail + text)[1 - len(_BEGIN) :]
                self._pasting = at >= 0
                passed, text = passed + text[:stop], text[stop:]
        return passed


def _start_of_end(text: str) -> str:
    """Return the longest end of ``text`` with which the end marker may have begun."""
    return next((_END[:size] for size in range(len(_END) - 1, 0, -1) if text.endswith(_END[:size])), "")


class PasteParser(XTermParser):
    """Textual's parser, but a paste is one event at once: Textual's takes ten seconds for five million characters.

    Feed it what ``PasteFilter`` returns. No upstream issue known.
    """

    def __init__(self, debug: bool = False) -> None:
        super().__init__(debug)
        self._tail = ""  # of what was parsed: it may be the start of a paste's begin
        self._pasted: list[str] | None = None

    def feed(self, data: str) -> Iterable[Message]:
        """Yield the messages that text from the terminal completes."""
        while data:
            if self._pasted is None:
                at = (self._tail + data).find(_BEGIN) - len(self._tail)
                if at < -len(self._tail):
                    self._tail = (self._tail + data)[1 - len(_BEGIN) :]
                    yield from super().feed(data)
                    return
                if at > 0:
                    yield from super().feed(data[:at])
                data, rest_of_begin = data[at + len(_BEGIN) :], data[: at + len(_BEGIN)]
                if at < 0:
                    list(super().feed(rest_of_begin + _END))  # it has parsed the start, and must not parse the text
                self._tail, self._pasted = "", []
            else:
                pasted, end, data = data.partition(_END)
                self._pasted.append(pasted)
                if end:
                    yield Paste("".join(self._pasted))
                    self._pasted = None
