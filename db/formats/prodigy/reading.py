"""Reads a task of Prodigy as a document with one event: each span a field, each relation a group of head and child.

A task is one question about one input to one annotator, so that what several answered about a text are several events
of one document. Whatever a task holds else stands in ``prodigy`` of the event and its fields, for the way back.
"""

from datetime import UTC, datetime
from typing import Any

from db.formats.format import ReadOptions
from db.formats.prodigy.offsets import in_code_points
from db.formats.shared.annotated_text import (
    DEFAULT_EVENT_TYPE,
    EXTRA_KEY,
    Json,
    UnreadItems,
    derived_id,
    extra_of,
    field_for_span,
    is_number,
    objects_in,
    required_text,
    restore_document,
)

MARK = "prodigy"
CHOICE = "choice"  # the field of an option that was accepted
ANSWERED = ("answer", "_annotator_id", "_session_id", "_timestamp")
REJECTED = "answered reject in Prodigy"
MADE = frozenset(
    ("text", "meta", "label", "tokens", "spans", "relations", "_view_id", "_input_hash", "_task_hash", EXTRA_KEY)
)
_STATUSES = {"accept": "confirmed", "reject": "rejected", "ignore": "unsure"}
_NO_TEXTS = ("image", "audio", "video", "html")
_ASKS = ("label", "options", "accept", "answer")
_LAST = 253_402_300_799  # the end of the year 9999


def read_task(task: Json, options: ReadOptions) -> tuple[Json, tuple[str, ...]]:
    """A document with its event, or without where a task is a text alone; and notes. Raises InputError."""
    what = next((key for key in _NO_TEXTS if key in task), None)
    why = f"a task about {what} can't be reviewed here" if what else "a task needs it; leave this one out"
    text = required_text(task, why)
    task, notes = in_code_points(task, text, options.offsets)
    kept = extra_of(task)
    if kept is not None:
        task = {key: value for key, value in task.items() if key != EXTRA_KEY}
    document = _document(task, text, options)
    events = document["events"]
    if events:
        notes = (*notes, *_noted(task, events[0]))
    if kept is None:
        return document, notes
    if kept.get("made") is True:
        for marked in (document, *events):
            _forget_what_was_made(marked)
    whole, changed = restore_document(document, kept, MARK, (CHOICE,))
    return _answered_since(whole, kept, task), (*notes, *changed)


def review_of(task: Json) -> Json:
    """The decision that an answer is: status, reviewer, time, reason; nothing where there is none."""
    answer = task.get("answer")
    if not isinstance(answer, str) or answer not in _STATUSES:
        return {}
    review: Json = {"status": _STATUSES[answer]}
    who = next((task[key] for key in ("_annotator_id", "_session_id") if isinstance(task.get(key), str)), None)
    if who:
        review["reviewer"] = who
    when = task.get("_timestamp")
    if isinstance(when, int | float) and is_number(when) and 0 <= when <= _LAST:
        review["decided_at"] = _iso(when)
    if answer == "reject":
        review |= {"reason": "other", "reason_text": REJECTED}
    return review


def span_field(span: Json, text: str) -> Json | None:
    """The field of one span of a task, with what else it holds; None where it has no stretch of the text."""
    start, end = span.get("start"), span.get("end")
    if not type(start) is type(end) is int or not 0 <= start < end <= len(text):
        return None
    field = field_for_span(span.get("label"), text, start, end) | {MARK: span}
    if is_number(span.get("score")):
        field["confidence"] = span["score"]
    return field


def relation_fields(relation: Json, text: str, number: int) -> list[Json] | None:
    """The two fields of one relation, as a group that is named by its label; None where one has no stretch."""
    label = relation.get("label")
    group = f"{label if isinstance(label, str) and label else 'relation'}:{number}"
    ends = []
    for name in ("head", "child"):
        span = relation.get(f"{name}_span")
        placed = span_field(span, text) if isinstance(span, dict) else None
        if placed is None:
            return None
        ends.append({"name": name, "value": placed["value"], "group": group, "spans": placed["spans"]})
    ends[0][MARK] = {"relation": relation}
    return ends


def choice_field(value: Any) -> Json:
    """The field of an option that was accepted."""
    return {"name": CHOICE, "value": value, MARK: {"in": "accept"}}


def choice_values(task: Json) -> list[Any]:
    """The options that were accepted, each by its id, or by its text where that is no text."""
    accepted = task.get("accept")
    if not isinstance(accepted, list):
        return []
    texts = [(option.get("id"), option.get("text")) for option in objects_in(task.get("options"))]
    values = []
    for chosen in accepted:
        text = next((text for id_, text in texts if id_ == chosen and type(id_) is type(chosen)), None)
        values.append(text if not isinstance(chosen, str) and isinstance(text, str) else chosen)
    return values


