"""What a key means that types no text: by its position on a keyboard without Latin letters, and without Caps Lock."""

from textual import events

from tui.config.keymap import KeyMap, key_name
from tui.config.layouts import Positions, layout_of, shifted
from tui.runtime.keyboard import PositionedKey


class KeyReader:
    """Reads keys for one app. Most keys are ASCII and pass at once."""

    def __init__(self, keymap: KeyMap, layout: str) -> None:
        self.positions = Positions(layout)
        self._hint = ""
        self.unknown = ""  # the last character that meant nothing
        self._said: set[str] = set()
        self._bound = {key for keys in keymap.changed.values() for key in keys if not key.isascii()}

    def read(self, event: events.Key) -> events.Key:
        """Return the key that a person meant, or the same one."""
        if event.key.isascii() and (event.character is None or event.character.isascii()):
            return self._without_caps_lock(event)
        if event.key in self._bound:
            return event
        *modifiers, letter = event.key.split("+")
        character = event.character or letter
        base = event.base if isinstance(event, PositionedKey) else ""
        if base and isinstance(event, PositionedKey):
            base = shifted(base) if event.shift and not modifiers else base
        else:
            base = self.positions.at_position_of(character)
        if base:
            return events.Key("+".join([*modifiers, key_name(base)]), None if modifiers else base)
        if character.isalpha():
            self.unknown = character
            layout = layout_of(character)
            by_position = f"{layout.capitalize()} layout? F4 reads keys by position" if layout else "Keyboard layout?"
            self._say("layout", f"{character} is no key. {by_position} · ? shows all keys")
        return event

    def _without_caps_lock(self, event: events.Key) -> events.Key:
        letter = event.character
        if not (isinstance(event, PositionedKey) and event.caps_lock and letter and letter.isalpha()):
            return event
        self._say("caps", "Caps Lock is on: letters are read without it, except in texts")
        meant = letter.upper() if event.shift else letter.lower()
        return events.Key(meant, meant)

    def take_hint(self) -> str:
        """Return what to say about the keys read so far; empty for nothing, since each thing is said once a session."""
        hint, self._hint = self._hint, ""
        return hint

    def _say(self, what: str, text: str) -> None:
        if what not in self._said:
            self._said.add(what)
            self._hint = text

    def next_layout(self) -> str:
        """Read keys by the layout of the last unknown character, or no longer by one. Return what to say."""
        layout = "" if self.positions.layout else layout_of(self.unknown) or "russian"
        self.positions.choose(layout)
        if not layout:
            return "keys are read as they are typed"
        keep = f'to keep it, set layout = "{layout}" in the configuration file'
        return f"keys are read by position, as on a {layout} keyboard; {keep}"
