"""Recognises documents that an import brings unchanged, by their stored rows: most of a release is known already."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from db.importing.rows import to_json
from db.model import Event, Span, to_sql
from db.native import NewDocument, NewEvent
from db.store.reading import event_of, field_of
from db.store.valid.rows import EVENT, FIELD, Row

_EXTERNAL_ID, _EXTRACTOR, _TYPE, _CONFIDENCE, _RUN, _EXTRA = map(
    EVENT.columns.index, ("external_id", "extractor", "extracted_type", "confidence", "run", "extra")
)
_FIELD_CONFIDENCE, _IN_EXTRACTION, _FIELD_EXTRA = map(FIELD.columns.index, ("confidence", "in_extraction", "extra"))
_NAME, _GROUP, _VALUE, _MODIFIER = map(
    FIELD.columns.index, ("extracted_name", "extracted_group", "extracted_value", "extracted_modifier")
)
_WITHOUT: tuple[list[Span], list[Span]] = ([], [])

Spans = Mapping[int, tuple[list[Span], list[Span]]]


class EventRows(NamedTuple):
    """The rows of a stored event: of itself, and of its fields in their order. ``spans``: by the id of the field."""

    event: Row
    fields: Sequence[Row]
    spans: Spans

    def as_event(self) -> Event:
        """Return the event. Raises DamagedRowError."""
        fields = []
        for row in self.fields:
            machine, reviewed = self.spans.get(row[0], _WITHOUT)
            fields.append(field_of(row, tuple(machine), tuple(reviewed)))
        return event_of(self.event, fields)


def unchanged_events(document: NewDocument, stored: Sequence[EventRows]) -> list[int] | None:
    """Return the ids of the events of a document if it brings exactly those that are stored; None otherwise.

    Also None if it needs more than this comparison: it carries decisions, or ids that are derived.
    """
    if len(stored) != len(document.events):
        return None
    by_key = {(item.event[_EXTERNAL_ID], item.event[_EXTRACTOR]): item for item in stored}
    ids = []
    for event in document.events:
        known = by_key.get((event.external_id, event.extractor))
        if known is None or event.id_is_derived or not _is_unchanged(event, known):
            return None
        ids.append(known.event[0])
    return ids


def _is_unchanged(event: NewEvent, stored: EventRows) -> bool:
    row = stored.event
    if event.review is not None or event.extracted_type is None or event.extracted_type != event.type:
        return False
    if row[_TYPE] != event.type or row[_CONFIDENCE] != event.confidence or row[_EXTRA] != to_json(event.extra):
        return False
    if event.run is not None and row[_RUN] != event.run:
        return False
    machine = [field for field in stored.fields if field[_IN_EXTRACTION] and field[_NAME] is not None]
    if len(machine) != len(event.fields):
        return False
    for field, item in zip(machine, event.fields, strict=True):
        name, group, given, modifier, spans, confidence, extra, review = item
        if review is not None or field[_NAME] != name or field[_GROUP] != group or field[_MODIFIER] != modifier:
            return False
        value, known = to_sql(given), field[_VALUE]
        if value.__class__ is not known.__class__ or value != known or field[_FIELD_CONFIDENCE] != confidence:
            return False
        if tuple(stored.spans.get(field[0], _WITHOUT)[0]) != spans or field[_FIELD_EXTRA] != to_json(extra):
            return False
    return True
