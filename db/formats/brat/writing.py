"""Writes the events of a document as a brat .ann file.

Ids that a document was read with are kept as far as they still fit. Rejected events and removed fields aren't written,
nor are events without any evidence. If an event has no trigger, its first field with evidence serves as one. A value
that isn't the text of its spans becomes a note ``Value``; a field without spans becomes a note named after it.
"""

import re
from collections.abc import Iterator
from itertools import count
from typing import Any

from db.formats.brat.ann import ANNOTATOR_NOTES, Equivalence, EventLine, Relation, split_role
from db.formats.brat.ann_file import ATTRIBUTE_ID, AnnFile
from db.formats.brat.conf import UsedTypes
from db.formats.brat.events import ENTITIES, MEMBER, TRIGGER
from db.formats.brat.fragments import fragments_of, on_one_line
from db.formats.brat.text_bounds import TextBounds
from db.formats.format import Data
from db.formats.shared.objects import object_at, objects_in

_WORDS = re.compile(r"\S+(?: \S+)*")
_ROLE_OR_ID = re.compile(r"[^\s:]+")
_EVENT_ID, _RELATION_ID = re.compile(r"E\d+"), re.compile(r"R\d+")


def write_ann(document: Data, text: str, used: UsedTypes) -> tuple[str, list[str | None]]:
    """Return the .ann file of a document and the ids there of its events, None if unwritten. Adds types to ``used``."""
    return _Writer(document, text, used).written()


def is_current(item: Data) -> bool:
    """Return True if an event isn't rejected, or a field isn't removed."""
    return item.get("status") != "rejected" and item.get("state") != "removed"


def without_defaults(document: Data) -> Data:
    """Return a document without the status and states that an export adds where nobody decided."""
    events = []
    for event in document.get("events") or ():
        fields = [
            {key: value for key, value in item.items() if (key, value) != ("state", "extracted")}
            for item in event.get("fields") or ()
        ]
        plain = {key: value for key, value in event.items() if (key, value) != ("status", "pending")}
        events.append(plain | {"fields": fields})
    return document | {"events": events}


