"""Translates the events, relations, equivalences and entities of a brat file into events of the native form.

- An event keeps its id. Its first field is ``trigger``. Each role becomes a field, named without the number of a
  repeated role, with the text and spans of the annotation it refers to. A role that refers to another event has that
  event's trigger as its value and its id in ``brat``; the other event has ``argument_of`` in its ``brat``.
- Attributes of an event, and notes on it other than ``AnnotatorNotes``, become fields without spans.
- A relation becomes an event with a field for each argument; an equivalence one with a field ``member`` for each.
- Text-bound annotations that nothing refers to become the fields of one event ``entities``, named after their labels.

Everything else is kept under ``brat``: for a field the ``id``, ``label`` and ``role``, and the ``attributes``,
``normalizations`` and ``notes`` of its annotation; for an event its ``kind``; for a document the ``order`` of the ids
and the ``other`` lines.
"""

from collections import defaultdict
from typing import Any

from db.formats.brat.ann import (
    ANNOTATOR_NOTES,
    Annotations,
    Attached,
    Attribute,
    Equivalence,
    EventLine,
    Normalization,
    Note,
    Relation,
    TextBound,
    parse_ann,
    split_role,
)
from db.formats.format import Data, OffsetUnit
from db.formats.shared.spans.placing import RawSpan, place_spans

TRIGGER, MEMBER, ENTITIES, VALUE = "trigger", "member", "entities", "Value"
_KEYS: dict[type, str] = {Attribute: "attributes", Normalization: "normalizations", Note: "notes"}


def document_of_ann(text: str, ann: str, unit: OffsetUnit | None = None, extractor: str | None = None) -> Data:
    """Return the ``events`` and ``brat`` of a document, and ``notes`` for the user as a list of lines."""
    return _Translation(text, parse_ann(ann), unit, extractor).document()


