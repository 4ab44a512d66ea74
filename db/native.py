"""Reads the native form, which every format is translated into: a document with its events; says why one is refused."""

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from math import isfinite
from typing import Any, NamedTuple

from db.errors import InputError
from db.io.json_lines import kind_of, quoted
from db.kinds import is_modifier
from db.model import ACCEPTED, REASONS, STATES, STATUSES, Json, Reason, Span, State, Status, Value

_DOCUMENT_KEYS = ("id", "title", "publisher", "url", "published", "language", "text", "events")
_EVENT_KEYS = ("id", "type", "extractor", "confidence", "fields")
_EVENT_REVIEW_KEYS = ("status", "reviewer", "decided_at", "reason", "reason_text", "note", "extracted_type")
_FIELD_KEYS = ("name", "value", "group", "spans", "confidence")
_PLAIN_FIELD = frozenset(_FIELD_KEYS)
_FIELD_REVIEW_KEYS = (
    "state", "extracted", "extracted_name", "extracted_group", "extracted_modifier", "extracted_spans", "note"
)  # fmt: skip
_MADE = re.compile(r"/[0-9a-f]{16}(\.[0-9]+)?")
_NESTS = frozenset((dict, list))
_MOST_FIELDS = 20_000  # of an event: what decisions about it hold of each is in memory at once
_DEEPEST = 100  # levels of a value: Python reads some more here, but not where a screen's calls are on the stack too


@dataclass(frozen=True, slots=True)
class FieldReview:
    """A person's side of a field, as an export holds it beside the machine's."""

    name: str
    group: str | None
    value: Value
    modifier: str | None
    spans: tuple[Span, ...]
    state: State
    note: str | None


class NewField(NamedTuple):
    """A field as a line holds it: the machine's side, and a person's where the line is an export.

    A tuple, since ten are made for each event, each in a third of the time.
    """

    name: str
    group: str | None
    value: Value
    modifier: str | None
    spans: tuple[Span, ...]
    confidence: float | None
    extra: Json
    review: FieldReview | None

    @property
    def by_machine(self) -> bool:
        """Whether a machine extracted it; else a person added it."""
        return self.review is None or self.review.state != "added"


@dataclass(frozen=True, slots=True)
class EventReview:
    """A person's side of an event, as an export holds it."""

    status: Status
    reviewer: str | None
    decided_at: str | None
    reason: Reason | None
    reason_text: str | None
    note: str | None


@dataclass(frozen=True, slots=True)
class NewEvent:
    """An event as a line holds it. ``extracted_type`` is None where an export says that a person made it.

    ``made``: the line gives no id, so that ``external_id`` is made from the content.
    """

    external_id: str
    type: str
    extracted_type: str | None
    extractor: str
    confidence: float | None
    fields: tuple[NewField, ...]
    extra: Json
    review: EventReview | None
    made: bool


@dataclass(frozen=True, slots=True)
class NewDocument:
    """A document as a line holds it, with its events."""

    external_id: str
    title: str | None
    publisher: str | None
    url: str | None
    published: str | None
    language: str | None
    text: str | None
    extra: Json
    events: tuple[NewEvent, ...]

    @property
    def source(self) -> str:
        """What the spans count in: the text, or the title where there is no more than that."""
        return self.text if self.text is not None else self.title or ""

    @property
    def has_spans(self) -> bool:
        """Whether any field rests on a stretch of the source."""
        return any(field.spans for event in self.events for field in event.fields)


def document_of(data: dict[str, Any]) -> NewDocument:
    """The document of an object in the native form. Raises InputError that says what is wrong and where in it."""
    title = _optional_text(data, "title", "")
    text = _optional_text(data, "text", "")
    if title is None and text is None:
        raise InputError("neither text nor title; a document needs one of them")
    described = {key: _optional_text(data, key, "") for key in ("publisher", "url", "published", "language")}
    extra = _rest(data, _DOCUMENT_KEYS, "")
    external_id = _id(data, "") or f"doc-{digest([title, text, described['url'], described['published']])}"
    source = text if text is not None else title or ""
    items = _list(data, "events", "")
    events = tuple(_unique_ids(_event(item, f"events[{n}]", external_id, len(source)) for n, item in enumerate(items)))
    return NewDocument(external_id, title, **described, text=text, extra=extra, events=events)


