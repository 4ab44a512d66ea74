"""A real terminal for tests: a process on a pty, its screen kept by pyte, its keys counted."""

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

KEYS = {
    "enter": "\r", "escape": "\x1b", "tab": "\t", "shift+tab": "\x1b[Z", "space": " ", "backspace": "\x7f",
    "up": "\x1b[A", "down": "\x1b[B", "right": "\x1b[C", "left": "\x1b[D",
    "pageup": "\x1b[5~", "pagedown": "\x1b[6~", "home": "\x1b[H", "end": "\x1b[F",
}  # fmt: skip
# Private sequences that pyte would take for text or for others: keyboard protocols, version and mode queries.
_NOT_FOR_PYTE = re.compile(r"\x1b\[[<>=][0-9;]*[a-zA-Z]|\x1b\[\?[0-9;]*(?:\$p|u)|\x1b[P_^].*?\x1b\\", re.DOTALL)
# Synchronized output: asked for and granted, so that no screen is read while it is half drawn.
_ASKS_FOR_WHOLE_FRAMES, _WHOLE_FRAMES = b"\x1b[?2026$p", b"\x1b[?2026;1$y"
_BEGINS, _ENDS = b"\x1b[?2026h", b"\x1b[?2026l"
_ESCAPE_DELAY = 0.15  # Textual waits for the rest of a sequence for a tenth of a second
_ESCAPE_AT_MOST = 1.0
_LETTERS = re.compile(r"(?<![a-z])[a-z]{1,2}(?![a-z])")
_LABEL_ROOM = 2  # blanks between hint letters and what they stand for


class Label(NamedTuple):
    """Hint letters and where they begin."""

    letters: str
    y: int
    x: int


