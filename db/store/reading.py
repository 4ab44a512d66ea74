"""Reads documents, events, decisions and rows of the queue as objects.

A row that can't be one raises DamagedRowError, or goes to ``skipped`` where many are read.
"""

import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial

from db.describe import value_words
from db.errors import DamagedRowError
from db.kinds import is_date
from db.model import Decision, Document, Event, Extracted, Field, Span, Status, Value
from db.store.texts.earlier import has_earlier_texts
from db.store.texts.spans import in_current_texts
from db.store.valid import fetching, patches, rows
from db.store.valid.fetching import Skipped
from db.store.valid.rows import Row

SELECT_DOCUMENT = "SELECT id, external_id, title, publisher, url, published, language, text, extra FROM documents"
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

SELECT_EVENT = (
    "SELECT id, document_id, external_id, extractor, type, extracted_type, live, merged_into, confidence, status,"
    f" reason, reason_text, note, reviewer, decided_at, revision, {CHANGED}, run,"
    " (SELECT gone_at FROM source_events WHERE event_id = events.id), extra FROM events"
)
SELECT_FIELDS = (
    "SELECT id, event_id, position, name, field_group, value, modifier, state, note, confidence, in_extraction,"
    " extracted_name, extracted_group, extracted_value, extracted_modifier, extra FROM fields"
)
_DECISION = "SELECT id, event_id, field_id, action, reviewer, decided_at, target_id, before, after FROM decisions"


def read_document(connection: sqlite3.Connection, document_id: int) -> Document:
    """Return the document with that integer id."""
    try:
        row = connection.execute(f"{SELECT_DOCUMENT} WHERE id = ?", (document_id,)).fetchone()
    except sqlite3.OperationalError as error:
        raise fetching.named(connection, error, rows.DOCUMENT, "id = ?", document_id) from None
    if row is None:
        raise DamagedRowError("documents", document_id, "is missing")
    return document_of(row)


def read_document_id(connection: sqlite3.Connection, event_id: int) -> int | None:
    """Return the integer id of an event's document; None if there is no such event."""
    row = connection.execute("SELECT document_id FROM events WHERE id = ?", (event_id,)).fetchone()
    return row[0] if row else None


def read_documents(connection: sqlite3.Connection, skipped: Skipped | None = None) -> Iterator[Document]:
    """Yield all documents by integer id."""
    sql = f"{SELECT_DOCUMENT} WHERE id > :after ORDER BY id"
    return fetching.in_order(connection, sql, {}, rows.DOCUMENT, document_of, skipped)


def read_documents_without_events(connection: sqlite3.Connection, limit: int) -> list[tuple[int, str, str]]:
    """Return (integer id, id, title) of documents without a live event."""
    return connection.execute(
        # A small index gives the ids, because the pages of the table itself are full of texts.
        "SELECT id, external_id, coalesce(title, '') FROM documents WHERE id IN (SELECT id FROM documents"
        " INDEXED BY documents_by_language WHERE NOT EXISTS (SELECT 1 FROM events WHERE document_id = documents.id"
        " AND live) ORDER BY id LIMIT ?) ORDER BY id",
        (limit,),
    ).fetchall()


def document_of(row: Row) -> Document:
    """Return the document of a row of SELECT_DOCUMENT."""
    rows.DOCUMENT.check(row)
    return Document(*[*row[:-1], rows.checked_object(rows.DOCUMENT, row)])


def read_event(connection: sqlite3.Connection, event_id: int) -> Event:
    """Return the event with that integer id, its fields and their evidence."""
    try:
        row = connection.execute(f"{SELECT_EVENT} WHERE id = ?", (event_id,)).fetchone()
        if row is None:
            raise DamagedRowError("events", event_id, "is missing")
        return _event(connection, row)
    except sqlite3.OperationalError as error:
        of_event = fetching.named(connection, error, rows.EVENT, "id = ?", event_id)
        raise fetching.named(connection, of_event, rows.FIELD, "event_id = ?", event_id) from None


