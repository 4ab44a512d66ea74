"""Reads a doccano example as a document with one event: spans become fields, relations groups of ``from`` and ``to``.

Spans are triples or entities, depending on doccano's version and the project. Everything else in the example is kept
under ``doccano`` in the event and its fields, so that it can be written again.
"""

from typing import Any

from db.formats.format import Data, ReadOptions
from db.formats.shared.annotated_text import (
    DEFAULT_EVENT_TYPE,
    EXTRA_KEY,
    UnreadItems,
    derived_id,
    extra_of,
    field_for_span,
    required_text,
    restore_document,
    unread_notes,
)
from db.formats.shared.objects import list_at, object_at, without
from db.formats.shared.spans.placing import RawSpan, place_spans

MARK = "doccano"
SPANS = ("label", "labels", "entities", "annotations")  # keys of lists of triples or entities
CLASSES = ("label", "labels", "cats")  # keys of lists of labels of the whole text; fields are named after the key
_WRITTEN = frozenset(("id", "text", "label", "Comments", EXTRA_KEY))
_READ = frozenset(("id", "text", "data", "relations", "Comments", "annotation_approver", EXTRA_KEY, *SPANS, *CLASSES))
_NOTHING: tuple[Any, ...] = (None, "", [], {})
LABEL_NAME = "label_name"  # added to an annotation of an old export, and left out when it is written
_OFFSETS = ("start_offset", "end_offset")  # keys of an entity
_DIGITS = 8


def read_example(example: Data, options: ReadOptions) -> tuple[Data, tuple[str, ...]]:
    """Return a document with an event, or none if nothing is labelled; and notes. Raises InputError without a text."""
    advice = "eventdesk can't review images or sound" if "filename" in example else "add it or remove the example"
    text_key = text_key_of(example)
    text = required_text({"text": example.get(text_key)}, advice)
    example, notes = _in_code_points(example, text, options)
    extra = extra_of(example)
    document = _document(example if extra is None else without(example, EXTRA_KEY), text, options)
    unread = object_at(document["events"][0][MARK], "left") if document["events"] else {}
    reasons = {"relations": "refer to unknown entities"}
    notes += tuple(unread_notes(unread, offsets_of, lambda key: reasons.get(key, "aren't spans")))
    whole, changed = restore_document(document, extra, MARK, CLASSES, _WRITTEN)
    return whole, (*notes, *changed)


def offsets_of(item: object) -> tuple[int, int] | None:
    """Return the start and end of a triple or an entity; None for anything else."""
    if isinstance(item, list) and len(item) >= 3:
        start, end = item[0], item[1]
    elif isinstance(item, dict):
        start, end = map(item.get, _OFFSETS)
    else:
        return None
    return (start, end) if type(start) is type(end) is int else None


def text_key_of(example: Data) -> str:
    """Return the key of the text: ``data`` in some versions of doccano, else ``text``."""
    return "data" if "text" not in example and isinstance(example.get("data"), str) else "text"


def item_field(key: str, item: object, text: str) -> Data | None:
    """Return the field of an item under ``key``; None if it is neither a label nor a span of the text."""
    if isinstance(item, str) and key in CLASSES:
        return {"name": key, "value": item, MARK: {"in": key}}
    if key == "annotations" and isinstance(item, dict) and not any(name in item for name in _OFFSETS):
        return _old_label(item)
    offsets = offsets_of(item)
    if offsets is None or key == "cats" or not 0 <= offsets[0] < offsets[1] <= len(text):
        return None
    label = item[2] if isinstance(item, list) else _label_of(item)  # type: ignore[arg-type]
    return field_for_span(label, text, *offsets) | {MARK: {"in": key, "item": item}}


def _old_label(item: Data) -> Data | None:
    """Return the field of an annotation of the whole text in an old export: a label, or the text of a seq2seq."""
    value = _label_of(item) if "label" in item else item.get("text")
    return {"name": "label", "value": value, MARK: {"in": "annotations", "item": item}} if value else None


def _label_of(item: Data) -> Any:
    label = item.get(LABEL_NAME, item.get("label"))
    return str(label) if type(label) is int else label  # old exports give the number of a label


def with_label_names(example: Data, names: dict[int, str]) -> Data:
    """Return an example of an old export with the names of its labels, which it gives as numbers only."""
    items = example.get("annotations")
    if not names or not isinstance(items, list):
        return example
    named = [
        item | {LABEL_NAME: names[item["label"]]}
        if isinstance(item, dict) and type(item.get("label")) is int and item["label"] in names
        else item
        for item in items
    ]
    return example | {"annotations": named}


