"""A real terminal for tests: a process on a pty, with the screen that pyte makes of its output."""

import codecs
import fcntl
import os
import pty
import re
import select
import signal
import struct
import termios
import time
from collections.abc import Callable
from typing import NamedTuple, Self

import pyte

from support.fast_screen import FastScreen, FastStream

KEYS = {
    "enter": "\r", "escape": "\x1b", "tab": "\t", "shift+tab": "\x1b[Z", "space": " ", "backspace": "\x7f",
    "up": "\x1b[A", "down": "\x1b[B", "right": "\x1b[C", "left": "\x1b[D",
    "pageup": "\x1b[5~", "pagedown": "\x1b[6~", "home": "\x1b[H", "end": "\x1b[F",
}  # fmt: skip
MODES_OUTSIDE = {"1049": "l", "25": "h", "7": "h", "2004": "l", "1004": "l", "1000": "l", "1003": "l", "1006": "l",
                 "1015": "l", "2026": "l"}  # fmt: skip
"""A terminal's private modes outside the reviewer: main screen, cursor shown, lines wrapped, no mouse."""

# Private sequences that pyte would show as text: keyboard protocols, queries of version and mode.
NOT_FOR_PYTE = re.compile(r"\x1b\[[<>=][0-9;]*[a-zA-Z]|\x1b\[\?[0-9;]*(?:\$p|u)|\x1b[P_^].*?\x1b\\", re.DOTALL)
# Synchronized output: the terminal says that it knows it, so that no test reads a half-drawn screen.
SYNC_QUERY, SYNC_REPLY = b"\x1b[?2026$p", b"\x1b[?2026;1$y"
_FRAME_BEGINS, _FRAME_ENDS = b"\x1b[?2026h", b"\x1b[?2026l"
_ESCAPE_DELAY = 0.15  # Textual waits a tenth of a second for the rest of a sequence
_LONGEST_ESCAPE_DELAY = 1.0
_SAME_KEY = 0.13  # seconds between two presses of a key by a fast person; the reviewer ignores a key held down
_HINT = re.compile(r"(?<![a-z])[a-z]{1,2}(?![a-z])")
_HINT_GAP = 2  # blanks between hint letters and what they stand for
_LONGEST_SEQUENCE = 32


class Hint(NamedTuple):
    """Hint letters, and the cell where they begin."""

    letters: str
    y: int
    x: int


