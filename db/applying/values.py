"""Sets values of events within one transaction, each by the act that the reviewer's keys would make."""

import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import NamedTuple, cast, get_args

from db.applying.names import PROPERTIES, FieldNames, Place
from db.decisions.review import ReviewInTransaction
from db.describe import describe, value_words
from db.errors import InputError, KindError
from db.event_types import FieldType
from db.grounding.grounder import Grounder
from db.kinds import Typed, parse
from db.model import ACCEPTED, Change, Document, Event, Field, Reason, Span, Value, same_value
from db.query.known_values import known_names
from db.store.connection import writing
from db.store.event_types import read_event_types
from db.store.reading import find_event_ids, read_document, read_event
from db.suggest.typed import typed_value

_STATUSES = {"confirmed": "accept", "corrected": "accept", "accepted": "accept", "unsure": "flag", "rejected": "reject"}


class Setting(NamedTuple):
    """A name and a value as a person wrote them; an empty value removes the field."""

    name: str
    value: str


@dataclass(slots=True)
class Report:
    """What was done. changes: the ids of events with the decisions in words. equal: how many values were the same."""

    changes: list[tuple[str, str]] = field(default_factory=list)
    equal: int = 0

    @property
    def events(self) -> int:
        """How many events changed."""
        return len({event for event, _ in self.changes})


class _Undone(Exception):
    """Ends a rehearsal, so that its transaction is rolled back."""


