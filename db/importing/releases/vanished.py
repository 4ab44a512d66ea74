"""Finds the events that a newer extraction no longer has."""

import sqlite3
from collections import defaultdict

from db.formats.format import Record
from db.importing.known import KnownEvents
from db.importing.releases.changes import no_longer_extracted
from db.importing.report import ImportReport
from db.model import Document
from db.native import NewDocument
from db.store.reading import read_document, read_event

_MACHINE = "live AND extracted_type IS NOT NULL"


class Extractions:
    """The extractions of one import: of which documents, by which extractors."""

    def __init__(self, connection: sqlite3.Connection, report: ImportReport, known: KnownEvents) -> None:
        self._connection = connection
        self._report = report
        self._known = known
        self._types: dict[str, set[str]] = defaultdict(set)  # of the events of tables, by extractor
        self._waiting: list[tuple[int, str]] = []
        connection.execute(
            "CREATE TEMP TABLE import_extractors (document_id INTEGER, extractor TEXT,"
            " PRIMARY KEY (document_id, extractor)) WITHOUT ROWID"
        )

    def remember(self, stored: Document, document: NewDocument, event_ids: list[int], record: Record) -> None:
        """Store which events, of which extractors, the import has of a document that was there before it."""
        self._known.remember(event_ids)
        if record.row_keys or any(event.has_decisions for event in document.events):
            return  # some rows of a database, or an export, perhaps of some events only, and not a new extraction
        for event in document.events:
            if event.extracted_type is not None:
                self._waiting.append((stored.id, event.extractor))
                if record.of_table:
                    self._types[event.extractor].add(event.extracted_type)
        if len(self._waiting) > 5000:
            self._write()

    def finish(self) -> None:
        """Report the events that are gone: of documents that the import has, and of tables that it has most of."""
        self._known.write_imported()
        self._write()
        gone = self._of_documents()
        for extractor, types in self._types.items():
            gone |= self._of_table(extractor, types)
        for event_id in sorted(gone):
            event = read_event(self._connection, event_id)
            document = read_document(self._connection, event.document_id)
            self._report.add_vanished(document.external_id, event)
            change = no_longer_extracted(self._connection, document.external_id, event)
            if change.decided:
                self._report.add_change(change)
            elif self._report.every_change:
                self._report.on_change(change)
        self._connection.execute("DROP TABLE temp.import_extractors")

    def _write(self) -> None:
        self._connection.executemany("INSERT OR IGNORE INTO temp.import_extractors VALUES (?, ?)", self._waiting)
        self._waiting = []

    def _of_documents(self) -> set[int]:
        rows = self._connection.execute(
            # The + keeps SQLite from scanning all events of the extractor for each document.
            "SELECT events.id FROM temp.import_extractors AS imported CROSS JOIN events"
            " ON events.document_id = imported.document_id AND events.live AND +events.extractor = imported.extractor"
            " WHERE events.extracted_type IS NOT NULL AND events.id <= ?"
            " AND events.id NOT IN (SELECT event_id FROM temp.import_events)",
            (self._known.last_event,),
        )
        return {row[0] for row in rows}

    def _of_table(self, extractor: str, types: set[str]) -> set[int]:
        """Return the events of an extractor that a table lacks, if it has at least half of them.

        Otherwise it may be an addition, or another table with the same extractor: then the half counts among the
        events of its types.
        """
        marks = ", ".join("?" * len(types))
        for condition, parameters in (("true", ()), (f"extracted_type IN ({marks})", tuple(types))):
            rows = self._connection.execute(
                f"SELECT id, id IN (SELECT event_id FROM temp.import_events) FROM events WHERE {_MACHINE}"
                f" AND extractor = ? AND id <= ? AND {condition}",
                (extractor, self._known.last_event, *parameters),
            ).fetchall()
            lacking = {row[0] for row in rows if not row[1]}
            if len(lacking) * 2 <= len(rows):
                return lacking
        return set()
