"""What a newer extraction changes about things that people have decided: values before, now, and as reviewed."""

import sqlite3
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Literal, NamedTuple

from db.importing.releases.differing import FieldChange, Kind
from db.importing.releases.writing_only import is_same_but_for_writing
from db.model import ACCEPTED, Decision, Event, Field, Json, Status, Value, same_value
from db.native import NewEvent, NewField
from db.store.reading import read_decisions

ChangeKind = Literal["value", "gone", "new", "type", "not extracted", "evidence", "written", "details", "document"]


_KINDS: dict[Kind, ChangeKind] = {
    "changed": "value",
    "written": "written",
    "details": "details",
    "new": "new",
    "gone": "gone",
}


class FieldValue(NamedTuple):
    """A value with its modifier."""

    value: Value
    modifier: str | None


@dataclass(frozen=True, slots=True)
class ExtractionChange:
    """A change that a newer extraction made, mostly to something a person had decided about: then it is ``decided``.

    document, event: their ids in the source.
    what: the field has another ``value``, is ``gone`` or is ``new``; its ``evidence`` has no
    place in a new text; the event has another ``type``, or is ``not extracted`` any more.
    Where nobody decided, also: the value is only ``written`` in another way, only its
    evidence or other ``details`` changed, or what describes the ``document``.
    before, now: the extracted values. reviewed: the person's value; None if the field was removed, or was decided
    together with its event.
    settled: the new extracted value is the reviewed value, or nobody decided.
    """

    document: str
    event: str
    extractor: str
    what: ChangeKind
    field: str | None
    group: str | None
    before: FieldValue | None
    now: FieldValue | None
    reviewed: FieldValue | None
    reviewer: str | None
    removed: bool
    status: Status
    settled: bool
    decided: bool = True

    def json(self) -> Json:
        """Return the change as a JSON object without empty keys; its keys are documented."""
        data: Json = {"document": self.document, "event": self.event, "extractor": self.extractor, "what": self.what}
        data |= {key: value for key in ("field", "group") if (value := getattr(self, key)) is not None}
        for key, item in (("before", self.before), ("now", self.now), ("said", self.reviewed)):
            if item:
                data[key] = item.value
                if item.modifier:
                    data[f"{key}_modifier"] = item.modifier
        if self.reviewer is not None:
            data["reviewer"] = self.reviewer
        data["removed"] = self.removed
        return data | {"status": self.status, "settled": self.settled, "decided": self.decided}


@dataclass(frozen=True, slots=True)
class DocumentChange:
    """A known document that got another text or title.

    document: its id in the source. before, now: its titles. moved, lost: spans of evidence that were found in the new
    text, and that have no place in it.
    """

    document: str
    what: Literal["text", "title"]
    before: str | None = None
    now: str | None = None
    moved: int = 0
    lost: int = 0

    def json(self) -> Json:
        """Return the change as a JSON object without empty keys; its keys are documented."""
        data: Json = {"document": self.document, "what": f"new {self.what}"}
        data |= {key: value for key in ("before", "now") if (value := getattr(self, key)) is not None}
        return data | ({"moved": self.moved, "lost": self.lost} if self.moved or self.lost else {})


def decided_changes(
    connection: sqlite3.Connection,
    document_id: str,
    stored: Event,
    event: NewEvent,
    pairs: Sequence[tuple[Field | None, NewField]],
    muted: frozenset[str] = frozenset(),
) -> tuple[list[ExtractionChange], int]:
    """Compare a new extraction of an event with what was decided about the stored one, before it is updated.

    ``pairs`` are the new fields, each with the stored field it matches. Fields that are ``muted`` are left out, and
    so are values that are only written in another way. Returns the changes, and the number of decided fields of which
    only the evidence changes. A field that nobody decided about, in a pending event, never counts.
    """
    judged = stored.status != "pending"
    retyped = stored.type != stored.extracted_type
    if not (judged or retyped or any(_is_decided(field) for field in stored.fields)):
        return [], 0
    change = partial(_change, document_id, stored, list(read_decisions(connection, stored.id)))
    changes = []
    evidence = 0
    if event.extracted_type != stored.extracted_type and (judged or retyped):
        before, now, reviewed = (
            FieldValue(name, None) for name in (stored.extracted_type, event.extracted_type, stored.type)
        )
        changes.append(change("type", None, before, now, reviewed, stored.type == event.extracted_type))
    for field, item in pairs:
        new = FieldValue(item.value, item.modifier)
        if item.name in muted:
            continue
        if field is None or not (field.in_extraction or _reviewed(field)):
            if judged:
                changes.append(change("new", item, None, new))
        elif judged or _is_decided(field):
            old, person = _extracted(field), _reviewed(field)
            if old is None or not (_same(old, new) or _same_but_for_writing(old, new)):
                settled = person is not None and _same(person, new)
                changes.append(change("value", field, old, new, person, settled))
            elif field.extracted and field.extracted.spans != item.spans:
                evidence += 1
    matched = {field.id for field, _ in pairs if field}
    for field in stored.fields:
        if (
            field.in_extraction
            and field.id not in matched
            and field.name not in muted
            and (judged or _is_decided(field))
        ):
            removed = field.state == "removed"
            changes.append(change("gone", field, _extracted(field), None, _reviewed(field), removed))
    return changes, evidence


