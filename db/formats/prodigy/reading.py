"""Reads a task as a document with one event: spans become fields, relations groups of ``head`` and ``child``.

A task is one question about one input to one annotator, so the answers of several annotators about a text become
several events of one document. Everything else in a task is kept under ``prodigy`` in the event and its fields, so that
it can be written again.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

from db.formats.format import Data, ReadOptions
from db.formats.prodigy.offsets import has_offsets, in_code_points
from db.formats.shared.annotated_text import (
    DEFAULT_EVENT_TYPE,
    EXTRA_KEY,
    REVIEW_KEYS,
    UnreadItems,
    derived_id,
    extra_of,
    field_for_span,
    required_text,
    restore_document,
    unread_notes,
)
from db.formats.shared.objects import is_number, list_at, object_at, objects_in, without

MARK = "prodigy"
CHOICE = "choice"  # the field of an accepted option
ANSWER_KEYS = ("answer", "_annotator_id", "_session_id", "_timestamp")
_REJECTED = "answered reject in Prodigy"
_WRITTEN = frozenset(
    ("text", "meta", "label", "tokens", "spans", "relations", "_view_id", "_input_hash", "_task_hash", EXTRA_KEY)
)
_READ = _WRITTEN.union(ANSWER_KEYS, ("options", "accept", "config", "_is_binary", "version", "id"))
_NOTHING: tuple[Any, ...] = (None, "", [], {})
_STATUSES = {"accept": "confirmed", "reject": "rejected", "ignore": "unsure"}
_MEDIA = ("image", "audio", "video", "html")
_QUESTION_KEYS = ("label", "options", "accept", "answer")
_MAX_TIME = 253_402_300_799  # the end of the year 9999


def read_task(task: Data, options: ReadOptions) -> tuple[Data, tuple[str, ...]]:
    """Return a document with an event, or none if it is only a text; and notes. Raises InputError without a text."""
    medium = next((key for key in _MEDIA if key in task), None)
    advice = f"eventdesk can't review tasks about {medium}" if medium else "add it or remove the task"
    text = required_text(task, advice)
    task, notes = in_code_points(task, text, options.offsets)
    extra = extra_of(task)
    if extra is not None:
        task = without(task, EXTRA_KEY)
    document = _document(task, text, options)
    if document["events"]:
        unread = object_at(document["events"][0][MARK], "left")
        notes += tuple(unread_notes(unread, has_offsets, lambda _: "aren't spans of the text"))
        if task.get("answer") is not None and not review_of(task):
            notes += ("the answer is not accept, reject or ignore; imported as pending",)
    whole, changed = restore_document(document, extra, MARK, (CHOICE,), _WRITTEN.union(ANSWER_KEYS))
    return _with_new_answer(whole, extra, task), (*notes, *changed)


def unread_keys(task: Data) -> tuple[str, ...]:
    """Return the names of the keys of a task that are kept but not read."""
    meta = object_at(task, "meta")
    inner = [f"key meta.{key}" for key, value in meta.items() if key != "score" and value not in _NOTHING]
    return (*(f"key {key}" for key, value in task.items() if key not in _READ and value not in _NOTHING), *inner)


def review_of(task: Data) -> Data:
    """Return the decision that an answer stands for: status, reviewer, time and reason; empty if there is none."""
    answer = task.get("answer")
    if not isinstance(answer, str) or answer not in _STATUSES:
        return {}
    review: Data = {"status": _STATUSES[answer]}
    if reviewer := _annotator(task):
        review["reviewer"] = reviewer
    time = task.get("_timestamp")
    if is_number(time) and 0 <= time <= _MAX_TIME:
        review["decided_at"] = datetime.fromtimestamp(time, UTC).isoformat(timespec="milliseconds")[:-6] + "Z"
    if answer == "reject":
        review |= {"reason": "other", "reason_text": _REJECTED}
    return review


def span_field(span: Data, text: str) -> Data | None:
    """Return the field of a span, which is kept as its mark; None if the span isn't within the text."""
    if not has_offsets(span) or not 0 <= span["start"] < span["end"] <= len(text):
        return None
    field = field_for_span(span.get("label"), text, span["start"], span["end"]) | {MARK: span}
    if is_number(span.get("score")):
        field["confidence"] = span["score"]
    return field


def relation_fields(relation: Data, text: str, number: int) -> list[Data] | None:
    """Return the two fields of a relation, in a group named after its label; None if an end isn't within the text."""
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


def choice_values(task: Data) -> list[Any]:
    """Return the accepted options: their ids, or their texts where an id isn't text."""
    texts = [(option.get("id"), option.get("text")) for option in objects_in(task.get("options"))]
    values = []
    for chosen in list_at(task, "accept"):
        text = next((text for id_, text in texts if id_ == chosen and type(id_) is type(chosen)), None)
        values.append(text if not isinstance(chosen, str) and isinstance(text, str) else chosen)
    return values


