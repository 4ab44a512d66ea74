"""The rows of a database from which events come: events follow their rows, and those whose rows are gone are marked."""

import sqlite3
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence

from db.decisions.journal import utc_now
from db.decisions.replay import rebuild
from db.formats.format import Record
from db.importing.known import KnownEvents
from db.importing.releases.changes import no_longer_extracted
from db.importing.report import ImportReport
from db.model import Document, Span
from db.native import NewDocument, NewEvent
from db.store.reading import read_document, read_event
from db.store.texts.earlier import keep_texts_of_event
from db.store.valid.rows import is_span

RowKey = tuple[str, str]
"""A table, and the key of a row in it."""

_Moves = list[tuple[int, NewEvent]]  # stored events that their rows now describe otherwise
_WAITING = 5_000  # rows that are written together
_STORE = (
    "INSERT INTO source_events (event_id, source_id, table_name, row_key) VALUES (?, ?, ?, ?) ON CONFLICT (event_id) DO"
    " UPDATE SET source_id = excluded.source_id, table_name = excluded.table_name, row_key = excluded.row_key,"
    " gone_at = NULL"
)
_OF_ROW = (
    "SELECT event_id, document_id, external_id, extractor FROM source_events JOIN events ON id = event_id"
    " WHERE source_id = ? AND table_name = ? AND row_key = ?"
)
_LACKING = (
    "SELECT event_id, table_name, row_key FROM source_events WHERE source_id = :source AND gone_at IS NULL"
    " AND event_id <= :last AND event_id NOT IN (SELECT event_id FROM temp.import_events)"
)
_EVIDENCE = (
    "SELECT start_offset, end_offset, field_id, position FROM evidence"
    " WHERE field_id IN (SELECT id FROM fields WHERE event_id = ?)"
)


