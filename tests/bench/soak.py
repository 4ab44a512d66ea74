"""A long session: tens of thousands of keys into one reviewer, with everything that happens around it.

    PYTHONPATH=tests uv run python tests/bench/soak.py [--keys 100000] [--folder DIR]

The reviewer runs in a shell on a pty, on a generated file. The terminal gets other sizes, loses the focus and gets it
back, ctrl+z goes to the shell and fg comes back, bytes come that are no text, and another process decides and imports.
At the end the file must hold, and memory and the time of a key must be what they were at the beginning; the exit status
is 1 where they are not.
"""

import argparse
import os
import random
import re
import select
import signal
import statistics
import subprocess
import sys
import tempfile
import termios
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn

from bench.generate import make_file
from bench.typist import Act, acts
from support.terminal import KEYS, Terminal

COLUMNS, ROWS = 120, 40
_BURST = 40  # acts sent at once
_ONE_BY_ONE = 0.05  # of the rounds: key by key, each waited for
_QUIET = 0.05  # seconds without a byte after a key, then it counts as acted on
_MEASURED = 40  # times that a key is measured in a quiet window
_STARTS_COUNT_AT = 0.1  # of the keys: what is loaded once is loaded by then
_GROWTH, _SLOWER = 1.1, 1.5  # at most, of memory and of the time of a key
_RAW_KEPT = 1 << 17  # bytes
_ENDS = b"\x1b[?2026l"
_BARS = "▁▂▃▄▅▆▇█"


class Failed(Exception):
    """A check failed."""


@dataclass(slots=True)
class Sitting:
    """Counts of what happened, memory in MB after each hundredth of the keys, and times of keys in ms."""

    keys: int = 0
    resizes: int = 0
    suspends: int = 0
    focus: int = 0
    garbage: int = 0
    memory: list[float] = field(default_factory=list)
    took: dict[str, list[float]] = field(default_factory=lambda: {"j": [], "a": []})


class Window(Terminal):
    """A terminal with a shell in it, of which only the last bytes are kept: a screen is made when one is looked at."""

    def __init__(self, folder: Path) -> None:
        # No program can be run by name, should keys of the reviewer ever reach the shell.
        shell = ["/bin/bash", "--norc", "-i"]
        super().__init__(shell, COLUMNS, ROWS, PS1="sh> ", PATH="/nonexistent", HISTFILE="", HOME=str(folder))
        self.columns, self.rows = COLUMNS, ROWS
        self._drawn = False
        self.last_byte = 0.0

    def feed(self, data: bytes) -> None:
        """Take in what came."""
        self.last_byte = time.perf_counter()
        if self._drawn:
            super().feed(data)
        else:
            self.raw += data
            if b"\x1b[?2026$p" in data:
                os.write(self.fd, b"\x1b[?2026;1$y")
        del self.raw[:-_RAW_KEPT]

    def look(self) -> str:
        """The screen, painted anew for it."""
        self._drawn = True
        self.give_size(self.columns, self.rows - 1)
        self.give_size(self.columns, self.rows)
        self._drawn = False
        return self.text()

    def give_size(self, columns: int, rows: int) -> None:
        """Give it another size and wait until it was painted."""
        self.resize(columns, rows)

    def wait_for_bytes(self, wanted: bytes, timeout: float = 120.0) -> None:
        """Wait until something came that was not there when the wait began."""
        end = time.monotonic() + timeout
        while wanted not in self.raw:
            if time.monotonic() > end:
                raise Failed(f"{wanted!r} does not come; the last bytes are {bytes(self.raw[-2000:])!r}")
            self.read(0.1)

    def rest(self, quiet: float = 0.15, at_most: float = 60.0) -> None:
        """Let it act on all that was sent."""
        end = time.monotonic() + at_most
        while self.read(quiet) or self.mid_frame:
            if time.monotonic() > end:
                raise Failed("it goes on drawing for a minute")

    def reaction(self, keys: str) -> float | None:
        """Milliseconds from a key to the last byte of what it led to; None where nothing came."""
        began = self.last_byte = time.perf_counter()
        self.send(keys)
        while self.read(_QUIET) or self.mid_frame:
            pass
        return (self.last_byte - began) * 1000 if self.last_byte > began else None