class _Translation:
    def __init__(self, text: str, annotations: Annotations, unit: OffsetUnit | None, extractor: str | None) -> None:
        self.text = text
        self.by_id = annotations.by_id
        self.invalid_lines = annotations.other
        self.extractor = extractor
        self.notes: list[str] = list(annotations.faults)
        self.attached: dict[str, list[Attached]] = defaultdict(list)  # attributes, notes … by the id they are on
        self.argument_of: dict[str, list[str]] = defaultdict(list)
        self.referenced: set[str] = set()  # ids that an event, relation or equivalence refers to
        self.translated: set[str] = set()  # ids of attached annotations that went into an event or field
        self.spans: dict[str, list[list[int]] | None] = self._placed(unit)
        for item in self.by_id.values():
            if isinstance(item, Attached):
                self.attached[item.target].append(item)
            elif isinstance(item, EventLine):
                self.referenced.add(item.trigger)
            if isinstance(item, EventLine | Relation):
                for role, target in item.arguments:
                    self.referenced.add(target)
                    self.argument_of[target].append(f"{role} of {item.id}")
            elif isinstance(item, Equivalence):
                self.referenced.update(item.members)

    def document(self) -> Data:
        events = []
        for item in self.by_id.values():
            if isinstance(item, EventLine):
                events.append(self._event(item))
            elif isinstance(item, Relation):
                fields = [self._field(role, target) for role, target in item.arguments]
                events.append(self._native_event(item.id, item.type, fields, {"kind": "relation"}))
            elif isinstance(item, Equivalence):
                fields = [self._field(MEMBER, target) for target in item.members]
                events.append(self._native_event(item.id, item.type, fields, {"kind": "equivalence"}))
        bound = [item for item in self.by_id.values() if isinstance(item, TextBound)]
        if fields := [self._text_field(item.label, item) for item in bound if item.id not in self.referenced]:
            events.append(self._native_event(ENTITIES, ENTITIES, fields, {"kind": ENTITIES}))
        attached = [item for item in self.by_id.values() if isinstance(item, Attached)]
        untranslated = [str(item) for item in attached if item.id not in self.translated]
        brat: Data = {"order": list(self.by_id)} if self.by_id else {}
        if untranslated or self.invalid_lines:
            brat["other"] = untranslated + self.invalid_lines
        return {"events": events, **({"brat": brat} if brat else {}), "notes": self.notes}

    def _placed(self, unit: OffsetUnit | None) -> dict[str, list[list[int]] | None]:
        bound = [item for item in self.by_id.values() if isinstance(item, TextBound)]
        marks = [mark for item in bound for mark in _marks(item)]
        placed = place_spans(self.text, marks, unit)
        self.notes += placed.notes
        spans, at = {}, 0
        for item in bound:
            of_item = placed.spans[at : at + len(item.fragments)]
            at += len(item.fragments)
            spans[item.id] = [list(span) for span in of_item if span is not None] if all(of_item) else None
        return spans

    def _event(self, item: EventLine) -> Data:
        fields = [self._field(TRIGGER, item.trigger)]
        for role, target in item.arguments:
            field = self._field(split_role(role)[0], target)
            if role != field["name"]:
                field["brat"]["role"] = role
            fields.append(field)
        return self._native_event(item.id, item.type, fields, {})

    def _native_event(self, id_: str, type_: str, fields: list[Data], brat: Data) -> Data:
        event: Data = {"id": id_, "type": type_}
        if self.extractor:
            event["extractor"] = self.extractor
        if self.argument_of.get(id_):
            brat["argument_of"] = self.argument_of[id_]
        for item in self.attached.get(id_, ()):
            self.translated.add(item.id)
            if isinstance(item, Attribute):
                value = True if item.value is None else item.value
                fields.append({"name": item.type, "value": value, "brat": {"id": item.id}})
            elif isinstance(item, Note) and item.type != ANNOTATOR_NOTES:
                fields.append({"name": item.type, "value": item.text, "brat": {"id": item.id}})
            else:
                brat.setdefault(_KEYS[type(item)], []).append(_kept(item))
        if "notes" in brat and brat["notes"][0]["text"]:
            event["note"] = brat["notes"][0]["text"]
        event["fields"] = fields
        return event | ({"brat": brat} if brat else {})

    def _field(self, name: str, id_: str) -> Data:
        item = self.by_id.get(id_)
        if isinstance(item, TextBound):
            return self._text_field(name, item)
        trigger = self.by_id.get(item.trigger) if isinstance(item, EventLine) else None
        if isinstance(trigger, TextBound):
            field = self._text_field(name, trigger)
            return {key: field[key] for key in ("name", "value", "spans") if key in field} | {"brat": {"id": id_}}
        if item is None:
            self.notes.append(f"{name} refers to {id_}, which doesn't exist")
        return {"name": name, "value": id_, "brat": {"id": id_, "names": True}}

    def _text_field(self, name: str, item: TextBound) -> Data:
        spans = self.spans[item.id]
        brat: Data = {"id": item.id, "label": item.label}
        value: Any = covered(self.text, spans) if spans else item.quote or ""
        for attached in self.attached.get(item.id, ()):
            self.translated.add(attached.id)
            brat.setdefault(_KEYS[type(attached)], []).append(_kept(attached))
            if isinstance(attached, Note) and attached.type == VALUE:
                value = attached.text
        field: Data = {"name": name, "value": value}
        if spans:
            field["spans"] = spans
        else:
            field["grounding"] = "none"
            brat["fragments"] = [list(fragment) for fragment in item.fragments]
            if item.quote is not None:
                brat["quote"] = item.quote
        return field | {"brat": brat}


def covered(text: str, spans: list[list[int]]) -> str:
    """Return the text of fragments, joined with spaces as brat does."""
    return " ".join(text[start:end] for start, end in spans)


def _marks(item: TextBound) -> list[RawSpan]:
    """Return the fragments, each with its part of the quote if their lengths add up in characters or bytes."""
    quote = item.quote
    if len(item.fragments) == 1 or not quote:
        return [RawSpan(start, end, quote or None) for start, end in item.fragments]
    lengths = [max(0, end - start) for start, end in item.fragments]
    for parts in (quote, quote.encode()):
        if len(parts) == sum(lengths) + len(lengths) - 1:
            marks, at = [], 0
            for (start, end), length in zip(item.fragments, lengths, strict=True):
                part = parts[at : at + length]
                marks.append(RawSpan(start, end, part if isinstance(part, str) else part.decode(errors="replace")))
                at += length + 1
            return marks
    return [RawSpan(start, end) for start, end in item.fragments]


def _kept(item: Attached) -> Data:
    return {key: value for key, value in item._asdict().items() if key != "target" and value is not None}
