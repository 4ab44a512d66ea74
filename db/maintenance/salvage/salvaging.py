"""Writes what can be read of a damaged file to a new one, rebuilds what is derived, and reports what is lost."""

import contextlib
import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from db.decisions.journal import utc_now
from db.errors import FileError
from db.io.atomic import refuse_existing
from db.maintenance.check import SALVAGE
from db.maintenance.copying import Progress
from db.maintenance.repair import restate
from db.maintenance.salvage.cleanup import (
    Cleanup,
    clean,
    damaged_events,
    learn_types,
    relink,
    remove_undecided_additions,
)
from db.maintenance.salvage.lost_rows import (
    LostRows,
    find_lost_rows,
    rebuilt_documents,
    rebuilt_earlier_texts,
    rebuilt_events,
    rebuilt_fields,
)
from db.maintenance.salvage.pages import Pages
from db.maintenance.salvage.reconstruction import reconstruct_decisions
from db.maintenance.salvage.rows import TABLES, Row, Scan, Table, is_whole, mark, roots, stray_rows, tables, tree
from db.store.identity import read_identity, renew_identity
from db.store.lookup_index import index_all
from db.store.new_file import new_file
from db.store.schema import renew_triggers_and_views
from db.store.sqlite import connect

_BATCH = 500  # rows


@dataclass(frozen=True, slots=True)
class TableReport:
    """How many rows of a table were saved, how many are known to be lost, and how many were saved in part."""

    name: str
    saved: int
    lost: int
    in_part: int


@dataclass(frozen=True, slots=True)
class SalvageReport:
    """What a salvage saved. ``events`` has a line for each event that lost something, ``remarks`` the rest."""

    tables: tuple[TableReport, ...]
    events: tuple[str, ...]
    remarks: tuple[str, ...]

    @property
    def whole(self) -> bool:
        """True if nothing is lost or changed."""
        return not self.remarks and not any(table.lost or table.in_part for table in self.tables)


def salvage(path: Path, new: Path, progress: Progress = lambda *_: None) -> SalvageReport:
    """Save what can be read of the file at ``path`` to a new file; the damaged file isn't changed.

    ``progress`` counts pages. Raises FileError if there is nothing to save, or ``new`` already exists.
    """
    refuse_existing(new, FileError)
    if not path.is_file():
        raise FileError(f"{path}: no such file")
    with _read_lock(path) as file, new_file(new) as connection:
        connection.execute("PRAGMA foreign_keys = OFF")
        for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'").fetchall():
            connection.execute(f"DROP TRIGGER {name}")
        connection.execute("BEGIN")
        report = _Salvage(Pages(path), connection, progress).run(path)
        renew_identity(connection, file)
        connection.execute("COMMIT")
    return report


@contextlib.contextmanager
def _read_lock(path: Path) -> Iterator[str | None]:
    """Keep other processes from overwriting pages meanwhile, if SQLite can open the file at all.

    Yield the name in the file's identity, if it can be read.
    """
    name = None
    with closing(connect(path, "ro")) as connection:
        with contextlib.suppress(sqlite3.Error, UnicodeDecodeError):
            connection.execute("BEGIN")
            connection.execute("PRAGMA user_version").fetchone()
            name = identity.file if (identity := read_identity(connection)) else None
        yield name