def read_events_of(connection: sqlite3.Connection, document_id: int, skipped: Skipped | None = None) -> list[Event]:
    """Return the live events of a document, in the order of import."""
    where = "WHERE document_id = ? AND live ORDER BY id"
    try:
        rows = connection.execute(f"{SELECT_EVENT} {where}", (document_id,)).fetchall()
        return [_event(connection, row) for row in rows]
    except (DamagedRowError, sqlite3.OperationalError):
        ids = connection.execute(f"SELECT id FROM events {where}", (document_id,)).fetchall()
    events = []
    for (event_id,) in ids:
        try:
            events.append(read_event(connection, event_id))
        except DamagedRowError as error:
            if skipped is None:
                raise
            skipped(error)
    return events


def find_event_ids(connection: sqlite3.Connection, external_id: str) -> list[int]:
    """Return the integer ids of the live events with an external id; several extractors can share one."""
    rows = connection.execute("SELECT id FROM events WHERE external_id = ? AND live ORDER BY id", (external_id,))
    return [row[0] for row in rows]


def _event(connection: sqlite3.Connection, row: Row) -> Event:
    event_id = row[0]
    spans: dict[int, tuple[list[Span], list[Span]]] = {}
    for evidence in connection.execute(
        "SELECT field_id, start_offset, end_offset, extracted, current FROM evidence"
        " WHERE field_id IN (SELECT id FROM fields WHERE event_id = ?) ORDER BY field_id, position",
        (event_id,),
    ):
        rows.add_span(spans, evidence)
    fields = []
    for item in connection.execute(f"{SELECT_FIELDS} WHERE event_id = ? ORDER BY position, id", (event_id,)):
        machine, reviewed = spans.get(item[0], ([], []))
        fields.append(field_of(item, tuple(machine), tuple(reviewed)))
    return event_of(row, fields)


def event_of(row: Row, fields: Iterable[Field]) -> Event:
    """Return the event of a row of SELECT_EVENT."""
    rows.EVENT.check(row)
    described = list(row[:-3])
    described[6] = bool(described[6])  # live
    described[-1] = bool(described[-1])  # changed
    return Event(*[*described, tuple(fields), rows.checked_object(rows.EVENT, row), row[-3], row[-2]])


def field_of(row: Row, machine: tuple[Span, ...], reviewed: tuple[Span, ...]) -> Field:
    """Return the field of a row of SELECT_FIELDS, with the machine's evidence and the reviewed one."""
    rows.FIELD.check(row)
    id_, event_id, position, name, group, value, modifier, state, note, confidence, in_extraction = row[:11]
    x_name, x_group, x_value, x_modifier, extra = row[11:]
    if type(value) is bytes:
        value = rows.checked_value(rows.FIELD, row, 5)
    if type(x_value) is bytes:
        x_value = rows.checked_value(rows.FIELD, row, 13)
    extracted = None if x_name is None else Extracted(x_name, x_group, x_value, x_modifier, machine)
    return Field(
        id_, event_id, position, name, group, value, modifier, reviewed, state, note, confidence,
        bool(in_extraction), extracted, rows.checked_object(rows.FIELD, row) if extra else {},
    )  # fmt: skip


def read_decision(connection: sqlite3.Connection, decision_id: int, *, as_stored: bool = False) -> Decision:
    """Return the decision with that id, with its spans in the current texts unless it is wanted ``as_stored``."""
    try:
        row = connection.execute(f"{_DECISION} WHERE id = ?", (decision_id,)).fetchone()
    except sqlite3.OperationalError as error:
        raise fetching.named(connection, error, rows.DECISION, "id = ?", decision_id) from None
    if row is None:
        raise DamagedRowError("decisions", decision_id, "is missing")
    decision = _decision(row)
    if as_stored or not has_earlier_texts(connection):
        return decision
    return next(in_current_texts(connection, [decision], partial(read_decision, connection, as_stored=True)))


