"""Writes events as tasks of Prodigy; one that was read of a task and not changed is that task again."""

from collections.abc import Iterable, Iterator
from typing import Any

from db.formats.format import ReadOptions
from db.formats.prodigy.hashes import input_hash, task_hash
from db.formats.prodigy.reading import (
    ANSWERED,
    CHOICE,
    MARK,
    answer_of,
    choice_values,
    read_task,
    relation_fields,
    review_of,
    span_field,
)
from db.formats.shared.annotated_text import (
    Json,
    complete_record,
    is_current,
    is_number,
    objects_in,
    only_span,
    plain_fields,
    same_review,
    with_unread,
)
from db.formats.shared.tokens import tokenise
from db.formats.shared.versions import source_text

_VIEW = "spans_manual"  # the interface in which spans may overlap
_META = {"publisher": "source", "title": "title", "url": "url", "published": "published", "language": "language"}


def tasks_of(document: Json) -> Iterator[Json]:
    """A task for each event of a document in the native form, or one for its text alone."""
    for event in document.get("events") or [None]:
        yield _task(document, event)


def _task(document: Json, event: Json | None) -> Json:
    text = source_text(document)
    mark = _mark(document if event is None else event)
    rest = mark.get("task")
    task: Json = {"text": text}
    if isinstance(rest, dict):
        task |= rest | task
    else:
        task |= _new_task(document, event)
    if event is not None:
        _put_answer(task, event)
        _put_parts(task, event, text, mark.get("left"), made=rest is None)
    whole = complete_record(task, document, event, MARK, _read)
    if rest is None:
        whole["_input_hash"] = input_hash(text)
        whole["_task_hash"] = task_hash(whole["_input_hash"], whole)
    return whole


def _read(task: Json) -> Json:
    return read_task(task, ReadOptions())[0]


def _mark(data: Json) -> Json:
    mark = data.get(MARK)
    return mark if isinstance(mark, dict) else {}


def _new_task(document: Json, event: Json | None) -> Json:
    meta = {to: document[key] for key, to in _META.items() if document.get(key)}
    if event is None:
        return {"meta": meta} if meta else {}
    if event.get("confidence") is not None:
        meta["score"] = event["confidence"]
    task: Json = {"label": event["type"], "spans": [], "_view_id": _VIEW}
    return {"meta": meta, **task} if meta else task


def _put_answer(task: Json, event: Json) -> None:
    if same_review(review_of(task), event):
        return
    for key in ANSWERED:
        task.pop(key, None)
    task |= answer_of(event)


def _put_parts(task: Json, event: Json, text: str, left: object, made: bool) -> None:
    """Put spans, relations and choices into a task, each as it was where it says what its field does."""
    left = left if isinstance(left, dict) else {}
    pairs = zip(event["fields"], plain_fields(event), strict=True)
    shown = [(field, plain) for field, plain in pairs if is_current(field)]
    related = _related(shown)
    in_relations = {id(field) for pair in related for field, _ in pair}
    spans: list[Json] = []
    fresh: list[Json] = []  # parts that are not as they were read
    for field, plain in shown:
        if id(field) not in in_relations:
            _put_spans(field, plain, text, spans, fresh)
    relations = [_relation(pair, text, number + 1, fresh) for number, pair in enumerate(related)]
    choices = [field["value"] for field, _ in shown if field["name"] == CHOICE and not field.get("spans")]
    if spans or isinstance(task.get("spans"), list):
        task["spans"] = with_unread(spans, left.get("spans"))
    if relations or isinstance(task.get("relations"), list):
        task["relations"] = with_unread(relations, left.get("relations"))
    if choices != choice_values(task) and (choices or "accept" in task) and not made:
        task["accept"] = [_option(task, value) for value in choices]
    _fit_tokens(task, text, fresh, made)


def _put_spans(field: Json, plain: Json, text: str, spans: list[Json], fresh: list[Json]) -> None:
    kept = field.get(MARK)
    known: Json = {}
    if isinstance(kept, dict) and "relation" not in kept:
        if span_field(kept, text) == plain:
            spans.append(kept)
            return
        known = {key: value for key, value in kept.items() if key not in ("text", "token_start", "token_end")}
    for start, end in field.get("spans") or ():
        span = known | {"start": start, "end": end, "label": field["name"]} | _scored(field)
        spans.append(span)
        fresh.append(span)


def _scored(field: Json) -> Json:
    return {"score": field["confidence"]} if is_number(field.get("confidence")) else {}


def _related(shown: list[tuple[Json, Json]]) -> list[tuple[tuple[Json, Json], tuple[Json, Json]]]:
    """The pairs of fields that are a relation: the only two of their group, head and child, each of one span."""
    groups: dict[str, list[tuple[Json, Json]]] = {}
    for field, plain in shown:
        if field.get("group"):
            groups.setdefault(field["group"], []).append((field, plain))
    pairs = []
    for members in groups.values():
        by_name = {field["name"]: (field, plain) for field, plain in members if only_span(field)}
        if len(members) == 2 and by_name.keys() == {"head", "child"}:
            pairs.append((by_name["head"], by_name["child"]))
    return pairs