class Terminal:
    """A command on a terminal: ``text()`` is its screen, ``raw`` every byte of its output.

    A key counts as handled once the command has written nothing for ``quiet`` seconds.
    """

    def __init__(self, command: list[str], columns: int = 80, rows: int = 24, quiet: float = 0.06, **env: str) -> None:
        self.keys_pressed = 0
        self._pressed, self._pressed_at = "", 0.0
        self.raw = bytearray()
        self._quiet = quiet
        self._screen = FastScreen(columns, rows)
        self._stream = FastStream(self._screen)
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._unfinished = ""
        # With these set, as in a test process of xdist, programs would not ask the terminal for its size.
        inherited = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "LINES")}
        environment = inherited | {"TERM": "xterm-256color", "COLORTERM": "truecolor", "LANG": "C.UTF-8"} | env
        self._pid, self._fd = pty.fork()
        if self._pid == 0:
            try:
                self._become(command, environment)
            finally:
                os._exit(127)
        self._exit: int | None = None
        fcntl.ioctl(self._fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def _become(self, command: list[str], environment: dict[str, str]) -> None:
        """Run the command in the child process."""
        os.execvpe(command[0], command, environment)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()
        os.close(self._fd)

    @property
    def pid(self) -> int:
        """The process id of the command."""
        return self._pid

    @property
    def fd(self) -> int:
        """The pty's file descriptor. Whoever reads it passes the bytes to ``feed``."""
        return self._fd

    # Input

    def press(self, *names: str) -> None:
        """Press keys by name, such as ``a``, ``enter`` or ``ctrl+r``; each is handled before the next is pressed."""
        for name in names:
            keys = KEYS.get(name) or (chr(ord(name[5:]) & 0x1F) if name.startswith("ctrl+") else name)
            if name == self._pressed:
                time.sleep(max(0.0, self._pressed_at + _SAME_KEY - time.monotonic()))
            self._pressed, self._pressed_at = name, time.monotonic()
            seen = len(self.raw)
            self.send(keys)
            self.keys_pressed += 1
            if name == "escape":
                # It takes a moment to know that no sequence follows, and longer on a busy machine.
                end = time.monotonic() + _LONGEST_ESCAPE_DELAY
                time.sleep(_ESCAPE_DELAY)
                while len(self.raw) == seen and time.monotonic() < end:
                    self.read(0.05)
            self.settle()

    def type(self, text: str) -> None:
        """Type a text in one burst."""
        self.send(text)
        self.keys_pressed += len(text)
        self.settle()

    def send(self, keys: str) -> None:
        """Write keys to the command without waiting for anything."""
        os.write(self._fd, keys.encode())

    def resize(self, columns: int, rows: int) -> None:
        """Change the size of the terminal."""
        self._screen.resize(rows, columns)
        fcntl.ioctl(self._fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self.settle(quiet=0.3)

    # Output

    def settle(self, quiet: float | None = None, at_most: float = 3.0) -> None:
        """Read until the command has written nothing for a while."""
        end = time.monotonic() + at_most
        while time.monotonic() < end and (self.read(quiet or self._quiet) or self.mid_frame):
            pass

    def wait_for(self, wanted: str | Callable[[str], bool], timeout: float = 20.0) -> str:
        """Return the screen as soon as it contains a text or meets a condition.

        Raise AssertionError with the screen after ``timeout`` seconds.
        """
        met = wanted if callable(wanted) else lambda screen: wanted in screen
        end = time.monotonic() + timeout
        while True:
            if not self.mid_frame and met(screen := self.text()):
                return screen
            if time.monotonic() > end or (not self.read(0.1) and self.ended):
                raise AssertionError(f"the screen does not show {wanted!r}:\n{self.text()}")

    def read(self, timeout: float) -> bool:
        """Read some output; return False if there is none within ``timeout`` seconds."""
        if not select.select([self._fd], [], [], timeout)[0]:
            return False
        try:
            data = os.read(self._fd, 65536)
        except OSError:  # the command has closed its side
            data = b""
        if not data:
            time.sleep(min(timeout, 0.02))
            return False
        self.feed(data)
        return True

    def feed(self, data: bytes) -> None:
        """Put output on the screen."""
        self.raw += data
        if SYNC_QUERY in data:
            os.write(self._fd, SYNC_REPLY)
        # A read may end in the middle of a sequence: keep it back from its ESC until the rest has come.
        text = self._unfinished + self._decoder.decode(data)
        cut = text.rfind("\x1b")
        tail = text[cut:] if cut >= 0 else ""
        self._unfinished = "" if len(tail) >= _LONGEST_SEQUENCE or re.search(r"[a-zA-Z\\]", tail[2:]) else tail
        self._stream.feed(NOT_FOR_PYTE.sub("", text[: len(text) - len(self._unfinished)]))

    @property
    def mid_frame(self) -> bool:
        """True if the last frame is not complete yet."""
        return self.raw.rfind(_FRAME_BEGINS) > self.raw.rfind(_FRAME_ENDS)

    def clear(self) -> None:
        """Empty the screen and forget the output so far."""
        self.settle()
        self._screen.reset()
        self.raw.clear()

    # The screen

    def text(self) -> str:
        """The screen as lines of text."""
        # pyte's own display fails on the second half of a wide character, which has no character.
        rows, columns = range(self._screen.lines), range(self._screen.columns)
        return "\n".join("".join(self._screen.buffer[y][x].data for x in columns).rstrip() for y in rows)

    def line(self, y: int) -> str:
        """One row of the screen, a character a cell, with every blank an ordinary space."""
        row = self._screen.buffer[y]
        return "".join(row[x].data or " " for x in range(self._screen.columns)).replace("\u00a0", " ")

    def cells(self) -> list[pyte.screens.Char]:
        """Every cell of the screen with its style."""
        return [self._screen.buffer[y][x] for y in range(self._screen.lines) for x in range(self._screen.columns)]

    def modes(self) -> dict[str, str]:
        """How the command left each of the private modes that the reviewer sets."""
        found = re.findall(r"\x1b\[\?(\d+)([hl])", self.raw.decode(errors="replace"))
        # Frames are marked only once the terminal has said that it knows the marks.
        return {"2026": "l"} | {mode: value for mode, value in found if mode in MODES_OUTSIDE}

    # Hint letters

    def hints(self) -> list[Hint]:
        """Hint letters on the screen from top to bottom: the letters shown in bold reverse."""
        found = []
        for y in range(self._screen.lines):
            row = self._screen.buffer[y]
            marked = "".join(
                row[x].data if row[x].bold and row[x].reverse and row[x].data.isalpha() else " "
                for x in range(self._screen.columns)
            )
            found += [Hint(match[0], y, match.start()) for match in _HINT.finditer(marked)]
        return found

    def hint_for(self, text: str, number: int = 0) -> str:
        """Return the hint letters right before a text: before its occurrence of that number, from the top."""

        def found() -> list[str]:
            return [
                hint.letters
                for hint in self.hints()
                if (rest := self.line(hint.y)[hint.x + len(hint.letters) :]).lstrip().startswith(text)
                and len(rest) - len(rest.lstrip()) <= _HINT_GAP
            ]

        # Letters may be drawn a frame after the question.
        self.wait_for(lambda _: len(found()) > number)
        return found()[number]

    def hinted_text(self, hint: Hint) -> str:
        """Return the underlined text that hint letters in the source stand for, without what the letters cover."""
        edge = next(y for y in range(hint.y, -1, -1) if "Source" in self.line(y))
        left = re.search(r"[─━]Source", self.line(edge)).start() + 1  # type: ignore[union-attr]
        y, x = hint.y, hint.x + len(hint.letters)
        words = [self._underlined(y, x)]
        while self.line(y)[x + len(words[-1]) :].startswith(" ") and (more := self._underlined(y + 1, left)):
            y, x = y + 1, left
            words.append(more)
        return " ".join(words)

    def _underlined(self, y: int, x: int) -> str:
        row, end = self._screen.buffer[y], x
        while end < self._screen.columns and row[end].underscore and not row[end].reverse:
            end += 1
        return self.line(y)[x:end]

    # The end

    @property
    def ended(self) -> bool:
        """True if the command has ended."""
        if self._exit is None:
            pid, status = os.waitpid(self._pid, os.WNOHANG)
            if pid:
                self._exit = os.waitstatus_to_exitcode(status)
        return self._exit is not None

    def wait_exit(self, timeout: float = 20.0) -> int:
        """Wait for the command to end and return its exit status."""
        end = time.monotonic() + timeout
        while not self.ended:
            if time.monotonic() > end:
                raise AssertionError(f"the process does not end:\n{self.text()}")
            self.read(0.05)
        assert self._exit is not None
        return self._exit

    def kill(self) -> None:
        """Send SIGKILL and wait for the end."""
        if not self.ended:
            os.kill(self._pid, signal.SIGKILL)
            self._exit = os.waitstatus_to_exitcode(os.waitpid(self._pid, 0)[1])