def _unique_ids(events: Iterator[NewEvent]) -> Iterator[NewEvent]:
    """Refuse an id that stands twice; number the made ones of events that are the same to the letter."""
    seen: set[tuple[str, str]] = set()
    for event in events:
        candidate, number = event, 1
        while (candidate.external_id, candidate.extractor) in seen:
            if not event.made:
                raise InputError(
                    f"event id {quoted(event.external_id)} stands twice in one document; give each its own"
                )
            number += 1
            candidate = replace(event, external_id=f"{event.external_id}.{number}")
        seen.add((candidate.external_id, candidate.extractor))
        yield candidate


def _event(data: object, where: str, document_id: str, length: int) -> NewEvent:
    if not isinstance(data, dict):
        raise InputError(f"{where}: not an object but {kind_of(data)}")
    event_type = _required_text(data, "type", where)
    extractor = _optional_text(data, "extractor", where) or ""
    review = _event_review(data, where)
    # A gold file has final values without states: each was confirmed with its event.
    state: State | None = "confirmed" if review and review.status in ACCEPTED else None
    items = _list(data, "fields", where)
    if len(items) > _MOST_FIELDS:
        raise InputError(f"{where}: has {len(items):,} fields, {_MOST_FIELDS:,} are taken; make several events of it")
    fields = tuple(
        (state is None and _plain_field(item, length)) or _field(item, f"{where}.fields[{n}]", length, state)
        for n, item in enumerate(items)
    )
    external_id = _id(data, where)
    made = external_id is None
    if external_id is None:
        external_id = f"{document_id}/{digest([event_type, extractor, _list(data, 'fields', where)])}"
    made_by_person = data.get("added") is True
    extracted_type = _required_text(data, "extracted_type", where) if data.get("extracted_type") else event_type
    return NewEvent(
        external_id,
        event_type,
        None if made_by_person else extracted_type,
        extractor,
        _number(data, "confidence", where),
        fields,
        _rest(data, _EVENT_KEYS + _EVENT_REVIEW_KEYS + ("added",) * made_by_person, where),
        review,
        made,
    )


def _event_review(data: dict[str, Any], where: str) -> EventReview | None:
    if data.get("added") is not True and not any(data.get(key) is not None for key in _EVENT_REVIEW_KEYS):
        return None
    status = _one_of(data, "status", where, STATUSES) or "pending"
    reason = _one_of(data, "reason", where, REASONS)
    texts = {key: _optional_text(data, key, where) for key in ("reviewer", "decided_at", "reason_text", "note")}
    return EventReview(status, reason=reason, **texts)  # type: ignore[arg-type]


def _plain_field(data: object, length: int) -> NewField | None:
    """A field as nearly every one is; None where it has to be looked at closer, or is wrong."""
    if type(data) is not dict or not data.keys() <= _PLAIN_FIELD or "value" not in data:
        return None
    name, group, confidence, pairs = data.get("name"), data.get("group"), data.get("confidence"), data.get("spans")
    if type(name) is not str or not name.strip() or not (group is None or type(group) is str):
        return None
    if not (confidence is None or type(confidence) is float) or not (pairs is None or type(pairs) is list):
        return None
    if type(data["value"]) in _NESTS:
        return None
    spans = []
    for pair in pairs or ():
        if type(pair) is not list or len(pair) != 2 or not type(pair[0]) is type(pair[1]) is int:
            return None
        if not 0 <= pair[0] < pair[1] <= length:
            return None
        spans.append(Span(*pair))
    return NewField(name, group, data["value"], None, tuple(dict.fromkeys(spans)), confidence, {}, None)


