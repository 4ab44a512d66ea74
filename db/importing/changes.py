"""What a newer extraction changed of what people had decided: the machine's word then and now beside the person's."""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from db.model import ACCEPTED, Decision, Event, Field, Json, Status, Value, same_value
from db.native import NewEvent, NewField
from db.store.reading import read_decisions

What = Literal["value", "gone", "new", "type", "not extracted"]


class Said(NamedTuple):
    """A value with its modifier."""

    value: Value
    modifier: str | None


@dataclass(frozen=True, slots=True)
class UnderDecision:
    """What an import changed of one thing that somebody had decided about, by the ids that it has in its source.

    ``what``: another ``value`` of a field, one ``gone`` from the newest extraction or ``new`` in it, another ``type``
    of the event, or the whole event ``not extracted`` any more. ``before`` and ``now`` are the machine's, ``said`` is
    the person's: None where a field was removed, or judged with its event. ``settled``: the machine says now what the
    person said.
    """

    document: str
    event: str
    extractor: str
    what: What
    field: str | None
    group: str | None
    before: Said | None
    now: Said | None
    said: Said | None
    reviewer: str | None
    removed: bool
    status: Status
    settled: bool

    def json(self) -> Json:
        """The same as an object, without what there is none of."""
        data: Json = {"document": self.document, "event": self.event, "extractor": self.extractor, "what": self.what}
        data |= {key: value for key in ("field", "group") if (value := getattr(self, key)) is not None}
        for key, said in (("before", self.before), ("now", self.now), ("said", self.said)):
            if said:
                data[key] = said.value
                if said.modifier:
                    data[f"{key}_modifier"] = said.modifier
        if self.reviewer is not None:
            data["reviewer"] = self.reviewer
        data["removed"] = self.removed
        return data | {"status": self.status, "settled": self.settled}


class _Found(NamedTuple):
    what: What
    field: Field | None
    name: str | None
    group: str | None
    before: Said | None
    now: Said | None
    said: Said | None
    settled: bool


def changes_of(
    connection: sqlite3.Connection,
    document_id: str,
    stored: Event,
    event: NewEvent,
    pairs: Sequence[tuple[Field | None, NewField]],
) -> tuple[list[UnderDecision], int]:
    """What a new extraction changes of what was decided about an event that is still as it was; ``pairs`` are the new
    fields, each with the one that it was. Beside it, in how many decided fields it changes the evidence alone.

    A field that nobody touched in an event that nobody judged follows the machine: that is no change of a decision.
    """
    judged = stored.status != "pending"
    found = []
    evidence = 0
    if event.extracted_type != stored.extracted_type and (judged or stored.type != stored.extracted_type):
        was, is_now, said_type = (
            Said(name, None) for name in (stored.extracted_type, event.extracted_type, stored.type)
        )
        settled = stored.type == event.extracted_type
        found.append(_Found("type", None, None, None, was, is_now, said_type, settled))
    for field, item in pairs:
        now = Said(item.value, item.modifier)
        if field is None or not (field.in_extraction or _said(field)):
            if judged:
                found.append(_Found("new", None, item.name, item.group, None, now, None, False))
        elif judged or _touched(field):
            before, said = _before(field), _said(field)
            if before is None or not _same(before, now):
                settled = said is not None and _same(said, now)
                found.append(_Found("value", field, field.name, field.group, before, now, said, settled))
            elif field.extracted and field.extracted.spans != item.spans:
                evidence += 1
    kept = {field.id for field, _ in pairs if field}
    for field in stored.fields:
        if field.in_extraction and field.id not in kept and (judged or _touched(field)):
            removed = field.state == "removed"
            found.append(_Found("gone", field, field.name, field.group, _before(field), None, _said(field), removed))
    decisions = list(read_decisions(connection, stored.id)) if found else []
    return [_under_decision(document_id, stored, item, decisions) for item in found], evidence


def not_extracted(connection: sqlite3.Connection, document_id: str, event: Event) -> UnderDecision | None:
    """That a new extraction has an event no more; None where nobody decided about it."""
    if event.status == "pending" and not any(_touched(field) for field in event.fields):
        return None
    found = _Found("not extracted", None, None, None, None, None, None, event.status == "rejected")
    return _under_decision(document_id, event, found, list(read_decisions(connection, event.id)))


def agree(event: Event) -> bool:
    """Whether machine and people say the same of an event, so that there is nothing left to look at again."""
    if event.type != event.extracted_type or event.status not in ("pending", *ACCEPTED):
        return False
    for field in event.fields:
        said = _said(field)
        if field.extracted is None:
            continue
        if said and not (field.in_extraction and _same(said, Said(field.extracted.value, field.extracted.modifier))):
            return False
        if not said and field.in_extraction and (field.state == "removed" or event.status != "pending"):
            return False
    return True


def _under_decision(document_id: str, event: Event, found: _Found, decisions: list[Decision]) -> UnderDecision:
    who = event.reviewer or (decisions[-1].reviewer if decisions else None)
    field = found.field
    for decision in decisions:
        of_type = found.what == "type" and "type" in decision.after.events.get(event.id, {})
        if of_type or (field and field.id in decision.after.fields):
            who = decision.reviewer
    return UnderDecision(
        document=document_id,
        event=event.external_id,
        extractor=event.extractor,
        what=found.what,
        field=found.name,
        group=found.group,
        before=found.before,
        now=found.now,
        said=found.said,
        reviewer=who,
        removed=field is not None and field.state == "removed",
        status=event.status,
        settled=found.settled,
    )


def _touched(field: Field) -> bool:
    """Whether a person decided about a field itself."""
    return _said(field) is not None or bool(field.note) or (field.state == "removed" and field.in_extraction)


def _said(field: Field) -> Said | None:
    """The person's value of a field; None where it is the machine's, or removed."""
    return Said(field.value, field.modifier) if field.state in ("confirmed", "corrected") else None


def _before(field: Field) -> Said | None:
    """What the machine said in the extraction before."""
    return Said(field.extracted.value, field.extracted.modifier) if field.extracted and field.in_extraction else None


def _same(one: Said, two: Said) -> bool:
    return same_value(one.value, two.value) and one.modifier == two.modifier
