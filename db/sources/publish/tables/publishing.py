"""Publishes to a database: in one transaction, with a backup before the first time."""

import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path

from db.decisions.native_form import document_json, event_json
from db.errors import FileError, InputError
from db.formats.tables.cells import write_value
from db.maintenance.copying import copy_file
from db.model import Event, Json, SqlValue
from db.sources.database.database import Database
from db.sources.plan import EventTable, Plan
from db.sources.publish.report import PublishReport
from db.sources.publish.tables.decided import DecidedEvents, added_events, review_of
from db.sources.publish.tables.edits import Correction, Edits, Review, TableEdits, key_text
from db.sources.publish.tables.schema import OwnTable, corrections_name, existing, read_own
from db.sources.publish.tables.translating import Translator
from db.sources.publish.tables.values import as_cell, fits
from db.sources.publish.tables.writing import Writer
from db.store.reading import read_document
from db.store.sqlite import SQLITE_ERRORS, Deadline, connect_to_publish

_NAMED = 5  # keys of rows that are gone
_WAIT = 2.0  # seconds for another program's write lock
_QUERY_SECONDS = 3600.0


class _RolledBack(Exception):
    """Ends a rehearsal, or a publication that changes nothing, so that its transaction is rolled back."""


def publish_to_database(
    desk: sqlite3.Connection, source_id: int, path: Path, plan: Plan, *, rehearsal: bool = False
) -> PublishReport:
    """Write the reviewed values of a desk's source to tables beside those of the database, whole or not at all.

    Before the first time, the database is copied. Raises InputError if the database is not the one that was read, or
    has other tables of these names, and FileError if it can't be written.
    """
    report = PublishReport()
    with (
        closing(_connect(path)) as connection,
        suppress(_RolledBack),
        _writing(connection, path),
        ExitStack() as stack,
    ):
        if not rehearsal and not _was_published(connection, plan):
            report.backup = str(stack.enter_context(_backed_up(path)))
        database = Database(path, connection, Deadline(_QUERY_SECONDS))
        for number, table in enumerate(plan.events):
            _Table(desk, source_id, connection, database, table, report).publish(plan, number)
        if rehearsal or not report.has_changes:
            raise _RolledBack
    return report


class _Table:
    """One event table of a plan, with the tables that belong to it."""

    def __init__(
        self,
        desk: sqlite3.Connection,
        source_id: int,
        connection: sqlite3.Connection,
        database: Database,
        table: EventTable,
        report: PublishReport,
    ) -> None:
        self._desk, self._source_id = desk, source_id
        self._connection, self._report = connection, report
        self._table = table
        self.own = read_own(connection, table.table, table.key)
        self._decided = DecidedEvents(desk, source_id, database, table)
        self._translator = Translator(connection, desk, table, self.own, self._decided, report)

    def publish(self, plan: Plan, number: int) -> None:
        """Write the published tables."""
        edits = Edits()
        of_rows: dict[tuple[object, ...], list[Event]] = {}
        for event, key in self._decided.reviews():
            of_rows.setdefault(key, []).append(event)
        edits.reviews = {key: review_of(_of_row(events)) for key, events in of_rows.items()}
        edits.reviews |= dict.fromkeys(self._decided.pending_keys(), Review("pending"))
        found = 0
        for decided in self._decided.changed():
            found += 1
            self._translator.translate(decided, edits)
        gone = self._decided.gone
        if gone and not found and self._decided.is_another():
            raise InputError(
                f"table {self.own.name} has none of the {len(gone):,} decided events: it is another"
                " database, or an older copy; run eventdesk sync first"
            )
        if gone:
            names = "; ".join(map(key_text, gone[:_NAMED])) + ("; …" if len(gone) > _NAMED else "")
            self._report.notes.append(
                f"{self.own.name}: decided events whose rows are gone, which stay in the desk: {len(gone):,} ({names})"
            )
        if self._decided.otherwise:
            self._report.notes.append(
                f"{self.own.name}: corrected rows that changed since the last sync: {self._decided.otherwise:,};"
                " eventdesk sync reads them"
            )
        for added in added_events(self._desk, self._source_id):
            if _table_of(added, plan) == number:
                self._add(added, edits)
        self._translator.finish(edits)
        writer = Writer(self._connection, self._report)
        writer.store_reviews(self.own, edits.reviews)
        for linked in self._translator.linked:
            if not linked.own.key:  # a view
                continue
            writer.write(linked.own, edits.tables[linked.own.name], self.own, linked.link)
        writer.write(self.own, edits.tables.get(self.own.name, TableEdits()), self.own)
        writer.write_corrections(self.own, edits.corrections)

    def _add(self, event: Event, edits: Edits) -> None:
        """Add the row of an event that a person added: its key is null."""
        document = document_json(read_document(self._desk, event.document_id))
        native = event_json(self._desk, event)
        cells = self._decided.cells.extracted(document, native)
        declared = dict(self.own.columns)
        row: dict[str, SqlValue] = {}
        for column, cell in cells.items():
            if column in declared and column not in self.own.key and cell is not None:
                stored = as_cell(cell)
                row[column] = stored if fits(stored, declared[column], self.own.strict) else None
        for joined in self._table.joined:
            if joined.link.then is None and len(joined.link.columns) == 1 and joined.link.columns[0] in declared:
                row[joined.link.columns[0]] = str(document["id"]).removeprefix(self._table.document_prefix)
        review = review_of(event)
        edits.tables[self.own.name].added.append((row, review))
        empty = (None,) * len(self.own.key)
        for field in _live(native):
            name = f"{field['group']}.{field['name']}" if field.get("group") else str(field["name"])
            value = as_cell(field.get("value"))
            edits.corrections.append(Correction(empty, name, None, value, review.reviewer, review.decided_at))


