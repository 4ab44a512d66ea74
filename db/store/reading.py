"""Reads documents, events, decisions and rows of the queue as objects."""

import json
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

from db.kinds import is_date
from db.model import Decision, Document, Event, Extracted, Field, Json, Patch, Span, Status, Value, from_sql

Row: TypeAlias = tuple[Any, ...]

_DOCUMENT = "SELECT id, external_id, title, publisher, url, published, language, text, extra FROM documents"
# An act that was undone does not count as a decision since, nor does its undo.
CHANGED = (
    "(events.extracted_again IS NOT NULL AND NOT EXISTS (SELECT 1 FROM decisions AS since WHERE since.id IN"
    " (SELECT id FROM decisions WHERE event_id = events.id"
    " UNION ALL SELECT decision_id FROM decision_events WHERE event_id = events.id)"
    " AND +since.id > events.extracted_again AND coalesce(since.target_id, 0) <= events.extracted_again"
    " AND 'undo' IS NOT (SELECT turn.action FROM decisions AS turn WHERE turn.event_id = since.event_id"
    " AND turn.target_id = since.id ORDER BY turn.id DESC LIMIT 1)))"
)
"""SQL condition on events: a later import extracted something else than people decided, and nobody decided since."""

_EVENT = (
    "SELECT id, document_id, external_id, extractor, type, extracted_type, live, merged_into, confidence, status,"
    f" reason, reason_text, note, reviewer, decided_at, revision, {CHANGED}, extra FROM events"
)
_FIELDS = (
    "SELECT id, event_id, position, name, field_group, value, modifier, state, note, confidence, in_extraction,"
    " extracted_name, extracted_group, extracted_value, extracted_modifier, extra FROM fields"
)
_DECISION = "SELECT id, event_id, field_id, action, reviewer, decided_at, target_id, before, after FROM decisions"


def read_document(connection: sqlite3.Connection, document_id: int) -> Document:
    """Return the document with that integer id. Raises KeyError."""
    row = connection.execute(f"{_DOCUMENT} WHERE id = ?", (document_id,)).fetchone()
    if row is None:
        raise KeyError(document_id)
    return _document(row)


def read_document_id(connection: sqlite3.Connection, event_id: int) -> int | None:
    """Return the integer id of an event's document; None if there is no such event."""
    row = connection.execute("SELECT document_id FROM events WHERE id = ?", (event_id,)).fetchone()
    return row[0] if row else None


def read_documents(connection: sqlite3.Connection, ids: Iterable[int] | None = None) -> Iterator[Document]:
    """Yield all documents by integer id, or those with the given ids in that order."""
    if ids is None:
        for row in connection.execute(f"{_DOCUMENT} ORDER BY id"):
            yield _document(row)
    else:
        for document_id in ids:
            yield read_document(connection, document_id)


def read_documents_without_events(connection: sqlite3.Connection, limit: int) -> list[tuple[int, str, str]]:
    """Return (integer id, id, title) of documents without a live event."""
    return connection.execute(
        # A small index gives the ids, because the pages of the table itself are full of texts.
        "SELECT id, external_id, coalesce(title, '') FROM documents WHERE id IN (SELECT id FROM documents"
        " INDEXED BY documents_by_language WHERE NOT EXISTS (SELECT 1 FROM events WHERE document_id = documents.id"
        " AND live) ORDER BY id LIMIT ?) ORDER BY id",
        (limit,),
    ).fetchall()


def _document(row: Row) -> Document:
    *described, extra = row
    return Document(*[*described, _json(extra)])


def read_event(connection: sqlite3.Connection, event_id: int) -> Event:
    """Return the event with that integer id, its fields and their evidence. Raises KeyError."""
    row = connection.execute(f"{_EVENT} WHERE id = ?", (event_id,)).fetchone()
    if row is None:
        raise KeyError(event_id)
    return _event(connection, row)


def read_events_of(connection: sqlite3.Connection, document_id: int) -> list[Event]:
    """Return the live events of a document, in the order of import."""
    rows = connection.execute(f"{_EVENT} WHERE document_id = ? AND live ORDER BY id", (document_id,)).fetchall()
    return [_event(connection, row) for row in rows]


def find_event_ids(connection: sqlite3.Connection, external_id: str) -> list[int]:
    """Return the integer ids of the live events with an external id; several extractors can share one."""
    rows = connection.execute("SELECT id FROM events WHERE external_id = ? AND live ORDER BY id", (external_id,))
    return [row[0] for row in rows]