def read_decisions(
    connection: sqlite3.Connection,
    event_id: int | None = None,
    skipped: Skipped | None = None,
    *,
    as_stored: bool = False,
) -> Iterator[Decision]:
    """Yield the decisions that changed an event, or all decisions, oldest first; their spans as in read_decision."""
    where = "(event_id = :event OR id IN (SELECT decision_id FROM decision_events WHERE event_id = :event)) AND +"
    if event_id is None:  # the + keeps SQLite from walking all decisions for those of one event
        where = ""
    sql = f"{_DECISION} WHERE {where}id > :after ORDER BY id"
    stored = fetching.in_order(connection, sql, {"event": event_id}, rows.DECISION, _decision, skipped)
    if as_stored or not has_earlier_texts(connection, event_id):
        return stored
    return in_current_texts(connection, stored, partial(read_decision, connection, as_stored=True), skipped)


def _decision(row: Row) -> Decision:
    rows.DECISION.check(row)
    return Decision(*[*row[:-2], patches.checked_patch(row, -2), patches.checked_patch(row, -1)])


@dataclass(frozen=True, slots=True)
class QueueRow:
    """An event as the queue shows it; ``headline`` has the values of the headline fields of its type, in order.

    A value with a modifier is a text: ``about 500``.

    ``weak``: it has a value that is nowhere in the text. ``damage`` says why an event can't be read; the row has
    nothing else then but its id.
    """

    id: int
    external_id: str
    type: str
    status: Status
    confidence: float | None
    extractor: str
    date: Value
    headline: tuple[Value, ...]
    damage: str = ""
    weak: bool = False


def read_queue_rows(
    connection: sqlite3.Connection,
    ids: Iterable[int],
    headlines: dict[str, tuple[str, ...]],
    skipped: Skipped | None = None,
) -> list[QueueRow]:
    """Return the rows of events in the order of ``ids``, without unknown ids.

    ``headlines`` maps event types to the names of the fields to show. An event without any of them shows its first
    two values that are not a date. Damaged events go to ``skipped``; without it, their rows say so.
    """
    ids = list(ids)
    try:
        found = _queue_rows(connection, ids, headlines)
    except (DamagedRowError, sqlite3.OperationalError) as error:
        if len(ids) > 1:
            return [row for event_id in ids for row in read_queue_rows(connection, [event_id], headlines, skipped)]
        damaged = _damaged(connection, ids[0], error)
        if skipped is None:
            return [QueueRow(ids[0], "", "", "pending", None, "", None, (), damage=str(damaged))]
        skipped(damaged)
        return []
    return [found[event_id] for event_id in ids if event_id in found]


def _queue_rows(
    connection: sqlite3.Connection, ids: list[int], headlines: dict[str, tuple[str, ...]]
) -> dict[int, QueueRow]:
    marks = ",".join("?" * len(ids))
    values: dict[int, list[tuple[str, Value]]] = {}
    for row in connection.execute(
        f"SELECT id, event_id, name, value, modifier FROM fields WHERE event_id IN ({marks}) AND state <> 'removed'"
        " ORDER BY event_id, position",
        ids,
    ):
        rows.QUEUE_FIELD.check(row)
        value = row[3] if type(row[3]) is not bytes else rows.checked_value(rows.QUEUE_FIELD, row, 3)
        values.setdefault(row[1], []).append((row[2], value_words(value, row[4]) if row[4] else value))
    found = {}
    for row in connection.execute(
        f"SELECT id, external_id, type, status, confidence, extractor FROM events WHERE id IN ({marks})", ids
    ):
        rows.QUEUE_EVENT.check(row)
        event_id, external_id, event_type, status, confidence, extractor = row
        named = values.get(event_id, [])
        date = _date(named)
        headline = _headline(named, headlines.get(event_type, ()))
        found[event_id] = QueueRow(event_id, external_id, event_type, status, confidence, extractor, date, headline)
    return found


def _damaged(connection: sqlite3.Connection, event_id: int, error: sqlite3.Error) -> DamagedRowError:
    """Return the error that names the row of an event that can't be read. Raises the error if it isn't about a row."""
    error = fetching.named(connection, error, rows.EVENT, "id = ?", event_id)
    error = fetching.named(connection, error, rows.FIELD, "event_id = ?", event_id)
    if not isinstance(error, DamagedRowError):
        raise error
    return error


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
