"""Reads an example of doccano as a document with one event: each span a field, each relation a group of from and to.

Spans are triples or entities, by the version and the kind of project; what else an example holds stands in ``doccano``
of the event and its fields, for the way back.
"""

from typing import Any

from db.formats.format import ReadOptions
from db.formats.shared.annotated_text import (
    DEFAULT_EVENT_TYPE,
    EXTRA_KEY,
    Json,
    UnreadItems,
    derived_id,
    extra_of,
    field_for_span,
    required_text,
    restore_document,
)
from db.formats.shared.spans import RawSpan, place_spans

MARK = "doccano"
SPANS = (
    "label",
    "labels",
    "entities",
    "annotations",
)  # keys of lists of triples, of entities, or of labels of the text
CLASSES = ("label", "labels", "cats")  # keys of lists of labels of the text, each the name of its fields
MADE = frozenset(("id", "text", "label", "Comments", EXTRA_KEY))
_DIGITS = 8


def read_example(example: Json, options: ReadOptions) -> tuple[Json, tuple[str, ...]]:
    """A document with its event, or without where nothing is labelled; and notes. Raises InputError."""
    named = "filename" in example
    text = required_text(
        example, "an image or sound can't be reviewed here" if named else "add it, or leave this example out"
    )
    example, notes = _in_code_points(example, text, options)
    kept = extra_of(example)
    if kept is not None:
        example = {key: value for key, value in example.items() if key != EXTRA_KEY}
    document = _document(example, text, options)
    notes = (*notes, *_noted(document))
    if kept is None:
        return document, notes
    if kept.get("made") is True:
        for marked in (document, *document["events"]):
            _forget_what_was_made(marked)
    whole, changed = restore_document(document, kept, MARK, CLASSES)
    return whole, (*notes, *changed)


def offsets_of(item: object) -> tuple[int, int] | None:
    """Where a span begins and ends, be it a triple or an entity; None where it is none."""
    if isinstance(item, list) and len(item) >= 3:
        start, end = item[0], item[1]
    elif isinstance(item, dict):
        start, end = item.get("start_offset"), item.get("end_offset")
    else:
        return None
    return (start, end) if type(start) is type(end) is int else None


def at_offsets(item: Any, start: int, end: int) -> Any:
    """The same span elsewhere."""
    if isinstance(item, list):
        return [start, end, *item[2:]]
    return item | {"start_offset": start, "end_offset": end}


def item_field(key: str, item: object, text: str) -> Json | None:
    """The field of one item of a list of an example; None where it says nothing that a field can hold."""
    if isinstance(item, str) and key in CLASSES:
        return {"name": key, "value": item, MARK: {"in": key}}
    offsets = offsets_of(item)
    if offsets is None or key == "cats" or not 0 <= offsets[0] < offsets[1] <= len(text):
        return None
    label = item[2] if isinstance(item, list) else item.get("label")  # type: ignore[attr-defined]
    label = str(label) if type(label) is int else label  # the number of a label, as old exports have it
    return field_for_span(label, text, *offsets) | {MARK: {"in": key, "item": item}}


def relation_fields(relation: Json, ends: dict[Any, Json], number: int) -> list[Json] | None:
    """The two fields of a relation of the entities ``ends``, by their ids, as a group named by its type."""
    pair = [_end(ends, relation.get(key)) for key in ("from_id", "to_id")]
    kind = relation.get("type")
    if pair[0] is None or pair[1] is None:
        return None
    group = f"{kind if isinstance(kind, str) and kind else 'relation'}:{number}"
    fields = [
        {"name": name, "value": end["value"], "group": group, "spans": end["spans"]}
        for name, end in zip(("from", "to"), pair, strict=True)
        if end is not None
    ]
    fields[0][MARK] = {"relation": relation}
    return fields


def ends_of(fields: list[Json]) -> dict[Any, Json]:
    """The fields of entities by the ids of these."""
    ends: dict[Any, Json] = {}
    for field in fields:
        item = field[MARK].get("item") if isinstance(field.get(MARK), dict) else None
        if isinstance(item, dict) and type(item.get("id")) in (int, str):
            ends.setdefault(item["id"], field)
    return ends