def _relation(pair: tuple[tuple[Json, Json], tuple[Json, Json]], text: str, number: int, fresh: list[Json]) -> Json:
    (head, plain_head), (child, plain_child) = pair
    mark = head.get(MARK)
    kept = mark.get("relation") if isinstance(mark, dict) else None
    if isinstance(kept, dict):
        fields = relation_fields(kept, text, number) or []
        if [_bare(field) for field in fields] == [_bare(plain_head), _bare(plain_child)]:
            return kept
    relation = dict(kept) if isinstance(kept, dict) else {}
    for name, field in (("head", head), ("child", child)):
        start, end = field["spans"][0]
        span = {"start": start, "end": end}
        fresh.append(span)
        relation |= {name: None, f"{name}_span": span}
    relation["label"] = head["group"].rpartition(":")[0] or head["group"]
    return relation


def _bare(field: Json) -> Json:
    """A field without the number of its group, which is another one where a relation before it was removed."""
    bare = {key: value for key, value in field.items() if key != MARK}
    return bare | {"group": str(field.get("group")).rpartition(":")[0]}


def _option(task: Json, value: Any) -> Any:
    if isinstance(value, str):
        options = objects_in(task.get("options"))
        if not any(option.get("id") == value for option in options):
            return next((option["id"] for option in options if option.get("text") == value and "id" in option), value)
    return value


def _fit_tokens(task: Json, text: str, fresh: list[Json], made: bool) -> None:
    """Give each fresh part the numbers of its tokens; where one begins or ends within a token, there are new tokens.

    A task that was read without tokens gets them only for a relation, which is told by them.
    """
    related = any("head_span" in item and item.get("head") is None for item in objects_in(task.get("relations")))
    tokens = None if made else task.get("tokens")
    if not made and not (fresh and (isinstance(tokens, list) or related)):
        return
    ends = [
        value for item in objects_in(task.get("relations")) for value in (item.get("head_span"), item.get("child_span"))
    ]
    ours = {id(span) for span in fresh}
    parts = [
        span
        for span in objects_in(task.get("spans")) + objects_in(ends)
        if id(span) in ours or (_is_placed(span) and "token_start" in span)
    ]
    starts, finishes = _by_offsets(tokens)
    if tokens is None or any(span["start"] not in starts or span["end"] not in finishes for span in parts):
        cuts = [offset for span in parts for offset in (span["start"], span["end"])]
        task["tokens"] = _tokens(text, cuts)
        starts, finishes = _by_offsets(task["tokens"])
        fresh = parts
    numbered = {id(span): _numbered(span, starts, finishes) for span in fresh}
    if isinstance(task.get("spans"), list):
        task["spans"] = [numbered.get(id(span), span) for span in task["spans"]]
    labels = {
        (span["start"], span["end"]): span.get("label") for span in objects_in(task.get("spans")) if _is_placed(span)
    }
    if isinstance(task.get("relations"), list):
        task["relations"] = [_numbered_relation(item, numbered, labels) for item in task["relations"]]


def _numbered_relation(relation: Any, numbered: dict[int, Json], labels: dict[tuple[int, int], Any]) -> Any:
    if not isinstance(relation, dict):
        return relation
    changed: Json = {}
    for name in ("head", "child"):
        span = relation.get(f"{name}_span")
        if id(span) in numbered:
            span = numbered[id(span)]
            span = span if "label" in span else span | {"label": labels.get((span["start"], span["end"]))}
            changed |= {name: span.get("token_end"), f"{name}_span": span}
    return relation | changed if changed else relation


def _numbered(span: Json, starts: dict[int, int], finishes: dict[int, int]) -> Json:
    first, last = starts.get(span["start"]), finishes.get(span["end"])
    if first is None or last is None:  # within white space
        return {key: value for key, value in span.items() if key not in ("token_start", "token_end")}
    return span | {"token_start": first, "token_end": last}


def _is_placed(span: Json) -> bool:
    return type(span.get("start")) is type(span.get("end")) is int


def _by_offsets(tokens: object) -> tuple[dict[int, int], dict[int, int]]:
    placed = [token for token in objects_in(tokens) if _is_placed(token) and type(token.get("id")) is int]
    return {token["start"]: token["id"] for token in placed}, {token["end"]: token["id"] for token in placed}


def _tokens(text: str, cuts: Iterable[int]) -> list[Json]:
    return [
        {"text": text[start:end], "start": start, "end": end, "id": number, "ws": text[end : end + 1] == " "}
        for number, (start, end) in enumerate(tokenise(text, cuts))
    ]
