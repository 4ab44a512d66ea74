"""Exported tables that were edited: the edits become decisions of a reviewer."""

import sqlite3
from collections.abc import Callable, Iterator
from typing import cast

from db.decisions.native_form import document_json, event_json, is_obsolete
from db.decisions.review import Review, ReviewInTransaction
from db.errors import ConflictError, InputError
from db.formats.format import Data, Record
from db.formats.tables.returned.edits import FieldEdit, RowEdits, edits_of
from db.importing.matching import new_said_key
from db.importing.report import ImportReport
from db.io.documents import parse_document
from db.model import Event, Field, Reason, Span, Value, same_value
from db.native import NativeDocument, NativeEvent, NewDocument, NewEvent
from db.store.reading import read_document, read_event
from db.text.evidence import find_value, nearest


class ReturnedTables:
    """Applies the edits in the rows of one import, within the caller's transaction.

    reviewer: whose decisions they are; None if that is unknown, so that edited rows are refused.
    """

    def __init__(self, connection: sqlite3.Connection, report: ImportReport, name: str, reviewer: str | None) -> None:
        self._connection = connection
        self._report = report
        self._name = name
        self._reviewer = reviewer

    def apply(self, document_id: int, record: Record, document: NewDocument) -> NewDocument:
        """Apply the edits of the events that the file has; return the document with the others.

        A row that can't be applied is refused alone.
        """
        others = []
        for row, event in zip(record.rows, document.events, strict=True):
            found = self._connection.execute(
                "SELECT id FROM events WHERE external_id = ? AND extractor = ? AND document_id = ?",
                (event.external_id, event.extractor, document_id),
            ).fetchone()
            if found is None:
                others.append(event)
                continue
            self._connection.execute("SAVEPOINT edited_row")
            try:
                decisions = self._apply_row(found[0], row.cells)
                self._report.decisions += decisions
                self._report.unchanged += not decisions
            except (InputError, ConflictError) as error:
                self._connection.execute("ROLLBACK TO edited_row")
                refused = record._replace(position=row.position, raw=row.raw)
                self._report.add_refusal(self._name, refused, InputError(str(error)))
            self._connection.execute("RELEASE edited_row")
        stored = read_document(self._connection, document_id)
        return NewDocument(
            stored.external_id, stored.title, None, None, None, None, text=None, extra={}, events=tuple(others)
        )

    def _apply_row(self, event_id: int, cells: dict[str, str]) -> int:
        """Return the number of decisions that the edits became. Raises InputError or ConflictError."""
        event = read_event(self._connection, event_id)
        document = cast(NativeDocument, document_json(read_document(self._connection, event.document_id)))
        now = cast(NativeEvent, event_json(self._connection, event))
        edits = edits_of(cells, document, now, self._reviewer)
        if not edits.event and not edits.fields:
            return 0
        if not event.live:
            raise InputError(f"event {event.external_id} was undone; redo it in the reviewer first")
        if self._reviewer is None:
            raise InputError("the row was edited; say whose decisions these are with --reviewer NAME")
        review = ReviewInTransaction(self._connection, self._reviewer)
        _Edits(review, event).apply(edits)
        return review.decisions


def is_own_export(
    connection: sqlite3.Connection, stored: Event, event: NewEvent, rewrite: Callable[[Data], Iterator[Data]]
) -> bool:
    """Return True if an event is the stored one with its decisions, as an export in a form without them writes it."""
    if stored.status == "pending" and all(item.state == "extracted" for item in stored.fields):
        return False
    document = document_json(read_document(connection, stored.document_id))
    try:
        events: list[Value] = list(rewrite(document | {"events": [event_json(connection, stored)]}))
        (written,) = parse_document(document | {"events": events}).events
    except (InputError, ValueError):
        return False
    return new_said_key(written) == new_said_key(event)


class _Edits:
    """The edits of one event, each as the act that the reviewer's keys would make."""

    def __init__(self, review: Review, event: Event) -> None:
        self._review = review
        self._id = event.id
        self._fields = [field.id for field in event.fields if not is_obsolete(field)]
        self._source = read_document(review.connection, event.document_id).source

    def apply(self, edits: RowEdits) -> None:
        if "type" in edits.event:
            self._review.set_type(self._event(), edits.event["type"])
        for edit in edits.fields:
            self._apply_field(edit)
        if "note" in edits.event:
            self._review.note(self._event(), edits.event["note"])
        match edits.event.get("status"):
            case "confirmed" | "corrected":
                self._review.accept(self._event())
            case "unsure":
                self._review.flag(self._event())
            case "rejected":
                reason = cast(Reason, edits.event["reason"] or "other")
                self._review.reject(self._event(), reason, edits.event["reason_text"] or None)

    def _apply_field(self, edit: FieldEdit) -> None:
        event = self._event()
        field = None
        if edit.place is not None:
            field = next(item for item in event.fields if item.id == self._fields[edit.place])
        if edit.removed:
            if field is not None:
                self._review.remove(event, field)
        elif field is None:
            spans = find_value(edit.value, self._source)[:1]
            self._review.add(event, edit.name, edit.group, edit.value, spans, edit.modifier)
        else:
            self._review.correct(event, field, edit.value, self._evidence(field, edit), edit.modifier)

    def _evidence(self, field: Field, edit: FieldEdit) -> list[Span]:
        """Return the evidence of an edited value: the old one if only its modifier changed, else the nearest place."""
        if field.state != "removed" and same_value(field.value, edit.value):
            return list(field.spans)
        old = field.spans or (field.extracted.spans if field.extracted else ())
        return nearest(find_value(edit.value, self._source), old)[:1]

    def _event(self) -> Event:
        return read_event(self._review.connection, self._id)