class Applier:
    """Sets values of events as decisions of one reviewer, within the transaction of ``applying``."""

    def __init__(self, connection: sqlite3.Connection, reviewer: str, *, allow_new: bool = False) -> None:
        self._connection = connection
        self._review = ReviewInTransaction(connection, reviewer)
        self._names = FieldNames(read_event_types(connection), known_names(connection), allow_new=allow_new)
        self._grounder: tuple[int, Grounder] | None = None
        self.report = Report()

    @contextmanager
    def applying(self, *, rehearsal: bool = False) -> Iterator[None]:
        """Run the block in one transaction: all of its decisions are saved, or none. A rehearsal saves none."""
        try:
            with writing(self._connection):
                yield
                if rehearsal:
                    raise _Undone
        except _Undone:
            pass

    def find(self, event: str, extractor: str | None = None, document: str | None = None) -> int:
        """Return the integer id of an event. Raises InputError if there is none, or several."""
        ids = find_event_ids(self._connection, event)
        if not ids:
            raise InputError(f"no event has the id {event}; eventdesk find lists the ids")
        if extractor is not None:
            ids = [id_ for id_ in ids if read_event(self._connection, id_).extractor == extractor]
        if document is not None:
            ids = [id_ for id_ in ids if self._document(id_).external_id == document]
        if len(ids) == 1:
            return ids[0]
        if not ids:
            raise InputError(f"the event {event} has another {'document' if extractor is None else 'extractor'}")
        names = ", ".join(read_event(self._connection, id_).extractor or "none" for id_ in ids)
        raise InputError(f"{len(ids)} events have the id {event}; name the extractor: {names}")

    def _document(self, event_id: int) -> Document:
        return read_document(self._connection, read_event(self._connection, event_id).document_id)

    def set(self, event_id: int, settings: Sequence[Setting]) -> None:
        """Set values of an event. Raises InputError for the first that can't be set."""
        reason = next((item.value for item in settings if item.name.strip() == "reason"), None)
        if reason is not None and not any(item.name.strip() == "status" for item in settings):
            raise InputError("reason: is that of a rejected event; write status=rejected too")
        fields = [item for item in settings if item.name.strip() not in PROPERTIES]
        others = {item.name.strip(): item.value.strip() for item in settings if item.name.strip() in PROPERTIES}
        if "type" in others:
            self._set_type(event_id, others["type"])
        for item in fields:
            try:
                self._set_field(event_id, item)
            except (InputError, KindError) as error:
                raise InputError(f"{item.name}: {error}") from None
        if "note" in others:
            event, note = read_event(self._connection, event_id), others["note"]
            self._save(event, None if (event.note or "") == note else self._review.note(event, note))
        if "status" in others:
            self._set_status(event_id, others["status"], reason)

    def _set_type(self, event_id: int, name: str) -> None:
        event = read_event(self._connection, event_id)
        if not name:
            raise InputError("type: an event has a type; name another one")
        self._save(event, None if event.type == name else self._review.set_type(event, name))

    def _set_status(self, event_id: int, status: str, reason: str | None) -> None:
        event = read_event(self._connection, event_id)
        act = _STATUSES.get(status)
        if act is None:
            raise InputError(f"status: {status or 'nothing'} can't be set; use one of {', '.join(_STATUSES)}")
        if act == "reject":
            known = get_args(Reason)
            given, _, text = (reason or "other").partition(":")
            if given.strip() not in known:
                raise InputError(f"reason: {given} is no reason; use one of {', '.join(known)}")
            same = (event.status, event.reason) == ("rejected", given.strip())
            change = None if same else self._review.reject(event, cast(Reason, given.strip()), text.strip() or None)
        elif act == "flag":
            change = None if event.status == "unsure" else self._review.flag(event)
        else:
            is_reviewed = all(item.state != "extracted" for item in event.live_fields)
            change = None if event.status in ACCEPTED and is_reviewed else self._review.accept(event)
        self._save(event, change)

    def _set_field(self, event_id: int, item: Setting) -> None:
        event = read_event(self._connection, event_id)
        place = self._names.find(event, item.name)
        if not item.value.strip():
            is_there = place.field is not None and place.field.state != "removed"
            self._save(event, self._review.remove(event, place.field) if is_there and place.field else None)
            return
        document = read_document(self._connection, event.document_id)
        typed = self._typed(self._names.spec(event, place.name), item.value, place.field, document)
        current = place.field if place.field is not None and place.field.state != "removed" else None
        if current is not None and same_value(current.value, typed.value) and current.modifier == typed.modifier:
            self._save(event, None)
            return
        spans = self._evidence(event, document, place, typed)
        if place.field is not None:
            change = self._review.correct(event, place.field, typed.value, spans, typed.modifier)
        else:
            change = self._review.add(event, place.name, place.group, typed.value, spans, typed.modifier)
        group = f" of {place.group.replace(':', ' ')}" if place.group else ""
        quotes = " … ".join(document.source[start:end] for start, end in spans)
        where = "not in the text"
        if spans:
            where = f'"{quotes}"' if quotes != value_words(typed.value, typed.modifier) else "in the text"
        self._save(event, change, f"{group} ({where})")

    def _typed(self, spec: FieldType, text: str, current: Field | None, document: Document) -> Typed:
        """Return a value of the field's kind; of a field that has JSON, JSON. Raises InputError."""
        held = current.value if current is not None else None
        if isinstance(held, bool | list | dict):
            try:
                value: Value = json.loads(text)
            except (ValueError, RecursionError):
                value = None
            if value is None or type(value) is not type(held):
                raise InputError(f"is {'true or false' if isinstance(held, bool) else 'JSON'}; write it like that")
            return Typed(value)
        typed = typed_value(spec, text, document)
        if spec.kind == "text" and isinstance(held, int | float):
            try:
                return Typed(parse("number", text))
            except KindError:
                return typed
        return typed

    def _evidence(self, event: Event, document: Document, place: Place, typed: Typed) -> Sequence[Span]:
        """Return the evidence of a value: that of the field if only its modifier changed, else where it is found."""
        old: tuple[Span, ...] = ()
        if place.field is not None:
            old = place.field.spans or (place.field.extracted.spans if place.field.extracted else ())
            if place.field.state != "removed" and same_value(place.field.value, typed.value):
                return place.field.spans
        if self._grounder is None or self._grounder[0] != document.id:
            self._grounder = document.id, Grounder(document.source, document.language, document.published)
        same = tuple(s for item in event.live_fields if item.group and item.group == place.group for s in item.spans)
        near = old or same or tuple(span for item in event.live_fields for span in item.spans)
        kind = self._names.spec(event, place.name).kind
        return self._grounder[1].ground(typed.value, kind, near, place.name).spans

    def _save(self, event: Event, change: Change | None, more: str = "") -> None:
        if change is None:
            self.report.equal += 1
        else:
            self.report.changes.append((event.external_id, describe(change.decision) + more))
