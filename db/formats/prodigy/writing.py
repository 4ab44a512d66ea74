"""Writes events as Prodigy tasks. An unchanged event that came from Prodigy is written as it was read."""

from collections.abc import Iterable
from typing import Any

from db.formats.format import Data
from db.formats.prodigy import reading
from db.formats.prodigy.hashes import input_hash, task_hash
from db.formats.prodigy.offsets import TOKEN_NUMBERS, has_offsets, spans_of
from db.formats.prodigy.reading import ANSWER_KEYS, CHOICE, MARK
from db.formats.shared.annotated_text import (
    complete_record,
    current_fields,
    only_span,
    same_fields,
    same_review,
    with_unread,
)
from db.formats.shared.objects import is_number, object_at, objects_in, without
from db.formats.shared.tokens import tokenise
from db.formats.shared.versions import source_text

_VIEW = "spans_manual"  # the interface that allows spans to overlap
_META = {"publisher": "source", "title": "title", "url": "url", "published": "published", "language": "language"}


def task_of(document: Data, event: Data | None) -> Data:
    """Return the task of an event, None for a document without events."""
    text = source_text(document)
    mark = object_at(document if event is None else event, MARK)
    original = mark.get("task")
    task: Data = {"text": text}
    task |= (original if isinstance(original, dict) else _new_task(document, event)) | task
    if event is not None:
        _set_answer(task, event)
        _add_items(task, event, text, object_at(mark, "left"), is_new=original is None)
    whole = complete_record(task, document, event, MARK, reading.read_task)
    if original is None:
        whole["_input_hash"] = input_hash(text)
        whole["_task_hash"] = task_hash(whole["_input_hash"], whole)
    return whole


def _new_task(document: Data, event: Data | None) -> Data:
    meta = {to: document[key] for key, to in _META.items() if document.get(key)}
    if event is not None and event.get("confidence") is not None:
        meta["score"] = event["confidence"]
    task = {"label": event["type"], "spans": [], "_view_id": _VIEW} if event is not None else {}
    return {"meta": meta, **task} if meta else task


def _set_answer(task: Data, event: Data) -> None:
    if same_review(reading.review_of(task), event):
        return
    for key in ANSWER_KEYS:
        task.pop(key, None)
    task |= reading.answer_of(event)


def _add_items(task: Data, event: Data, text: str, unread: Data, is_new: bool) -> None:
    """Add spans, relations and choices to a task, each as it was read unless its field changed."""
    current = current_fields(event)
    related = _related(current)
    in_relations = {id(field) for pair in related for field, _ in pair}
    spans: list[Data] = []
    changed: list[Data] = []  # spans that are new or not as they were read
    for field, plain in current:
        if id(field) not in in_relations:
            _add_spans(field, plain, text, spans, changed)
    relations = [_relation(pair, text, number + 1, changed) for number, pair in enumerate(related)]
    choices = [field["value"] for field, _ in current if field["name"] == CHOICE and not field.get("spans")]
    if spans or isinstance(task.get("spans"), list):
        task["spans"] = with_unread(spans, unread.get("spans"))
    if relations or isinstance(task.get("relations"), list):
        task["relations"] = with_unread(relations, unread.get("relations"))
    if choices != reading.choice_values(task) and (choices or "accept" in task) and not is_new:
        task["accept"] = [_option(task, value) for value in choices]
    _update_tokens(task, text, changed, is_new)


def _add_spans(field: Data, plain: Data, text: str, spans: list[Data], changed: list[Data]) -> None:
    original = field.get(MARK)
    known: Data = {}
    if isinstance(original, dict) and "relation" not in original:
        if reading.span_field(original, text) == plain:
            spans.append(original)
            return
        known = without(original, "text", *TOKEN_NUMBERS)
    for start, end in field.get("spans") or ():
        span = known | {"start": start, "end": end, "label": field["name"]}
        if is_number(field.get("confidence")):
            span["score"] = field["confidence"]
        spans.append(span)
        changed.append(span)


