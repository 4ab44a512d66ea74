"""Export in the native form: everything with both sides, or the gold set, which is the accepted events alone."""

import sqlite3
from collections.abc import Iterator
from collections.abc import Set as AbstractSet

from db.decisions.native_form import document_json, event_head, event_json, final_field, review_json, source_of
from db.errors import DamagedRowError
from db.model import ACCEPTED, Event, Json, Value
from db.native import WAITING_LINK
from db.store.reading import read_document, read_documents, read_event, read_events_of
from db.store.valid.fetching import Skipped


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
        events = [e for e in read_events_of(connection, document.id, skipped) if event_ids is None or e.id in event_ids]
        if event_ids is not None and not events:
            continue
        if reviewed:
            if all(event.status in ("pending", "unsure") for event in events):
                continue
            events = [event for event in events if event.status in ACCEPTED]
        events_json: list[Value] = []
        for event in events:
            try:
                events_json.append((_gold_event if reviewed else event_json)(connection, event))
            except DamagedRowError as error:
                if skipped is None:
                    raise
                skipped(error)
        yield {**document_json(document), "events": events_json}


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
