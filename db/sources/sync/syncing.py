"""Imports what changed in a source database into its desk, whole or not at all."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path

from db.decisions.journal import utc_now
from db.errors import InputError
from db.formats.format import ReadOptions, Record, printable_name
from db.formats.format import Source as Input
from db.importing.importing import import_source
from db.importing.releases.source_rows import SourceRows
from db.importing.report import ImportReport
from db.sources.database.database import Database, open_database
from db.sources.desks import StoredSource, sources_of, storable, store_source, with_prefix
from db.sources.keys import key_values
from db.sources.plan import Plan
from db.sources.plan_toml import parse_plan, to_toml
from db.sources.reading.connections import one_state
from db.sources.reading.format import format_of
from db.sources.reading.records import Rows, read_plan
from db.sources.reading.slices import import_slices
from db.sources.sync.blocks import Block
from db.sources.sync.changes import Changes, Source
from db.sources.sync.pages import pages_of
from db.sources.sync.state import FileState, is_same, state_of, stored_state, with_counter
from db.sources.sync.tracked import event_tables
from db.store.connection import writing
from db.store.sqlite import SQLITE_ERRORS

MOST_TOGETHER = 5_000  # rows that are read before anything is written, so that the source is soon free again
_MOST_GONE = 0.5  # of the events; above, it may be another database
_FEW = 20  # events
_SLICE_SECONDS = 0.1  # that a reviewer may wait to save a decision


class ReplacedError(InputError):
    """The database may be an older copy of itself, or another one."""


class _OvertakenError(Exception):
    """Another process synced the same source meanwhile."""


@dataclass(slots=True)
class Synced:
    """What a sync of one source did: events that are new, changed in their extraction, gone, back, and moved."""

    path: Path
    new: int = 0
    changed: int = 0
    gone: int = 0
    returned: int = 0
    moved: int = 0
    new_texts: int = 0

    def __bool__(self) -> bool:
        """Return True if anything changed."""
        return any((self.new, self.changed, self.gone, self.returned, self.moved, self.new_texts))


def add_source(connection: sqlite3.Connection, desk: Path, database: Path, plan: Plan) -> StoredSource:
    """Register a database with its plan at a desk, or give it another plan; ``sync_source`` then imports its rows.

    In a desk with several databases, ids of all but the first begin with the name of their database.
    """
    with writing(connection):
        ids = {item.find(desk).resolve(): item.id for item in sources_of(connection)}
        own = ids.pop(database.resolve(), None)
        if ids and (own is None or own > min(ids.values())):
            plan = with_prefix(plan, f"{printable_name(database.stem)}:")
        return store_source(connection, desk, database, to_toml(plan), "")


def sync_source(
    connection: sqlite3.Connection,
    desk: Path,
    source: StoredSource,
    report: ImportReport,
    *,
    replaced: bool = False,
    in_slices: bool = False,
    progress: Callable[[int], None] = lambda _: None,
) -> Synced:
    """Import what is new and changed in a source, and mark what is gone, in one transaction.

    ``replaced``: sync also what looks like an older copy or another database. ``in_slices``: in several short
    transactions, so that a person can decide meanwhile; what is done stays if it is stopped, and the next sync
    completes it. ``progress``: as in ``import_source``.
    Raises InputError, and changes nothing, if the source can't be read, lacks something of its plan, or seems to be
    an older copy or another database (ReplacedError).
    """
    path = source.find(desk)
    for _ in range(3):
        before, state = stored_state(source.state), state_of(path)
        plan = parse_plan(source.plan, f"the plan of {path.name}")
        has_files = any(table.text_form == "file" for table in event_tables(plan))
        if is_same(before, state) and not has_files and not replaced:
            return Synced(path)
        state = with_counter(state, path)
        sync = _Sync(connection, desk, source, path, plan, state, report, replaced, in_slices, progress)
        try:
            return sync.run()
        except _OvertakenError:
            found = next((item for item in sources_of(connection) if item.id == source.id), None)
            if found is None:
                return Synced(path)
            source = found
    return Synced(path)


class _Sync:
    def __init__(
        self,
        connection: sqlite3.Connection,
        desk: Path,
        source: StoredSource,
        path: Path,
        plan: Plan,
        state: FileState,
        report: ImportReport,
        replaced: bool,
        in_slices: bool,
        progress: Callable[[int], None],
    ) -> None:
        self._connection, self._desk, self._source, self._path = connection, desk, source, path
        self._plan, self._state, self._report = plan, state, report
        self._replaced, self._in_slices, self._progress = replaced, in_slices, progress

    def run(self) -> Synced:
        """Find what changed and import it."""
        # The pages are closed last: closing the file would remove the locks of the connection.
        with ExitStack() as closing, open_database(self._path) as database, one_state(database):
            stored = self._stored_blocks()
            with _own_errors(database):
                opened = Source(database, self._plan, pages_of(database, closing))
                changes = opened.find(stored)
            names = opened.names()
            if changes.keys is None:
                return self._import(changes, names, lambda options: self._all(database, options), opened)
            if sum(map(len, changes.keys)) > MOST_TOGETHER:
                return self._import(changes, names, lambda options: self._some(database, changes, options), opened)
            records = list(self._some(database, changes, ReadOptions()))
        if changes:
            return self._import(changes, names, lambda _: iter(records))
        with writing(self._connection):
            self._store(names)
        return Synced(self._path)

    def _all(self, database: Database, options: ReadOptions) -> Iterator[Record]:
        with _own_errors(database):
            yield from read_plan(database, self._plan, options)

    def _some(self, database: Database, changes: Changes, options: ReadOptions) -> Iterator[Record]:
        """Yield the records of changed rows, some thousands of rows at once."""
        assert changes.keys is not None
        tables = event_tables(self._plan)
        waiting = [(table.table, key) for table, keys in zip(tables, changes.keys, strict=True) for key in sorted(keys)]
        for start in range(0, len(waiting), MOST_TOGETHER):
            keys: dict[str, list[tuple[object, ...]]] = {}
            for table, key in waiting[start : start + MOST_TOGETHER]:
                keys.setdefault(table, []).append(key_values(key))
            with _own_errors(database):
                yield from read_plan(database, self._plan, options, Rows(keys))

    def _import(
        self,
        changes: Changes,
        names: set[str],
        records: Callable[[ReadOptions], Iterator[Record]],
        opened: Source | None = None,
    ) -> Synced:
        report = self._report
        before = report.events, report.updated, report.new_texts
        (events,) = self._connection.execute(
            "SELECT count(*) FROM source_events WHERE source_id = ? AND gone_at IS NULL", (self._source.id,)
        ).fetchone()

        if not self._replaced:
            self._refuse_replaced(changes.gone, events, changes.added)

        def read(_: Input, options: ReadOptions) -> Iterator[Record]:
            self._refuse_overtaken()
            yield from records(options)

        def finish() -> None:
            self._refuse_overtaken()
            if not self._replaced:
                self._refuse_replaced(rows.gone, events, report.events - before[0])
            self._store_blocks(changes, names, opened)
            self._store(names)

        keys = None if changes.keys is None else self._keys(changes.keys)
        input_ = Input(printable_name(self._path.name), None)
        format = replace(format_of(self._plan), read=read)
        seen: set[int] | None = None
        done: list[SourceRows] = []
        began = utc_now()
        if self._in_slices:
            is_first = not self._has_events()
            seen, keys = (None, {}) if is_first else (set(), keys)

            def rows_of_slice() -> SourceRows:
                done.append(SourceRows(self._connection, self._source.id, {}, seen=seen))
                return done[-1]

            for size in import_slices(
                self._connection, input_, report, format, seconds=_SLICE_SECONDS, rows=rows_of_slice, began=began
            ):
                self._progress(size)
            format = replace(format, read=lambda *_: iter(()))
        rows = SourceRows(self._connection, self._source.id, keys, finish, seen)
        done.append(rows)
        import_source(self._connection, input_, report, format, ReadOptions(), self._progress, rows=rows, began=began)
        now = report.events, report.updated, report.new_texts
        new, changed, texts = (one - two for one, two in zip(now, before, strict=True))
        returned, moved = (sum(getattr(each, name) for each in done) for name in ("returned", "moved"))
        return Synced(self._path, new, changed, rows.gone, returned, moved, texts)

    def _has_events(self) -> bool:
        sql = "SELECT 1 FROM source_events WHERE source_id = ? LIMIT 1"
        return self._connection.execute(sql, (self._source.id,)).fetchone() is not None

    def _keys(self, keys: list[set[str]]) -> dict[str, set[str]]:
        found: dict[str, set[str]] = {}
        for table, some in zip(event_tables(self._plan), keys, strict=True):
            found.setdefault(table.table, set()).update(some)
        return found

    def _refuse_overtaken(self) -> None:
        row = self._connection.execute("SELECT state, plan FROM sources WHERE id = ?", (self._source.id,)).fetchone()
        if row != (self._source.state, self._source.plan):
            raise _OvertakenError

    def _refuse_replaced(self, gone: int, events: int, new: int) -> None:
        """Raise ReplacedError if so many events are gone that the file is probably not the one that it was."""
        is_older = gone and not new and self._state.counter < stored_state(self._source.state).counter
        share = _MOST_GONE if events >= _FEW else 1.0
        if is_older or (events > 1 and gone >= events * share):
            what = "an older copy" if is_older else "another database"
            raise ReplacedError(
                f"{self._path}: seems to be {what}: it lacks {gone:,} of {events:,} events; nothing was synced."
                f" If that is right: eventdesk sync {self._desk} --replaced"
            )

    def _stored_blocks(self) -> dict[str, list[Block]]:
        found: dict[str, list[Block]] = {}
        if self._source.state == "{}":  # never synced, or the plan has changed
            return found
        for name, *block in self._connection.execute(
            "SELECT table_name, id, position, row_count, hash, pages, row_hashes FROM source_blocks"
            " WHERE source_id = ? ORDER BY table_name, position",
            (self._source.id,),
        ):
            found.setdefault(name, []).append(Block(*block))
        return found

    def _store_blocks(self, changes: Changes, names: set[str], opened: Source | None) -> None:
        execute = self._connection.execute
        if changes.keys is None:
            assert opened is not None
            execute("DELETE FROM source_blocks WHERE source_id = ?", (self._source.id,))
            with _own_errors(opened.database):
                self._insert(opened.blocks())
            return
        marks = ", ".join("?" * len(names))
        execute(
            f"DELETE FROM source_blocks WHERE source_id = ? AND table_name NOT IN ({marks})",
            (self._source.id, *names),
        )
        for name, difference in changes.differences.items():
            ids = [(id_,) for id_ in difference.replaced]
            self._connection.executemany("DELETE FROM source_blocks WHERE id = ?", ids)
            self._insert((name, block) for block in difference.new)

    def _insert(self, blocks: Iterator[tuple[str, Block]]) -> None:
        self._connection.executemany(
            "INSERT INTO source_blocks (source_id, table_name, position, row_count, hash, pages, row_hashes)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            ((self._source.id, name, *block[1:]) for name, block in blocks),
        )

    def _store(self, names: set[str]) -> None:
        digest = sha256("\n".join(sorted(names)).encode()).hexdigest()
        self._connection.execute(
            "UPDATE sources SET schema_digest = ?, state = ?, synced_at = ?, absolute_path = ? WHERE id = ?",
            (digest, self._state.as_json(), utc_now(), storable(str(self._path.resolve())), self._source.id),
        )


@contextmanager
def _own_errors(database: Database) -> Iterator[None]:
    """Raise InputError for SQLite's errors in a block that reads a source and writes nothing itself."""
    try:
        yield
    except SQLITE_ERRORS as error:
        raise database.refusal(error) from None