def _field(data: object, where: str, length: int, unstated: State | None) -> NewField:
    if not isinstance(data, dict):
        raise InputError(f"{where}: not an object but {kind_of(data)}")
    name = _required_text(data, "name", where)
    if "value" not in data:
        raise InputError(f"{where}: has no value; a field needs name and value")
    group = _optional_text(data, "group", where)
    spans = _spans(data, "spans", where, length) or ()
    value = data["value"]
    for key in ("value", "extracted"):
        _refuse_deep(data.get(key), where, key)
    state = _one_of(data, "state", where, STATES) or unstated
    note = _optional_text(data, "note", where)
    modifier = data.get("modifier") if is_modifier(data.get("modifier")) else None
    review = None
    if state not in (None, "extracted") or note is not None:
        review = FieldReview(name, group, value, modifier, spans, state or "extracted", note)
    machine_spans = _spans(data, "extracted_spans", where, length)
    return NewField(
        _required_text(data, "extracted_name", where) if data.get("extracted_name") else name,
        _optional_text(data, "extracted_group", where) if "extracted_group" in data else group,
        data.get("extracted", value),
        _optional_text(data, "extracted_modifier", where) if "extracted_modifier" in data else modifier,
        spans if machine_spans is None else machine_spans,
        _number(data, "confidence", where),
        _rest(data, _FIELD_KEYS + _FIELD_REVIEW_KEYS + ("modifier",) * (modifier is not None), where),
        review,
    )


def _spans(data: dict[str, Any], key: str, where: str, length: int) -> tuple[Span, ...] | None:
    if data.get(key) is None:
        return None
    spans = []
    for number, pair in enumerate(_list(data, key, where)):
        if not (isinstance(pair, list) and len(pair) == 2 and type(pair[0]) is type(pair[1]) is int):
            raise InputError(f"{where}.{key}[{number}]: must be two whole numbers, [start, end]")
        start, end = pair
        if not 0 <= start < end <= length:
            what = f"[{quoted(str(start))}, {quoted(str(end))}] is not a stretch of the text"
            raise InputError(f"{where}.{key}[{number}]: {what}, which has {length} characters")
        spans.append(Span(start, end))
    return tuple(dict.fromkeys(spans))  # a stretch bears a value out once


def _id(data: dict[str, Any], where: str) -> str | None:
    value = data.get("id")
    if type(value) is int:
        return str(value)
    return _optional_text(data, "id", where) or None


def _required_text(data: dict[str, Any], key: str, where: str) -> str:
    value = _optional_text(data, key, where)
    if not value or not value.strip():
        raise InputError(f"{where}: has no {key}")
    return value


def _optional_text(data: dict[str, Any], key: str, where: str) -> str | None:
    value = data.get(key)
    if value is None or isinstance(value, str):
        return value
    raise InputError(f"{_at(where, key)}: must be text, is {kind_of(value)}")


def _number(data: dict[str, Any], key: str, where: str) -> float | None:
    value = data.get(key)
    if value is None:
        return None
    if isinstance(value, int | float) and not isinstance(value, bool):
        try:
            if isfinite(number := float(value)):
                return number
        except OverflowError:
            pass
    raise InputError(f"{_at(where, key)}: must be a number, is {kind_of(value)}")


def _list(data: dict[str, Any], key: str, where: str) -> list[Any]:
    value = data.get(key)
    if value is None:
        return []
    if isinstance(value, list):
        return value
    raise InputError(f"{_at(where, key)}: must be a list, is {kind_of(value)}")


def _one_of(data: dict[str, Any], key: str, where: str, known: tuple[Any, ...]) -> Any:
    value = data.get(key)
    if value is None or value in known:
        return value
    raise InputError(f"{_at(where, key)}: must be one of {', '.join(known)}; another meaning needs another key")


def _rest(data: dict[str, Any], known: tuple[str, ...], where: str) -> Json:
    rest = {key: value for key, value in data.items() if key not in known}
    for key, value in rest.items():
        _refuse_deep(value, where, key)
    return rest


def _refuse_deep(value: object, where: str, key: str) -> None:
    level, depth = [value], 0
    while level := [
        inner
        for outer in level
        if type(outer) in _NESTS
        for inner in (outer.values() if isinstance(outer, dict) else outer)  # type: ignore[attr-defined]
    ]:
        depth += 1
        if depth > _DEEPEST:
            raise InputError(f"{_at(where, quoted(key))}: nested more than {_DEEPEST} deep; make it flatter")


def _at(where: str, key: str) -> str:
    return f"{where}.{key}" if where else key


def is_made(external_id: str, document_id: str) -> bool:
    """Whether an event's id looks as one that was made from the content of an event of that document."""
    return external_id.startswith(document_id) and _MADE.fullmatch(external_id, len(document_id)) is not None


def digest(content: object) -> str:
    """Sixteen hexadecimal digits that JSON values have in common when they are the same: ids are made of them."""
    canonical = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()[:16]
