"""Grounds the events of a document that come without evidence."""

from collections.abc import Container
from dataclasses import replace

from db.grounding.grounder import Grounder
from db.grounding.places import ValueRequest
from db.grounding.written import Effort
from db.native import NewDocument, NewEvent, NewField


def ground_document(document: NewDocument, unsearched: Container[str] | None, effort: Effort) -> NewDocument:
    """Return the document with evidence for the values that have none, except of fields in ``unsearched``.

    Without ``unsearched``, an event whose extractor gives any evidence stays unchanged. So does a line of an export.
    """
    if not document.text or not any(_may_be_grounded(event, unsearched) for event in document.events):
        return document
    grounder = Grounder(document.text, document.language, document.published, effort)
    events = (
        _ground_event(event, grounder, unsearched or ()) if _may_be_grounded(event, unsearched) else event
        for event in document.events
    )
    return replace(document, events=tuple(events))


def _may_be_grounded(event: NewEvent, unsearched: Container[str] | None) -> bool:
    if event.review is not None or not event.fields:
        return False
    return not any(
        item.review is not None or "grounding" in item.extra or (item.spans and unsearched is None)
        for item in event.fields
    )


def _ground_event(event: NewEvent, grounder: Grounder, unsearched: Container[str]) -> NewEvent:
    fields = list(event.fields)
    numbers = [number for number, item in enumerate(fields) if not item.spans and item.name not in unsearched]
    given = [span for item in fields for span in item.spans]
    requests = [ValueRequest(fields[n].value, None, fields[n].group, (), fields[n].name) for n in numbers]
    for number, found in zip(numbers, grounder.ground_together(requests, given), strict=True):
        item = fields[number]
        if found.method == "none" and isinstance(item.value, str) and item.value.lower() == event.type.lower():
            continue  # the type of the event as a field
        if found.method != "unexpected":
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
