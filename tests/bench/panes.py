"""Measures how fast panes follow keys in a real terminal, and if they keep up with a burst of keys.

    PYTHONPATH=tests uv run python tests/bench/panes.py

Needs the shared MUC files for the figures of j, k and accept. Times are from the key to the last byte that it led to;
bytes are taken as they come and looked at afterwards.
"""

import itertools
import json
import os
import select
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

from support.builders import import_documents
from support.terminal import Terminal

from db.store.connection import open_file

SHARED = Path(__file__).parents[3] / "shared" / "data" / "muc4-tst3"
SIZE = (120, 40)
AT_MOST = 2.0  # seconds in which a key leads to something
QUIET = 0.1  # seconds without a byte, after which a key counts as acted on
KEYS = 150
SCROLLS = 40
LONG = 2_000_000  # bytes of a text
BURST = 10_000
RATE = 30  # keys a second, as of a key held down
HELD = 10  # seconds


def long_text(language: str) -> str:
    """The demo's texts of a language, over and over, to 2 MB."""
    lines = (files("db") / "demo" / "demo.jsonl").read_text(encoding="utf-8").splitlines()
    texts = [document["text"] for document in map(json.loads, lines) if document.get("language") == language]
    text = "\n\n".join(texts) + "\n\n"
    return (text * (LONG // len(text.encode()) + 1)).encode()[:LONG].decode("utf-8", "ignore")


def muc(copies: int) -> Iterator[dict[str, Any]]:
    """The MUC documents with their events, some times over under other ids."""
    for copy, path in itertools.product(range(copies), sorted(SHARED.glob("*.jsonl"))):
        for line in path.read_text(encoding="utf-8").splitlines():
            document = json.loads(line)
            yield document | {"id": f"{document['id']}-{copy}", "events": [
                event | {"id": f"{event['id']}-{copy}"} for event in document["events"]
            ]}  # fmt: skip


class Reviewer(Terminal):
    """The reviewer on a file."""

    def __init__(self, file: Path) -> None:
        command = [sys.executable, "-m", "tui", "review", str(file), "--reviewer", "ana"]
        super().__init__(command, *SIZE, XDG_CONFIG_HOME=str(file.parent), XDG_STATE_HOME=str(file.parent))
        self.wait_for(" left")
        self.settle(quiet=1.5)

    def time(self, key: str) -> float:
        """Milliseconds from a key to the last byte that it led to."""
        chunks = bytearray()
        began = last = time.perf_counter()
        os.write(self.fd, key.encode())
        while select.select([self.fd], [], [], QUIET if chunks else AT_MOST)[0]:
            chunks += os.read(self.fd, 1 << 20)
            last = time.perf_counter()
        self.feed(bytes(chunks))
        return (last - began) * 1000

    def memory(self) -> float:
        """Resident megabytes."""
        status = Path(f"/proc/{self._pid}/status").read_text()
        return int(status.split("VmRSS:")[1].split()[0]) / 1024

    def place(self) -> int:
        """The number of the event that the cursor is on, as the status line says."""
        return int(self.text().splitlines()[SIZE[1] - 2].split("/")[0].replace(",", ""))


def row(name: str, times: list[float]) -> None:
    """A line of the table."""
    times = sorted(times)
    print(f"{name:<46}{statistics.median(times):>8.1f}{times[int(len(times) * 0.95)]:>8.1f}{times[-1]:>8.1f}")


def long_documents(folder: Path) -> None:
    """A text of 2 MB: shown at once, shown again when it was laid out before, scrolled."""
    for language in ("en", "uk", "zh"):
        file = folder / f"{language}.db"
        connection = open_file(file, create=True)
        text = long_text(language)
        field = {"name": "date", "value": "2025-01-01", "spans": [[len(text) // 2, len(text) // 2 + 10]]}
        short = {"text": "short", "events": [{"type": "t", "fields": [{"name": "a", "value": "b"}]}]}
        long = {"id": "long", "text": text, "language": language, "events": [{"type": "t", "fields": [field]}]}
        import_documents(connection, *({"id": f"s{n}"} | short for n in range(3)), long)
        connection.close()
        with Reviewer(file) as reviewer:
            row(f"{language}: 2 MB shown, not laid out before", [reviewer.time("G")])
            again = [(reviewer.time("k"), reviewer.time("j"))[1] for _ in range(9)]
            row(f"{language}: 2 MB shown, laid out before", again)
            reviewer.press("tab")
            row(f"{language}: a line down", [reviewer.time("j") for _ in range(SCROLLS)])
            row(f"{language}: half a page down", [reviewer.time("\x04") for _ in range(SCROLLS)])
            row(f"{language}: to the top and the end", [reviewer.time(key) for key in "gG" * 10])


def keys(folder: Path) -> None:
    """Next, previous, accept."""
    file = folder / "muc.db"
    connection = open_file(file, create=True)
    import_documents(connection, *muc(1))
    connection.close()
    with Reviewer(file) as reviewer:
        for key, name in (("j", "next event"), ("k", "previous event"), ("a", "accept: durable, next event")):
            row(f"{key}: {name}", [reviewer.time(key) for _ in range(KEYS)])


def burst(folder: Path) -> None:
    """Keys as fast as the terminal takes them, and as of a key held down: none is lost, memory stays."""
    file = folder / "burst.db"
    connection = open_file(file, create=True)
    import_documents(connection, *muc(BURST // 800 + 2))
    connection.close()
    with Reviewer(file) as reviewer:
        before, raw = reviewer.memory(), len(reviewer.raw)
        began, sent = time.perf_counter(), 0
        while sent < BURST:
            readable, writable, _ = select.select([reviewer.fd], [reviewer.fd], [])
            if readable:
                reviewer.raw += os.read(reviewer.fd, 1 << 20)  # looked at after the burst, by the last frame
            if writable:
                sent += os.write(reviewer.fd, b"j" * min(256, BURST - sent))
        last = time.perf_counter()
        while select.select([reviewer.fd], [], [], 1.0)[0]:
            reviewer.raw += os.read(reviewer.fd, 1 << 20)
            last = time.perf_counter()
        spent, after = last - began, reviewer.memory()
        frames = reviewer.raw[raw:].count(b"\x1b[?2026l")
        reviewer.feed(b"")
        reviewer.resize(SIZE[0] - 1, SIZE[1])  # has everything painted anew
        reviewer.resize(*SIZE)
        rates = f"{BURST / spent:,.0f} keys and {frames / spent:.0f} frames a second"
        print(f"{BURST:,} j at once: event {reviewer.place():,}, {rates}")
        print(f"memory: {before:.0f} MB before, {after:.0f} MB after")
        times = []
        for _ in range(HELD * RATE):
            began = time.perf_counter()
            os.write(reviewer.fd, b"k")
            came, at = bytearray(), began
            while (left := began + 1 / RATE - time.perf_counter()) > 0:
                if select.select([reviewer.fd], [], [], left)[0]:
                    came += os.read(reviewer.fd, 1 << 20)
                    at = time.perf_counter()
            times.append((at - began) * 1000)
            reviewer.raw += came
        reviewer.resize(SIZE[0] - 1, SIZE[1])
        reviewer.resize(*SIZE)
        print(f"{HELD * RATE} k at {RATE} a second: event {reviewer.place():,}, memory {reviewer.memory():.0f} MB")
        row("k held down", times)


def main() -> None:
    """Measure and print."""
    print(f"{f'{SIZE[0]}×{SIZE[1]}, ms from key to last byte':<46}{'median':>8}{'95 %':>8}{'most':>8}")
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "eventdesk").mkdir()
        (Path(folder) / "eventdesk" / "hint-seen").touch()
        long_documents(Path(folder))
        if SHARED.exists():
            keys(Path(folder))
            burst(Path(folder))


if __name__ == "__main__":
    main()