def _document(task: Json, text: str, options: ReadOptions) -> Json:
    rest = {key: value for key, value in task.items() if key != "text"}
    document: Json = {"text": text, **_described(task)}
    hashed = task.get("_input_hash")
    spans = _read_items(task, rest, "spans", lambda span, _: _one(span_field(span, text)))
    relations = _read_items(task, rest, "relations", lambda item, number: relation_fields(item, text, number))
    fields = spans[0] + relations[0] + [choice_field(value) for value in choice_values(task)]
    left = {key: items for key, items in (("spans", spans[1]), ("relations", relations[1])) if items}
    asked = any(task.get(key) is not None for key in _ASKS)
    if not fields and not left and not asked:
        document[MARK] = {"task": rest}
        document["id"] = derived_id("prodigy-", [text, {key: value for key, value in rest.items() if key != "tokens"}])
        return document | {"events": []}
    document["id"] = derived_id("prodigy-", [text, hashed] if type(hashed) is int else [text])
    event: Json = {
        "id": derived_id(f"{document['id']}/", _question(task)),
        "type": _type(task),
        "fields": fields,
        **review_of(task),
    }
    extractor = _extractor(task) or options.extractor
    if extractor:
        event["extractor"] = extractor
    meta = task.get("meta")
    if isinstance(meta, dict) and is_number(meta.get("score")):
        event["confidence"] = meta["score"]
    event[MARK] = {"task": rest, **({"left": left} if left else {})}
    return document | {"events": [event]}


def _read_items(task: Json, rest: Json, key: str, read: Any) -> tuple[list[Json], UnreadItems]:
    """The fields of a list of a task, and what could not be read of it; ``rest`` keeps only that there is a list."""
    fields: list[Json] = []
    left: UnreadItems = []
    if not isinstance(task.get(key), list):
        return fields, left
    rest[key] = []
    number = 0
    for position, item in enumerate(task[key]):
        made = read(item, number + 1) if isinstance(item, dict) else None
        if made is None:
            left.append([position, item])
            continue
        number += 1
        fields += made
    return fields, left


def _one(field: Json | None) -> list[Json] | None:
    return None if field is None else [field]


def _described(task: Json) -> Json:
    meta = task.get("meta")
    if not isinstance(meta, dict):
        return {}
    names = {"title": "title", "source": "publisher", "url": "url", "published": "published", "language": "language"}
    return {name: meta[key] for key, name in names.items() if isinstance(meta.get(key), str) and meta[key]}


def _type(task: Json) -> str:
    for key in ("label", "_view_id"):
        value = task.get(key)
        if isinstance(value, str) and value.strip():
            return value
    return DEFAULT_EVENT_TYPE


def _extractor(task: Json) -> str | None:
    """The model that all spans of which a model is named are of."""
    models = {span["source"] for span in objects_in(task.get("spans")) if isinstance(span.get("source"), str)}
    return models.pop() if len(models) == 1 else None


def _question(task: Json) -> Json:
    """What makes a task another one: all but how sure a machine is, so that a new run of it is none."""
    asked = {key: value for key, value in task.items() if key not in ("text", "tokens", EXTRA_KEY)}
    if isinstance(asked.get("meta"), dict):
        asked["meta"] = {key: value for key, value in asked["meta"].items() if key != "score"}
    if isinstance(asked.get("spans"), list):
        asked["spans"] = [
            {key: value for key, value in span.items() if key != "score"} if isinstance(span, dict) else span
            for span in asked["spans"]
        ]
    return asked


def _noted(task: Json, event: Json) -> list[str]:
    notes = []
    for key, items in event[MARK].get("left", {}).items():
        unplaced = [position for position, item in items if not _was_placed(item)]
        if unplaced:
            places = ", ".join(f"{key}[{position}]" for position in unplaced[:3])
            notes.append(f"{len(unplaced)} of the {key} have no stretch of the text: kept, but no fields ({places})")
    answer = task.get("answer")
    if answer is not None and not review_of(task):
        notes.append("its answer is none of accept, reject and ignore: kept, and taken as not decided")
    return notes


def _was_placed(item: object) -> bool:
    """Whether ``place`` had it, which tells by itself what it can't place."""
    return isinstance(item, dict) and type(item.get("start")) is type(item.get("end")) is int


def _forget_what_was_made(marked: Json) -> None:
    """Of what was exported here, keep of the task only what Prodigy added."""
    mark = marked.pop(MARK, None)
    if not mark:
        return
    rest = {key: value for key, value in mark["task"].items() if key not in MADE and key not in ANSWERED}
    if rest or "left" in mark:
        marked[MARK] = mark | {"task": rest}


def _answered_since(document: Json, kept: Json, task: Json) -> Json:
    """The document, whose event is another one where somebody else answered after it was exported."""
    head = kept.get("event")
    if head is None or not document["events"]:
        return document
    answered = {key: task[key] for key in ANSWERED if task.get(key) is not None}
    if answered == answer_of(head):
        return document
    event = document["events"][0]
    bare = {key: value for key, value in event.items() if key not in ("status", "decided_at", "reviewer", "reason")}
    bare.pop("reason_text", None)
    fields = [
        {key: value for key, value in field.items() if not (key == "state" and value in ("extracted", "confirmed"))}
        for field in event["fields"]
    ]
    id_ = derived_id(f"{event.get('id') or ''}/", [answered, fields])
    document["events"] = [bare | review_of(task) | {"id": id_, "fields": fields}]
    return document


def answer_of(event: Json) -> Json:
    """The answer that a decision is, as a task holds it: the other way round of ``review_of``."""
    answers = {"confirmed": "accept", "corrected": "accept", "rejected": "reject", "unsure": "ignore"}
    status = event.get("status")
    if status not in answers:
        return {}
    answer: Json = {"answer": answers[status]}
    if event.get("reviewer"):
        answer |= {"_annotator_id": event["reviewer"], "_session_id": event["reviewer"]}
    try:
        when = datetime.fromisoformat(event["decided_at"])
        answer["_timestamp"] = int((when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp())
    except (KeyError, TypeError, ValueError, OverflowError):
        pass  # what an export of another program calls a time may be none
    return answer


def _iso(when: float) -> str:
    return datetime.fromtimestamp(when, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
