"""Labels of a Doc as plain tuples: taken from a Doc, or planned for one from a document's fields, so they compare."""

from dataclasses import dataclass, field
from typing import Any, NamedTuple

from db.formats.format import Data
from db.formats.shared.annotated_text import is_current
from db.formats.shared.objects import object_at
from db.formats.shared.tokens import Mention, without_overlaps

MARK = "spacy"  # the key of a document, event or field under which the spaCy side of it is kept
GROUP = "sc"  # the group that spaCy's own span categorizer uses

Id = str | int  # an int is a hash whose string the vocabulary doesn't know
Label = tuple[int, int, str, Id, Id]  # start and end in characters, label, id, kb_id


class Labelling(NamedTuple):
    """How one file labels its documents: ``by_type`` puts the event type before each label; ``types`` lists all."""

    by_type: bool
    types: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Parts:
    """The entities, span groups and categories that a document puts into a Doc."""

    ents: list[Label] = field(default_factory=list)
    spans: dict[str, list[Label]] = field(default_factory=dict)
    cats: Data = field(default_factory=dict)

    def labels(self, doc: Any) -> tuple[Any, ...]:
        """Return these parts as ``labels_of_doc`` returns them once they are set on ``doc``."""
        groups = {key: _at_tokens(doc, group) for key, group in self.spans.items()}
        return sorted(_at_tokens(doc, self.ents), key=repr), groups, self.cats


def labels_of_doc(doc: Any) -> tuple[Any, ...]:
    """Return all labels of a Doc in a form that can be compared: entities, span groups, categories."""
    groups = {key: [_label(span) for span in group] for key, group in doc.spans.items()}
    return sorted(map(_label, doc.ents), key=repr), groups, dict(doc.cats)


def ids_of(span: Any) -> tuple[Id, Id]:
    """Return the id and the kb_id of a span, each empty if it has none."""
    return _string(span.doc.vocab.strings, span.id), _string(span.doc.vocab.strings, span.kb_id)


def parts_of(document: Data, labelling: Labelling) -> Parts:
    """Return the labels of all events that aren't rejected. Those that came from spaCy go back where they were."""
    parts = Parts()
    events = [event for event in document.get("events") or () if event.get("status") != "rejected"]
    new: list[Label] = []
    for event in events:
        for item in event.get("fields") or ():
            if not is_current(item):
                continue
            mark = object_at(item, MARK)
            if mark.get("in") == "cats" and not item.get("spans"):
                parts.cats[item["name"]] = item["value"]
                continue
            for start, end in item.get("spans") or ():
                _add(parts, new, (start, end), item, mark, event["type"] if labelling.by_type else None)
    present = [Mention(start, end, label) for start, end, label, _, _ in parts.ents]
    for mention in without_overlaps(Mention(start, end, label) for start, end, label, _, _ in new):
        if not any(mention.start < other.end and other.start < mention.end for other in present):
            parts.ents.append((*mention, "", ""))
    if not any(MARK in event for event in events) and events:
        found = {event["type"] for event in events}
        parts.cats.update({type_: float(type_ in found) for type_ in labelling.types})
    return parts


def span_at(doc: Any, label: Label) -> Any:
    """Return the Span of a label, shrunk to whole tokens if it starts or ends in white space; None if none is left."""
    start, end, name, id_, kb_id = label
    span = doc.char_span(start, end, label=name, kb_id=kb_id, span_id=id_)
    if span is None:
        span = doc.char_span(start, end, label=name, kb_id=kb_id, span_id=id_, alignment_mode="contract")
    return span


def _add(parts: Parts, new: list[Label], span: tuple[int, int], item: Data, mark: Data, type_: str | None) -> None:
    original = mark.get("label") if item["name"] in (mark.get("label"), "span") else None
    name = original if isinstance(original, str) else item["name"]
    id_, kb_id = (_valid_id(mark.get(key)) for key in ("id", "kb_id"))
    label: Label = (*span, name if mark or type_ is None else f"{type_}.{name}", id_, kb_id)
    if mark.get("in") == "ents":
        parts.ents.append(label)
    elif mark.get("in") == "spans" and isinstance(mark.get("key"), str):
        parts.spans.setdefault(mark["key"], []).append(label)
    elif label not in new:
        new.append(label)
        parts.spans.setdefault(GROUP, []).append(label)


def _at_tokens(doc: Any, labels: list[Label]) -> list[Label]:
    return [_label(span) for label in labels if (span := span_at(doc, label)) is not None]


def _label(span: Any) -> Label:
    return (span.start_char, span.end_char, span.label_, *ids_of(span))


def _string(strings: Any, number: int) -> Id:
    return strings[number] if number in strings else number  # noqa: SIM401 (a StringStore has no get)


def _valid_id(value: object) -> Id:
    return value if isinstance(value, str) or (type(value) is int and 0 < value < 2**64) else ""