def note_of(example: Json) -> str | None:
    """The comments of an example as one note."""
    comments = example.get("Comments")
    if not isinstance(comments, list):
        return None
    said = [_comment(item) for item in comments]
    return "\n".join(text for text in said if text) or None


def review_of(example: Json) -> Json:
    """The decision that an approval is."""
    approver = example.get("annotation_approver")
    return {"status": "confirmed", "reviewer": approver} if isinstance(approver, str) and approver else {}


def _document(example: Json, text: str, options: ReadOptions) -> Json:
    rest = {key: value for key, value in example.items() if key != "text"}
    fields: list[Json] = []
    left: dict[str, UnreadItems] = {}
    for key in dict.fromkeys((*SPANS, *CLASSES)):
        if not isinstance(example.get(key), list):
            continue
        rest[key] = []
        for position, item in enumerate(example[key]):
            field = item_field(key, item, text)
            if field is None:
                left.setdefault(key, []).append([position, item])
            else:
                fields.append(field)
    if isinstance(example.get("relations"), list):
        rest["relations"] = []
        ends, number = ends_of(fields), 0
        for position, item in enumerate(example["relations"]):
            pair = relation_fields(item, ends, number + 1) if isinstance(item, dict) else None
            if pair is None:
                left.setdefault("relations", []).append([position, item])
            else:
                number += 1
                fields += pair
    document: Json = {"text": text}
    id_ = example.get("id")
    mark: Json = {"task": rest, **({"left": left} if left else {})}
    review, note = review_of(example), note_of(example)
    if type(id_) in (int, str) and id_ != "":
        # The numbers begin anew in each project, so that one alone would be of another text too.
        document["id"] = f"doccano-{str(id_)[:40]}-{derived_id('', [id_, text])[:_DIGITS]}"
    else:
        document["id"] = derived_id("doccano-", example)
    if not fields and not left and not review and note is None:
        document[MARK] = mark
        return document | {"events": []}
    event: Json = {"id": f"{document['id']}/1", "type": DEFAULT_EVENT_TYPE, "fields": fields, **review}
    if options.extractor:
        event["extractor"] = options.extractor
    if note is not None:
        event["note"] = note
    event[MARK] = mark
    return document | {"events": [event]}


def _end(ends: dict[Any, Json], id_: object) -> Json | None:
    return ends.get(id_) if type(id_) in (int, str) else None


def _comment(item: object) -> str | None:
    if isinstance(item, dict):
        item = item.get("comment", item.get("text"))
    return item if isinstance(item, str) else None


def _noted(document: Json) -> list[str]:
    notes = []
    for event in document["events"]:
        for key, items in event[MARK].get("left", {}).items():
            # Of spans outside of the text something is said already, as they are placed.
            unread = [position for position, item in items if offsets_of(item) is None]
            if unread:
                places = ", ".join(f"{key}[{position}]" for position in unread[:3])
                what = "name no entity of this text" if key == "relations" else "are no spans"
                notes.append(f"{len(unread)} of the {key} {what}: kept, but no fields ({places})")
    return notes


def _forget_what_was_made(marked: Json) -> None:
    """Of what was exported here, keep only what doccano added; it gives each example a number of its own."""
    mark = marked.pop(MARK, None)
    if not mark:
        return
    rest = {key: value for key, value in mark["task"].items() if key not in MADE}
    if rest or "left" in mark:
        marked[MARK] = mark | {"task": rest}


def _in_code_points(example: Json, text: str, options: ReadOptions) -> tuple[Json, tuple[str, ...]]:
    keys = [key for key in SPANS if isinstance(example.get(key), list)]
    held = [(key, number) for key in keys for number, item in enumerate(example[key]) if offsets_of(item)]
    marks = [RawSpan(*offsets) for key, number in held if (offsets := offsets_of(example[key][number]))]
    placed = place_spans(text, marks, options.offsets)
    moved = dict(example)
    for (key, number), span in zip(held, placed.spans, strict=True):
        if span is not None and span != offsets_of(example[key][number]):
            if moved[key] is example[key]:
                moved[key] = list(example[key])
            moved[key][number] = at_offsets(example[key][number], *span)
    return moved, placed.notes
