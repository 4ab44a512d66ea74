"""Text that is pasted into the terminal, which Textual's parser reads as keys where an escape is in it."""

_BEGIN, _END = "\x1b[200~", "\x1b[201~"


class Pasting:
    """Shows escapes within pasted text as characters. Fed with what was read, in any pieces."""

    def __init__(self) -> None:
        self._inside = False
        self._before = ""  # outside: the end of what was passed on; inside: what may be the beginning of the end

    def feed(self, text: str) -> str:
        """What to pass on. Outside of pasted text nothing is held back, since an escape may be a key."""
        passed = ""
        while text:
            if self._inside:
                text, self._before = self._before + text, ""
                pasted, ended, rest = text.partition(_END)
                if not ended:
                    self._before = _begun(pasted)
                    pasted = pasted.removesuffix(self._before)
                self._inside = not ended
                passed, text = passed + pasted.replace("\x1b", "␛") + ended, rest
            else:
                at = (self._before + text).find(_BEGIN)
                end = len(text) if at < 0 else at + len(_BEGIN) - len(self._before)
                self._before = "" if at >= 0 else (self._before + text)[1 - len(_BEGIN) :]
                self._inside = at >= 0
                passed, text = passed + text[:end], text[end:]
        return passed


def _begun(text: str) -> str:
    """The end of a text with which the end of pasted text may have begun."""
    return next((_END[:size] for size in range(len(_END) - 1, 0, -1) if text.endswith(_END[:size])), "")
