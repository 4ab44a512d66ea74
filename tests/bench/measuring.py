"""Measures every figure on one file: eventdesk, what the machine takes for the same by itself, and other programs."""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bench import desk, floors, peers
from bench.figures import Figure, Limit, Sample, sample
from bench.generate import make_lines
from bench.installed import Installed
from bench.keeping import unchanged
from bench.peers import Peer
from bench.questions import QUESTIONS

# What DESIGN.md allows on a file of a million events.
_START = Limit(ratio=1.5)
_KEY = Limit(median=8, high=16, ratio=2.5)
_ACCEPT = Limit(median=12, ratio=3)
_QUERY = Limit(median=100)
_MEMORY = Limit(median=120)
_IMPORT = Limit(ratio=0.5, at_least=True)

_LABEL = "bare Textual app, a label"
_COMMIT = "bare Textual app, a label and a commit"
_SHELL = "sqlite3 shell, the same in SQL by hand, whole process"
_EXECUTEMANY = "sqlite3 executemany, the same rows, tables and indexes"


@dataclass(frozen=True, slots=True)
class Effort:
    """How often each thing is done; above how many events imports and peers are left out."""

    starts: int = 15
    presses: int = 100
    runs: int = 7
    import_most: int = 1_000_000
    peers_most: int = 1_000_000


QUICK = Effort(starts=5, presses=20, runs=3, import_most=100_000, peers_most=100_000)


@dataclass(frozen=True, slots=True)
class Measured:
    """All figures of one file."""

    events: int
    figures: tuple[Figure, ...]
    peers: tuple[Peer, ...]
    failed: tuple[str, ...]


def measure(installed: Installed, generated: Path, events: int, effort: Effort, folder: Path) -> Measured:
    """Measure on a generated file, which stays as it is; ``folder`` is on the disk where files are written."""
    with unchanged(generated) as file:
        starts = _starts(installed, file, effort)
        told("keys and queries")
        took = desk.session(installed.eventdesk, file, effort.presses, effort.runs)
        figures = (
            starts
            + _in_terminal(installed, took, effort, folder)
            + _queries(took, file, effort)
            + _commands(installed.eventdesk, file, effort)
        )
        if events <= effort.import_most:
            figures.append(_import(installed.eventdesk, generated.with_suffix(".jsonl"), file, events, folder))
        found = _peers(file, folder, effort) if events <= effort.peers_most else []
    _set_beside(figures, found)
    failed = tuple(f"`{question.query}`: {why}" for question, why in took.failed.items())
    return Measured(events, tuple(figures), tuple(found), failed)


def _starts(installed: Installed, file: Path, effort: Effort) -> list[Figure]:
    told("start")
    bare, first, whole, keys = [], [], [], []
    for _ in range(effort.starts):
        bare.append(floors.start(installed.label).shown)
        started, key = desk.start(installed.eventdesk, file)
        first.append(started.times[0])
        whole.append(started.times[1])
        keys.append(key)
    return [
        Figure("start → first screen", sample(first), sample(bare), _LABEL, _START),
        Figure("start → all events counted", sample(whole), sample(bare), _LABEL),
        Figure("`j` at once after the start", sample(keys)),
    ]


def _in_terminal(installed: Installed, took: desk.Session, effort: Effort, folder: Path) -> list[Figure]:
    told("floors of keys")
    label, label_memory = floors.keys(installed.label, effort.presses)
    commit = floors.commits(installed.commit, effort.presses // 2, folder)
    at_rest, at_peak = (sample([size], "MB") for size in (took.memory_at_rest, took.memory_at_peak))
    return [
        Figure("`j` → next event, its source and fields", sample(took.next), label, _LABEL, _KEY),
        Figure("`a` → on disk, next event", sample(took.accept), commit, _COMMIT, _ACCEPT),
        Figure("`u` → on disk, the event again", sample(took.undo), commit, _COMMIT),
        Figure("`G` → last event", sample(took.last), label, _LABEL),
        Figure("memory after the start", at_rest, label_memory, _LABEL, _MEMORY),
        Figure("memory, at the peak of all queries", at_peak, label_memory, _LABEL, _MEMORY),
    ]


def _queries(took: desk.Session, file: Path, effort: Effort) -> list[Figure]:
    told("floors of queries")
    pages, counts = [], []
    for question, times in took.pages.items():
        name = f"`{question.query}` ({question.about})"
        by_sql = int(floors.answer(file, question.count))
        if took.found[question] != by_sql:
            took.failed[question] = f"finds {took.found[question]:,} events, SQL by hand {by_sql:,}"
        page = floors.shell(file, question.page, effort.runs)
        count = floors.shell(file, question.count, min(3, effort.runs))
        pages.append(Figure(f"query {name} → first page", sample(times), page, _SHELL, _QUERY))
        counts.append(Figure(f"{name} → all counted", sample(took.counts[question]), count, _SHELL))
    return pages + counts


def _commands(eventdesk: str, file: Path, effort: Effort) -> list[Figure]:
    told("commands")
    figures = []
    for question in QUESTIONS[:2]:
        name = f"`eventdesk find DB '{question.query}'"
        counted = desk.find_count(eventdesk, file, question, effort.runs)
        floor = floors.shell(file, question.count, effort.runs)
        figures.append(Figure(f"{name} --count`, whole process", counted, floor, _SHELL))
        line = desk.find_first_line(eventdesk, file, question, effort.runs)
        floor = floors.shell(file, question.page, effort.runs)
        figures.append(Figure(f"{name}`, first line", line, floor, _SHELL))
    return figures


def _import(eventdesk: str, lines: Path, file: Path, events: int, folder: Path) -> Figure:
    if not lines.exists():
        told(f"making {lines.name}")
        make_lines(lines, events)
    told("import")
    rows = desk.import_rows(eventdesk, lines, folder)
    told("import, bare")
    bare = floors.executemany(file, folder)
    told("import, sqlite-utils")
    utils = floors.sqlite_utils(file, folder)
    beside = {"sqlite-utils insert": utils} if utils else {}
    return Figure("import of the native format", rows, bare, _EXECUTEMANY, _IMPORT, beside)


def _peers(file: Path, folder: Path, effort: Effort) -> list[Peer]:
    told("peers")
    return peers.measure(file, folder, effort.presses, min(3, effort.runs))


def _set_beside(figures: list[Figure], found: list[Peer]) -> None:
    """Put what peers took beside the figures that it compares with."""
    beside: dict[str, Callable[[Peer], Sample | None]] = {
        "start → first": lambda peer: peer.took.get(peers.START),
        "`j` →": lambda peer: peer.took.get(peers.NEXT),
        "`G` →": lambda peer: peer.took.get(peers.LAST),
        "memory, at the peak of all queries": lambda peer: peer.took.get(peers.MEMORY),
    }
    for question in QUESTIONS:
        beside[f"query `{question.query}` "] = lambda peer, question=question: peer.took.get(question)  # type: ignore[misc]
    for figure in figures:
        for begins, of in beside.items():
            if figure.name.startswith(begins):
                figure.peers |= {peer.name: took for peer in found if (took := of(peer))}


def told(what: str) -> None:
    """Say on standard error what is being measured."""
    print(f"… {what}", file=sys.stderr, flush=True)
