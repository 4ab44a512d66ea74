"""Reads documents, events and decisions as they stand."""

import json
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

from db.kinds import is_date
from db.model import (
    Decision,
    Document,
    Event,
    Extracted,
    Field,
    Json,
    Patch,
    Span,
    Status,
    Value,
    from_sql,
)

Row: TypeAlias = tuple[Any, ...]

_DOCUMENT = "SELECT id, external_id, title, publisher, url, published, language, text, extra FROM documents"
# An act that was taken back is no decision since, nor is the undo of it.
CHANGED = (
    "(events.extracted_again IS NOT NULL AND NOT EXISTS (SELECT 1 FROM decisions AS since WHERE since.id IN"
    " (SELECT id FROM decisions WHERE event_id = events.id"
    " UNION ALL SELECT decision_id FROM decision_events WHERE event_id = events.id)"
    " AND +since.id > events.extracted_again AND coalesce(since.target_id, 0) <= events.extracted_again"
    " AND 'undo' IS NOT (SELECT turn.action FROM decisions AS turn WHERE turn.event_id = since.event_id"
    " AND turn.target_id = since.id ORDER BY turn.id DESC LIMIT 1)))"
)
"""SQL on a row of events: whether the machine says otherwise now than when people last decided about it."""

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
    """The document of that integer id. Raises KeyError."""
    row = connection.execute(f"{_DOCUMENT} WHERE id = ?", (document_id,)).fetchone()
    if row is None:
        raise KeyError(document_id)
    return _document(row)


def read_document_id(connection: sqlite3.Connection, event_id: int) -> int | None:
    """The integer id of an event's document; None where there is no such event."""
    row = connection.execute("SELECT document_id FROM events WHERE id = ?", (event_id,)).fetchone()
    return row[0] if row else None


def read_documents(connection: sqlite3.Connection, ids: Iterable[int] | None = None) -> Iterator[Document]:
    """All documents by integer id, or those of the given ids in their order."""
    if ids is None:
        for row in connection.execute(f"{_DOCUMENT} ORDER BY id"):
            yield _document(row)
    else:
        for document_id in ids:
            yield read_document(connection, document_id)


def read_documents_without_events(connection: sqlite3.Connection, limit: int) -> list[tuple[int, str, str]]:
    """Integer id, id and title of documents that have no event, those where a person took one back among them."""
    return connection.execute(
        # Found through a small index: the table's own pages are full of texts.
        "SELECT id, external_id, coalesce(title, '') FROM documents WHERE id IN (SELECT id FROM documents"
        " INDEXED BY documents_by_language WHERE NOT EXISTS (SELECT 1 FROM events WHERE document_id = documents.id"
        " AND live) ORDER BY id LIMIT ?) ORDER BY id",
        (limit,),
    ).fetchall()


def _document(row: Row) -> Document:
    *described, extra = row
    return Document(*[*described, _json(extra)])


def read_event(connection: sqlite3.Connection, event_id: int) -> Event:
    """The event of that integer id with its fields and their evidence. Raises KeyError."""
    row = connection.execute(f"{_EVENT} WHERE id = ?", (event_id,)).fetchone()
    if row is None:
        raise KeyError(event_id)
    return _event(connection, row)


def read_events_of(connection: sqlite3.Connection, document_id: int) -> list[Event]:
    """The events of one document, in the order in which they came."""
    rows = connection.execute(f"{_EVENT} WHERE document_id = ? AND live ORDER BY id", (document_id,)).fetchall()
    return [_event(connection, row) for row in rows]


def find_event_ids(connection: sqlite3.Connection, external_id: str) -> list[int]:
    """Integer ids of the events that go by an external id: more than one where extractors share it."""
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
    return Field(
        id_,
        event_id,
        position,
        name,
        group,
        from_sql(value),
        modifier,
        reviewed,
        state,
        note,
        confidence,
        bool(in_extraction),
        Extracted(x_name, x_group, from_sql(x_value), x_modifier, machine) if x_name is not None else None,
        _json(extra),
    )


def _json(text: str | None) -> Json:
    loaded: Json = json.loads(text) if text else {}
    return loaded


def read_decision(connection: sqlite3.Connection, decision_id: int) -> Decision:
    """The decision of that id. Raises KeyError."""
    row = connection.execute(f"{_DECISION} WHERE id = ?", (decision_id,)).fetchone()
    if row is None:
        raise KeyError(decision_id)
    return _decision(row)


def read_decisions(connection: sqlite3.Connection, event_id: int | None = None) -> Iterator[Decision]:
    """The decisions that changed one event or any, oldest first."""
    where = "WHERE event_id = :event OR id IN (SELECT decision_id FROM decision_events WHERE event_id = :event)"
    if event_id is None:
        where = ""
    for row in connection.execute(f"{_DECISION} {where} ORDER BY id", {"event": event_id}):
        yield _decision(row)


def _decision(row: Row) -> Decision:
    *described, before, after = row
    return Decision(*[*described, patch_from_json(before), patch_from_json(after)])


def patch_from_json(text: str) -> Patch:
    """A stored patch; JSON has texts for keys, a patch has integer ids."""
    sides = json.loads(text)
    return Patch(
        {int(key): columns for key, columns in sides.get("events", {}).items()},
        {int(key): columns for key, columns in sides.get("fields", {}).items()},
    )


@dataclass(frozen=True, slots=True)
class QueueRow:
    """What a list shows of an event; ``headline`` holds values of the fields that the type names, in its order."""

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
    """Rows for a list, in the order of ``ids``; ids that are not in the file are left out.

    ``headlines`` gives, by event type, the names of the fields to show. An event whose type has none, or that has
    none of them, shows its first two values that are not a date.
    """
    wanted = list(ids)
    marks = ",".join("?" * len(wanted))
    values: dict[int, list[tuple[str, Value]]] = {}
    for event_id, name, value in connection.execute(
        f"SELECT event_id, name, value FROM fields WHERE event_id IN ({marks}) AND state <> 'removed'"
        " ORDER BY event_id, position",
        wanted,
    ):
        values.setdefault(event_id, []).append((name, from_sql(value)))
    rows = {}
    for event_id, external_id, event_type, status, confidence, extractor in connection.execute(
        f"SELECT id, external_id, type, status, confidence, extractor FROM events WHERE id IN ({marks})",
        wanted,
    ):
        named = values.get(event_id, [])
        date = _date(named)
        headline = _headline(named, headlines.get(event_type, ()))
        rows[event_id] = QueueRow(event_id, external_id, event_type, status, confidence, extractor, date, headline)
    return [rows[event_id] for event_id in wanted if event_id in rows]


def _date(named: list[tuple[str, Value]]) -> Value:
    """The field ``date``, else the first date in a field that is named as one: ``event_date``, ``date_start``."""
    date: Value = None
    for name, value in named:
        if name == "date":
            return value
        if date is None and "date" in name.casefold() and isinstance(value, str) and is_date(value):
            date = value
    return date


def _headline(named: list[tuple[str, Value]], wanted: tuple[str, ...]) -> tuple[Value, ...]:
    first: dict[str, Value] = {}
    for name, value in named:
        first.setdefault(name, value)
    chosen = tuple(first[name] for name in wanted if name in first)
    return chosen or tuple(value for name, value in first.items() if name != "date")[:2]
