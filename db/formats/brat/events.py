"""Events, relations, equivalences and entities of a brat file as events of the native form.

- An event keeps its id. Its first field is ``trigger``; each role is a field with the text and spans of what it names,
  without the number of roles that repeat. A role that names another event has that one's trigger as value, and its id
  in ``brat``; the other one has ``argument_of`` in its own.
- Attributes of an event, and notes on it that are not ``AnnotatorNotes``, are fields without spans.
- A relation is an event with a field for either argument, an equivalence one with a field ``member`` for each.
- What none of these names is in one event ``entities``, a field for each under its label.

What has no place there is in ``brat``: of a field the ``id``, ``label`` and ``role``, and ``attributes``,
``normalizations`` and ``notes`` of what it names; of an event its ``kind``; of a document the ``order`` of the ids and
``other`` lines.
"""

from collections import defaultdict
from typing import Any

from db.formats.brat.ann import (
    ANNOTATOR_NOTES,
    Annotation,
    Annotations,
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
from db.formats.format import OffsetUnit
from db.formats.shared.spans import Mark, place

TRIGGER, MEMBER, ENTITIES, VALUE = "trigger", "member", "entities", "Value"

Json = dict[str, Any]


def document_of_ann(text: str, ann: str, unit: OffsetUnit | None = None, extractor: str | None = None) -> Json:
    """``events`` and ``brat`` of a document, with ``notes`` for what a person should know, as a list of lines."""
    return _Translation(text, parse_ann(ann), unit, extractor).document()


class _Translation:
    def __init__(self, text: str, annotations: Annotations, unit: OffsetUnit | None, extractor: str | None) -> None:
        self.text = text
        self.by_id = annotations.by_id
        self.annotations = annotations
        self.extractor = extractor
        self.notes: list[str] = list(annotations.faults)
        self.about: dict[str, list[Annotation]] = defaultdict(list)
        self.argument_of: dict[str, list[str]] = defaultdict(list)
        self.named: set[str] = set()  # text-bound annotations that some event names
        self.told: set[str] = set()  # ids of what is in some event or field
        self.spans: dict[str, list[list[int]] | None] = self._placed(unit)
        for item in self.by_id.values():
            if isinstance(item, Attribute | Normalization | Note):
                self.about[item.target].append(item)
            elif isinstance(item, EventLine):
                self.named.add(item.trigger)
            if isinstance(item, EventLine | Relation):
                self.named.update(target for _, target in item.arguments)
                for role, target in item.arguments:
                    self.argument_of[target].append(f"{role} of {item.id}")
            elif isinstance(item, Equivalence):
                self.named.update(item.members)

    def document(self) -> Json:
        events = []
        for item in self.by_id.values():
            if isinstance(item, EventLine):
                events.append(self._event(item))
            elif isinstance(item, Relation):
                fields = [self._field(role, target) for role, target in item.arguments]
                events.append(self._made(item.id, item.type, fields, {"kind": "relation"}))
            elif isinstance(item, Equivalence):
                fields = [self._field(MEMBER, target) for target in item.members]
                events.append(self._made(item.id, item.type, fields, {"kind": "equivalence"}))
        alone = [item for item in self.by_id.values() if isinstance(item, TextBound) and item.id not in self.named]
        if alone:
            fields = [self._field(item.label, item.id) for item in alone]
            events.append(self._made(ENTITIES, ENTITIES, fields, {"kind": ENTITIES}))
        untold = [
            item.line
            for item in self.by_id.values()
            if isinstance(item, Attribute | Normalization | Note) and item.id not in self.told
        ]
        brat: Json = {"order": self.annotations.order} if self.by_id else {}
        if untold or self.annotations.other:
            brat["other"] = untold + self.annotations.other
        return {"events": events, **({"brat": brat} if brat else {}), "notes": self.notes}

    def _placed(self, unit: OffsetUnit | None) -> dict[str, list[list[int]] | None]:
        bound = [item for item in self.by_id.values() if isinstance(item, TextBound)]
        marks = [mark for item in bound for mark in _marks(item)]
        placed = place(self.text, marks, unit)
        self.notes += placed.notes
        spans, at = {}, 0
        for item in bound:
            of_item = placed.spans[at : at + len(item.fragments)]
            at += len(item.fragments)
            spans[item.id] = [list(span) for span in of_item if span is not None] if all(of_item) else None
        return spans

    def _event(self, item: EventLine) -> Json:
        fields = [self._field(TRIGGER, item.trigger)]
        for role, target in item.arguments:
            field = self._field(split_role(role)[0], target)
            if role != field["name"]:
                field["brat"]["role"] = role
            fields.append(field)
        return self._made(item.id, item.type, fields, {})

    def _made(self, id_: str, type_: str, fields: list[Json], brat: Json) -> Json:
        """An event with what is said about it."""
        event: Json = {"id": id_, "type": type_}
        if self.extractor:
            event["extractor"] = self.extractor
        notes, normalizations = [], []
        for item in self.about.get(id_, ()):
            self.told.add(item.id)
            if isinstance(item, Attribute):
                value = True if item.value is None else item.value
                fields.append({"name": item.type, "value": value, "brat": {"id": item.id}})
            elif isinstance(item, Normalization):
                normalizations.append(_normalization(item))
            elif isinstance(item, Note) and item.type == ANNOTATOR_NOTES:
                notes.append(_note(item))
            elif isinstance(item, Note):
                fields.append({"name": item.type, "value": item.text, "brat": {"id": item.id}})
        if self.argument_of.get(id_):
            brat["argument_of"] = self.argument_of[id_]
        if normalizations:
            brat["normalizations"] = normalizations
        if notes:
            brat["notes"] = notes
            if notes[0]["text"]:
                event["note"] = notes[0]["text"]
        event["fields"] = fields
        return event | ({"brat": brat} if brat else {})

    def _field(self, name: str, id_: str) -> Json:
        """A field of what an id names."""
        item = self.by_id.get(id_)
        if isinstance(item, TextBound):
            return self._of_text(name, item)
        bound = self.by_id.get(item.trigger) if isinstance(item, EventLine) else None
        if isinstance(bound, TextBound):
            field = self._of_text(name, bound)
            return {key: field[key] for key in ("name", "value", "spans") if key in field} | {"brat": {"id": id_}}
        if item is None:
            self.notes.append(f"{name}: names {id_}, which is not there")
        return {"name": name, "value": id_, "brat": {"id": id_, "names": True}}

    def _of_text(self, name: str, item: TextBound) -> Json:
        spans = self.spans[item.id]
        brat: Json = {"id": item.id, "label": item.label}
        value: Any = covered(self.text, spans) if spans else item.quote or ""
        for about in self.about.get(item.id, ()):
            self.told.add(about.id)
            if isinstance(about, Attribute):
                attribute = {"id": about.id, "type": about.type}
                brat.setdefault("attributes", []).append(
                    attribute if about.value is None else attribute | {"value": about.value}
                )
            elif isinstance(about, Normalization):
                brat.setdefault("normalizations", []).append(_normalization(about))
            elif isinstance(about, Note):
                brat.setdefault("notes", []).append(_note(about))
                if about.type == VALUE:
                    value = about.text
        field: Json = {"name": name, "value": value}
        if spans:
            field["spans"] = spans
        else:
            field["grounding"] = "none"
            brat["fragments"] = [list(fragment) for fragment in item.fragments]
            if item.quote is not None:
                brat["quote"] = item.quote
        return field | {"brat": brat}


def covered(text: str, spans: list[list[int]]) -> str:
    """The text of fragments, as brat joins it."""
    return " ".join(text[start:end] for start, end in spans)


def _marks(item: TextBound) -> list[Mark]:
    """The fragments, each with its part of the quote, if their lengths tell it."""
    quote = item.quote
    if len(item.fragments) == 1 or not quote:
        return [Mark(start, end, quote or None) for start, end in item.fragments]
    lengths = [max(0, end - start) for start, end in item.fragments]
    for parts in (quote, quote.encode()):
        if len(parts) == sum(lengths) + len(lengths) - 1:
            marks, at = [], 0
            for (start, end), length in zip(item.fragments, lengths, strict=True):
                part = parts[at : at + length]
                marks.append(Mark(start, end, part if isinstance(part, str) else part.decode(errors="replace")))
                at += length + 1
            return marks
    return [Mark(start, end) for start, end in item.fragments]


def _normalization(item: Normalization) -> Json:
    return {"id": item.id, "type": item.type, "reference": item.reference, "text": item.text}


def _note(item: Note) -> Json:
    return {"id": item.id, "type": item.type, "text": item.text}
