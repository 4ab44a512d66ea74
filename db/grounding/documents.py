"""Grounds the events of a document that come without evidence."""

from collections.abc import Container

from db.grounding.grounder import Grounder
from db.grounding.places import ValueRequest
from db.grounding.written import Effort
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
    fields, event_type = list(event.fields), event.type.lower()
    numbers = [number for number, item in enumerate(fields) if not item.spans and item.name not in unsearched]
    given = [span for item in fields for span in item.spans]
    requests = [ValueRequest(fields[n].value, None, fields[n].group, (), fields[n].name) for n in numbers]
    for number, found in zip(numbers, grounder.ground_together(requests, given), strict=True):
        item = fields[number]
        method = found.method
        if method == "none" and isinstance(item.value, str) and item.value.lower() == event_type:
            continue  # the type of the event as a field
        if method != "unexpected":
            name, group, value, modifier, _, confidence, extra, review = item
            extra = {**extra, **found.keys()} if extra else found.keys()
            fields[number] = NewField(name, group, value, modifier, found.spans, confidence, extra, review)
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