def _document(task: Data, text: str, options: ReadOptions) -> Data:
    rest = without(task, "text")
    document: Data = {"text": text, **_metadata(task)}
    hashed = task.get("_input_hash")
    unread: dict[str, UnreadItems] = {}

    fields = [
        *_read_items(task, rest, unread, "spans", lambda item, _: list(filter(None, [span_field(item, text)]))),
        *_read_items(task, rest, unread, "relations", lambda item, number: relation_fields(item, text, number)),
        *({"name": CHOICE, "value": value, MARK: {"in": "accept"}} for value in choice_values(task)),
    ]
    asks = any(task.get(key) is not None for key in _QUESTION_KEYS)
    if not fields and not unread and not asks:
        document[MARK] = {"task": rest}
        document["id"] = derived_id("prodigy-", [text, without(rest, "tokens")])
        return document | {"events": []}
    document["id"] = derived_id("prodigy-", [text, hashed] if type(hashed) is int else [text])
    id_ = derived_id(f"{document['id']}/", _question(task))
    event: Data = {"id": id_, "type": _type(task), "fields": fields, **review_of(task)}
    extractor = _extractor(task) or options.extractor or (None if _annotator(task) else options.unnamed)
    if extractor:
        event["extractor"] = extractor
    score = object_at(task, "meta").get("score")
    if is_number(score):
        event["confidence"] = score
    event[MARK] = {"task": rest, **({"left": unread} if unread else {})}
    return document | {"events": [event]}


def _read_items(
    task: Data, rest: Data, unread: dict[str, UnreadItems], key: str, read: Callable[[Data, int], list[Data] | None]
) -> Iterator[Data]:
    """Yield the fields of a list of a task, and add its unread items. ``rest`` keeps only an empty list."""
    if not isinstance(task.get(key), list):
        return
    rest[key] = []
    number = 1
    for position, item in enumerate(task[key]):
        fields = read(item, number) if isinstance(item, dict) else None
        if not fields:
            unread.setdefault(key, []).append([position, item])
        else:
            number += 1
            yield from fields


def _metadata(task: Data) -> Data:
    meta = object_at(task, "meta")
    names = {"title": "title", "source": "publisher", "url": "url", "published": "published", "language": "language"}
    return {name: meta[key] for key, name in names.items() if isinstance(meta.get(key), str) and meta[key]}


def _type(task: Data) -> str:
    values = (task.get("label"), task.get("_view_id"))
    return next((value for value in values if isinstance(value, str) and value.strip()), DEFAULT_EVENT_TYPE)


def _annotator(task: Data) -> str | None:
    return next((task[key] for key in ("_annotator_id", "_session_id") if isinstance(task.get(key), str)), None)


def _extractor(task: Data) -> str | None:
    models = {span["source"] for span in objects_in(task.get("spans")) if isinstance(span.get("source"), str)}
    return models.pop() if len(models) == 1 else None


def _question(task: Data) -> Data:
    """Return what identifies a task: all of it but scores, so that a new run of the model updates the event."""
    question = without(task, "text", "tokens", EXTRA_KEY)
    if isinstance(question.get("meta"), dict):
        question["meta"] = without(question["meta"], "score")
    if isinstance(question.get("spans"), list):
        spans = question["spans"]
        question["spans"] = [without(span, "score") if isinstance(span, dict) else span for span in spans]
    return question


def _with_new_answer(document: Data, extra: Data | None, task: Data) -> Data:
    """Return the document, with another event instead if someone answered the task after it was exported."""
    head = extra.get("event") if extra else None
    if head is None or not document["events"]:
        return document
    answer = {key: task[key] for key in ANSWER_KEYS if task.get(key) is not None}
    if answer == answer_of(head):
        return document
    event = document["events"][0]
    undecided = without(event, *REVIEW_KEYS)
    fields = [
        {key: value for key, value in field.items() if not (key == "state" and value in ("extracted", "confirmed"))}
        for field in event["fields"]
    ]
    id_ = derived_id(f"{event.get('id') or ''}/", [answer, fields])
    document["events"] = [undecided | review_of(task) | {"id": id_, "fields": fields}]
    return document


def answer_of(event: Data) -> Data:
    """Return the answer that a decision stands for, as a task holds it; the inverse of ``review_of``."""
    answers = {"confirmed": "accept", "corrected": "accept", "rejected": "reject", "unsure": "ignore"}
    status = event.get("status")
    if status not in answers:
        return {}
    answer: Data = {"answer": answers[status]}
    if event.get("reviewer"):
        answer |= {"_annotator_id": event["reviewer"], "_session_id": event["reviewer"]}
    try:
        time = datetime.fromisoformat(event["decided_at"])
        answer["_timestamp"] = int((time if time.tzinfo else time.replace(tzinfo=UTC)).timestamp())
    except (KeyError, TypeError, ValueError, OverflowError):
        pass  # another program's export may hold anything here
    return answer
