"""Stored documents and events in the native form: with both sides, as an export has them."""

import sqlite3

from db.decisions.authors import Authors, authors_of
from db.errors import DamagedRowError
from db.model import Decision, Document, Event, Field, Json, Span, Value, same_value
from db.native import UNKNOWN_REVIEWER, WAITING_LINK
from db.store.reading import read_decisions
from db.store.valid.fetching import decoded

REVIEW_KEYS = ("status", "reviewer", "decided_at", "reason", "reason_text", "note")


def document_json(document: Document) -> Json:
    """Return a document in the native form, without its events."""
    keys = ("title", "publisher", "url", "published", "language", "text")
    described = {key: value for key in keys if (value := getattr(document, key)) is not None}
    return {"id": document.external_id, **described, **document.extra}


def event_json(connection: sqlite3.Connection, event: Event) -> Json:
    """Return an event in the native form with both sides; removed fields have the state ``removed``."""
    decided = event.status != "pending" or event.note
    review: Json = review_json(event) if decided else {"status": "pending"}
    if event.extracted_type is None:
        review["added"] = True
    elif event.extracted_type != event.type:
        review["extracted_type"] = event.extracted_type
    linked: Json = {}
    if event.merged_into is not None:
        linked["same_as"] = source_of(connection, event.merged_into)
    elif isinstance(waiting := event.extra.get(WAITING_LINK), dict):
        linked["same_as"] = {key: value for key, value in waiting.items() if key != "by"}
    authors = _authors(connection, event)
    if event.extracted_type is not None and authors.seen_type not in (None, event.extracted_type):
        review["seen_type"] = authors.seen_type  # an import has changed the machine's type since the decision
    if event.status == "pending" and (setter := authors.of_event("type")):
        review |= dict(zip(("reviewer", "decided_at"), _author(setter, event.id), strict=True))
    by = (review.get("reviewer"), review.get("decided_at"))
    if event.note and (author := _other_author(authors.of_event("note"), event.id, by)):
        review |= dict(zip(("note_reviewer", "note_decided_at"), author, strict=True))
    fields: list[Value] = [
        _field_json(field) | _field_author(field, authors, by) | _seen(field, authors)
        for field in event.fields
        if not is_obsolete(field)
    ]
    # A machine's own keys must not pass for a reviewer's.
    own = {*review, WAITING_LINK} | ({"same_as"} if event.reason == "duplicate" else set())
    extra = {key: value for key, value in event.extra.items() if key not in own}
    return event_head(event) | {"fields": fields} | review | extra | linked


def _author(decision: Decision, event_id: int) -> tuple[Value, Value]:
    """Return who made a decision, and when. The status that it set has a time of its own, some microseconds earlier."""
    return decision.reviewer, decision.after.events.get(event_id, {}).get("decided_at", decision.decided_at)


def _other_author(setter: Decision | None, event_id: int, by: tuple[Value, Value]) -> tuple[Value, Value] | None:
    """Return who decided and when, unless that is ``by``, or as unknown as that."""
    author = _author(setter, event_id) if setter else by
    return None if author == by or (author[0] == UNKNOWN_REVIEWER and by[0] is None) else author


def _field_author(field: Field, authors: Authors, by: tuple[Value, Value]) -> Json:
    """Return who decided about a field and when, if that is not who gave the event its status."""
    setter = authors.of_field(field.id) or authors.of_field(field.id, "note")
    author = _other_author(setter, field.event_id, by)
    if author is None and setter and "reviewer" in field.extra:  # the machine's, which must not pass for a reviewer
        author = _author(setter, field.event_id)
    return dict(zip(("reviewer", "decided_at"), author, strict=True)) if author else {}


def _seen(field: Field, authors: Authors) -> Json:
    """Return what the machine said when somebody decided about a field, if an import has changed that since."""
    seen, machine = authors.seen.get(field.id), field.extracted
    if seen is None or machine is None:
        return {}
    same = all(seen.get(key) == getattr(machine, key) for key in ("name", "group", "modifier"))
    if same and same_value(seen.get("value"), machine.value) and seen.get("spans") == _span_lists(machine.spans):
        return {}
    return {"seen": {key: seen[key] for key in ("name", "group", "value", "modifier", "spans") if key in seen}}


def _span_lists(spans: tuple[Span, ...]) -> Value:
    return [[start, end] for start, end in _pairs(spans)]


def _authors(connection: sqlite3.Connection, event: Event) -> Authors:
    """Return who decided what about an event; without reading decisions about one that nobody touched."""
    return authors_of(event.id, read_decisions(connection, event.id)) if event.revision else Authors()


def review_json(event: Event) -> Json:
    """Return the keys of an event that say what was decided about it."""
    return {key: value for key in REVIEW_KEYS if (value := getattr(event, key)) is not None}


def source_of(connection: sqlite3.Connection, event_id: int) -> Json:
    """Return the ids of an event's document and of the event, and its extractor. Raises DamagedRowError."""
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


def event_head(event: Event) -> Json:
    """Return the keys of an event that a machine set, without its fields."""
    head: Json = {"id": event.external_id, "type": event.type}
    if event.extractor:
        head["extractor"] = event.extractor
    if event.run is not None:
        head["run"] = event.run
    if event.confidence is not None:
        head["confidence"] = event.confidence
    return head


def is_obsolete(field: Field) -> bool:
    """Return True for a field that a person added and removed, or that is no longer extracted and not reviewed."""
    return field.state == "removed" and not field.in_extraction


def final_field(field: Field) -> Json:
    """Return a field with its current value alone."""
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
    data = final_field(field)
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
        if _pairs(field.spans) != _pairs(machine.spans):
            data["extracted_spans"] = [[start, end] for start, end in machine.spans]
    if field.note:
        data["note"] = field.note
    return data


def _pairs(spans: tuple[Span, ...]) -> list[Span]:
    return sorted(set(spans))