class SourceRows:
    """The rows of one source in one import, within the import's transaction.

    keys: by table, the keys of the rows that the import reads; None if it reads all. finish: called before the commit.
    seen: gets the ids of the events that the import has, and those of earlier slices of it count too.
    gone, returned: how many events the import marks as gone, and from how many it removes that mark. moved: how many
    it moves to another document.
    """

    def __init__(
        self,
        connection: sqlite3.Connection,
        source_id: int,
        keys: Mapping[str, Iterable[str]] | None,
        finish: Callable[[], None] = lambda: None,
        seen: set[int] | None = None,
    ) -> None:
        self._connection = connection
        self._source_id = source_id
        self._keys = keys
        self._finish = finish
        self._seen = seen
        self._waiting: list[tuple[int, int, str, str]] = []
        self._refused: set[RowKey] = set()
        self._has_rows: bool | None = None
        self.gone = self.returned = self.moved = 0

    def keep(self, record: Record) -> None:
        """Count the rows of a refused record as rows that there are."""
        self._refused.update(record.row_keys)

    def moves(self, record: Record, document: NewDocument, document_id: int | None) -> _Moves:
        """Return the stored events of a record's rows that have another document, id or extractor."""
        if self._has_rows is None:
            sql = "SELECT 1 FROM source_events WHERE source_id = ? LIMIT 1"
            self._has_rows = self._connection.execute(sql, (self._source_id,)).fetchone() is not None
        if not self._has_rows:
            return []
        found = []
        of_row = Counter(record.row_keys)
        for event, row in zip(document.events, record.row_keys, strict=True):
            stored = self._connection.execute(_OF_ROW, (self._source_id, *row)).fetchall()
            here = (document_id, event.external_id, event.extractor)
            if not stored or here in [item[1:] for item in stored]:
                continue
            same = [item for item in stored if item[2] == event.external_id] or (stored if of_row[row] == 1 else [])
            if len(same) == 1:
                found.append((same[0][0], event))
        return found

    def move(self, moves: _Moves, document_id: int, known: KnownEvents, report: ImportReport) -> None:
        """Let stored events follow their rows: they get the document, id and extractor, and keep their decisions.

        Spans of decisions refer to the text of their time, which is kept for each event.
        """
        new = read_document(self._connection, document_id)
        for event_id, item in moves:
            event = read_event(self._connection, event_id)
            try:
                self._connection.execute(
                    "UPDATE events SET document_id = ?, external_id = ?, extractor = ?, revision = revision + 1"
                    " WHERE id = ?",
                    (document_id, item.external_id, item.extractor, event_id),
                )
            except sqlite3.IntegrityError:  # the document has another event with that id, which the import updates
                continue
            known.forget(event.document_id)
            known.forget(document_id)
            if event.extractor != item.extractor:
                report.add_field_change("extractor", "changed")
            if event.document_id != document_id:
                self.moved += 1
                report.add_field_change("document", "changed")
                self._change_text(event_id, read_document(self._connection, event.document_id), new)

    def _change_text(self, event_id: int, old: Document, new: Document) -> None:
        from db.text.alignment import align  # most imports move no event

        execute = self._connection.execute
        decided = execute(
            "SELECT EXISTS (SELECT 1 FROM decisions WHERE event_id = ?1)"
            " OR EXISTS (SELECT 1 FROM decision_events WHERE event_id = ?1)",
            (event_id,),
        ).fetchone()[0]
        if decided:
            keep_texts_of_event(self._connection, event_id, old, utc_now())
        if old.source != new.source:
            alignment = align(old.source, new.source)
            for start, end, *place in execute(_EVIDENCE, (event_id,)).fetchall():
                span = alignment.move(Span(start, end)) if is_span(start, end) else None
                if span is None:
                    execute("DELETE FROM evidence WHERE field_id = ? AND position = ?", place)
                else:
                    sql = "UPDATE evidence SET start_offset = ?, end_offset = ? WHERE field_id = ? AND position = ?"
                    execute(sql, (*span, *place))
        if decided:
            rebuild(self._connection, event_id)

    def add(self, event_ids: Sequence[int], record: Record, known: KnownEvents) -> None:
        """Store from which rows the events of a record come."""
        if self._has_rows:
            known.remember(event_ids)  # also those that moved to a new document
        if self._seen is not None:
            self._seen.update(event_ids)
        for event_id, row in zip(event_ids, record.row_keys, strict=True):
            self._waiting.append((event_id, self._source_id, *row))

    def flush(self, *, all_of_them: bool = False) -> None:
        """Write what ``add`` collected, after its events were written."""
        if all_of_them or len(self._waiting) >= _WAITING:
            if self._has_rows:
                marks = "UPDATE source_events SET gone_at = NULL WHERE event_id = ? AND gone_at IS NOT NULL"
                ids = [(item[0],) for item in self._waiting]
                self.returned += max(0, self._connection.executemany(marks, ids).rowcount)
            self._connection.executemany(_STORE, self._waiting)
            self._waiting = []

    def finish(self, known: KnownEvents, report: ImportReport) -> None:
        """Mark the events whose rows the import reads and doesn't find; report them."""
        self.flush(all_of_them=True)
        known.remember(self._seen or ())
        known.write_imported()
        lacking = [row for row in self._lacking(known.last_event) if (row[1], row[2]) not in self._refused]
        now = utc_now()
        self._connection.executemany(
            "UPDATE source_events SET gone_at = ? WHERE event_id = ?", [(now, row[0]) for row in lacking]
        )
        self._connection.executemany(
            "UPDATE events SET revision = revision + 1 WHERE id = ?", [(row[0],) for row in lacking]
        )
        self.gone += len(lacking)
        for event_id, *_ in lacking:
            event = read_event(self._connection, event_id)
            document = read_document(self._connection, event.document_id)
            report.add_vanished(document.external_id, event)
            change = no_longer_extracted(self._connection, document.external_id, event)
            if change.decided:
                report.add_change(change)
            elif report.every_change:
                report.on_change(change)
        self._finish()

    def _lacking(self, last_event: int) -> list[tuple[int, str, str]]:
        values = {"source": self._source_id, "last": last_event}
        if self._keys is None:
            return self._connection.execute(_LACKING, values).fetchall()
        return [
            row
            for table, keys in self._keys.items()
            for key in keys
            for row in self._connection.execute(
                f"{_LACKING} AND table_name = :table AND row_key = :key", {**values, "table": table, "key": key}
            )
        ]
