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
from typing import Self

import pyte

KEYS = {
    "enter": "\r", "escape": "\x1b", "tab": "\t", "shift+tab": "\x1b[Z", "space": " ", "backspace": "\x7f",
    "up": "\x1b[A", "down": "\x1b[B", "right": "\x1b[C", "left": "\x1b[D",
    "pageup": "\x1b[5~", "pagedown": "\x1b[6~", "home": "\x1b[H", "end": "\x1b[F",
}  # fmt: skip
# Private sequences that pyte would take for text or for others: keyboard protocols, version and mode queries.
_NOT_FOR_PYTE = re.compile(r"\x1b\[[<>=][0-9;]*[a-zA-Z]|\x1b\[\?[0-9;]*(?:\$p|u)|\x1b[P_^].*?\x1b\\", re.DOTALL)
_ESCAPE_DELAY = 0.15  # Textual waits for the rest of a sequence for a tenth of a second
_ESCAPE_AT_MOST = 1.0
_LABEL_ROOM = 2  # blanks between hint letters and what they stand for


class Terminal:
    """Runs a command; ``text()`` is what a person sees, ``raw`` every byte that came."""

    def __init__(self, command: list[str], columns: int = 80, rows: int = 24, **env: str) -> None:
        self.keys_pressed = 0
        self.raw = b""
        self._screen = pyte.Screen(columns, rows)
        self._stream = pyte.Stream(self._screen)
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._held = ""
        environment = os.environ | {"TERM": "xterm-256color", "COLORTERM": "truecolor", "LANG": "C.UTF-8"} | env
        self._pid, self._fd = pty.fork()
        if self._pid == 0:
            try:
                os.execvpe(command[0], command, environment)
            finally:
                os._exit(127)
        self._exit: int | None = None
        fcntl.ioctl(self._fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

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

    def label_of(self, text: str, number: int = 0) -> str:
        """The hint letters right before a text on the screen: before its place of that number, from above."""
        for y in range(self._screen.lines):
            cells = [self._screen.buffer[y][x] for x in range(self._screen.columns)]
            line = "".join(cell.data or " " for cell in cells).replace("\u00a0", " ")
            for match in re.finditer(re.escape(text), line):
                end = len(line[: match.start()].rstrip())
                start = end
                while start and cells[start - 1].reverse and cells[start - 1].data.isalpha():
                    start -= 1
                if start < end and match.start() - end <= _LABEL_ROOM:
                    if not number:
                        return line[start:end]
                    number -= 1
        raise AssertionError(f"no hint letter stands before {text!r}:\n{self.text()}")

    def settle(self, quiet: float = 0.06, at_most: float = 3.0) -> None:
        """Take in what comes until nothing has come for a while."""
        end = time.monotonic() + at_most
        while time.monotonic() < end and self._take_in(quiet):
            pass

    def wait_for(self, wanted: str | Callable[[str], bool], timeout: float = 20.0) -> str:
        """The screen, once it shows a text or meets a condition; an AssertionError with the screen otherwise."""
        met = wanted if callable(wanted) else lambda screen: wanted in screen
        end = time.monotonic() + timeout
        while True:
            screen = self.text()
            if met(screen):
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
        self.raw += data
        # A sequence may be cut between two reads: keep from the last ESC that has no end yet.
        text = self._held + self._decoder.decode(data)
        cut = text.rfind("\x1b")
        self._held = (
            text[cut:] if cut >= 0 and len(text) - cut < 32 and not re.search(r"[a-zA-Z\\]", text[cut + 2 :]) else ""
        )
        self._stream.feed(_NOT_FOR_PYTE.sub("", text[: len(text) - len(self._held)]))
        return True
