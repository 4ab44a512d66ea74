"""Escape characters in pasted text, after which Textual's parser reads the rest of the text as keys.

No upstream issue known; written for Textual 8.2, check on upgrade.
"""

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
