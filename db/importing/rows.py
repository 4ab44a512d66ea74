"""Turns the documents of an import into rows: new ones in bulk, known ones by updating what is there."""

import sqlite3
from collections import Counter
from typing import TYPE_CHECKING

from db.importing.reviews import take_over_review
from db.importing.update import DESCRIBED, KnownDocuments, to_json
from db.model import SqlValue, to_sql
from db.native import NewDocument, NewEvent, NewField
from db.store.lookup_index import index_documents, index_values
from db.store.reading import read_document

if TYPE_CHECKING:
    from db.importing.importing import ImportReport


class BatchWriter:
    """Writes documents within the caller's transaction; rows wait in lists until ``flush``."""

    def __init__(self, connection: sqlite3.Connection, report: "ImportReport", known: KnownDocuments) -> None:
        self._connection = connection
        self._report = report
        self._known = known
        self._next = {table: self._last_id(table) + 1 for table in ("documents", "events", "fields")}
        self._documents: dict[str, int] = {}  # those of this batch, which the file may not hold yet
        self._rows: dict[str, list[tuple[SqlValue, ...]]] = {table: [] for table in _INSERTS}
        self._texts: list[tuple[int, str | None, str | None]] = []  # to be indexed
        self._values: Counter[tuple[str, SqlValue]] = Counter()
        self._reviewed: list[tuple[int, NewEvent, list[int]]] = []

    def add(self, document: NewDocument) -> None:
        """Take in one document. Raises InputError, and writes nothing, when the file has it with another text."""
        known = self._documents.get(document.external_id)
        if known is None:
            row = self._connection.execute(
                "SELECT id FROM documents WHERE external_id = ?", (document.external_id,)
            ).fetchone()
            known = row[0] if row else None
        if known is None:
            self._add_new(document)
        else:
            self.flush()
            self._known.update(self, read_document(self._connection, known), document)

    def flush(self) -> None:
        """Write what waits."""
        for table, statement in _INSERTS.items():
            if self._rows[table]:
                self._connection.executemany(statement, self._rows[table])
                self._rows[table] = []
        index_documents(self._connection, self._texts)
        index_values(self._connection, ((*pair, uses) for pair, uses in self._values.items()))
        self._texts, self._values = [], Counter()
        reviewed, self._reviewed = self._reviewed, []
        for event_id, event, field_ids in reviewed:
            take_over_review(self._connection, event_id, event, field_ids)

    def _add_new(self, document: NewDocument) -> None:
        document_id = self._new_id("documents")
        self._documents[document.external_id] = document_id
        described = [getattr(document, key) for key in DESCRIBED]
        self._rows["documents"].append(
            (document_id, document.external_id, *described, to_json(document.extra), document.text)
        )
        self._texts.append((document_id, document.title, document.text))
        self._report.documents += 1
        for event in document.events:
            self.add_event(document_id, event)

    def add_event(self, document_id: int, event: NewEvent) -> None:
        """Take in an event of a document that has it not."""
        event_id = self._new_id("events")
        machine = event.extracted_type
        self._rows["events"].append(
            (
                event_id,
                document_id,
                event.external_id,
                event.extractor,
                machine or event.type,
                machine,
                int(machine is not None),
                event.confidence,
                to_json(event.extra),
            )
        )
        field_ids = [self.add_field(event_id, position, item) for position, item in enumerate(event.fields)]
        if event.review or event.extracted_type != event.type or any(item.review for item in event.fields):
            self._reviewed.append((event_id, event, field_ids))
        self._report.events += 1

    def add_field(self, event_id: int, position: int, item: NewField) -> int:
        """Take in a field of an event that has it not; its integer id."""
        field_id = self._new_id("fields")
        value = to_sql(item.value)
        if item.review is None and not item.extra:
            row = (field_id, event_id, position, item.name, item.group, value, item.modifier, item.confidence)
            self._rows["plain fields"].append(row)
            self._values[item.name, value] += 1
            for number, (start, end) in enumerate(item.spans):
                self._rows["evidence"].append((field_id, number, start, end))
            return field_id
        machine: tuple[SqlValue, ...] = (None,) * 4
        if item.by_machine:
            machine = (item.name, item.group, value, item.modifier)
        state = "extracted" if item.by_machine else "removed"
        self._rows["fields"].append(
            (
                field_id,
                event_id,
                position,
                item.name,
                item.group,
                value,
                item.modifier,
                state,
                int(item.by_machine),
                *machine,
                item.confidence,
                to_json(item.extra),
            )
        )
        self._values[item.name, value] += item.by_machine
        if item.by_machine:
            self._rows["evidence"].extend((field_id, n, *span) for n, span in enumerate(item.spans))
        return field_id

    def _new_id(self, table: str) -> int:
        number = self._next[table]
        self._next[table] += 1
        return number

    def _last_id(self, table: str) -> int:
        last: int = self._connection.execute(f"SELECT coalesce(max(id), 0) FROM {table}").fetchone()[0]
        return last


_INSERTS = {
    "documents": (
        "INSERT INTO documents (id, external_id, title, publisher, url, published, language, extra, text)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
    ),
    "events": (
        "INSERT INTO events (id, document_id, external_id, extractor, type, extracted_type, live, confidence, extra)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
    ),
    "fields": (
        "INSERT INTO fields (id, event_id, position, name, field_group, value, modifier, state, in_extraction,"
        " extracted_name, extracted_group, extracted_value, extracted_modifier, confidence, extra)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
    ),
    # As nearly all are: by half as many parameters, each bound once.
    "plain fields": (
        "INSERT INTO fields (id, event_id, position, name, field_group, value, modifier, state, in_extraction,"
        " extracted_name, extracted_group, extracted_value, extracted_modifier, confidence)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 'extracted', 1, ?4, ?5, ?6, ?7, ?8)"
    ),
    "evidence": "INSERT INTO evidence (field_id, position, start_offset, end_offset) VALUES (?, ?, ?, ?)",
}
