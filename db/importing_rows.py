"""Turns the documents of an import into rows: new ones in bulk, known ones by updating the machine's side."""

import json
import sqlite3
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from db.errors import InputError
from db.importing_reviews import take_over_review
from db.lookup_index import forget_document, index_documents, index_values
from db.model import Document, Event, Json, SqlValue, to_sql
from db.native import NewDocument, NewEvent, NewField
from db.reading import read_document, read_event
from db.replay import rebuild

if TYPE_CHECKING:
    from db.importing import ImportReport

_DESCRIBED = ("title", "publisher", "url", "published", "language")


class BatchWriter:
    """Writes documents within the caller's transaction; rows wait in lists until ``flush``."""

    def __init__(self, connection: sqlite3.Connection, report: "ImportReport") -> None:
        self._connection = connection
        self._report = report
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
            self._update(read_document(self._connection, known), document)

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
        described = [getattr(document, key) for key in _DESCRIBED]
        self._rows["documents"].append(
            (document_id, document.external_id, *described, _json(document.extra), document.text)
        )
        self._texts.append((document_id, document.title, document.text))
        self._report.documents += 1
        for event in document.events:
            self._add_event(document_id, event)

    def _add_event(self, document_id: int, event: NewEvent) -> None:
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
                _json(event.extra),
            )
        )
        field_ids = [self._add_field(event_id, position, item) for position, item in enumerate(event.fields)]
        if event.review or event.extracted_type != event.type or any(item.review for item in event.fields):
            self._reviewed.append((event_id, event, field_ids))
        self._report.events += 1

    def _add_field(self, event_id: int, position: int, item: NewField) -> int:
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
                _json(item.extra),
            )
        )
        self._values[item.name, value] += item.by_machine
        if item.by_machine:
            self._rows["evidence"].extend((field_id, n, *span) for n, span in enumerate(item.spans))
        return field_id

    def _update(self, stored: Document, document: NewDocument) -> None:
        # A line without a text may add to a document that has one, but not spans: those would count in its title.
        adds_only = document.text is None and stored.text is not None and not document.has_spans
        if document.source != stored.source and not adds_only:
            pairs = enumerate(zip(stored.source, document.source, strict=False))
            shorter = min(len(stored.source), len(document.source))
            at = next((number for number, (old, new) in pairs if old != new), shorter)
            raise InputError(
                f"document {document.external_id[:60]} is in the file with another text (from character {at});"
                " give it another id"
            )
        changed = {
            key: value for key in _DESCRIBED if (value := getattr(document, key)) not in (None, getattr(stored, key))
        }
        if document.extra and stored.extra | document.extra != stored.extra:
            changed["extra"] = _json(stored.extra | document.extra)
        if changed:
            self._describe(stored, changed)
        for event in document.events:
            row = self._connection.execute(
                "SELECT id FROM events WHERE external_id = ? AND extractor = ? AND document_id = ?",
                (event.external_id, event.extractor, stored.id),
            ).fetchone()
            if row is None:
                self._add_event(stored.id, event)
            elif self._extract_again(read_event(self._connection, row[0]), event):
                self._report.updated += 1
            else:
                self._report.unchanged += 1

    def _describe(self, stored: Document, changed: dict[str, SqlValue]) -> None:
        settings = ", ".join(f"{column} = ?" for column in changed)
        self._connection.execute(f"UPDATE documents SET {settings} WHERE id = ?", (*changed.values(), stored.id))
        if "title" in changed:
            forget_document(self._connection, stored.id, stored.title, stored.text)
            index_documents(self._connection, [(stored.id, str(changed["title"]), stored.text)])

    def _extract_again(self, stored: Event, event: NewEvent) -> bool:
        """Set the machine's side of a known event; the person's side is then what the decisions make of it."""
        if stored.extracted_type is None or event.extracted_type is None:
            return False
        machine_fields = [item for item in event.fields if item.by_machine]
        if "same_as" not in stored.extra:  # it is linked already
            event = replace(event, extra={key: value for key, value in event.extra.items() if key != "same_as"})
        if _machine_side(stored) == _new_machine_side(event, machine_fields):
            return False
        execute = self._connection.execute
        execute(
            "UPDATE events SET extracted_type = ?, confidence = ?, extra = ? WHERE id = ?",
            (event.extracted_type, event.confidence, _json(event.extra), stored.id),
        )
        execute("UPDATE fields SET in_extraction = 0 WHERE event_id = ?", (stored.id,))
        ids = {}
        seen: Counter[tuple[str, str | None]] = Counter()
        for field in stored.fields:
            if field.extracted:
                key = (field.extracted.name, field.extracted.group)
                ids[(*key, seen[key])] = field.id
                seen[key] += 1
        seen.clear()
        for position, item in enumerate(machine_fields):
            pair = (item.name, item.group)
            field_id = ids.get((*pair, seen[pair]))
            seen[pair] += 1
            if field_id is None:
                self._add_field(stored.id, position, item)
                continue
            execute(
                "UPDATE fields SET in_extraction = 1, position = ?, extracted_value = ?, extracted_modifier = ?,"
                " confidence = ?, extra = ? WHERE id = ?",
                (position, to_sql(item.value), item.modifier, item.confidence, _json(item.extra), field_id),
            )
            execute("DELETE FROM evidence WHERE field_id = ?", (field_id,))
            self._rows["evidence"].extend((field_id, n, *span) for n, span in enumerate(item.spans))
        self.flush()
        rebuild(self._connection, stored.id)
        return True

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


def _machine_side(event: Event) -> str:
    fields = [
        (
            field.extracted.name,
            field.extracted.group,
            field.extracted.value,
            field.extracted.modifier,
            field.extracted.spans,
            field.confidence,
            field.extra,
        )
        for field in event.fields
        if field.extracted and field.in_extraction
    ]
    return json.dumps([event.extracted_type, event.confidence, event.extra, fields])


def _new_machine_side(event: NewEvent, fields: list[NewField]) -> str:
    sides = [
        (item.name, item.group, item.value, item.modifier, item.spans, item.confidence, item.extra) for item in fields
    ]
    return json.dumps([event.extracted_type, event.confidence, event.extra, sides])


def _json(extra: Json) -> str | None:
    return json.dumps(extra, ensure_ascii=False) if extra else None