class Soak:
    """One reviewer, started from a shell, and whoever types."""

    def __init__(self, file: Path, window: Window, chance: random.Random) -> None:
        self.file, self.window, self.chance = file, window, chance
        self.sitting = Sitting()
        self._acts = acts(chance)
        window.wait_for_bytes(b"sh> ")
        self._shells = termios.tcgetattr(window.fd)
        window.send(f"{sys.executable} -m tui review {file} --reviewer ana\n")
        window.wait_for_bytes(_ENDS)
        window.rest()
        (self.pid,) = (
            int(child) for child in Path(f"/proc/{window._pid}/task/{window._pid}/children").read_text().split()
        )

    def press(self, count: int) -> None:
        """Press about as many keys, in bursts and one by one, with what happens around."""
        end = self.sitting.keys + count
        while self.sitting.keys < end:
            if self.chance.random() < _ONE_BY_ONE:
                for _ in range(self.chance.randint(1, _BURST)):
                    for key in next(self._acts):
                        self._send([key])
                        self.window.rest(_QUIET)
                        if key == "escape":
                            self.window.rest(0.12)
            else:
                for _ in range(self.chance.randint(1, _BURST)):
                    self._send(next(self._acts))
                    self._around()
                self.window.rest()
            self._must_live()

    def suspend(self) -> None:
        """Go to the shell, which must have its terminal as it was, and come back, perhaps in another size."""
        window = self.window
        self.escape()
        window.raw.clear()
        window.send("\x1a")
        window.wait_for_bytes(b"Stopped")
        window.wait_for_bytes(b"sh> ")
        if termios.tcgetattr(window.fd) != self._shells:
            raise Failed("after ctrl+z the shell's terminal is not as it was")
        if self.chance.random() < 0.5:
            self.resize()
        window.raw.clear()
        window.send("fg\n")
        window.wait_for_bytes(_ENDS)
        window.rest()
        self.sitting.suspends += 1

    def resize(self) -> None:
        """Another size."""
        self.window.columns, self.window.rows = self.chance.randint(30, 180), self.chance.randint(12, 50)
        self.window.give_size(self.window.columns, self.window.rows)
        self.sitting.resizes += 1

    def measure(self) -> None:
        """Memory, and the time of keys in a quiet window of the usual size, on all events."""
        window = self.window
        self.escape()
        window.columns, window.rows = COLUMNS, ROWS
        window.give_size(COLUMNS, ROWS)
        self._send(["/", "ctrl+u", *"status:pending", "enter"])
        window.rest(0.6)
        if " left" not in (screen := window.look()):
            raise Failed(f"the screen is not the reviewer's:\n{screen}")
        for key, took in self.sitting.took.items():
            times = [time_ for _ in range(_MEASURED) if (time_ := window.reaction(key)) is not None]
            self.sitting.keys += _MEASURED
            if len(times) < _MEASURED // 2:
                raise Failed(f"{key} draws nothing:\n{window.look()}")
            took.append(statistics.median(times))

    def remember_memory(self) -> None:
        """Note the memory of the reviewer."""
        (kilobytes,) = re.findall(r"VmRSS:\s*(\d+) kB", Path(f"/proc/{self.pid}/status").read_text())
        self.sitting.memory.append(int(kilobytes) / 1024)

    def escape(self) -> None:
        """Leave whatever is asked and looked up."""
        for _ in range(5):
            self._send(["escape"])
            self.window.rest(0.2)

    def leave(self) -> None:
        """Quit."""
        self.escape()
        self.window.raw.clear()
        self._send(["q"])
        self.window.wait_for_bytes(b"sh> ")
        self.window.raw.clear()
        self.window.send("echo status $?\n")
        self.window.wait_for_bytes(b"status 0")

    def _around(self) -> None:
        what = self.chance.random()
        if what < 0.01:
            self.window.send(self.chance.choice(["\x1b[O", "\x1b[I"]))
            self.sitting.focus += 1
        elif what < 0.012:
            os.write(self.window.fd, self.chance.choice([b"\xff\xfe", b"\x1b[999;999;999z", b"\xc3", b"\x00"]))
            self.sitting.garbage += 1
        elif what < 0.02:
            self.window.rest()
            self.resize()

    def _send(self, keys: Act) -> None:
        text = "".join(
            KEYS.get(key) or _FUNCTION.get(key) or (chr(ord(key[5:]) & 0x1F) if key.startswith("ctrl+") else key)
            for key in keys
        )
        # What is written must be read meanwhile, or neither side goes on.
        data = text.encode()
        while data:
            _, ready, _ = select.select([], [self.window.fd], [], 0)
            if ready:
                data = data[os.write(self.window.fd, data[:512]) :]
            self.window.read(0)
        self.sitting.keys += len(keys)

    def _must_live(self) -> None:
        if not Path(f"/proc/{self.pid}").exists():
            raise Failed(f"the reviewer has ended:\n{bytes(self.window.raw[-3000:]).decode(errors='replace')}")


_FUNCTION = {"f2": "\x1bOQ", "f3": "\x1bOR"}