def _live(event: Json) -> Iterator[Json]:
    fields = event["fields"]
    assert isinstance(fields, list)
    for field in fields:
        if isinstance(field, dict) and field.get("state") != "removed":
            yield field


def _table_of(event: Event, plan: Plan) -> int:
    """Return the number of the event table in which an added event belongs: that of its type, or else the first."""
    for number, table in enumerate(plan.events):
        if event.type in (table.mapping.event.constant_type, table.table):
            return number
    return 0


def _of_row(events: list[Event]) -> Event:
    """Return the event whose review is that of its row: the least decided one, and of these the newest."""
    order = ("pending", "unsure", "corrected", "confirmed", "rejected")
    return min(events, key=lambda event: (order.index(event.status), -event.id))


def _connect(path: Path) -> sqlite3.Connection:
    try:
        return connect_to_publish(path, _WAIT)
    except SQLITE_ERRORS as error:
        raise FileError(f"{path}: {_why(error)}") from None


@contextmanager
def _writing(connection: sqlite3.Connection, path: Path) -> Iterator[None]:
    """Run the block in one transaction. Raises FileError if the database can't be written."""
    try:
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield
            connection.execute("COMMIT")
        finally:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
    except InputError as error:
        raise InputError(f"{path}: {error}") from None
    except SQLITE_ERRORS as error:
        raise FileError(f"{path}: {_why(error)}") from None


def _why(error: BaseException) -> str:
    message = str(error)
    if "locked" in message or "busy" in message:
        return "another program is writing to it; nothing was published, try again when it has finished"
    if "readonly" in message or "read-only" in message or "unable to open" in message:
        return "can't be written; nothing was published, check its permissions and those of its folder"
    return f"can't be published to ({write_value(message)}); nothing was changed"


def _was_published(connection: sqlite3.Connection, plan: Plan) -> bool:
    try:
        return any(
            existing(connection, corrections_name(OwnTable(table.table, (), (), None, False))) for table in plan.events
        )
    except InputError:  # said when the tables are written
        return True


@contextmanager
def _backed_up(path: Path) -> Iterator[Path]:
    """Copy the database to a new file beside it, which is deleted again if the block fails."""
    number = 1
    while (target := path.with_name(_backup_name(path, number))).exists():
        number += 1
    with closing(_connect(path)) as connection:
        copy_file(connection, target)
    try:
        yield target
    except BaseException:
        target.unlink(missing_ok=True)
        raise


def _backup_name(path: Path, number: int) -> str:
    return f"{path.stem}.before-publish{'' if number == 1 else f'-{number}'}{path.suffix}"
