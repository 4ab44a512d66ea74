"""Keys as the kitty protocol reports them: with their position on a US keyboard, and whether Caps Lock is on.

Textual 8.2 doesn't ask for alternate keys, and its parser raises on them. No upstream issue known; check on upgrade.
https://sw.kovidgoyal.net/kitty/keyboard-protocol/
"""

import re
from collections.abc import Iterable

from textual import events

from tui.runtime.pasting import PasteParser

_ASKED, _WITH_ALTERNATES = "\x1b[>25u", "\x1b[>29u"  # Textual's flags 1, 8 and 16, and 4 for alternate keys
_KEY = re.compile(r"\x1b\[(\d+)(?::(\d*))?(?::(\d*))?((?:;(\d*))?(?:[:;][\d:;]*)?)u")
_SHIFT, _CAPS_LOCK = 1, 64


class PositionedKey(events.Key):
    """A key with its position.

    base: the character of a US keyboard at this position; empty if the terminal doesn't say it.
    shift, caps_lock: what the terminal says of them.
    """

    def __init__(self, key: str, character: str | None, base: str, modifiers: int) -> None:
        super().__init__(key, character)
        self.base = base
        self.shift = bool(modifiers & _SHIFT)
        self.caps_lock = bool(modifiers & _CAPS_LOCK)


PositionedKey.handler_name = events.Key.handler_name  # widgets handle it as any key


class KeyParser(PasteParser):
    """Textual's parser, which also reads alternate keys."""

    def _sequence_to_key_events(self, sequence: str, alt: bool = False) -> Iterable[events.Key]:
        match = _KEY.fullmatch(sequence) if sequence.endswith("u") and len(sequence) > 1 else None
        if match is None:
            yield from super()._sequence_to_key_events(sequence, alt)
            return
        code, _, base, rest, modifiers = match.groups()
        bits = max(0, int(modifiers or "1") - 1)
        position = chr(int(base)) if base else chr(int(code))
        for key in super()._sequence_to_key_events(f"\x1b[{code}{rest}u", alt):
            yield PositionedKey(key.key, key.character, position if position.isascii() else "", bits)


def asking_for_alternates(data: str) -> str:
    """Return what Textual writes to the terminal, asking for alternate keys too."""
    return _WITH_ALTERNATES if data == _ASKED else data