@contextmanager
def another_writer(file: Path) -> Iterator[list[str]]:
    """Another process that writes to the file meanwhile; afterwards the list holds what it says that it did."""
    said: list[str] = []
    command = [sys.executable, str(Path(__file__).with_name("other_writer.py")), str(file)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield said
        finally:
            out, _ = process.communicate("stop\n", timeout=60)
            said.append(out.strip())
    if process.returncode:
        raise Failed("the other writer failed")


def soak(file: Path, folder: Path, keys: int, seed: int) -> tuple[Sitting, str]:
    """Sit through it. Raises Failed."""
    chance = random.Random(seed)
    began = time.monotonic()
    with another_writer(file) as others, Window(folder) as window:
        one = Soak(file, window, chance)
        sitting = one.sitting
        for hundredth in range(1, 101):
            one.press(max(0, keys * hundredth // 100 - sitting.keys))
            one.remember_memory()
            if hundredth % 2 == 0:
                one.suspend()
            if hundredth % 10 == 0:
                one.measure()
                print(
                    f"{time.monotonic() - began:6.0f} s  {sitting.keys:7,} keys  {sitting.memory[-1]:6.1f} MB"
                    f"  j {sitting.took['j'][-1]:.1f} ms  a {sitting.took['a'][-1]:.1f} ms",
                    flush=True,
                )
        one.leave()
    return sitting, others[0]


def table(sitting: Sitting, others: str, file: Path) -> str:
    """Return the results as Markdown."""
    import sqlite3

    connection = sqlite3.connect(file)
    (decisions,) = connection.execute("SELECT count(*) FROM decisions WHERE reviewer = 'ana'").fetchone()
    connection.close()
    first, last = _memory(sitting)
    rows = {
        "keys": f"{sitting.keys:,}",
        "decisions by them": f"{decisions:,}",
        "other process": others,
        "resizes, suspends": f"{sitting.resizes}, {sitting.suspends}",
        "focus lost or gained, bytes that are no text": f"{sitting.focus}, {sitting.garbage}",
        "memory after a tenth → at the end": f"{first:.1f} → {last:.1f} MB  {sparkline(sitting.memory)}",
    }
    for key, took in sitting.took.items():
        rows[f"`{key}`, median, first window → last"] = f"{took[0]:.1f} → {took[-1]:.1f} ms  {sparkline(took)}"
    return "\n".join(["| | |", "|---|---|", *(f"| {name} | {value} |" for name, value in rows.items())])


def sparkline(values: list[float], width: int = 40) -> str:
    """Values from nothing to the largest, as bars."""
    step = max(1, len(values) // width)
    shown = values[::step]
    return "".join(_BARS[min(7, int(8 * value / max(shown)))] for value in shown)


def judge(sitting: Sitting, file: Path) -> None:
    """Raises Failed where something is not as it was at the beginning, or the file does not hold."""
    check = subprocess.run([sys.executable, "-m", "tui", "check", str(file)], capture_output=True, text=True)
    if check.returncode:
        raise Failed(check.stdout + check.stderr)
    first, last = _memory(sitting)
    if last > first * _GROWTH:
        raise Failed(f"memory grew from {first:.1f} to {last:.1f} MB")
    for key, took in sitting.took.items():
        if took[-1] > took[0] * _SLOWER:
            raise Failed(f"{key} took {took[0]:.1f} ms in the first window and {took[-1]:.1f} in the last")


def _memory(sitting: Sitting) -> tuple[float, float]:
    return sitting.memory[int(len(sitting.memory) * _STARTS_COUNT_AT)], sitting.memory[-1]


def main() -> None:
    """Soak, print and judge."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--keys", type=int, default=100_000)
    parser.add_argument("--events", type=int, default=8_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--folder", type=Path, help="where the file stays; a folder that is thrown away unless given")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, _stop)
    with tempfile.TemporaryDirectory(prefix="soak-") as thrown_away:
        folder = options.folder or Path(thrown_away)
        folder.mkdir(parents=True, exist_ok=True)
        for name in ("CONFIG", "STATE"):
            os.environ[f"XDG_{name}_HOME"] = str(folder / name.lower())
        file = folder / "soak.db"
        for old in folder.glob("soak.db*"):
            old.unlink()
        make_file(file, options.events, quiet=True)
        try:
            sitting, others = soak(file, folder, options.keys, options.seed)
            print(table(sitting, others, file))
            judge(sitting, file)
        except (Failed, AssertionError) as failed:
            sys.exit(f"failed: {failed}")


def _stop(*_: object) -> NoReturn:
    sys.exit("stopped")


if __name__ == "__main__":
    main()