def no_longer_extracted(connection: sqlite3.Connection, document_id: str, event: Event) -> ExtractionChange:
    """Return the change for an event that the new extraction doesn't have."""
    decisions = list(read_decisions(connection, event.id))
    change = _change(document_id, event, decisions, "not extracted", None, settled=event.status == "rejected")
    if event.status == "pending" and not any(_is_decided(field) for field in event.fields):
        return replace(change, settled=True, decided=False)
    return change


def other_change(document_id: str, event: Event | None, change: FieldChange) -> ExtractionChange:
    """Return a change of something that nobody decided about; of the document itself if there is no event."""
    what = _KINDS[change.kind] if event else "document"
    values = (FieldValue(change.before, None), FieldValue(change.now, None))
    before, now = (None if value.value is None else value for value in values)
    event_id, extractor, status = (event.external_id, event.extractor, event.status) if event else ("", "", "pending")
    place = (document_id, event_id, extractor)
    return ExtractionChange(
        *place, what, change.name, change.group, before, now, None, None, False, status, True, decided=False
    )


def evidence_lost(
    connection: sqlite3.Connection, document_id: str, event: Event, fields: Collection[int]
) -> list[ExtractionChange]:
    """Return the changes of fields, by their ids, whose evidence has no place in a new text; if anybody decided."""
    if event.status == "pending" and not any(_is_decided(field) for field in event.fields):
        return []
    change = partial(_change, document_id, event, list(read_decisions(connection, event.id)), "evidence")
    return [
        change(field, _extracted(field), _extracted(field), _reviewed(field))
        for field in event.fields
        if field.id in fields
    ]


def is_settled(event: Event) -> bool:
    """Return True if the extracted and the reviewed side of an event agree, so that nothing needs a second review."""
    if event.type != event.extracted_type or event.status not in ("pending", *ACCEPTED):
        return False
    for field in event.fields:
        reviewed, extracted = _reviewed(field), _extracted(field)
        if field.extracted is None:
            continue
        if reviewed and not (extracted and _same(reviewed, extracted)):
            return False
        if not reviewed and extracted and (field.state == "removed" or event.status != "pending"):
            return False
    return True


def _change(
    document_id: str,
    event: Event,
    decisions: Sequence[Decision],
    what: ChangeKind,
    item: Field | NewField | None,
    before: FieldValue | None = None,
    now: FieldValue | None = None,
    reviewed: FieldValue | None = None,
    settled: bool = False,
) -> ExtractionChange:
    stored = item if isinstance(item, Field) else None
    reviewer = event.reviewer or (decisions[-1].reviewer if decisions else None)
    for decision in decisions:
        sets_type = what == "type" and "type" in decision.after.events.get(event.id, {})
        if sets_type or (stored and stored.id in decision.after.fields):
            reviewer = decision.reviewer
    name, group = (item.name, item.group) if item else (None, None)
    removed = stored is not None and stored.state == "removed"
    values = (before, now, reviewed)
    place = (document_id, event.external_id, event.extractor)
    return ExtractionChange(*place, what, name, group, *values, reviewer, removed, event.status, settled)


def _is_decided(field: Field) -> bool:
    """Return True if a person decided about the field itself."""
    return _reviewed(field) is not None or bool(field.note) or (field.state == "removed" and field.in_extraction)


def _reviewed(field: Field) -> FieldValue | None:
    """Return the person's value of a field; None if nobody set or confirmed it, or if it was removed."""
    return FieldValue(field.value, field.modifier) if field.state in ("confirmed", "corrected") else None


def _extracted(field: Field) -> FieldValue | None:
    """Return the value of a field in the latest extraction, if it is in that."""
    extracted = field.extracted
    return FieldValue(extracted.value, extracted.modifier) if extracted and field.in_extraction else None


def _same(one: FieldValue, two: FieldValue) -> bool:
    return same_value(one.value, two.value) and one.modifier == two.modifier


def _same_but_for_writing(one: FieldValue, two: FieldValue) -> bool:
    return one.modifier == two.modifier and is_same_but_for_writing(one.value, two.value)
