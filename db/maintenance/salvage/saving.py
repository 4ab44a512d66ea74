"""Writes what was found of a damaged file into a new one, makes what is derived, and says what is lost."""

import contextlib
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from db.decisions.journal import utc_now
from db.errors import FileError
from db.io.atomic import refuse_existing
from db.maintenance.check import SALVAGE
from db.maintenance.repair import restate
from db.maintenance.salvage import mending
from db.maintenance.salvage.pages import Pages
from db.maintenance.salvage.remains import Remains, known_ids, lost_documents, lost_events, lost_fields
from db.maintenance.salvage.rows import TABLES, Found, Row, Table, mark, roots, strays, tables, tree, whole
from db.maintenance.salvage.states import keep_states
from db.store.lookup_index import index_all
from db.store.new_file import new_file
from db.store.schema import renew_triggers_and_views
from db.store.sqlite import connect

Progress = Callable[[int, int], None]

_BATCH = 500


@dataclass(frozen=True, slots=True)
class SavedTable:
    """How many rows of a table are saved, how many are known to be lost, and how many are not as they were."""

    name: str
    saved: int
    lost: int
    in_part: int


@dataclass(frozen=True, slots=True)
class Saved:
    """What a salvage saved. ``events`` names those that lost something, ``remarks`` says what else is to be known."""

    tables: tuple[SavedTable, ...]
    events: tuple[str, ...]
    remarks: tuple[str, ...]

    @property
    def whole(self) -> bool:
        """Whether nothing is lost or changed."""
        return not self.remarks and not any(table.lost or table.in_part for table in self.tables)


def salvage(path: Path, new: Path, progress: Progress = lambda *_: None) -> Saved:
    """Save what can be read of the file at ``path`` into a new one; the old one is read only, and stays as it is.

    ``progress`` counts pages. Raises FileError where there is nothing to save, or ``new`` already exists.
    """
    refuse_existing(new, FileError)
    if not path.is_file():
        raise FileError(f"{path}: no such file")
    with _held(path), new_file(new) as connection:
        connection.execute("PRAGMA foreign_keys = OFF")
        for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'").fetchall():
            connection.execute(f"DROP TRIGGER {name}")
        connection.execute("BEGIN")
        saved = _Salvage(Pages(path), connection, progress).save(path)
        connection.execute("COMMIT")
    return saved


@contextlib.contextmanager
def _held(path: Path) -> Iterator[None]:
    """See to it that no page is overwritten while others have the file open, where SQLite can open it at all."""
    with closing(connect(path, "ro")) as connection:
        with contextlib.suppress(sqlite3.Error, UnicodeDecodeError):
            connection.execute("BEGIN")
            connection.execute("PRAGMA user_version").fetchone()
        yield


