"""Export in the native form: everything with both sides, or the gold set, which is the accepted events alone."""

import sqlite3
from collections.abc import Iterator
from collections.abc import Set as AbstractSet

from db.decisions.patches import span_pairs
from db.errors import DamagedRowError
from db.model import ACCEPTED, Document, Event, Field, Json, Value, same_value
from db.store.reading import read_document, read_documents, read_event, read_events_of
from db.store.valid.fetching import Skipped, decoded

REVIEW_KEYS = ("status", "reviewer", "decided_at", "reason", "reason_text", "note")


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


def document_json(document: Document) -> Json:
    """Return a document in the native form, without its events."""
    keys = ("title", "publisher", "url", "published", "language", "text")
    described = {key: value for key in keys if (value := getattr(document, key)) is not None}
    return {"id": document.external_id, **described, **document.extra}


def event_json(connection: sqlite3.Connection, event: Event) -> Json:
    """Return an event in the native form with both sides; removed fields have the state ``removed``."""
    decided = event.status != "pending" or event.note
    review: Json = _review_json(event) if decided else {"status": "pending"}
    if event.extracted_type is None:
        review["added"] = True
    elif event.extracted_type != event.type:
        review["extracted_type"] = event.extracted_type
    linked: Json = {}
    if event.merged_into is not None:
        linked["same_as"] = _source(connection, event.merged_into)
    fields: list[Value] = [_field_json(field) for field in event.fields if not _is_obsolete(field)]
    return _event_head(event) | {"fields": fields} | review | event.extra | linked


def event_with_document(connection: sqlite3.Connection, event_id: int) -> Json:
    """Return an event in the native form, with its document but without the text."""
    event = read_event(connection, event_id)
    document = document_json(read_document(connection, event.document_id))
    document.pop("text", None)
    return event_json(connection, event) | {"document": document}


def _gold_event(connection: sqlite3.Connection, event: Event) -> Json:
    fields: list[Value] = [_final_field(field) for field in event.fields if field.state not in ("extracted", "removed")]
    duplicates = connection.execute("SELECT id FROM events WHERE merged_into = ? AND live ORDER BY id", (event.id,))
    sources: list[Value] = [_source(connection, row[0]) for row in duplicates.fetchall()]
    more: Json = {"sources": sources} if sources else {}
    return _event_head(event) | {"fields": fields} | _review_json(event) | event.extra | more


def _review_json(event: Event) -> Json:
    return {key: value for key in REVIEW_KEYS if (value := getattr(event, key)) is not None}


def _source(connection: sqlite3.Connection, event_id: int) -> Json:
    rows = decoded(
        connection,
        "SELECT documents.external_id, events.external_id, extractor FROM events"
        " JOIN documents ON documents.id = document_id WHERE events.id = ?",
        3,
        (event_id,),
    )
    if not rows or not all(type(item) is str for item in rows[0]):
        raise DamagedRowError("events", event_id, "can't be read, but an event is linked to it")
    return dict(zip(("document", "event", "extractor"), rows[0], strict=True))


def _event_head(event: Event) -> Json:
    head: Json = {"id": event.external_id, "type": event.type}
    if event.extractor:
        head["extractor"] = event.extractor
    if event.confidence is not None:
        head["confidence"] = event.confidence
    return head


def _is_obsolete(field: Field) -> bool:
    """Return True for a field that a person added and removed, or that is no longer extracted and not reviewed."""
    return field.state == "removed" and not field.in_extraction


def _final_field(field: Field) -> Json:
    changed = field.extracted is None or not same_value(field.value, field.extracted.value)
    data: Json = {"name": field.name, "value": field.value}
    if field.group is not None:
        data["group"] = field.group
    if field.modifier is not None:
        data["modifier"] = field.modifier
    if field.spans:
        data["spans"] = [[start, end] for start, end in field.spans]
    if field.confidence is not None and not changed:
        data["confidence"] = field.confidence
    return field.extra | data  # the reviewed modifier replaces an unknown extracted one


def _field_json(field: Field) -> Json:
    data = _final_field(field)
    if field.confidence is not None:
        data["confidence"] = field.confidence
    data["state"] = field.state
    machine = field.extracted
    if machine is not None and field.state != "extracted":
        if not same_value(field.value, machine.value):
            data["extracted"] = machine.value
        for key in ("name", "modifier", "group"):
            if getattr(field, key) != getattr(machine, key):
                data[f"extracted_{key}"] = getattr(machine, key)
        if span_pairs(field.spans) != span_pairs(machine.spans):
            data["extracted_spans"] = [[start, end] for start, end in machine.spans]
    if field.note:
        data["note"] = field.note
    return data
