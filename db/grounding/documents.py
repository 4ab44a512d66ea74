"""Grounds the events of a document that come without evidence."""

from collections.abc import Container

from db.grounding.grounder import Grounder
from db.grounding.places import Grounded
from db.grounding.written import Effort
from db.model import Span
from db.native import NewDocument, NewEvent, NewField


def ground_document(document: NewDocument, unsearched: Container[str] | None, effort: Effort) -> NewDocument:
    """Return the document with evidence for the values that have none, except of fields in ``unsearched``.

    Without ``unsearched``, an event whose extractor gives any evidence stays unchanged. So does a line of an export.
    """
    if not document.text:
        return document
    chosen = [_may_be_grounded(event, unsearched) for event in document.events]
    if True not in chosen:
        return document
    grounder = Grounder(document.text, document.language, document.published, effort)
    events = [
        _ground_event(event, grounder, unsearched or ()) if is_chosen else event
        for event, is_chosen in zip(document.events, chosen, strict=True)
    ]
    return NewDocument(
        document.external_id,
        document.title,
        document.publisher,
        document.url,
        document.published,
        document.language,
        document.text,
        document.extra,
        tuple(events),
    )


def _may_be_grounded(event: NewEvent, unsearched: Container[str] | None) -> bool:
    if event.review is not None or not event.fields:
        return False
    for item in event.fields:
        if item.review is not None or (item.extra and "grounding" in item.extra):
            return False
        if item.spans and unsearched is None:
            return False
    return True


def _ground_event(event: NewEvent, grounder: Grounder, unsearched: Container[str]) -> NewEvent:
    given: list[Span] = []
    searched: list[NewField] = []
    for item in event.fields:
        if item.spans:
            given += item.spans
        elif item.name not in unsearched:
            searched.append(item)
    found = iter(grounder.ground_together(searched, given))
    event_type = event.type.lower()
    fields = [
        item if item.spans or item.name in unsearched else _grounded(item, next(found), event_type)
        for item in event.fields
    ]
    return NewEvent(
        event.external_id,
        event.type,
        event.extracted_type,
        event.extractor,
        event.confidence,
        tuple(fields),
        event.extra,
        event.review,
        event.id_is_derived,
        event.run,
    )


def _grounded(item: NewField, found: Grounded, event_type: str) -> NewField:
    method = found.method
    if method == "unexpected":
        return item
    name, group, value, modifier, _, confidence, extra, review = item
    if method == "none" and value.__class__ is str and value.lower() == event_type:
        return item  # the type of the event as a field
    extra = {**extra, **found.keys()} if extra else found.keys()
    return NewField(name, group, value, modifier, found.spans, confidence, extra, review)
