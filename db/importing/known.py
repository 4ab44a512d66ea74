"""Finds the stored documents and events that an import brings again, many at once."""

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import cached_property
from itertools import count

from db.errors import DamagedRowError
from db.importing.matching import is_same_added, match_events
from db.importing.releases.unchanged import EventRows, unchanged_events
from db.model import Document, Event, Span
from db.native import NewDocument, NewEvent, digest, is_derived_id, numbered, unnumbered
from db.store.reading import (
    SELECT_DOCUMENT,
    SELECT_EVENT,
    SELECT_FIELDS,
    document_of,
    read_decisions,
    read_document,
    read_event,
    read_events_of,
)
from db.store.sqlite import SQLITE_ERRORS
from db.store.valid.rows import EVENT, FIELD, Row, add_span

_CREATE = "CREATE TEMP TABLE import_events (event_id INTEGER PRIMARY KEY)"
_DROP = "DROP TABLE temp.import_events"
_MOST_WAITING = 5000  # ids


class _Known:
    """A stored document with the rows of its live events, in the order of import."""

    def __init__(self, document: Document, rows: Sequence[EventRows]) -> None:
        self.document = document
        self.rows = rows

    @cached_property
    def events(self) -> dict[tuple[str, str], Event]:
        """The events by id and extractor. Raises DamagedRowError."""
        events = (item.as_event() for item in self.rows)
        return {(event.external_id, event.extractor): event for event in events}