class _Writer:
    def __init__(self, document: Data, text: str, used: UsedTypes) -> None:
        self.text = text
        self.events: list[Data] = list(document.get("events") or ())
        self.file = AnnFile(document, used)
        self.bounds = TextBounds(text, self.file)
        self.triggers: dict[str, tuple[str, Any]] = {}  # new id and spans of the trigger, by original event id

    def written(self) -> tuple[str, list[str | None]]:
        ids: list[str | None] = [None] * len(self.events)
        current = [(n, event) for n, event in enumerate(self.events) if is_current(event)]
        with_triggers = [
            (n, event, trigger)
            for n, event in current
            if _kind(event) == "event" and (trigger := _trigger(event, self.text)) is not None
        ]
        self.bounds.claim(field for _, event in current for field in self._labelled_fields(event))
        for n, event, trigger in with_triggers:
            id_ = self.file.id_for("E", event.get("id"), _EVENT_ID)
            ids[n] = id_
            self.triggers.setdefault(str(event.get("id")), (id_, trigger.get("spans")))
            self.file.lines[id_] = EventLine(id_, "", "", ())  # keeps the id; replaced once its roles are known
        for n, event, trigger in with_triggers:
            self._event(str(ids[n]), event, trigger)
        for n, event in current:
            if _kind(event) == "relation":
                ids[n] = self._relation(event)
            elif _kind(event) == "equivalence":
                ids[n] = self._equivalence(event)
            elif _kind(event) == ENTITIES:
                for item in _fields(event):
                    if self.bounds.id_of(item, self.file.label(item)):
                        ids[n] = ENTITIES
        return self.file.text(), ids

    def _labelled_fields(self, event: Data) -> Iterator[tuple[Data, str]]:
        trigger = _trigger(event, self.text) if _kind(event) == "event" else None
        for item in _fields(event):
            is_trigger = item is trigger and item["name"] == TRIGGER
            yield item, self.file.name(event["type"]) if is_trigger else self.file.label(item)

    def _event(self, id_: str, event: Data, trigger: Data) -> None:
        type_ = self.file.name(event["type"])
        is_own = trigger.get("name") == TRIGGER
        trigger_id = self.bounds.id_of(trigger if is_own else _evidence_alone(trigger), type_) or ""
        arguments: list[tuple[str, str]] = []
        rest = []
        for item in _fields(event):
            if item is trigger and is_own:
                continue
            target = self._target(item)
            if target is None:
                rest.append(item)
            else:
                arguments.append((self._role(item, {role for role, _ in arguments}), target))
        del self.file.lines[id_]  # so that it follows the annotations it refers to
        self.file.lines[id_] = EventLine(id_, type_, trigger_id, tuple(arguments))
        self.file.used.events.setdefault(type_, set()).update(split_role(role)[0] for role, _ in arguments)
        self._add_attached(id_, event, rest)

    def _relation(self, event: Data) -> str | None:
        ends, rest = self._parted(event)
        if len(ends) != 2:
            return None
        roles = [self.file.name(ends[0]["name"]), self.file.name(ends[1]["name"])]
        if roles[0] == roles[1]:
            roles[1] += "2"
        id_ = self.file.id_for("R", event.get("id"), _RELATION_ID)
        targets = [str(self._target(item)) for item in ends]
        relation = Relation(id_, self.file.name(event["type"]), tuple(zip(roles, targets, strict=True)))
        self.file.lines[id_] = relation
        self.file.used.relations.setdefault(relation.type, tuple(roles))
        self._add_attached(id_, event, rest)
        return id_

    def _equivalence(self, event: Data) -> str | None:
        members = tuple(str(self._target(item)) for item in self._parted(event)[0] if item["name"] == MEMBER)
        if len(members) < 2:
            return None
        type_ = self.file.name(event["type"])
        id_ = f"*{type_}:{','.join(members)}"
        self.file.lines[id_] = Equivalence(id_, type_, members)
        self.file.used.equivalences.add(type_)
        return id_

    def _parted(self, event: Data) -> tuple[list[Data], list[Data]]:
        referable: list[Data] = []
        rest: list[Data] = []
        for item in _fields(event):
            is_referable = self._event_id(item) is not None or fragments_of(item, self.text)[0]
            (referable if is_referable else rest).append(item)
        return referable, rest

    def _target(self, item: Data) -> str | None:
        return self._event_id(item) or self.bounds.id_of(item, self.file.label(item))

    def _event_id(self, item: Data) -> str | None:
        """Return the id of the event that a field still refers to; None if it doesn't refer to one."""
        brat = object_at(item, "brat")
        original = brat.get("id")
        if not isinstance(original, str):
            return None
        id_, spans = self.triggers.get(original, (None, None))
        if id_ and item.get("spans") == spans:
            return id_
        is_unresolved = brat.get("names") is True and item.get("value") == original
        return original if is_unresolved and _ROLE_OR_ID.fullmatch(original) else None

    def _add_attached(self, id_: str, event: Data, fields: list[Data]) -> None:
        brat = object_at(event, "brat")
        self.file.add_normalizations(id_, brat)
        notes = objects_in(brat.get("notes"))
        text = event.get("note")
        if isinstance(text, str) and text:
            if not notes:
                notes.append({"type": ANNOTATOR_NOTES})
            notes[0] = notes[0] | {"text": text}
        for note in notes:
            self.file.add_note(id_, note.get("type"), note.get("text"), note.get("id"))
        for item in fields:
            original, value = object_at(item, "brat").get("id"), item.get("value")
            was_attribute = isinstance(original, str) and ATTRIBUTE_ID.fullmatch(original)
            if was_attribute and (value is True or (isinstance(value, str) and _WORDS.fullmatch(value))):
                self.file.add_attribute(id_, item["name"], value, original)
            else:
                name = item["name"] if original else self.file.name(item["name"])
                self.file.add_note(id_, name, on_one_line(value), original)

    def _role(self, item: Data, present: set[str]) -> str:
        """Return the role a field was read with if it still fits, else its name, with a number if ``present``."""
        role = object_at(item, "brat").get("role")
        if isinstance(role, str) and split_role(role)[0] == item["name"] and _ROLE_OR_ID.fullmatch(role):
            return role
        base = candidate = self.file.name(item["name"])
        numbers = count(2)
        while candidate in present:
            candidate = f"{base}{next(numbers)}"
        return candidate


def _kind(event: Data) -> str:
    kind = object_at(event, "brat").get("kind")
    return kind if kind in ("relation", "equivalence", ENTITIES) else "event"


def _fields(event: Data) -> list[Data]:
    return [item for item in event.get("fields") or () if is_current(item)]


def _trigger(event: Data, text: str) -> Data | None:
    """Return the field that serves as the trigger: the one of that name, else the first with evidence."""
    with_evidence = [item for item in _fields(event) if fragments_of(item, text)[0]]
    return next((item for item in with_evidence if item["name"] == TRIGGER), next(iter(with_evidence), None))


def _evidence_alone(item: Data) -> Data:
    """Return a field's evidence without its attributes and notes, for a trigger that borrows it."""
    brat = {key: value for key, value in object_at(item, "brat").items() if key in ("fragments", "quote")}
    return {"spans": item.get("spans"), "brat": brat}
