"""Measures other programs on what they have in common with eventdesk, on the same machine and events.

Measures the programs that are installed, on PATH or in a folder of BENCH_PEERS. eventdesk depends on none of them.
"""

import os
import re
import shutil
import socket
import sqlite3
import subprocess
import time
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path

from bench.driver import Driver, shows
from bench.figures import Sample, sample
from bench.floors import timed
from bench.questions import QUESTIONS, Question

PATIENCE = 180.0  # seconds for anything that a peer does
_AN_ID = re.compile(r"n\d{7}/\d")
START, NEXT, MEMORY, LAST = "start", "next", "memory", "last"


@dataclass(slots=True)
class Peer:
    """A program, what it did in words, and what that took: by figure, or by the question that it answered."""

    name: str
    version: str
    did: str
    took: dict[str | Question, Sample] = field(default_factory=dict)


def measure(file: Path, folder: Path, presses: int, runs: int) -> list[Peer]:
    """Every peer that is here."""
    found = []
    for name, one in _PEERS.items():
        program = _program(name)
        if program is None:
            continue
        peer = Peer(name, _version(program), one.__doc__ or "")
        try:
            one(peer, program, file, folder, presses, runs)
        except (AssertionError, OSError, subprocess.SubprocessError) as error:
            peer.did += f" It came no further: {str(error).splitlines()[0]}"
        found.append(peer)
    return found


def _program(name: str) -> str | None:
    folders = [*os.environ.get("BENCH_PEERS", "").split(os.pathsep), os.environ.get("PATH", "")]
    return shutil.which(name, path=os.pathsep.join(folder for folder in folders if folder))


def _version(program: str) -> str:
    asked = subprocess.run(
        [program, "-v" if program.endswith("neomutt") else "--version"], capture_output=True, text=True
    )
    lines = (asked.stdout or asked.stderr).splitlines()
    return next((word for word in lines[0].split() if any(c.isdigit() for c in word)), "") if lines else ""


def _harlequin(peer: Peer, program: str, file: Path, folder: Path, presses: int, runs: int) -> None:
    """A SQL editor in Textual: opens the file; runs the same question in SQL, then `select * from events`."""
    command = [program, "-a", "sqlite", str(file), "--no-write-history", "--theme", "harlequin"]
    starts = []
    for _ in range(runs):
        with Driver(command, HOME=str(folder)) as driver:
            starts.append(driver.first_screen(shows("Data Catalog"), at_most=PATIENCE).shown)
            driver.kill()
    peer.took[START] = sample(starts)
    with Driver(command, HOME=str(folder)) as driver:
        sql = QUESTIONS[0].page.replace("SELECT id", "SELECT external_id", 1)
        peer.took[QUESTIONS[0]] = sample([_typed(driver, sql)])
        driver.kill()
    with Driver(command, HOME=str(folder)) as driver:
        _typed(driver, "select * from events")
        driver.rest(0.45, 3)
        peer.took[MEMORY] = sample([driver.memory()[1]], "MB")
        driver.kill()


def _typed(driver: Driver, sql: str) -> float:
    """Type SQL and run it; until the id of an event is shown."""
    driver.first_screen(shows("main"), at_most=PATIENCE)
    driver.rest(0.45, 3)  # its cursor blinks each half second
    os.write(driver.fd, sql.encode())
    driver.rest(0.45, 3)
    return driver.react(
        "\n", lambda driver: _AN_ID.search(driver.text()) is not None, slow=True, at_most=PATIENCE
    ).shown


def _visidata(peer: Peer, program: str, file: Path, folder: Path, presses: int, runs: int) -> None:
    """A spreadsheet: opens a file of the table of events alone, and reads it whole; keys until the first bytes."""
    alone = folder / "alone.db"
    with closing(sqlite3.connect(alone)) as connection:
        connection.execute("ATTACH ? AS whole", (str(file),))
        connection.execute("CREATE TABLE events AS SELECT * FROM whole.events")
        connection.commit()
    with Driver([program, str(alone)], HOME=str(folder)) as driver:
        peer.took[START] = sample([driver.first_screen(shows("events"), at_most=PATIENCE).shown])
        driver.rest(1.5, PATIENCE)
        driver.react("\r", shows("n0000001/1"), slow=True, at_most=PATIENCE)
        driver.rest(2.5, PATIENCE)  # it says how much it has read as long as it reads
        peer.took[NEXT] = sample(driver.react("j", lambda _: True).shown for _ in range(presses))
        peer.took[LAST] = sample([driver.react("G", _changed(driver), at_most=PATIENCE).shown])
        peer.took[MEMORY] = sample([driver.memory()[1]], "MB")
        driver.kill()
    alone.unlink()