def unread_keys(example: Data) -> tuple[str, ...]:
    """Return the names of the keys of an example that are kept but not read."""
    return tuple(f"key {key}" for key, value in example.items() if key not in _READ and value not in _NOTHING)


def relation_fields(relation: Data, ends: dict[Any, Data], number: int) -> list[Data] | None:
    """Return the two fields of a relation, in a group named after its type; None if an end isn't in ``ends``."""
    ids = (relation.get("from_id"), relation.get("to_id"))
    if not all(type(id_) in (int, str) and id_ in ends for id_ in ids):
        return None
    kind = relation.get("type")
    group = f"{kind if isinstance(kind, str) and kind else 'relation'}:{number}"
    fields: list[Data] = [
        {"name": name, "value": ends[id_]["value"], "group": group, "spans": ends[id_]["spans"]}
        for name, id_ in zip(("from", "to"), ids, strict=True)
    ]
    fields[0][MARK] = {"relation": relation}
    return fields


def entity_fields(fields: list[Data]) -> dict[Any, Data]:
    """Return the fields of entities by the entities' ids."""
    ends: dict[Any, Data] = {}
    for field in fields:
        item = object_at(field, MARK).get("item")
        if isinstance(item, dict) and type(item.get("id")) in (int, str):
            ends.setdefault(item["id"], field)
    return ends


def note_of(example: Data) -> str | None:
    """Return the comments of an example as one note."""
    comments = (
        item.get("comment", item.get("text")) if isinstance(item, dict) else item
        for item in list_at(example, "Comments")
    )
    return "\n".join(text for text in comments if isinstance(text, str) and text) or None


def review_of(example: Data) -> Data:
    """Return the decision that an approval stands for; empty if there is none."""
    approver = example.get("annotation_approver")
    return {"status": "confirmed", "reviewer": approver} if isinstance(approver, str) and approver else {}


def _document(example: Data, text: str, options: ReadOptions) -> Data:
    text_key = text_key_of(example)
    rest = without(example, text_key)
    fields: list[Data] = []
    unread: dict[str, UnreadItems] = {}
    for key in dict.fromkeys((*SPANS, *CLASSES)):
        if not isinstance(example.get(key), list):
            continue
        rest[key] = []
        for position, item in enumerate(example[key]):
            field = item_field(key, item, text)
            if field is None:
                unread.setdefault(key, []).append([position, item])
            else:
                fields.append(field)
    if isinstance(example.get("relations"), list):
        rest["relations"] = []
        ends, number = entity_fields(fields), 0
        for position, item in enumerate(example["relations"]):
            pair = relation_fields(item, ends, number + 1) if isinstance(item, dict) else None
            if pair is None:
                unread.setdefault("relations", []).append([position, item])
            else:
                number += 1
                fields += pair
    document: Data = {"text": text}
    id_ = example.get("id")
    mark: Data = {"task": rest, **({"left": unread} if unread else {})}
    if text_key != "text":
        mark["text_key"] = text_key
    review, note = review_of(example), note_of(example)
    if type(id_) in (int, str) and id_ != "":
        # doccano numbers the examples of each project from 1, so the number alone isn't unique.
        document["id"] = f"doccano-{str(id_)[:40]}-{derived_id('', [id_, text])[:_DIGITS]}"
    else:
        document["id"] = derived_id("doccano-", example)
    if not fields and not unread and not review and note is None:
        document[MARK] = mark
        return document | {"events": []}
    event: Data = {"id": f"{document['id']}/1", "type": DEFAULT_EVENT_TYPE, "fields": fields, **review}
    if extractor := options.extractor or options.unnamed:
        event["extractor"] = extractor
    if note is not None:
        event["note"] = note
    event[MARK] = mark
    return document | {"events": [event]}


def _in_code_points(example: Data, text: str, options: ReadOptions) -> tuple[Data, tuple[str, ...]]:
    keys = [key for key in SPANS if isinstance(example.get(key), list)]
    found = [
        (key, number, offsets)
        for key in keys
        for number, item in enumerate(example[key])
        if (offsets := offsets_of(item))
    ]
    placed = place_spans(text, [RawSpan(*offsets) for _, _, offsets in found], options.offsets)
    moved = dict(example)
    for (key, number, offsets), span in zip(found, placed.spans, strict=True):
        if span is not None and span != offsets:
            if moved[key] is example[key]:
                moved[key] = list(example[key])
            item = example[key][number]
            is_entity = isinstance(item, dict)
            moved[key][number] = item | dict(zip(_OFFSETS, span, strict=True)) if is_entity else [*span, *item[2:]]
    return moved, placed.notes
