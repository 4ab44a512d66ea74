"""What keys before a key change: digits repeat a movement, and capitals without a meaning make Caps Lock likely."""

from tui.config.bindings import BINDINGS, REVIEWING
from tui.config.keymap import KeyMap

_MOST = 9_999_999
_AT_ONCE = ("group.remove", "event.copy")  # change the event without a question
_RUN = 3  # capitals in a row that make Caps Lock likely


class Count:
    """The number before a movement key, as in ``12j``; 0 for none."""

    def __init__(self, keymap: KeyMap) -> None:
        self.number = 0
        self._bound = {key for keys in keymap.changed.values() for key in keys if key.isdecimal()}

    def add(self, key: str, *, zero_is_bound: bool = False) -> bool:
        """Add a digit; return False for another key, and for a digit that has a meaning of its own."""
        if len(key) != 1 or not key.isascii() or not key.isdecimal() or key in self._bound:
            return False
        if not self.number and key == "0":
            return not zero_is_bound
        self.number = min(_MOST, self.number * 10 + int(key))
        return True

    def given(self) -> int:
        """Return the number, and forget it; 0 for none."""
        number, self.number = self.number, 0
        return number

    def times(self) -> int:
        """Return how often to move, and forget it; 1 without a number."""
        return self.given() or 1


class Capitals:
    """Holds back capitals that change an event while Caps Lock is likely on, until they are pressed again."""

    def __init__(self, keymap: KeyMap) -> None:
        self._bound = {key for binding in BINDINGS.values() for key in keymap.keys(binding)}
        self._acts = {key: item for item in REVIEWING for key in keymap.keys(item) if len(key) == 1 and key.isupper()}
        self._likely = False
        self._run = 0
        self._held_back = ""

    def problem(self, key: str) -> str:
        """Return what to say instead of handling a key; empty to handle it."""
        if len(key) != 1 or not key.isascii() or not key.isupper():
            self._run = 0
            if len(key) == 1 and key.islower():
                self._likely, self._held_back = False, ""
            return ""
        self._run += 1
        if key not in self._bound:
            self._likely = self._likely or key.lower() in self._bound
            return f"{key} is no key. Is Caps Lock on?" if self._likely else ""
        act = self._acts.get(key)
        likely = self._likely or (self._run > _RUN and act is not None and act.id in _AT_ONCE)
        if act is None or not likely or self._held_back == key:
            self._held_back = ""
            return ""
        self._held_back = key
        return f"Is Caps Lock on? {key}: {act.description}. Press it again to do it"
