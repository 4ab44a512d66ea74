"""Recognises a key that the keyboard repeats while it is held down. Terminals send a repeat like any other key.

Most systems repeat a key 25 to 33 times a second, macOS and the Linux console 11 times. Nobody presses one key twice
within 45 ms, or three times within a tenth of a second each. Two presses can arrive at once, though, from a line or a
machine that was busy.
"""

_AT_ONCE = 0.01  # seconds since the same key: both were waiting to be read
_FAST = 0.045  # seconds since the same key: a repeat, unless both were waiting
_SLOW = 0.1  # seconds since the same key, twice in a row: a repeat
_RELEASED = 0.2  # seconds of pause that end a repetition, because a busy line delivers repeats unevenly


class HeldKey:
    """The last key, and whether the keyboard repeats it."""

    def __init__(self) -> None:
        self._key = ""
        self._at = 0.0
        self._close = 0  # times in a row that the key came soon after itself
        self._held = False

    def repeats(self, key: str, at: float) -> bool:
        """Note a key read at a time in seconds, and return True if it repeats the key before it.

        The first repeat comes a quarter of a second or more after the key, and can't be told from a second press.
        """
        since = at - self._at if key == self._key else 60.0
        self._close = self._close + 1 if since < _SLOW else 0
        self._held = _AT_ONCE <= since < _FAST or self._close > 1 or (self._held and since < _RELEASED)
        self._key, self._at = key, at
        return self._held
