"""The writer of an import: turns new documents, events and fields into rows and inserts them in bulk."""

import json
import sqlite3
from collections import Counter
from itertools import count

from db.grounding.places import METHODS
from db.importing.merging.contents import author_of
from db.importing.merging.links import waiting_link
from db.importing.report import ImportReport
from db.importing.reviews import add_imported_review
from db.model import Json, SqlValue, to_sql
from db.native import NewDocument, NewEvent, NewField
from db.store.lookup_index import index_documents, index_values

DESCRIPTION = ("title", "publisher", "url", "published", "language")


def to_json(extra: Json) -> str | None:
    """Return unknown keys as the database stores them."""
    if not extra:
        return None
    if len(extra) == 1 and isinstance(method := extra.get("grounding"), str) and method in METHODS:
        return f'{{"grounding": "{method}"}}'  # as json.dumps writes it, for most fields of many files
    return json.dumps(extra, ensure_ascii=False)


class RowWriter:
    """Collects rows and inserts them with ``flush``, within the caller's transaction."""

    def __init__(self, connection: sqlite3.Connection, report: ImportReport) -> None:
        self._connection = connection
        self._report = report
        self._ids: dict[str, count[int]] = {}
        for table in ("documents", "events", "fields"):
            (last,) = connection.execute(f"SELECT coalesce(max(id), 0) FROM {table}").fetchone()
            self._ids[table] = count(last + 1)
        self._unwritten: dict[str, int] = {}  # external id → id of documents since the last flush
        self._rows: dict[str, list[tuple[SqlValue, ...]]] = {table: [] for table in _INSERTS}
        self._texts: list[tuple[int, str | None, str | None]] = []  # for the full-text index
        self._values: Counter[tuple[str, SqlValue]] = Counter()
        self._reviewed: list[tuple[int, NewEvent, list[int]]] = []

    def document_id(self, external_id: str) -> int | None:
        """Return the id of a known document, written or not; None if it is new."""
        if (unwritten := self._unwritten.get(external_id)) is not None:
            return unwritten
        row = self._connection.execute("SELECT id FROM documents WHERE external_id = ?", (external_id,)).fetchone()
        return row[0] if row else None

    def flush(self) -> None:
        """Insert the collected rows and index their texts and values."""
        for table, statement in _INSERTS.items():
            if self._rows[table]:
                self._connection.executemany(statement, self._rows[table])
                self._rows[table] = []
        index_documents(self._connection, self._texts)
        index_values(self._connection, ((*pair, uses) for pair, uses in self._values.items()))
        self._unwritten, self._texts, self._values = {}, [], Counter()
        reviewed, self._reviewed = self._reviewed, []
        for event_id, event, field_ids in reviewed:
            self._report.decisions += add_imported_review(self._connection, event_id, event, field_ids)

    def add_document(self, document: NewDocument) -> None:
        """Add a new document with its events."""
        document_id = next(self._ids["documents"])
        self._unwritten[document.external_id] = document_id
        described = [getattr(document, key) for key in DESCRIPTION]
        self._rows["documents"].append(
            (document_id, document.external_id, *described, to_json(document.extra), document.text)
        )
        self._texts.append((document_id, document.title, document.text))
        self._report.documents += 1
        for event in document.events:
            self.add_event(document_id, event)

    def add_event(self, document_id: int, event: NewEvent) -> None:
        """Add a new event to a document."""
        event_id = next(self._ids["events"])
        machine = event.extracted_type
        extra = event.extra
        if event.review is not None and event.review.same_as is not None:
            extra = extra | waiting_link(event.review.same_as, author_of(event.review))
        row = (event_id, document_id, event.external_id, event.extractor, machine or event.type, machine)
        self._rows["events"].append((*row, int(machine is not None), event.confidence, to_json(extra)))
        field_ids = [self.add_field(event_id, position, item) for position, item in enumerate(event.fields)]
        if event.has_decisions:
            self._reviewed.append((event_id, event, field_ids))
        self._report.events += 1

    def add_field(self, event_id: int, position: int, item: NewField) -> int:
        """Add a new field to an event and return its id."""
        field_id = next(self._ids["fields"])
        value = to_sql(item.value)
        if item.review is None:
            plain = (field_id, event_id, position, item.name, item.group, value, item.modifier, item.confidence)
            self._rows["plain fields"].append((*plain, to_json(item.extra)))
            self._values[item.name, value] += 1
            for number, (start, end) in enumerate(item.spans):
                self._rows["evidence"].append((field_id, number, start, end))
            return field_id
        machine: tuple[SqlValue, ...] = (None,) * 4
        if item.by_machine:
            machine = (item.name, item.group, value, item.modifier)
        state = "extracted" if item.by_machine else "removed"
        current = (field_id, event_id, position, item.name, item.group, value, item.modifier, state)
        row = (*current, int(item.by_machine), *machine, item.confidence, to_json(item.extra))
        self._rows["fields"].append(row)
        self._values[item.name, value] += item.by_machine
        if item.by_machine:
            self._rows["evidence"].extend((field_id, n, *span) for n, span in enumerate(item.spans))
        return field_id


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
    # Nearly all fields are plain. Numbered parameters halve what has to be bound.
    "plain fields": (
        "INSERT INTO fields (id, event_id, position, name, field_group, value, modifier, state, in_extraction,"
        " extracted_name, extracted_group, extracted_value, extracted_modifier, confidence,"
        " extra) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 'extracted', 1, ?4, ?5, ?6, ?7, ?8, ?9)"
    ),
    "evidence": "INSERT INTO evidence (field_id, position, start_offset, end_offset) VALUES (?, ?, ?, ?)",
}