def _datasette(peer: Peer, program: str, file: Path, folder: Path, presses: int, runs: int) -> None:
    """A web server over the file: answers the same questions in SQL over HTTP, a page of 200 ids as JSON."""
    with _served(program, file) as (process, address):
        for question in QUESTIONS:
            asked = urllib.parse.urlencode({"sql": question.page, "_shape": "arrays"})

            def get(asked: str = asked) -> None:
                with urllib.request.urlopen(f"{address}/{file.stem}.json?{asked}", timeout=PATIENCE) as answer:
                    answer.read()

            with suppress(OSError):
                peer.took[question] = timed(get, runs)
        lines = Path(f"/proc/{process.pid}/status").read_text().splitlines()
        peak = next(line for line in lines if line.startswith("VmHWM"))
        peer.took[MEMORY] = sample([int(peak.split()[1]) / 1024], "MB")


@contextmanager
def _served(program: str, file: Path) -> "Iterator[tuple[subprocess.Popen[bytes], str]]":
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    limits = ["--setting", "sql_time_limit_ms", str(int(PATIENCE * 1000))]
    command = [program, "serve", str(file), "--host", "127.0.0.1", "--port", str(port), *limits]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        end = time.monotonic() + PATIENCE
        while True:
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/-/versions.json", timeout=5).close()
                break
            except OSError:
                if time.monotonic() > end or process.poll() is not None:
                    raise
                time.sleep(0.05)
        yield process, f"http://127.0.0.1:{port}"
    finally:
        process.kill()
        process.wait()


def _neomutt(peer: Peer, program: str, file: Path, folder: Path, presses: int, runs: int) -> None:
    """A mail reader in C: the documents as a mailbox of a message each, list and text shown; `limit ~b` for a word."""
    mailbox, settings = folder / "news.mbox", folder / "neomuttrc"
    _write_mailbox(file, mailbox)
    settings.write_text(f"set folder={folder}\n{_NEOMUTTRC}")
    with Driver([program, "-n", "-R", "-F", str(settings), "-f", str(mailbox)], HOME=str(folder)) as driver:
        peer.took[START] = sample([driver.first_screen(shows(" 1 20"), at_most=PATIENCE).shown])
        driver.rest(0.5, PATIENCE)
        driver.react("\r", shows("Subject:"), at_most=PATIENCE)
        peer.took[NEXT] = sample(driver.react("j", _changed(driver)).settled for _ in range(presses))
        driver.react("i", lambda driver: "Subject:" not in driver.text(), at_most=PATIENCE)
        peer.took[LAST] = sample([driver.react("*", _changed(driver), at_most=PATIENCE).settled])
        os.write(driver.fd, b"l")
        driver.rest(0.3, 5)
        rare = next(question for question in QUESTIONS if question.query.isalpha())
        os.write(driver.fd, f"~b {rare.query}".encode())
        driver.rest(0.3, 5)
        peer.took[rare] = sample([driver.react("\r", shows("limit:"), slow=True, at_most=PATIENCE).shown])
        peer.took[MEMORY] = sample([driver.memory()[1]], "MB")
        driver.kill()
    mailbox.unlink()


_NEOMUTTRC = """
set sort=mailbox-order
set pager_index_lines=10
set quit=yes
set mail_check=0
set charset=utf-8
set index_format="%4C %{%Y-%m-%d} %-20.20F %s"
set status_format="%f %m %?V?limit: %V?"
set status_on_top=no
"""


def _write_mailbox(file: Path, mailbox: Path) -> None:
    with (
        closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as source,
        mailbox.open("w", encoding="utf-8") as out,
    ):
        for id_, publisher, published, title, text in source.execute(
            "SELECT external_id, publisher, published, title, text FROM documents ORDER BY id"
        ):
            day = datetime.fromisoformat(published).replace(tzinfo=UTC)
            out.write(
                f"From bench@news.example {day:%a %b %d %H:%M:%S %Y}\nFrom: {publisher} <{id_}@news.example>\n"
                f"Date: {format_datetime(day)}\nSubject: {title}\nMessage-ID: <{id_}@news.example>\n"
                f"MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n"
                f"{text}\n\n"
            )


_PEERS: dict[str, Callable[[Peer, str, Path, Path, int, int], None]] = {
    "harlequin": _harlequin,
    "vd": _visidata,
    "datasette": _datasette,
    "neomutt": _neomutt,
}


def _changed(driver: Driver) -> Callable[[Driver], bool]:
    was = driver.text()
    return lambda driver: driver.text() != was
