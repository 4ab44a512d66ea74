"""Writes events as examples of doccano; one that was read of an example and not changed is that example again."""

from collections.abc import Iterator
from typing import Any

from db.formats.doccano.reading import (
    CLASSES,
    MARK,
    SPANS,
    ends_of,
    item_field,
    note_of,
    offsets_of,
    read_example,
    relation_fields,
    review_of,
)
from db.formats.format import ReadOptions
from db.formats.shared.annotated_text import (
    Json,
    complete_record,
    is_current,
    objects_in,
    only_span,
    plain_fields,
    same_review,
    with_unread,
)
from db.formats.shared.versions import source_text


def examples_of(document: Json) -> Iterator[Json]:
    """An example for each event of a document in the native form, or one for its text alone."""
    for event in document.get("events") or [None]:
        yield _example(document, event)


def _example(document: Json, event: Json | None) -> Json:
    text = source_text(document)
    mark = (document if event is None else event).get(MARK)
    mark = mark if isinstance(mark, dict) else {}
    rest = mark.get("task")
    rest = rest if isinstance(rest, dict) else {"label": []}
    example: Json = {"id": rest["id"], "text": text} if "id" in rest else {"text": text}
    example |= rest | example
    if event is None:
        return complete_record(example, document, None, MARK, _read)
    if not same_review(review_of(example), event):
        accepted = event.get("status") in ("confirmed", "corrected") and event.get("reviewer")
        example.pop("annotation_approver", None)
        if accepted:
            example["annotation_approver"] = event["reviewer"]
    if note_of(example) != event.get("note"):
        example.pop("Comments", None)
        if event.get("note"):
            example["Comments"] = [event["note"]]
    _put_items(example, event, text, mark.get("left"))
    return complete_record(example, document, event, MARK, _read)


def _read(example: Json) -> Json:
    return read_example(example, ReadOptions())[0]


def _put_items(example: Json, event: Json, text: str, left: object) -> None:
    """Put spans, labels and relations into an example, each as it was where it says what its field does."""
    rest: Json = left if isinstance(left, dict) else {}
    listed: dict[str, list[Any]] = {key: [] for key in (*SPANS, *CLASSES) if isinstance(example.get(key), list)}
    first = next((key for key in SPANS if key in listed), "entities" if "relations" in example else "label")
    items = [_kept(field).get("item") for field in event["fields"]]
    numbers = {item.get("id") for item in items if isinstance(item, dict) and _is_entity(item)}
    related: dict[str, list[Json]] = {}
    pairs = zip(event["fields"], plain_fields(event), strict=True)
    shown = [(field, plain) for field, plain in pairs if is_current(field)]
    for field, plain in shown:
        if "relation" in _kept(field) or (field.get("group") in related and field["name"] == "to"):
            related.setdefault(field["group"], []).append(plain)
            continue
        kept = _kept(field)
        key = kept["in"] if kept.get("in") in SPANS or kept.get("in") in CLASSES else first
        whole = kept.get("item", field["value"])
        if kept and item_field(key, whole, text) == plain:
            listed.setdefault(key, []).append(whole)
            continue
        for start, end in field.get("spans") or ():
            listed.setdefault(key, []).append(_item(whole, key, field["name"], start, end, numbers))
        if not field.get("spans") and key in CLASSES and isinstance(field["value"], str) and kept.get("in") == key:
            listed[key].append(field["value"])
    relations = [
        _relation(pair, listed, first, numbers, text, number + 1) for number, pair in enumerate(related.values())
    ]
    for key, labelled in listed.items():
        example[key] = with_unread(labelled, rest.get(key))
    if isinstance(example.get("relations"), list):
        example["relations"] = with_unread([item for item in relations if item], rest.get("relations"))


def _kept(field: Json) -> Json:
    mark = field.get(MARK)
    return mark if isinstance(mark, dict) else {}


def _is_entity(item: object) -> bool:
    return isinstance(item, dict) and "start_offset" in item


def _item(whole: Any, key: str, name: str, start: int, end: int, numbers: set[Any]) -> Any:
    """A span that is new, or not as it was read: a triple or an entity, as its list has them."""
    if isinstance(whole, list):
        return [start, end, name, *whole[3:]]
    if isinstance(whole, dict):
        return whole | {"start_offset": start, "end_offset": end, "label": name}
    if key not in ("entities", "annotations"):
        return [start, end, name]
    number = max((number for number in numbers if type(number) is int), default=-1) + 1
    numbers.add(number)
    return {"id": number, "label": name, "start_offset": start, "end_offset": end}


def _relation(
    pair: list[Json], listed: dict[str, list[Any]], first: str, numbers: set[Any], text: str, number: int
) -> Json | None:
    """A relation, by the ids of the entities where its fields are; one that is nowhere is added."""
    kept = pair[0][MARK]["relation"]
    if not isinstance(kept, dict) or len(pair) != 2:
        return None
    fields = [field for key in SPANS for item in listed.get(key, ()) if (field := item_field(key, item, text))]
    as_read = relation_fields(kept, ends_of(fields), number)
    if as_read and [_bare(field) for field in as_read] == [_bare(field) for field in pair]:
        return kept
    relation = kept | {"type": pair[0]["group"].rpartition(":")[0]}
    for field, key in zip(pair, ("from_id", "to_id"), strict=True):
        span = only_span(field)
        if span is None:
            return None
        entities = [item for item in objects_in(listed.get(first)) if offsets_of(item) == span]
        if not entities:
            entities = [_item(None, "entities", field["name"], *span, numbers)]
            listed.setdefault(first, []).append(entities[0])
        relation[key] = entities[0].get("id")
    return relation


def _bare(field: Json) -> Json:
    """A field without the number of its group, which is another one where a relation before it was removed."""
    bare = {key: value for key, value in field.items() if key != MARK}
    return bare | {"group": str(field.get("group")).rpartition(":")[0]}
