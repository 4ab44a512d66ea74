"""Drives a program on a pty. Times each piece of output, and builds the screens from them afterwards."""

import os
import select
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from support.terminal import Terminal

COLUMNS, ROWS = 120, 40
# Asked for before the first frame, and answered at once, as terminals do.
_ASKS_FOR_WHOLE_FRAMES, _WHOLE_FRAMES = b"\x1b[?2026$p", b"\x1b[?2026;1$y"
_SOON, _LATE = 0.12, 0.4  # seconds without a byte: then a key counts as acted on, then a query or a start

Wanted = Callable[["Driver"], bool]


@dataclass(frozen=True, slots=True)
class Reaction:
    """Milliseconds until each of the wanted screens was there first, and until the last byte of what was drawn."""

    times: tuple[float, ...]
    settled: float

    @property
    def shown(self) -> float:
        """Until the first of them was there."""
        return self.times[0]


class NotShownError(AssertionError):
    """The wanted screen did not come; tells what came instead."""


class Driver(Terminal):
    """A program at 120×40.

    While it draws, nothing is done but keeping what comes: a screen is made of it once nothing has come for a while.
    """

    def __init__(self, command: list[str], **env: str) -> None:
        self.began = time.perf_counter()
        super().__init__(command, COLUMNS, ROWS, **env)

    def until(self, *wanted: Wanted, since: float, quiet: float = _LATE, at_most: float = 60.0) -> Reaction:
        """Wait until each of the screens was there; milliseconds count from ``since``. Raises NotShownError."""
        times: dict[int, float] = {}
        while True:
            chunks = self._record(quiet, since + at_most)
            for at, data in chunks:
                self.feed(data.replace(_ASKS_FOR_WHOLE_FRAMES, b""))
                if not self.mid_frame:
                    met = [number for number, one in enumerate(wanted) if number not in times and one(self)]
                    times |= dict.fromkeys(met, (at - since) * 1000)
            if chunks and len(times) == len(wanted):
                return Reaction(tuple(times[number] for number in range(len(wanted))), (chunks[-1][0] - since) * 1000)
            if time.perf_counter() - since > at_most or (not chunks and self.ended):
                raise NotShownError(f"after {time.perf_counter() - since:.1f} s the screen is\n{self.text().rstrip()}")

    def first_screen(self, *wanted: Wanted, at_most: float = 60.0) -> Reaction:
        """From before the process was made until the screens are there."""
        return self.until(*wanted, since=self.began, at_most=at_most)

    def react(self, keys: str, *wanted: Wanted, slow: bool = False, at_most: float = 60.0) -> Reaction:
        """Press keys in one burst; from then until the screens are there. ``slow``: it may think between them."""
        since = time.perf_counter()
        os.write(self.fd, keys.encode())
        return self.until(*wanted, since=since, quiet=_LATE if slow else _SOON, at_most=at_most)

    def rest(self, quiet: float = 0.6, at_most: float = 60.0) -> None:
        """Let it finish whatever it does: nothing has come for so many seconds."""
        for _, data in self._record(quiet, time.perf_counter() + at_most):
            self.feed(data.replace(_ASKS_FOR_WHOLE_FRAMES, b""))

    def memory(self) -> tuple[float, float]:
        """MB of memory now, and at the peak; of the process alone."""
        lines = Path(f"/proc/{self._pid}/status").read_text().splitlines()
        sizes = dict(line.split(":", 1) for line in lines if line.startswith("Vm"))
        return tuple(int(sizes[name].split()[0]) / 1024 for name in ("VmRSS", "VmHWM"))  # type: ignore[return-value]

    def leave(self, keys: str) -> None:
        """Press what ends it, and wait for the end; it is killed where that takes long."""
        with suppress(OSError):
            os.write(self.fd, keys.encode())
        end = time.perf_counter() + 10
        while not self.ended and time.perf_counter() < end:
            self._record(0.05, end)
        self.kill()

    def _record(self, quiet: float, end: float) -> list[tuple[float, bytes]]:
        """Return the output, with the time of each piece, until ``quiet`` seconds pass without any or ``end`` comes."""
        chunks: list[tuple[float, bytes]] = []
        now = time.perf_counter()
        while now < end and select.select([self.fd], [], [], quiet)[0]:
            try:
                data = os.read(self.fd, 1 << 20)
            except OSError:  # the process has closed its side
                break
            now = time.perf_counter()
            if not data:
                break
            chunks.append((now, data))
            if _ASKS_FOR_WHOLE_FRAMES in data:
                os.write(self.fd, _WHOLE_FRAMES)
        return chunks


def shows(text: str) -> Wanted:
    """Return True if a text is on the screen."""
    return lambda driver: text in driver.text()