class _Salvage:
    def __init__(self, pages: Pages, connection: sqlite3.Connection, progress: Progress) -> None:
        self.pages = pages
        self.connection = connection
        self.progress = progress
        self.found = Found()
        self.roots = roots(pages)
        self.in_part: Counter[str] = Counter()
        self.kept = 0  # decisions made of what is left of lost ones

    def save(self, path: Path) -> Saved:
        known = tables()
        for name in TABLES:
            self._insert(known[name], self._down(known[name]))
        for name, root in self.roots.items():
            if name not in known:
                mark(self.pages, root, self.found)
        for table, row, is_whole in strays(self.pages, self.found, known.values(), self.progress):
            if self._insert_one(table, row) and not is_whole:
                self.in_part[table.name] += 1
        if not self._count("documents"):
            raise FileError(f"{path}: no document of an eventdesk file can be read; only a backup helps")
        remains = known_ids(self.pages, self.roots, self.connection)
        self._rebuild_lost(remains)
        dropped = mending.mend(self.connection)
        if self._count("decisions") < remains.highest["decisions"] - remains.given_up["decisions"]:
            self.kept = keep_states(self.connection, remains, dropped)
        mending.drop_undecided(self.connection, dropped)
        restate(self.connection)
        all_there = self._count("decisions") == self._highest("decisions", remains)
        mending.relink(self.connection, dropped, all_there=all_there)
        restate(self.connection)
        index_all(self.connection)
        mending.learn_types(self.connection)
        renew_triggers_and_views(self.connection)
        self.in_part.update(dropped.changed)
        saved = tuple(self._saved(name, remains, dropped) for name in TABLES)
        self._remember(path, remains)
        return Saved(saved, mending.names(self.connection, remains, dropped), tuple(self._remarks()))

    def _down(self, table: Table) -> Iterator[Row]:
        if table.name not in self.roots:
            self.found.unread[table.name] += 1
            return
        for cell in tree(self.pages, self.roots[table.name], table.keyed, self.found, table.name):
            row = None if cell is None else table.row(cell)
            if cell is None or row is None:
                self.found.broken[table.name] += 1
                continue
            if not whole(cell, row):
                self.in_part[table.name] += 1
            yield row
            if len(self.found.visited) % 1000 == 0:
                self.progress(len(self.found.visited), self.pages.count)

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
        """Whether it was taken: what the schema refuses is no row of ours, and what is there stays."""
        try:
            return self.connection.execute(_insert_into(table), row).rowcount == 1
        except (sqlite3.Error, ValueError):
            self.found.broken[table.name] += 1
            return False

    def _rebuild_lost(self, remains: Remains) -> None:
        """Rows that are lost but can be made from what indexes and decisions hold of them."""
        for name, rows in (
            ("documents", lost_documents(self.pages, self.roots, remains, self.connection)),
            ("events", lost_events(self.pages, self.roots, remains, self.connection)),
            ("fields", lost_fields(remains, self.connection)),
        ):
            for row in rows:
                marks = ", ".join("?" * len(row))
                with contextlib.suppress(sqlite3.Error):
                    self.connection.execute(f"INSERT INTO {name} ({', '.join(row)}) VALUES ({marks})", [*row.values()])
                    self.in_part[name] += 1
                    remains.rebuilt[name].add(int(str(row["id"])))

    def _saved(self, name: str, remains: Remains, dropped: mending.Dropped) -> SavedTable:
        count = self._count(name)
        lost = dropped.rows[name] + self.found.broken[name]
        if name in remains.highest:
            lost = self._highest(name, remains) - remains.given_up.get(name, 0) - count
        return SavedTable(name, count, lost, self.in_part[name])

    def _highest(self, table: str, remains: Remains) -> int:
        """The highest id that a row of a table ever had."""
        last: int = self.connection.execute(f"SELECT coalesce(max(id), 0) FROM {table}").fetchone()[0]
        return max(last, remains.highest[table])

    def _remember(self, path: Path, remains: Remains) -> None:
        """Say in the new file how many decisions are lost for good, so that a check does not look for them."""
        highest = self._highest("decisions", remains)
        self.connection.execute("DELETE FROM sqlite_sequence WHERE name = 'decisions'")
        self.connection.execute("INSERT INTO sqlite_sequence VALUES ('decisions', ?)", (highest,))
        lost = highest - self._count("decisions") - remains.given_up["decisions"]
        if lost:
            now = utc_now()
            self.connection.execute(
                "INSERT INTO imports (file, format, started_at, finished_at, refused) VALUES (?, ?, ?, ?, ?)",
                (path.name, SALVAGE, now, now, lost),
            )

    def _remarks(self) -> Iterator[str]:
        for name in TABLES:
            if pages := self.found.unread[name]:
                yield f"{pages:,} {'page' if pages == 1 else 'pages'} of {name} can't be read"
        if self.kept:
            yield f"{self.kept:,} decisions among those saved say what events are whose own decisions are lost"

    def _count(self, table: str) -> int:
        count: int = self.connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
        return count


def _insert_into(table: Table) -> str:
    return f"INSERT OR IGNORE INTO {table.name} VALUES ({', '.join('?' * len(table.columns))})"