def _related(current: list[tuple[Data, Data]]) -> list[tuple[tuple[Data, Data], tuple[Data, Data]]]:
    """Return the pairs of fields that form a relation: head and child, with one span each, alone in their group."""
    groups: dict[str, list[tuple[Data, Data]]] = {}
    for field, plain in current:
        if field.get("group"):
            groups.setdefault(field["group"], []).append((field, plain))
    pairs = []
    for members in groups.values():
        by_name = {field["name"]: (field, plain) for field, plain in members if only_span(field)}
        if len(members) == 2 and by_name.keys() == {"head", "child"}:
            pairs.append((by_name["head"], by_name["child"]))
    return pairs


def _relation(pair: tuple[tuple[Data, Data], tuple[Data, Data]], text: str, number: int, changed: list[Data]) -> Data:
    (head, plain_head), (child, plain_child) = pair
    original = object_at(object_at(head, MARK), "relation")
    if original and same_fields(reading.relation_fields(original, text, number) or [], [plain_head, plain_child], MARK):
        return original
    relation = dict(original)
    for name, field in (("head", head), ("child", child)):
        start, end = field["spans"][0]
        span = {"start": start, "end": end}
        changed.append(span)
        relation |= {name: None, f"{name}_span": span}
    relation["label"] = head["group"].rpartition(":")[0] or head["group"]
    return relation


def _option(task: Data, value: Any) -> Any:
    if isinstance(value, str):
        options = objects_in(task.get("options"))
        if not any(option.get("id") == value for option in options):
            return next((option["id"] for option in options if option.get("text") == value and "id" in option), value)
    return value


def _update_tokens(task: Data, text: str, changed: list[Data], is_new: bool) -> None:
    """Set the token numbers of changed spans. If one starts or ends within a token, the task gets new tokens.

    A task that was read without tokens gets them only for a relation, which refers to them.
    """
    needs_tokens = any("head_span" in item and item.get("head") is None for item in objects_in(task.get("relations")))
    tokens = None if is_new else task.get("tokens")
    if not is_new and not (changed and (isinstance(tokens, list) or needs_tokens)):
        return
    changed_ids = {id(span) for span in changed}
    numbered = [
        span for span in spans_of(task) if id(span) in changed_ids or (has_offsets(span) and "token_start" in span)
    ]
    starts, finishes = _by_offsets(tokens)
    if tokens is None or any(span["start"] not in starts or span["end"] not in finishes for span in numbered):
        cuts = [offset for span in numbered for offset in (span["start"], span["end"])]
        task["tokens"] = _tokens(text, cuts)
        starts, finishes = _by_offsets(task["tokens"])
        changed = numbered
    updated = {id(span): _numbered(span, starts, finishes) for span in changed}
    if isinstance(task.get("spans"), list):
        task["spans"] = [updated.get(id(span), span) for span in task["spans"]]
    labels = {
        (span["start"], span["end"]): span.get("label") for span in objects_in(task.get("spans")) if has_offsets(span)
    }
    if isinstance(task.get("relations"), list):
        task["relations"] = [_numbered_relation(item, updated, labels) for item in task["relations"]]


def _numbered_relation(relation: Any, updated: dict[int, Data], labels: dict[tuple[int, int], Any]) -> Any:
    if not isinstance(relation, dict):
        return relation
    changed: Data = {}
    for name in ("head", "child"):
        span = relation.get(f"{name}_span")
        if id(span) in updated:
            span = updated[id(span)]
            span = span if "label" in span else span | {"label": labels.get((span["start"], span["end"]))}
            changed |= {name: span.get("token_end"), f"{name}_span": span}
    return relation | changed if changed else relation


def _numbered(span: Data, starts: dict[int, int], finishes: dict[int, int]) -> Data:
    first, last = starts.get(span["start"]), finishes.get(span["end"])
    if first is None or last is None:  # it starts or ends within white space
        return without(span, *TOKEN_NUMBERS)
    return span | {"token_start": first, "token_end": last}


def _by_offsets(tokens: object) -> tuple[dict[int, int], dict[int, int]]:
    placed = [token for token in objects_in(tokens) if has_offsets(token) and type(token.get("id")) is int]
    return {token["start"]: token["id"] for token in placed}, {token["end"]: token["id"] for token in placed}


def _tokens(text: str, cuts: Iterable[int]) -> list[Data]:
    return [
        {"text": text[start:end], "start": start, "end": end, "id": number, "ws": text[end : end + 1] == " "}
        for number, (start, end) in enumerate(tokenise(text, cuts))
    ]
