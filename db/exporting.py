"""Export in the native form: everything with both sides, or the gold set, which is the accepted events alone."""

import itertools
import sqlite3
from collections.abc import Iterator
from collections.abc import Set as AbstractSet

from db.decisions.native_form import document_json, event_head, event_json, final_field, review_json, source_of
from db.errors import DamagedRowError
from db.model import ACCEPTED, Document, Event, Json, Value
from db.native import WAITING_LINK
from db.store.reading import read_document, read_documents, read_event, read_events_of
from db.store.valid.fetching import Skipped

# How much people changed: a rejected, retyped or added event, and each corrected, added or removed field.
_CORRECTIONS = (
    "(status = 'rejected') + (extracted_type IS NULL) + (extracted_type IS NOT NULL AND extracted_type <> type)"
    " + (SELECT count(*) FROM fields WHERE event_id = events.id"
    " AND (state IN ('corrected', 'added') OR (state = 'removed' AND in_extraction)))"
)
_HARDEST_EVENTS = (
    f"SELECT document_id, id FROM events WHERE live ORDER BY {_CORRECTIONS} DESC, confidence IS NULL, confidence, id"
)
_HARDEST_DOCUMENTS = (
    f"SELECT document_id, NULL FROM events WHERE live GROUP BY document_id ORDER BY sum({_CORRECTIONS}) DESC,"
    " min(confidence) IS NULL, min(confidence), document_id"
)


def export_documents(
    connection: sqlite3.Connection,
    *,
    reviewed: bool = False,
    event_ids: AbstractSet[int] | None = None,
    skipped: Skipped | None = None,
) -> Iterator[Json]:
    """Yield the documents in the native form, all or those of ``event_ids`` with these events alone.

    ``event_ids`` is a set, because many formats read the documents twice, and an iterator would be empty then.

    ``reviewed`` yields the gold set: accepted events with their final values. A document whose events were all rejected
    is in it, as one without events; a document without any decision is not.

    Damaged documents and events go to ``skipped``; without it, the first one raises DamagedRowError.
    """
    for document in read_documents(connection, skipped=skipped):
        exported = _exported(connection, document, reviewed, event_ids, skipped)
        if exported is not None:
            yield exported


def export_hardest(
    connection: sqlite3.Connection,
    *,
    by_event: bool,
    reviewed: bool = False,
    event_ids: AbstractSet[int] | None = None,
    skipped: Skipped | None = None,
) -> Iterator[Json]:
    """Yield documents with events, those with the most corrections first, then those with the lowest confidence.

    ``by_event``: each event comes with its document alone, so that the events have that order.
    """
    for document_id, event_id in connection.execute(_HARDEST_EVENTS if by_event else _HARDEST_DOCUMENTS):
        ids = event_ids
        if event_id is not None:
            if event_ids is not None and event_id not in event_ids:
                continue
            ids = frozenset((event_id,))
        try:
            document = read_document(connection, document_id)
        except DamagedRowError as error:
            if skipped is None:
                raise
            skipped(error)
            continue
        exported = _exported(connection, document, reviewed, ids, skipped)
        if exported is not None and (exported["events"] or not by_event):
            yield exported


def limited(documents: Iterator[Json], limit: int, *, by_event: bool) -> Iterator[Json]:
    """Yield the first documents; ``by_event``, those with the first events, and no others."""
    if not by_event:
        yield from itertools.islice(documents, limit)
        return
    for document in documents:
        events = document["events"]
        assert isinstance(events, list)
        if events:
            yield {**document, "events": events[:limit]}
            limit -= len(events)
        if limit <= 0:
            return


def _exported(
    connection: sqlite3.Connection,
    document: Document,
    reviewed: bool,
    event_ids: AbstractSet[int] | None,
    skipped: Skipped | None,
) -> Json | None:
    """Return a document in the native form; None if it has none of the events."""
    events = [e for e in read_events_of(connection, document.id, skipped) if event_ids is None or e.id in event_ids]
    if event_ids is not None and not events:
        return None
    if reviewed:
        if all(event.status in ("pending", "unsure") for event in events):
            return None
        events = [event for event in events if event.status in ACCEPTED]
    events_json: list[Value] = []
    for event in events:
        try:
            events_json.append((_gold_event if reviewed else event_json)(connection, event))
        except DamagedRowError as error:
            if skipped is None:
                raise
            skipped(error)
    return {**document_json(document), "events": events_json}


def has_modifiers(connection: sqlite3.Connection) -> bool:
    """Return True if a value of the file may have a modifier. Much faster than reading all documents."""
    query = """SELECT EXISTS (SELECT 1 FROM fields WHERE modifier IS NOT NULL OR extra LIKE '%"modifier"%')"""
    try:
        return bool(connection.execute(query).fetchone()[0])
    except sqlite3.DatabaseError:  # what is damaged is reported where it is read
        return True


def event_with_document(connection: sqlite3.Connection, event_id: int) -> Json:
    """Return an event in the native form, with its document but without the text."""
    event = read_event(connection, event_id)
    document = document_json(read_document(connection, event.document_id))
    document.pop("text", None)
    return event_json(connection, event) | {"document": document}


def _gold_event(connection: sqlite3.Connection, event: Event) -> Json:
    fields: list[Value] = [final_field(field) for field in event.fields if field.state not in ("extracted", "removed")]
    duplicates = connection.execute("SELECT id FROM events WHERE merged_into = ? AND live ORDER BY id", (event.id,))
    sources: list[Value] = [source_of(connection, row[0]) for row in duplicates.fetchall()]
    more: Json = {"sources": sources} if sources else {}
    extra = {key: value for key, value in event.extra.items() if key != WAITING_LINK}
    return event_head(event) | {"fields": fields} | review_json(event) | extra | more