class Terminal:
    """Runs a command; ``text()`` is what a person sees, ``raw`` every byte that came.

    ``quiet`` is for how many seconds nothing has come when a key counts as acted on.
    """

    def __init__(self, command: list[str], columns: int = 80, rows: int = 24, quiet: float = 0.06, **env: str) -> None:
        self.keys_pressed = 0
        self._quiet = quiet
        self.raw = bytearray()
        self._screen = pyte.Screen(columns, rows)
        self._stream = pyte.Stream(self._screen)
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._held = ""
        environment = os.environ | {"TERM": "xterm-256color", "COLORTERM": "truecolor", "LANG": "C.UTF-8"} | env
        self._pid, self._fd = pty.fork()
        if self._pid == 0:
            try:
                self._become(command, environment)
            finally:
                os._exit(127)
        self._exit: int | None = None
        fcntl.ioctl(self._fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def _become(self, command: list[str], environment: dict[str, str]) -> None:
        """What the process on the pty does."""
        os.execvpe(command[0], command, environment)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()
        os.close(self._fd)

    def press(self, *names: str) -> None:
        """Press keys one after the other, each acted on before the next: ``a``, ``enter``, ``ctrl+r``."""
        for name in names:
            keys = KEYS.get(name) or (chr(ord(name[5:]) & 0x1F) if name.startswith("ctrl+") else name)
            seen = len(self.raw)
            self.send(keys)
            self.keys_pressed += 1
            if name == "escape":
                # Escape is known by what does not follow it, and on a busy machine that takes longer.
                end = time.monotonic() + _ESCAPE_AT_MOST
                time.sleep(_ESCAPE_DELAY)
                while len(self.raw) == seen and time.monotonic() < end:
                    self._take_in(0.05)
            self.settle()

    def type(self, text: str) -> None:
        """Type a text, a key a character."""
        self.send(text)
        self.keys_pressed += len(text)
        self.settle()

    def send(self, keys: str) -> None:
        """Send keys in one burst."""
        os.write(self._fd, keys.encode())

    def resize(self, columns: int, rows: int) -> None:
        """Give the terminal another size."""
        self._screen.resize(rows, columns)
        fcntl.ioctl(self._fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self.settle(quiet=0.3)

    def looks(self) -> list[pyte.screens.Char]:
        """Every cell of the screen with its look."""
        return [self._screen.buffer[y][x] for y in range(self._screen.lines) for x in range(self._screen.columns)]

    def line(self, y: int) -> str:
        """A row of the screen, a character a cell, every blank an ordinary one."""
        row = self._screen.buffer[y]
        return "".join(row[x].data or " " for x in range(self._screen.columns)).replace("\u00a0", " ")

    def labels(self) -> list[Label]:
        """Hint letters on the screen, from above: what is shown bold and in reverse."""
        found = []
        for y in range(self._screen.lines):
            row = self._screen.buffer[y]
            marked = "".join(
                row[x].data if row[x].bold and row[x].reverse and row[x].data.isalpha() else " "
                for x in range(self._screen.columns)
            )
            found += [Label(match[0], y, match.start()) for match in _LETTERS.finditer(marked)]
        return found

    def extent_of(self, label: Label) -> str:
        """What hint letters in the source take, but for the characters that they cover: the underlined text."""
        edge = next(y for y in range(label.y, -1, -1) if "Source" in self.line(y))
        left = re.search(r"[─━]Source", self.line(edge)).start() + 1  # type: ignore[union-attr]
        y, x = label.y, label.x + len(label.letters)
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

    def label_of(self, text: str, number: int = 0) -> str:
        """The hint letters right before a text on the screen: before its place of that number, from above."""

        def before() -> list[str]:
            return [
                label.letters
                for label in self.labels()
                if (rest := self.line(label.y)[label.x + len(label.letters) :]).lstrip().startswith(text)
                and len(rest) - len(rest.lstrip()) <= _LABEL_ROOM
            ]

        # Letters may be drawn a frame after the question.
        self.wait_for(lambda _: len(before()) > number)
        return before()[number]

    def settle(self, quiet: float | None = None, at_most: float = 3.0) -> None:
        """Take in what comes until nothing has come for a while."""
        end = time.monotonic() + at_most
        while time.monotonic() < end and (self._take_in(quiet or self._quiet) or self.drawing):
            pass

    def wait_for(self, wanted: str | Callable[[str], bool], timeout: float = 20.0) -> str:
        """The screen, once it shows a text or meets a condition; an AssertionError with the screen otherwise."""
        met = wanted if callable(wanted) else lambda screen: wanted in screen
        end = time.monotonic() + timeout
        while True:
            if not self.drawing and met(screen := self.text()):
                return screen
            if time.monotonic() > end or (not self._take_in(0.1) and self.ended):
                raise AssertionError(f"the screen does not show {wanted!r}:\n{self.text()}")

    def text(self) -> str:
        """The screen as lines."""
        # Not pyte's own display, which fails on a cell without a character; the second half of a wide one is such.
        rows, columns = range(self._screen.lines), range(self._screen.columns)
        return "\n".join("".join(self._screen.buffer[y][x].data for x in columns).rstrip() for y in rows)

    @property
    def ended(self) -> bool:
        """Whether the process is gone."""
        if self._exit is None:
            pid, status = os.waitpid(self._pid, os.WNOHANG)
            if pid:
                self._exit = os.waitstatus_to_exitcode(status)
        return self._exit is not None

    def wait_exit(self, timeout: float = 20.0) -> int:
        """The exit status, once the process has ended."""
        end = time.monotonic() + timeout
        while not self.ended:
            if time.monotonic() > end:
                raise AssertionError(f"the process does not end:\n{self.text()}")
            self._take_in(0.05)
        assert self._exit is not None
        return self._exit

    def kill(self) -> None:
        """SIGKILL, and wait for the end."""
        if not self.ended:
            os.kill(self._pid, signal.SIGKILL)
            self._exit = os.waitstatus_to_exitcode(os.waitpid(self._pid, 0)[1])

    def clear(self) -> None:
        """Forget the screen, as a person does who looks at the next one."""
        self.settle()
        self._screen.reset()
        self.raw.clear()

    @property
    def pid(self) -> int:
        """The process."""
        return self._pid

    @property
    def descriptor(self) -> int:
        """The pty, for who reads and writes it by itself and hands what came to ``feed``."""
        return self._fd

    @property
    def drawing(self) -> bool:
        """Whether a frame has begun and is not whole yet."""
        return self.raw.rfind(_BEGINS) > self.raw.rfind(_ENDS)

    def feed(self, data: bytes) -> None:
        """Take in what the process wrote."""
        self.raw += data
        if _ASKS_FOR_WHOLE_FRAMES in data:
            os.write(self._fd, _WHOLE_FRAMES)
        # A sequence may be cut between two reads: keep from the last ESC that has no end yet.
        text = self._held + self._decoder.decode(data)
        cut = text.rfind("\x1b")
        self._held = (
            text[cut:] if cut >= 0 and len(text) - cut < 32 and not re.search(r"[a-zA-Z\\]", text[cut + 2 :]) else ""
        )
        self._stream.feed(_NOT_FOR_PYTE.sub("", text[: len(text) - len(self._held)]))

    def _take_in(self, timeout: float) -> bool:
        if not select.select([self._fd], [], [], timeout)[0]:
            return False
        try:
            data = os.read(self._fd, 65536)
        except OSError:  # the process has closed its side
            data = b""
        if not data:
            time.sleep(min(timeout, 0.02))
            return False
        self.feed(data)
        return True
