"""Writes the events of a document as the lines of a brat .ann file.

Ids that a document came with are kept as far as they still fit; what is new gets the next number. What stands is
written: neither rejected events nor removed fields. An event needs evidence, which its trigger is laid on where it has
none; a value that is not the text of its spans stands in a note ``Value``, a field without spans in a note of its name.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from db.formats.brat.ann import (
    ANNOTATOR_NOTES,
    Annotation,
    Attribute,
    Equivalence,
    EventLine,
    Fragments,
    Normalization,
    Note,
    Relation,
    TextBound,
    split_id,
    split_role,
    target_of,
)
from db.formats.brat.conf import Used
from db.formats.brat.events import ENTITIES, MEMBER, TRIGGER, VALUE, Json, covered
from db.formats.brat.fragments import LINE_ENDS, fragments_of, list_of, object_of, objects_of, on_one_line

_WORDS = re.compile(r"\S+(?: \S+)*")
_WORD_ALONE = re.compile(r"[^\s:]+")
_TEXT, _EVENT, _RELATION = re.compile(r"T\d+"), re.compile(r"E\d+"), re.compile(r"R\d+")
_ATTRIBUTE, _NORMALIZATION, _NOTE = re.compile(r"[AM]\d+"), re.compile(r"N\d+"), re.compile(r"#\d+")


@dataclass(frozen=True, slots=True)
class Written:
    """An .ann file; ``ids`` has for each event of the document the id it has there, None where it is not there."""

    ann: str
    ids: tuple[str | None, ...]


def write_ann(document: Json, text: str, used: Used) -> Written:
    """The lines of a document in the native form, whose types are added to ``used``."""
    return _Writer(document, text, used).written()


def is_standing(item: Json) -> bool:
    """Whether an event was not rejected, or a field not removed."""
    return item.get("status") != "rejected" and item.get("state") != "removed"


def without_defaults(document: Json) -> Json:
    """A document without what an export says of events and fields that nobody decided about."""
    events = []
    for event in document.get("events") or ():
        fields = [
            {key: value for key, value in item.items() if (key, value) != ("state", "extracted")}
            for item in event.get("fields") or ()
        ]
        plain = {key: value for key, value in event.items() if (key, value) != ("status", "pending")}
        events.append(plain | {"fields": fields})
    return document | {"events": events}


_Bound = tuple[str, Fragments, str | None]  # label, fragments, and a value that is not their text


class _Writer:
    def __init__(self, document: Json, text: str, used: Used) -> None:
        self.text = text
        self.used = used
        self.brat = object_of(document.get("brat"))
        self.events: list[Json] = list(document.get("events") or ())
        self.known = [id_ for id_ in list_of(self.brat.get("order")) if isinstance(id_, str)]
        self.lines: dict[str, Annotation] = {}
        self.bound: dict[_Bound, list[str]] = {}
        self.claimed: dict[str, _Bound] = {}
        self.numbers: dict[str, int] = {}
        self.of_brat = bool(self.known)
        for id_ in [*self.known, *(str(event.get("id")) for event in self.events)]:
            letters, number = split_id(id_)
            self.numbers[letters] = max(self.numbers.get(letters, 0), number)
        self.triggers: dict[str, tuple[str, Any]] = {}  # of events by what they were called: id, and spans of trigger

    def written(self) -> Written:
        ids: list[str | None] = [None] * len(self.events)
        standing = [(n, event) for n, event in enumerate(self.events) if is_standing(event)]
        happenings = [(n, event, _trigger(event, self.text)) for n, event in standing if _kind(event) == "event"]
        self._claim(event for _, event in standing)
        for n, event, trigger in happenings:
            if trigger is not None:
                ids[n] = self._id("E", event.get("id"), _EVENT)
                self.triggers.setdefault(str(event.get("id")), (str(ids[n]), trigger.get("spans")))
                self.lines[str(ids[n])] = EventLine(str(ids[n]), "", "", ())  # taken; written when its roles are
        for n, event, trigger in happenings:
            if trigger is not None:
                self._event(str(ids[n]), event, trigger)
        for n, event in standing:
            if _kind(event) == "relation":
                ids[n] = self._relation(event)
            elif _kind(event) == "equivalence":
                ids[n] = self._equivalence(event)
            elif _kind(event) == ENTITIES:
                for item in _fields(event):
                    if self._text(item, self._label(item)):
                        ids[n] = ENTITIES
        lines = "".join(f"{line}\n" for line in self._in_order())
        return Written(lines, tuple(ids))

    def _in_order(self) -> Iterator[str]:
        for id_ in dict.fromkeys([*self.known, *self.lines]):
            if id_ in self.lines:
                yield self.lines[id_].line
        for line in list_of(self.brat.get("other")):
            if isinstance(line, str) and not LINE_ENDS.search(line):
                target = target_of(line)
                if target is None or target in self.lines or target not in self.known:
                    yield line

    def _event(self, id_: str, event: Json, trigger: Json) -> None:
        type_ = self._name(event["type"])
        fields = _fields(event)
        label = self._text(trigger if trigger.get("name") == TRIGGER else _bare(trigger), type_) or ""
        arguments: list[tuple[str, str]] = []
        rest = []
        for item in fields:
            if item is trigger and item.get("name") == TRIGGER:
                continue
            target = self._target(item)
            if target is None:
                rest.append(item)
            else:
                arguments.append((self._role(item, {role for role, _ in arguments}), target))
        del self.lines[id_]  # so that it stands after what it names
        self.lines[id_] = EventLine(id_, type_, label, tuple(arguments))
        self.used.events.setdefault(type_, set()).update(split_role(role)[0] for role, _ in arguments)
        self._say(id_, event, rest)

    def _relation(self, event: Json) -> str | None:
        ends, rest = self._parted(event)
        if len(ends) != 2:
            return None
        roles = [self._name(ends[0]["name"]), self._name(ends[1]["name"])]
        if roles[0] == roles[1]:
            roles[1] += "2"
        id_ = self._id("R", event.get("id"), _RELATION)
        targets = [str(self._target(item)) for item in ends]
        relation = Relation(id_, self._name(event["type"]), tuple(zip(roles, targets, strict=True)))
        self.lines[id_] = relation
        self.used.relations.setdefault(relation.type, tuple(roles))
        self._say(id_, event, rest)
        return id_

    def _equivalence(self, event: Json) -> str | None:
        members = tuple(str(self._target(item)) for item in self._parted(event)[0] if item["name"] == MEMBER)
        if len(members) < 2:
            return None
        type_ = self._name(event["type"])
        id_ = f"*{type_}:{','.join(members)}"
        self.lines[id_] = Equivalence(id_, type_, members)
        self.used.equivalences.add(type_)
        return id_

    def _parted(self, event: Json) -> tuple[list[Json], list[Json]]:
        """The fields that can be named by an id, and the others."""
        fields = _fields(event)
        named = [item for item in fields if self._is_named(item)]
        return named, [item for item in fields if not self._is_named(item)]

    def _is_named(self, item: Json) -> bool:
        return self._event_named(item) is not None or bool(fragments_of(item, self.text)[0])

    def _target(self, item: Json) -> str | None:
        """The id of what a field is about: an event, or its text."""
        return self._event_named(item) or self._text(item, self._label(item))

    def _event_named(self, item: Json) -> str | None:
        brat = object_of(item.get("brat"))
        had = brat.get("id")
        if not isinstance(had, str):
            return None
        id_, spans = self.triggers.get(had, (None, None))
        if id_ and item.get("spans") == spans:
            return id_
        return had if brat.get("names") is True and item.get("value") == had and _WORD_ALONE.fullmatch(had) else None

    def _text(self, item: Json, label: str) -> str | None:
        """The id of the text-bound annotation of a field; None where it rests on no text."""
        brat = object_of(item.get("brat"))
        (_, fragments, value), quote = bound = self._bound(item, label)
        if not fragments:
            return None
        had = brat.get("id")
        same = self.bound.setdefault(bound[0], [])
        keeps = isinstance(had, str) and self.claimed.get(had) == bound[0]
        id_ = str(had) if keeps else same[0] if same else self._new("T")
        if id_ in same:
            return id_
        same.append(id_)
        self.lines[id_] = TextBound(id_, label, fragments, quote)
        self.used.labels.add(label)
        for attribute in objects_of(brat.get("attributes")):
            self._attribute(id_, attribute.get("type"), attribute.get("value", True), attribute.get("id"))
        self._normalizations(id_, brat)
        notes = objects_of(brat.get("notes"))
        if value is not None and not any(note.get("type") == VALUE for note in notes):
            notes.append({"type": VALUE})
        for note in notes:
            if note.get("type") != VALUE:
                self._note(id_, note.get("type"), note.get("text"), note.get("id"))
            elif value is not None:
                self._note(id_, VALUE, value, note.get("id"))
        return id_

    def _bound(self, item: Json, label: str) -> tuple[_Bound, str | None]:
        """What a field is bound to, and the text of it."""
        fragments, quote = fragments_of(item, self.text)
        said = covered(self.text, item["spans"]) if item.get("spans") else quote
        value = None if item.get("value", said) in (said, quote) else on_one_line(item["value"])
        return (label, fragments, value), quote

    def _claim(self, events: Iterable[Json]) -> None:
        """Which of the fields that came with the same id keeps it: one that nobody corrected, else the first."""
        corrected = []
        for event in events:
            trigger = _trigger(event, self.text) if _kind(event) == "event" else None
            for item in _fields(event):
                id_ = object_of(item.get("brat")).get("id")
                if not isinstance(id_, str) or not _TEXT.fullmatch(id_):
                    continue
                is_trigger = item is trigger and item["name"] == TRIGGER
                bound = self._bound(item, self._name(event["type"]) if is_trigger else self._label(item))[0]
                if item.get("state") == "corrected":
                    corrected.append((id_, bound))
                else:
                    self.claimed.setdefault(id_, bound)
        for id_, bound in corrected:
            self.claimed.setdefault(id_, bound)

    def _say(self, id_: str, event: Json, fields: list[Json]) -> None:
        """What is said of an event: its notes, and fields that rest on no text."""
        brat = object_of(event.get("brat"))
        self._normalizations(id_, brat)
        notes = objects_of(brat.get("notes"))
        said = event.get("note")
        if isinstance(said, str) and said:
            if not notes:
                notes.append({"type": ANNOTATOR_NOTES})
            notes[0]["text"] = said
        for note in notes:
            self._note(id_, note.get("type"), note.get("text"), note.get("id"))
        for item in fields:
            had, value = object_of(item.get("brat")).get("id"), item.get("value")
            as_attribute = isinstance(had, str) and _ATTRIBUTE.fullmatch(had)
            if as_attribute and (value is True or (isinstance(value, str) and _WORDS.fullmatch(value))):
                self._attribute(id_, item["name"], value, had)
            else:
                self._note(id_, item["name"] if had else self._name(item["name"]), on_one_line(value), had)

    def _attribute(self, target: str, type_: object, value: object, had: object) -> None:
        plain = None if value is True else on_one_line(value)
        letter = "M" if isinstance(had, str) and had.startswith("M") else "A"
        id_ = self._id(letter, had, _ATTRIBUTE)
        attribute = Attribute(id_, _word(type_), target, plain)
        self.lines[id_] = attribute
        self.used.add_attribute(attribute.type, plain)

    def _normalizations(self, target: str, brat: Json) -> None:
        for item in objects_of(brat.get("normalizations")):
            id_ = self._id("N", item.get("id"), _NORMALIZATION)
            line = (on_one_line(item.get("reference")), on_one_line(item.get("text")))
            self.lines[id_] = Normalization(id_, _word(item.get("type")), target, *line)

    def _note(self, target: str, type_: object, text: object, had: object) -> None:
        id_ = self._id("#", had, _NOTE)
        self.lines[id_] = Note(id_, _word(type_), target, on_one_line(text))

    def _name(self, text: object) -> str:
        """A type or role as brat takes it; of brat's own documents, all that can stand in its files."""
        if self.of_brat:
            return _word(text).replace(":", "_")
        return re.sub(r"[^a-zA-Z0-9_-]+", "_", str(text)) or "_"

    def _label(self, item: Json) -> str:
        label = object_of(item.get("brat")).get("label")
        return _word(label) if isinstance(label, str) else self._name(item["name"])

    def _role(self, item: Json, taken: set[str]) -> str:
        """The role a field came with, if it is still called so; else its name with the next number that is free."""
        role = object_of(item.get("brat")).get("role")
        if isinstance(role, str) and split_role(role)[0] == item["name"] and _WORD_ALONE.fullmatch(role):
            return role
        base = candidate = self._name(item["name"])
        number = 2
        while candidate in taken:
            candidate = f"{base}{number}"
            number += 1
        return candidate

    def _id(self, letters: str, had: object, fits: re.Pattern[str]) -> str:
        """The id something had, if it is of the kind and free; else the next one."""
        if isinstance(had, str) and fits.fullmatch(had) and had not in self.lines:
            return had
        return self._new(letters)

    def _new(self, letters: str) -> str:
        while True:
            self.numbers[letters] = self.numbers.get(letters, 0) + 1
            if (id_ := f"{letters}{self.numbers[letters]}") not in self.lines and id_ not in self.claimed:
                return id_


def _kind(event: Json) -> str:
    kind = object_of(event.get("brat")).get("kind")
    return kind if kind in ("relation", "equivalence", ENTITIES) else "event"


def _fields(event: Json) -> list[Json]:
    return [item for item in event.get("fields") or () if is_standing(item)]


def _trigger(event: Json, text: str) -> Json | None:
    """The field that an event's trigger is laid on: the one of that name, else the first that rests on text."""
    fields = _fields(event)
    bound = [item for item in fields if fragments_of(item, text)[0]]
    return next((item for item in bound if item["name"] == TRIGGER), bound[0] if bound else None)


def _bare(item: Json) -> Json:
    """A field's text without what is said of it, for a trigger that is laid on it."""
    brat = {key: value for key, value in object_of(item.get("brat")).items() if key in ("fragments", "quote")}
    return {"spans": item.get("spans"), "brat": brat}


def _word(text: object) -> str:
    return re.sub(r"\s+", "_", str(text)) or "_"
