"""What the machine and the libraries take by themselves: bare Textual apps, bare sqlite3, its shell, sqlite-utils."""

import json
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from itertools import islice
from pathlib import Path

from bench.driver import Driver, Reaction, shows
from bench.figures import Sample, sample

from db.store.connection import open_file


def start(label: str) -> Reaction:
    """Time the start of a bare app until its label is there."""
    with Driver([label]) as driver:
        first = driver.first_screen(shows("ready 0"))
        driver.leave("q")
        return first


def keys(label: str, count: int) -> tuple[Sample, Sample]:
    """Time a key that redraws the label; also the peak memory."""
    with Driver([label]) as driver:
        return _press(driver, count)


def commits(commit: str, count: int, folder: Path) -> Sample:
    """Time a key that commits a row to a disk (synchronous=FULL) and redraws the label."""
    file = folder / "commits.db"
    with Driver([commit, str(file)]) as driver:
        times, _ = _press(driver, count)
    for leftover in folder.glob("commits.db*"):
        leftover.unlink()
    return times


def _press(driver: Driver, count: int) -> tuple[Sample, Sample]:
    driver.first_screen(shows("ready 0"))
    driver.rest()
    times = [driver.react("j", shows(f"ready {number}")).settled for number in range(1, count + 1)]
    memory = driver.memory()
    driver.leave("q")
    return sample(times), sample([memory[1]], "MB")


def shell(file: Path, sql: str, runs: int) -> Sample:
    """SQL in the sqlite3 shell, the whole process; where there is none, in Python's sqlite3, with the opening."""
    return timed(lambda: answer(file, sql), runs)


def answer(file: Path, sql: str) -> str:
    """What the shell prints, or one value where there is no shell."""
    program = shutil.which("sqlite3")
    if program:
        return subprocess.run([program, "-readonly", str(file), sql], check=True, capture_output=True, text=True).stdout
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as connection:
        rows = connection.execute(sql).fetchall()
        return str(rows[0][0]) if rows else ""


def timed(act: Callable[[], object], runs: int) -> Sample:
    """Milliseconds of an act, after one run that warms up."""
    act()
    times = []
    for _ in range(runs):
        began = time.perf_counter()
        act()
        times.append((time.perf_counter() - began) * 1000)
    return sample(times)


_TABLES = ("documents", "events", "fields", "evidence", "field_values")
_ROWS_AT_ONCE = 100_000


def executemany(generated: Path, folder: Path) -> Sample:
    """Rows a second: those of a generated file into the same tables with the same indexes and full text, bare."""
    rows, seconds = bare_import(generated, folder)
    return sample([rows / seconds], "rows/s")


def bare_import(imported: Path, folder: Path) -> tuple[int, float]:
    """Write the rows of an imported file into the same tables, indexes and full text; return rows and seconds.

    Only executemany and the commits are timed, of which there are fewer than an import has.
    """
    target = folder / "bare.db"
    rows_written, spent = 0, 0.0
    with (
        closing(sqlite3.connect(f"file:{imported}?mode=ro", uri=True)) as source,
        closing(open_file(target, create=True)) as connection,
    ):
        for table in _TABLES:
            columns = [row[1] for row in source.execute(f"PRAGMA table_info({table})")]
            statement = f"INSERT INTO {table} VALUES ({', '.join('?' * len(columns))})"
            fts = _FULL_TEXT.get(table)
            for batch in _batches(source.execute(f"SELECT {', '.join(columns)} FROM {table}")):
                texts = [tuple(row[columns.index(name)] for name in fts[1]) for row in batch] if fts else []
                began = time.perf_counter()
                connection.execute("BEGIN")
                connection.executemany(statement, batch)
                if fts:
                    connection.executemany(fts[0], texts)
                connection.execute("COMMIT")
                spent += time.perf_counter() - began
                rows_written += len(batch)
    _remove(target)
    return rows_written, spent


_FULL_TEXT = {
    "documents": ("INSERT INTO documents_fts (rowid, title, text) VALUES (?, ?, ?)", ("id", "title", "text")),
    "field_values": ("INSERT INTO field_values_fts (rowid, value) VALUES (?, ?)", ("id", "value")),
}


def sqlite_utils(generated: Path, folder: Path) -> Sample | None:
    """Rows a second of ``sqlite-utils insert``, of the four tables as JSON lines, without indexes; None without it."""
    program = shutil.which("sqlite-utils", path=str(Path(sys.executable).parent)) or shutil.which("sqlite-utils")
    if program is None:
        return None
    target, lines = folder / "utils.db", folder / "rows.jsonl"
    rows_written, spent = 0, 0.0
    with closing(sqlite3.connect(f"file:{generated}?mode=ro", uri=True)) as source:
        for table in _TABLES[:4]:
            columns = [row[1] for row in source.execute(f"PRAGMA table_info({table})")]
            with lines.open("w", encoding="utf-8") as stream:
                for row in source.execute(f"SELECT {', '.join(columns)} FROM {table}"):
                    stream.write(json.dumps(dict(zip(columns, row, strict=True)), ensure_ascii=False) + "\n")
                    rows_written += 1
            began = time.perf_counter()
            subprocess.run(
                [program, "insert", str(target), table, str(lines), "--nl", "--silent"],
                check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            )  # fmt: skip
            spent += time.perf_counter() - began
    lines.unlink()
    _remove(target)
    return sample([rows_written / spent], "rows/s")


def _batches(rows: Iterator[tuple[object, ...]]) -> Iterator[list[tuple[object, ...]]]:
    while batch := list(islice(rows, _ROWS_AT_ONCE)):
        yield batch


def _remove(file: Path) -> None:
    for end in ("", "-wal", "-shm"):
        Path(f"{file}{end}").unlink(missing_ok=True)