def _event(connection: sqlite3.Connection, row: Row) -> Event:
    event_id = row[0]
    spans: dict[int, tuple[list[Span], list[Span]]] = {}
    for field_id, start, end, extracted, current in connection.execute(
        "SELECT field_id, start_offset, end_offset, extracted, current FROM evidence"
        " WHERE field_id IN (SELECT id FROM fields WHERE event_id = ?) ORDER BY field_id, position",
        (event_id,),
    ):
        machine, reviewed = spans.setdefault(field_id, ([], []))
        if extracted:
            machine.append(Span(start, end))
        if current:
            reviewed.append(Span(start, end))
    fields = []
    for item in connection.execute(f"{_FIELDS} WHERE event_id = ? ORDER BY position, id", (event_id,)):
        machine, reviewed = spans.get(item[0], ([], []))
        fields.append(_field(item, tuple(machine), tuple(reviewed)))
    *described, extra = row
    described[6] = bool(described[6])  # live
    described[-1] = bool(described[-1])  # changed
    return Event(*[*described, tuple(fields), _json(extra)])


def _field(row: Row, machine: tuple[Span, ...], reviewed: tuple[Span, ...]) -> Field:
    id_, event_id, position, name, group, value, modifier, state, note, confidence, in_extraction = row[:11]
    x_name, x_group, x_value, x_modifier, extra = row[11:]
    extracted = None if x_name is None else Extracted(x_name, x_group, from_sql(x_value), x_modifier, machine)
    return Field(
        id_, event_id, position, name, group, from_sql(value), modifier, reviewed, state, note, confidence,
        bool(in_extraction), extracted, _json(extra),
    )  # fmt: skip


def _json(text: str | None) -> Json:
    loaded: Json = json.loads(text) if text else {}
    return loaded


def read_decision(connection: sqlite3.Connection, decision_id: int) -> Decision:
    """Return the decision with that id. Raises KeyError."""
    row = connection.execute(f"{_DECISION} WHERE id = ?", (decision_id,)).fetchone()
    if row is None:
        raise KeyError(decision_id)
    return _decision(row)


def read_decisions(connection: sqlite3.Connection, event_id: int | None = None) -> Iterator[Decision]:
    """Yield the decisions that changed an event, or all decisions, oldest first."""
    where = "WHERE event_id = :event OR id IN (SELECT decision_id FROM decision_events WHERE event_id = :event)"
    if event_id is None:
        where = ""
    for row in connection.execute(f"{_DECISION} {where} ORDER BY id", {"event": event_id}):
        yield _decision(row)


def _decision(row: Row) -> Decision:
    *described, before, after = row
    return Decision(*[*described, patch_from_json(before), patch_from_json(after)])


def patch_from_json(text: str) -> Patch:
    """Parse a stored patch; the keys of JSON become integer ids."""
    sides = json.loads(text)
    return Patch(
        {int(key): columns for key, columns in sides.get("events", {}).items()},
        {int(key): columns for key, columns in sides.get("fields", {}).items()},
    )


@dataclass(frozen=True, slots=True)
class QueueRow:
    """An event as the queue shows it; ``headline`` has the values of the headline fields of its type, in order."""

    id: int
    external_id: str
    type: str
    status: Status
    confidence: float | None
    extractor: str
    date: Value
    headline: tuple[Value, ...]


def read_queue_rows(
    connection: sqlite3.Connection, ids: Iterable[int], headlines: dict[str, tuple[str, ...]]
) -> list[QueueRow]:
    """Return the rows of events in the order of ``ids``, without unknown ids.

    ``headlines`` maps event types to the names of the fields to show. An event without any of them shows its first
    two values that are not a date.
    """
    ids = list(ids)
    marks = ",".join("?" * len(ids))
    values: dict[int, list[tuple[str, Value]]] = {}
    for event_id, name, value in connection.execute(
        f"SELECT event_id, name, value FROM fields WHERE event_id IN ({marks}) AND state <> 'removed'"
        " ORDER BY event_id, position",
        ids,
    ):
        values.setdefault(event_id, []).append((name, from_sql(value)))
    rows = {}
    for event_id, external_id, event_type, status, confidence, extractor in connection.execute(
        f"SELECT id, external_id, type, status, confidence, extractor FROM events WHERE id IN ({marks})", ids
    ):
        named = values.get(event_id, [])
        date = _date(named)
        headline = _headline(named, headlines.get(event_type, ()))
        rows[event_id] = QueueRow(event_id, external_id, event_type, status, confidence, extractor, date, headline)
    return [rows[event_id] for event_id in ids if event_id in rows]


def _date(named: list[tuple[str, Value]]) -> Value:
    """Return the value of ``date``, or the first date in a field named like one: ``event_date``, ``date_start``."""
    date: Value = None
    for name, value in named:
        if name == "date":
            return value
        if date is None and "date" in name.casefold() and isinstance(value, str) and is_date(value):
            date = value
    return date


def _headline(named: list[tuple[str, Value]], names: tuple[str, ...]) -> tuple[Value, ...]:
    first: dict[str, Value] = {}
    for name, value in named:
        first.setdefault(name, value)
    chosen = tuple(first[name] for name in names if name in first)
    return chosen or tuple(value for name, value in first.items() if name != "date")[:2]
