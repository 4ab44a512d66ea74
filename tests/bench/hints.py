"""Measures how fast hint letters appear over a text of 5,000 words, and how many cases of news they get right.

    PYTHONPATH=tests uv run python tests/bench/hints.py [--cases]

Prints the cases of ``tests/db/suggest/hint_cases.jsonl`` by language and kind (with ``--cases`` only these). Then
a table: finding the candidates alone, then a key in a real terminal until the letters are drawn, beside a bare
Textual app that draws one label anew.
"""

import functools
import json
import os
import select
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path

from support.builders import import_documents
from support.hint_cases import outcome
from support.terminal import Terminal

from db.kinds import Kind
from db.store.connection import open_file
from db.suggest.candidates import candidates

WORDS = 5000
RUNS = 15
KINDS: tuple[tuple[str, Kind], ...] = (("count", "integer"), ("date", "date"), ("giver", "actor"))
LETTERS = ("a", "s", "d")  # of the three fields, in their order
BARE = """
from textual.app import App
from textual.widgets import Label
class Bare(App):
    BINDINGS = [("j", "more"), ("q", "quit")]
    n = 0
    def compose(self):
        yield Label("ready 0")
    def action_more(self):
        self.n += 1
        self.query_one(Label).update(f"ready {self.n}")
Bare().run()
"""


def long_text(language: str) -> str:
    """The demo's texts of a language, over and over, to about 5,000 words; Chinese by characters."""
    lines = (files("db") / "demo" / "demo.jsonl").read_text(encoding="utf-8").splitlines()
    texts = [document["text"] for document in map(json.loads, lines) if document.get("language") == language]
    size: Callable[[str], int] = len if language == "zh" else lambda text: len(text.split())
    text = "\n\n".join(texts)
    return "\n\n".join([text] * (WORDS // size(text) + 1))


def median_ms(act: Callable[[], object]) -> float:
    """The median of some runs after one that warms up."""
    act()
    times = []
    for _ in range(RUNS):
        began = time.perf_counter()
        act()
        times.append(time.perf_counter() - began)
    return statistics.median(times) * 1000


def until_drawn(terminal: Terminal, key: str, drawn: Callable[[], bool]) -> tuple[float, float]:
    """Milliseconds from a key to the end of the first frame with what is wanted, and to the last byte."""
    chunks: list[tuple[float, bytes]] = []
    began = time.perf_counter()
    os.write(terminal.fd, key.encode())
    while select.select([terminal.fd], [], [], 0.2)[0]:
        chunks.append((time.perf_counter(), os.read(terminal.fd, 1 << 20)))
    first = 0.0
    for at, data in chunks:
        terminal.feed(data)
        if not first and not terminal.mid_frame and drawn():
            first = at
    return (first - began) * 1000, (chunks[-1][0] - began) * 1000


def in_terminal(folder: Path, text: str, size: tuple[int, int]) -> dict[str, list[tuple[float, float]]]:
    """Keys of the reviewer on the long text: `f`, a field's letter, and leaving."""
    file = folder / f"bench-{size[0]}.db"
    fields = [{"name": "date", "value": "2025-01-01"}, {"name": "count", "value": 7}, {"name": "giver", "value": "X"}]
    connection = open_file(file, create=True)
    import_documents(
        connection,
        {"id": "long", "published": "2025-10-10", "text": text, "events": [{"type": "exchange", "fields": fields}]},
    )
    connection.close()
    found: dict[str, list[tuple[float, float]]] = {}
    with Terminal([sys.executable, "-m", "tui", "review", str(file), "--reviewer", "ana"], *size) as terminal:
        terminal.wait_for(" left")
        terminal.settle(quiet=2)
        for _ in range(RUNS):
            for letter, (name, _kind) in zip(LETTERS, (KINDS[1], KINDS[0], KINDS[2]), strict=True):
                asked = until_drawn(terminal, "f", lambda: "which field?" in terminal.text())
                hints = until_drawn(terminal, letter, lambda: "type it" in terminal.text())
                found.setdefault("f: letters before the fields", []).append(asked)
                found.setdefault(f"its letter: hints for {name}", []).append(hints)
                until_drawn(terminal, "\x1b", lambda: True)
    return found


def bare(size: tuple[int, int]) -> list[tuple[float, float]]:
    """The floor: a bare Textual app draws one label anew."""
    with Terminal([sys.executable, "-c", BARE], *size) as terminal:
        terminal.wait_for("ready 0")
        terminal.settle(quiet=0.5)
        labels = [f"ready {run}" for run in range(1, RUNS + 1)]
        return [until_drawn(terminal, "j", lambda label=label: label in terminal.text()) for label in labels]


def print_cases() -> None:
    """Print how many cases are right, by language and kind, and those that are wrong."""
    sizes, failed = outcome()
    wrong = Counter((case.language, case.kind) for case in failed)
    kinds = sorted({kind for _, kind in sizes})

    def cell(keys: list[tuple[str, str]]) -> str:
        size = sum(sizes[key] for key in keys)
        return f"{size - sum(wrong[key] for key in keys)}/{size}" if size else ""

    print(f"{'cases right':<12}" + "".join(f"{kind:>10}" for kind in kinds) + f"{'all':>10}")
    for language in sorted({language for language, _ in sizes}):
        row = [[(language, kind)] for kind in kinds]
        row.append([key for keys in row for key in keys])
        print(f"{language:<12}" + "".join(f"{cell(keys):>10}" for keys in row))
    columns = [[key for key in sizes if key[1] == kind] for kind in kinds]
    print(f"{'all':<12}" + "".join(f"{cell(keys):>10}" for keys in [*columns, list(sizes)]))
    for case in failed:
        print(f"wrong: {case}")
    print()


def main() -> None:
    """Measure and print."""
    print_cases()
    if "--cases" in sys.argv:
        return
    print(f"{'finding candidates, ms':<34}" + "".join(f"{name:>10}" for name, _ in KINDS))
    for language in ("en", "uk", "ar", "zh"):
        text = long_text(language)
        times = [median_ms(functools.partial(candidates, kind, text, "2025-10-10", language)) for _, kind in KINDS]
        print(f"{f'{language}, {len(text):,} characters':<34}" + "".join(f"{spent:>10.1f}" for spent in times))
    with tempfile.TemporaryDirectory() as folder:
        for size in ((80, 24), (140, 40)):
            print(f"\n{f'{size[0]}×{size[1]}, median ms':<34}{'drawn':>10}{'last byte':>10}")
            rows = {"floor: a bare app, one label": bare(size), **in_terminal(Path(folder), long_text("en"), size)}
            for name, times_ in rows.items():
                drawn, last = (statistics.median(column) for column in zip(*times_, strict=True))
                print(f"{name:<34}{drawn:>10.1f}{last:>10.1f}")


if __name__ == "__main__":
    main()
