"""Measures eventdesk itself: in a terminal as a person uses it, and by its commands."""

import os
import re
import subprocess
import time
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from bench.driver import Driver, NotShownError, Reaction
from bench.figures import Sample, sample
from bench.floors import timed
from bench.questions import QUESTIONS, Question

from db.store.connection import open_file

_PLACE = re.compile(r"^ (…|[\d,]+)/(…|[\d,]+) ", re.MULTILINE)  # … while they are being found
_ASKING = "enter search"


@dataclass(slots=True)
class Session:
    """What sessions in a terminal took, in milliseconds, and MB of memory of one that did everything.

    ``pages`` are queries until their first page, ``counts`` until all of what they find is counted. A query that
    failed is in neither, and what the screen was then is in ``failed``.
    """

    next: list[float] = field(default_factory=list)
    accept: list[float] = field(default_factory=list)
    undo: list[float] = field(default_factory=list)
    last: list[float] = field(default_factory=list)
    pages: dict[Question, list[float]] = field(default_factory=dict)
    counts: dict[Question, list[float]] = field(default_factory=dict)
    found: dict[Question, int] = field(default_factory=dict)
    failed: dict[Question, str] = field(default_factory=dict)
    memory_at_rest: float = 0.0
    memory_at_peak: float = 0.0


def start(eventdesk: str, file: Path) -> tuple[Reaction, float]:
    """How soon the first screen is there, and all events are counted; then what a key takes at once.

    The first screen has an event under the cursor, its source, its fields and the foot.
    """
    with _open(eventdesk, file) as driver:
        first = driver.first_screen(_event_shown, _counted)
        key = _to_another(driver, "j")
        driver.leave("q")
        return first, key


def session(eventdesk: str, file: Path, presses: int, runs: int) -> Session:
    """A person at work, who decides about some events and takes that back."""
    took = Session()
    with _ready(eventdesk, file) as driver:
        _work(driver, took, presses, runs)
        driver.leave("q")
    _ask_all(eventdesk, file, took, runs)
    return took


def _work(driver: Driver, took: Session, presses: int, runs: int) -> None:
    took.memory_at_rest = driver.memory()[0]
    for _ in range(presses):
        took.next.append(_to_another(driver, "j"))
    for _ in range(presses // 2):
        took.accept.append(_to_another(driver, "a"))
    for _ in range(presses // 2):
        took.undo.append(_to_another(driver, "u"))
    for _ in range(runs):
        took.last.append(_go_to_end(driver))
        driver.react("g", lambda driver: _place(driver.text())[0] == "1")


def _ask_all(eventdesk: str, file: Path, took: Session, runs: int) -> None:
    driver = _ready(eventdesk, file)
    for question in QUESTIONS:
        pages, counts = [], []
        try:
            for _ in range(runs):
                page, count = _ask(driver, question)
                pages.append(page)
                counts.append(count)
                took.found[question] = int(_place(driver.text())[1].replace(",", ""))
                _ask(driver, None)
        except NotShownError as error:
            took.failed[question] = str(error).splitlines()[-1]
            driver.kill()
            driver = _ready(eventdesk, file)
        else:
            took.pages[question], took.counts[question] = pages, counts
    for key in "jaujauG":
        _to_another(driver, key)
    driver.rest()
    took.memory_at_peak = driver.memory()[1]
    driver.leave("q")


def find_count(eventdesk: str, file: Path, question: Question, runs: int) -> Sample:
    """``eventdesk find DB QUERY --count``, the whole process."""
    return timed(lambda: _run(eventdesk, "find", str(file), question.query, "--count"), runs)


def find_first_line(eventdesk: str, file: Path, question: Question, runs: int) -> Sample:
    """``eventdesk find DB QUERY`` until its first line is there."""
    times = []
    for _ in range(runs):
        began = time.perf_counter()
        with subprocess.Popen([eventdesk, "find", str(file), question.query], stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            process.stdout.readline()
            times.append((time.perf_counter() - began) * 1000)
            process.kill()
    return sample(times)


def import_rows(eventdesk: str, lines: Path, folder: Path) -> Sample:
    """Rows a second of ``eventdesk import`` into a new file, the whole process."""
    target = folder / "imported.db"
    began = time.perf_counter()
    _run(eventdesk, "import", str(target), str(lines))
    spent = time.perf_counter() - began
    with closing(open_file(target)) as connection:
        tables = ("documents", "events", "fields", "evidence", "field_values")
        rows = sum(connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in tables)
    for end in ("", "-wal", "-shm"):
        Path(f"{target}{end}").unlink(missing_ok=True)
    return sample([rows / spent], "rows/s")


def _open(eventdesk: str, file: Path) -> Driver:
    return Driver([eventdesk, "review", str(file), "--reviewer", "bench"])


def _ready(eventdesk: str, file: Path) -> Driver:
    """The reviewer when it has nothing more to do."""
    driver = _open(eventdesk, file)
    driver.first_screen(_event_shown, _counted)
    driver.rest()
    return driver


def _run(eventdesk: str, *arguments: str) -> None:
    """A command; that it found nothing is no failure."""
    done = subprocess.run([eventdesk, *arguments], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    if done.returncode not in (0, 1):
        raise RuntimeError(f"eventdesk {arguments[0]}: {done.stderr}")


def _event_shown(driver: Driver) -> bool:
    screen = driver.text()
    return _under_cursor(screen) != "" and "Source" in screen and "q quit" in screen and _place(screen)[0] != ""


def _counted(driver: Driver) -> bool:
    return "…" not in _place(driver.text()) and _event_shown(driver)


def _under_cursor(screen: str) -> str:
    """The row of the event shown."""
    return next((line for line in screen.splitlines() if line.startswith("▸")), "")


def _place(screen: str) -> tuple[str, str]:
    """Where the cursor is, and among how many events."""
    places = _PLACE.findall(screen)
    return places[-1] if places else ("", "")


def _to_another(driver: Driver, key: str) -> float:
    """Press a key that leads to another event; until all of it is drawn."""

    def shown(driver: Driver) -> tuple[str, str]:
        screen = driver.text()
        return _place(screen)[0], _under_cursor(screen)

    was = shown(driver)

    def another(driver: Driver) -> bool:
        return all(new != old for new, old in zip(shown(driver), was, strict=True))

    return driver.react(key, another).settled


def _go_to_end(driver: Driver) -> float:
    """Press G; until the last event is drawn."""

    def at_end(driver: Driver) -> bool:
        place, count = _place(driver.text())
        return place == count and place not in ("", "…")

    return driver.react("G", at_end, slow=True).settled


def _ask(driver: Driver, question: Question | None) -> tuple[float, float]:
    """Type a query, or none for all; from enter until its first page is drawn, and until all are counted."""
    driver.react("/", lambda driver: _ASKING in driver.text(), slow=True)
    query = question.query if question else ""
    os.write(driver.fd, b"\x15\x0b" + query.encode())  # all before the cursor and after it is deleted first
    driver.rest(0.3)
    said = f"of “{query[:8]}" if query else " left"

    def answered(driver: Driver) -> bool:
        screen = driver.text()
        status = screen.splitlines()[-2]
        if _ASKING in screen or said not in status or (not query and " of “" in status):
            return False
        return _place(screen)[0] == "0" or _under_cursor(screen) != ""

    def counted(driver: Driver) -> bool:
        return answered(driver) and "…" not in _place(driver.text())

    first, whole = driver.react("\r", answered, counted, slow=True).times
    return first, whole