class KnownEvents:
    """The stored events that an import may bring again, within the caller's transaction.

    Documents that the file had before the import are read ahead by ``load``, until the import changes them. A temporary
    table holds which of their events the import has had, since there may be millions.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._loaded: dict[int, _Known] = {}
        self._changed: set[int] = set()  # documents with rows that may wait to be written
        self._by_external_id: dict[str, int] = {}
        self._unchanged: dict[int, tuple[NewDocument, list[int]]] = {}
        self._undecided: set[int] = set()
        self._imported: list[int] = []
        self._repeated: dict[tuple[int, str, str], count[int]] = {}  # the next numbers of equal events
        self.last_document, self.last_event = (
            int(connection.execute(f"SELECT coalesce(max(id), 0) FROM {table}").fetchone()[0])
            for table in ("documents", "events")
        )
        connection.execute(_CREATE)

    def close(self) -> None:
        """Drop the temporary table."""
        self._connection.execute(_DROP)

    def load(self, documents: Sequence[NewDocument]) -> None:
        """Read the stored documents and events of the next documents of the import."""
        self._loaded.clear()
        self._by_external_id.clear()
        self._unchanged.clear()
        self._undecided.clear()
        ids = [document.external_id for document in documents]
        found = self._connection.execute(
            f"{SELECT_DOCUMENT} WHERE external_id IN ({', '.join('?' * len(ids))}) AND id <= ?",
            (*ids, self.last_document),
        ).fetchall()
        if not found:
            return
        try:
            stored = {document.external_id: document for document in map(document_of, found)}
            rows = _read_rows(self._connection, [document.id for document in stored.values()])
            loaded = {
                item.id: _Known(item, rows.get(item.id, ())) for item in stored.values() if item.id not in self._changed
            }
            unchanged: dict[int, tuple[NewDocument, list[int]]] = {}
            for document in documents:
                known = stored.get(document.external_id)
                if known is None or known.id not in loaded or known.id in unchanged or known.source != document.source:
                    continue
                if (same := unchanged_events(document, loaded[known.id].rows)) is not None:
                    unchanged[known.id] = (document, same)
            for id_, each in loaded.items():
                if id_ not in unchanged:
                    _ = each.events  # raises here if a row is damaged
        except (DamagedRowError, *SQLITE_ERRORS):  # read one by one, which names the row
            return
        self._loaded, self._unchanged = loaded, unchanged
        self._by_external_id = {external_id: document.id for external_id, document in stored.items()}
        of_all = [item.event[0] for each in rows.values() for item in each]
        marks = ",".join(map(str, of_all))
        decided = self._connection.execute(
            f"SELECT event_id FROM decisions WHERE event_id IN ({marks})"
            f" UNION ALL SELECT event_id FROM decision_events WHERE event_id IN ({marks})"
        )
        self._undecided = {*of_all}.difference(row[0] for row in decided)

    def unchanged(self, document: NewDocument) -> tuple[int, list[int]] | None:
        """Return the integer ids of a document and its events if it brings exactly what is stored; None otherwise."""
        document_id = self._by_external_id.get(document.external_id, 0)
        same, event_ids = self._unchanged.get(document_id, (None, []))
        return (document_id, event_ids) if same is document else None

    def forget(self, document_id: int) -> None:
        """Read a document again the next time, because it changed."""
        self._changed.add(document_id)
        self._loaded.pop(document_id, None)
        self._unchanged.pop(document_id, None)

    def written(self) -> None:
        """Note that no row waits to be written."""
        self._changed.clear()

    def is_loaded(self, document_id: int) -> bool:
        """Return True if a document was read ahead, so that nothing of it waits to be written."""
        return document_id in self._loaded

    def document(self, document_id: int) -> Document:
        """Return a stored document."""
        known = self._loaded.get(document_id)
        return known.document if known else read_document(self._connection, document_id)

    def event(self, document_id: int, event_id: int) -> Event:
        """Return a stored event of a document."""
        if known := self._loaded.get(document_id):
            for event in known.events.values():
                if event.id == event_id:
                    return event
        return read_event(self._connection, event_id)

    def is_undecided(self, event: Event) -> bool:
        """Return True if it is known that nobody ever decided about an event."""
        return event.id in self._undecided

    def is_older(self, document_id: int) -> bool:
        """Return True if the file had the document before this import."""
        return document_id <= self.last_document

    def remember(self, event_ids: Iterable[int]) -> None:
        """Store that the import has had these events."""
        self._imported += event_ids
        if len(self._imported) > _MOST_WAITING:
            self.write_imported()

    def was_imported(self, event: Event) -> bool:
        """Return True if an earlier line of this import has brought an event."""
        if event.id > self.last_event:
            return True
        self.write_imported()
        sql = "SELECT 1 FROM temp.import_events WHERE event_id = ?"
        return self._connection.execute(sql, (event.id,)).fetchone() is not None

    def write_imported(self) -> None:
        """Write what ``remember`` collected to the temporary table."""
        if not self._imported:
            return
        rows = [(id_,) for id_ in self._imported]
        self._connection.executemany("INSERT OR IGNORE INTO temp.import_events VALUES (?)", rows)
        self._imported = []

    def numbered(self, stored: Document, document: NewDocument) -> NewDocument:
        """Number the events whose derived ids this import has had already, so that equal rows are as many events."""
        if all(not event.id_is_derived for event in document.events):
            return document
        self.write_imported()
        numbers: dict[tuple[int, str, str], count[int]] = {}
        events = []
        for event in document.events:
            if event.id_is_derived and event.extracted_type is not None:
                base = unnumbered(event.external_id)
                key = (stored.id, event.extractor, base)
                if key not in numbers:
                    numbers[key] = self._repeated.get(key) or count(1)
                number = next(numbers[key])
                while self._is_imported(stored.id, event.extractor, numbered(base, number)):
                    number = next(numbers[key])
                if number > 1:
                    self._repeated[key] = numbers[key]
                event = replace(event, external_id=numbered(base, number))
            events.append(event)
        return replace(document, events=tuple(events))

    def _is_imported(self, document_id: int, extractor: str, external_id: str) -> bool:
        found = self._connection.execute(
            "SELECT id > ? OR id IN (SELECT event_id FROM temp.import_events) FROM events"
            " WHERE external_id = ? AND extractor = ? AND document_id = ?",
            (self.last_event, external_id, extractor, document_id),
        ).fetchone()
        return found is not None and bool(found[0])

    def match(self, stored: Document, document: NewDocument, *, of_table: bool) -> list[Event | None]:
        """Return for each event of a line the stored event that it is; None for a new one."""
        found = [self._with_id(stored.id, event) for event in document.events]
        unknown = [
            place
            for place, (event, known) in enumerate(zip(document.events, found, strict=True))
            if known is None and event.id_is_derived and event.extracted_type is not None
        ]
        # Documents that this import added are matched by id alone.
        if unknown and self.is_older(stored.id):
            new = [document.events[place] for place in unknown]
            matched = {known.id for known in found if known is not None}
            candidates, imported = self._candidates(stored, new, matched)
            if of_table:
                candidates = [event for event in candidates if event.id not in imported]
            for place, match in match_events(new, candidates, imported).items():
                found[unknown[place]] = match
        return found

    def _with_id(self, document_id: int, event: NewEvent) -> Event | None:
        known = self._loaded.get(document_id)
        if known and (found := known.events.get((event.external_id, event.extractor))):
            return found
        if known and event.extracted_type is not None:
            return None
        row = self._connection.execute(
            "SELECT id FROM events WHERE external_id = ? AND extractor = ? AND document_id = ?",
            (event.external_id, event.extractor, document_id),
        ).fetchone()
        return read_event(self._connection, row[0]) if row else None

    def match_numbered(self, stored: Document, event: NewEvent) -> tuple[NewEvent, Event | None]:
        """Return an added event with a numbered id, which other people's may have too, and the stored one that it is.

        If the file has another person's with that id, the event gets an id of its own, derived from its content.
        """
        rows = self._connection.execute(
            "SELECT id FROM events WHERE document_id = ? AND extractor = ''"
            " AND (external_id = ?2 OR external_id LIKE ?2 || '/%') ORDER BY id",
            (stored.id, event.external_id),
        ).fetchall()
        for (event_id,) in rows:
            known = read_event(self._connection, event_id)
            adder = next(iter(read_decisions(self._connection, event_id)), None)
            if is_same_added(known, event, adder.reviewer if adder else None):
                return event, known
        if not rows:
            return event, None
        review = event.review
        content = [[field.name, field.value] for field in event.fields]
        who = [review.reviewer, review.decided_at] if review else []
        return replace(event, external_id=f"{event.external_id}/{digest([who, event.type, content])}"), None

    def _candidates(self, stored: Document, new: list[NewEvent], matched: set[int]) -> tuple[list[Event], set[int]]:
        """Return the unmatched events of a document whose ids are derived, and the ids this import has already had."""
        self.write_imported()
        kinds = {(event.extractor, event.extracted_type) for event in new}
        loaded = self._loaded.get(stored.id)
        events = loaded.events.values() if loaded else read_events_of(self._connection, stored.id)
        candidates = [
            event
            for event in events
            if event.id <= self.last_event
            and event.id not in matched
            and is_derived_id(event.external_id, stored.external_id)
            and (event.extractor, event.extracted_type) in kinds
        ]
        marks = ",".join(str(event.id) for event in candidates)
        rows = self._connection.execute(f"SELECT event_id FROM temp.import_events WHERE event_id IN ({marks})")
        return candidates, {row[0] for row in rows}


def _read_rows(connection: sqlite3.Connection, document_ids: Iterable[int]) -> dict[int, list[EventRows]]:
    """Return the rows of the live events of documents, in the order of import: three queries for all of them."""
    marks = ",".join(str(int(id_)) for id_ in document_ids)
    found = connection.execute(f"{SELECT_EVENT} WHERE document_id IN ({marks}) AND live ORDER BY id").fetchall()
    ids = ",".join(str(row[0]) for row in found)
    spans: dict[int, tuple[list[Span], list[Span]]] = {}
    for evidence in connection.execute(
        "SELECT field_id, start_offset, end_offset, extracted, current FROM evidence WHERE field_id IN"
        f" (SELECT id FROM fields WHERE event_id IN ({ids})) ORDER BY field_id, position"
    ):
        add_span(spans, evidence)
    fields: dict[int, list[Row]] = {}
    for row in connection.execute(f"{SELECT_FIELDS} WHERE event_id IN ({ids}) ORDER BY event_id, position, id"):
        FIELD.check(row)
        fields.setdefault(row[1], []).append(row)
    events: dict[int, list[EventRows]] = {}
    for row in found:
        EVENT.check(row)
        events.setdefault(row[1], []).append(EventRows(row, fields.get(row[0], ()), spans))
    return events