class _Salvage:
    def __init__(self, pages: Pages, connection: sqlite3.Connection, progress: Progress) -> None:
        self.pages = pages
        self.connection = connection
        self.progress = progress
        self.scan = Scan()
        self.roots = roots(pages)
        self.in_part: Counter[str] = Counter()

    def run(self, path: Path) -> SalvageReport:
        known = tables()
        for name in TABLES:
            self._insert(known[name], self._rows_of(known[name]))
        for name, root in self.roots.items():
            if name not in known:
                mark(self.pages, root, self.scan)
        for table, row, whole in stray_rows(self.pages, self.scan, known.values(), self.progress):
            if self._insert_one(table, row) and not whole:
                self.in_part[table.name] += 1
        if not self._count("documents"):
            raise FileError(f"{path}: no documents can be read; only a backup helps: eventdesk restore {path}")
        lost_rows = find_lost_rows(self.pages, self.roots, self.connection)
        self._rebuild(lost_rows)
        cleanup = clean(self.connection)
        reconstructed = 0
        if self._count("decisions") < lost_rows.highest["decisions"] - lost_rows.known_losses["decisions"]:
            reconstructed = reconstruct_decisions(self.connection, lost_rows, cleanup)
        remove_undecided_additions(self.connection, cleanup)
        restate(self.connection)
        complete = self._count("decisions") == self._highest("decisions", lost_rows)
        relink(self.connection, cleanup, complete=complete)
        restate(self.connection)
        index_all(self.connection)
        learn_types(self.connection)
        renew_triggers_and_views(self.connection)
        self.in_part.update(cleanup.changed)
        reports = tuple(self._report(name, lost_rows, cleanup) for name in TABLES)
        self._record_losses(path, lost_rows)
        events = damaged_events(self.connection, lost_rows, cleanup)
        return SalvageReport(reports, events, tuple(self._remarks(reconstructed)))

    def _rows_of(self, table: Table) -> Iterator[Row]:
        if table.name not in self.roots:
            self.scan.unread[table.name] += 1
            return
        for cell in tree(self.pages, self.roots[table.name], table.keyed, self.scan, table.name):
            row = None if cell is None else table.row(cell)
            if cell is None or row is None:
                self.scan.broken[table.name] += 1
                continue
            if not is_whole(cell, row):
                self.in_part[table.name] += 1
            yield row
            if len(self.scan.visited) % 1000 == 0:
                self.progress(len(self.scan.visited), self.pages.count)

    def _insert(self, table: Table, rows: Iterable[Row]) -> None:
        statement = _insert_into(table)
        rows = iter(rows)
        while batch := list(islice(rows, _BATCH)):
            self.connection.execute("SAVEPOINT batch")
            try:
                self.connection.executemany(statement, batch)
            except (sqlite3.Error, ValueError):
                self.connection.execute("ROLLBACK TO batch")
                for row in batch:
                    self._insert_one(table, row)
            self.connection.execute("RELEASE batch")

    def _insert_one(self, table: Table, row: Row) -> bool:
        """Insert a row; return False if the schema rejects it, so that it isn't one of ours, or if it exists."""
        try:
            return self.connection.execute(_insert_into(table), row).rowcount == 1
        except (sqlite3.Error, ValueError):
            self.scan.broken[table.name] += 1
            return False

    def _rebuild(self, lost_rows: LostRows) -> None:
        """Insert lost rows that indexes and decisions still describe."""
        for name, rows in (
            ("documents", rebuilt_documents(self.pages, self.roots, lost_rows, self.connection)),
            ("earlier_texts", rebuilt_earlier_texts(self.pages, self.roots, lost_rows)),
            ("events", rebuilt_events(self.pages, self.roots, lost_rows, self.connection)),
            ("fields", rebuilt_fields(lost_rows, self.connection)),
        ):
            for row in rows:
                marks = ", ".join("?" * len(row))
                with contextlib.suppress(sqlite3.Error):
                    self.connection.execute(f"INSERT INTO {name} ({', '.join(row)}) VALUES ({marks})", [*row.values()])
                    self.in_part[name] += 1
                    lost_rows.rebuilt[name].add(int(str(row["id"])))

    def _report(self, name: str, lost_rows: LostRows, cleanup: Cleanup) -> TableReport:
        count = self._count(name)
        lost = cleanup.removed[name] + self.scan.broken[name]
        if name in lost_rows.highest:
            lost = self._highest(name, lost_rows) - lost_rows.known_losses.get(name, 0) - count
        return TableReport(name, count, lost, self.in_part[name])

    def _highest(self, table: str, lost_rows: LostRows) -> int:
        """Return the highest id that a row of a table ever had."""
        last: int = self.connection.execute(f"SELECT coalesce(max(id), 0) FROM {table}").fetchone()[0]
        return max(last, lost_rows.highest[table])

    def _record_losses(self, path: Path, lost_rows: LostRows) -> None:
        """Record in the new file how many decisions are lost, so that its check doesn't report them."""
        highest = self._highest("decisions", lost_rows)
        self.connection.execute("DELETE FROM sqlite_sequence WHERE name = 'decisions'")
        self.connection.execute("INSERT INTO sqlite_sequence VALUES ('decisions', ?)", (highest,))
        lost = highest - self._count("decisions") - lost_rows.known_losses["decisions"]
        if lost:
            now = utc_now()
            self.connection.execute(
                "INSERT INTO imports (file, format, started_at, finished_at, refused) VALUES (?, ?, ?, ?, ?)",
                (path.name, SALVAGE, now, now, lost),
            )

    def _remarks(self, reconstructed: int) -> Iterator[str]:
        for name in TABLES:
            if pages := self.scan.unread[name]:
                yield f"{pages:,} {'page' if pages == 1 else 'pages'} of the table {name} can't be read"
        if reconstructed:
            what = "decision was" if reconstructed == 1 else "decisions were"
            yield f"{reconstructed:,} {what} reconstructed from the state of events; the originals are lost"

    def _count(self, table: str) -> int:
        count: int = self.connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
        return count


def _insert_into(table: Table) -> str:
    return f"INSERT OR IGNORE INTO {table.name} VALUES ({', '.join('?' * len(table.columns))})"
