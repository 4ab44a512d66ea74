"""Writes events as doccano examples. An unchanged event that came from doccano is written as it was read."""

from typing import Any

from db.formats.doccano import reading
from db.formats.doccano.reading import CLASSES, MARK, SPANS
from db.formats.format import Data
from db.formats.shared.annotated_text import (
    complete_record,
    current_fields,
    only_span,
    same_fields,
    same_review,
    with_unread,
)
from db.formats.shared.objects import object_at, objects_in, without
from db.formats.shared.versions import source_text
from db.model import ACCEPTED


def example_of(document: Data, event: Data | None) -> Data:
    """Return the example of an event, None for a document without events."""
    text = source_text(document)
    mark = object_at(document if event is None else event, MARK)
    original = object_at(mark, "task") if isinstance(mark.get("task"), dict) else {"label": []}
    text_key = "data" if mark.get("text_key") == "data" and "text" not in original else "text"
    example: Data = {"id": original["id"], text_key: text} if "id" in original else {text_key: text}
    example |= original | example
    if event is None:
        return complete_record(example, document, None, MARK, reading.read_example)
    if not same_review(reading.review_of(example), event):
        example.pop("annotation_approver", None)
        if event.get("status") in ACCEPTED and event.get("reviewer"):
            example["annotation_approver"] = event["reviewer"]
    if reading.note_of(example) != event.get("note"):
        example.pop("Comments", None)
        if event.get("note"):
            example["Comments"] = [event["note"]]
    _add_items(example, event, text, object_at(mark, "left"))
    return complete_record(example, document, event, MARK, reading.read_example)


def _add_items(example: Data, event: Data, text: str, unread: Data) -> None:
    """Add spans, labels and relations to an example, each as it was read unless its field changed."""
    listed: dict[str, list[Any]] = {key: [] for key in (*SPANS, *CLASSES) if isinstance(example.get(key), list)}
    first = next((key for key in SPANS if key in listed), "entities" if "relations" in example else "label")
    items = [object_at(field, MARK).get("item") for field in event["fields"]]
    ids = {item.get("id") for item in items if isinstance(item, dict) and "start_offset" in item}
    related: dict[str, list[Data]] = {}
    for field, plain in current_fields(event):
        mark = object_at(field, MARK)
        if "relation" in mark or (field.get("group") in related and field["name"] == "to"):
            related.setdefault(field["group"], []).append(plain)
            continue
        key = mark["in"] if mark.get("in") in SPANS or mark.get("in") in CLASSES else first
        original = mark.get("item", field["value"])
        if mark and reading.item_field(key, original, text) == plain:
            listed.setdefault(key, []).append(original)
            continue
        for start, end in field.get("spans") or ():
            listed.setdefault(key, []).append(_item(original, key, field["name"], start, end, ids))
        if key == "annotations" and not field.get("spans") and isinstance(field["value"], str):
            changed = without(object_at({"item": original}, "item"), "label", reading.LABEL_NAME)
            listed.setdefault(key, []).append(changed | {"label": field["value"]})
        elif not field.get("spans") and key in CLASSES and isinstance(field["value"], str) and mark.get("in") == key:
            listed[key].append(field["value"])
    relations = [_relation(pair, listed, first, ids, text, number + 1) for number, pair in enumerate(related.values())]
    for key, labelled in listed.items():
        example[key] = with_unread(labelled, unread.get(key))
    if isinstance(example.get("relations"), list):
        example["relations"] = with_unread([item for item in relations if item], unread.get("relations"))


def _item(original: Any, key: str, name: str, start: int, end: int, ids: set[Any]) -> Any:
    """Return a new or changed span as a triple or an entity, whichever its list holds."""
    if isinstance(original, list):
        return [start, end, name, *original[3:]]
    if isinstance(original, dict):
        return original | {"start_offset": start, "end_offset": end, "label": name}
    if key not in ("entities", "annotations"):
        return [start, end, name]
    id_ = max((id_ for id_ in ids if type(id_) is int), default=-1) + 1
    ids.add(id_)
    return {"id": id_, "label": name, "start_offset": start, "end_offset": end}


def _relation(
    pair: list[Data], listed: dict[str, list[Any]], first: str, ids: set[Any], text: str, number: int
) -> Data | None:
    """Return the relation of two fields, between the entities at their spans. Missing entities are added."""
    original = pair[0][MARK]["relation"]
    if not isinstance(original, dict) or len(pair) != 2:
        return None
    fields = [field for key in SPANS for item in listed.get(key, ()) if (field := reading.item_field(key, item, text))]
    as_read = reading.relation_fields(original, reading.entity_fields(fields), number)
    if as_read and same_fields(as_read, pair, MARK):
        return original
    relation = original | {"type": pair[0]["group"].rpartition(":")[0]}
    for field, key in zip(pair, ("from_id", "to_id"), strict=True):
        span = only_span(field)
        if span is None:
            return None
        entities = [item for item in objects_in(listed.get(first)) if reading.offsets_of(item) == span]
        if not entities:
            entities = [_item(None, "entities", field["name"], *span, ids)]
            listed.setdefault(first, []).append(entities[0])
        relation[key] = entities[0].get("id")
    return relation
