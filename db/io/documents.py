"""Checks a JSON object in the native form and turns it into a document; an error names the place and the reason."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from db.errors import ConfidenceError, InputError
from db.io.json_lines import json_type, shorten
from db.kinds import is_modifier
from db.model import ACCEPTED, REASONS, STATES, STATUSES, Json, Span, State
from db.native import WAITING_LINK, Author, EventReview, FieldReview, NewDocument, NewEvent, NewField, digest, numbered

_DOCUMENT_KEYS = ("id", "title", "publisher", "url", "published", "language", "text", "events")
_EVENT_KEYS = ("id", "type", "extractor", "confidence", "fields")
_EVENT_REVIEW_KEYS = ("status", "reviewer", "decided_at", "reason", "reason_text", "note", "extracted_type")
_NOTE_KEYS = ("note_reviewer", "note_decided_at")
_FIELD_KEYS = ("name", "value", "group", "spans", "confidence")
_PLAIN_FIELD_KEYS = frozenset(_FIELD_KEYS)
_FIELD_REVIEW_KEYS = (
    "state", "extracted", "extracted_name", "extracted_group", "extracted_modifier", "extracted_spans", "note"
)  # fmt: skip
_CONTAINERS = frozenset((dict, list))
_FIELD_AUTHOR_KEYS = ("reviewer", "decided_at")
_CLOCK_SKEW = timedelta(days=1)  # how far the clock of another computer may be ahead
_MAX_FIELDS = 20_000  # in an event: a decision about it loads all of them into memory
_MAX_DEPTH = 100  # levels of a value: Python's parser allows more, but a deep call stack leaves it less room


def parse_document(data: Mapping[str, Any]) -> NewDocument:
    """Return the document of an object in the native form. Raises InputError that names the place in the object."""
    title = _optional_text(data, "title", "")
    text = _optional_text(data, "text", "")
    if title is None and text is None:
        raise InputError("has neither text nor title; a document needs at least one")
    described = {key: _optional_text(data, key, "") for key in ("publisher", "url", "published", "language")}
    extra = _unknown_keys(data, _DOCUMENT_KEYS, "")
    external_id = _id(data, "") or f"doc-{digest([title, text, described['url'], described['published']])}"
    source = text if text is not None else title or ""
    items = _list(data, "events", "")
    events = tuple(_unique_ids(_event(item, f"events[{n}]", external_id, len(source)) for n, item in enumerate(items)))
    return NewDocument(external_id, title, **described, text=text, extra=extra, events=events)


def _unique_ids(events: Iterator[NewEvent]) -> Iterator[NewEvent]:
    """Reject a given id that occurs twice; number the derived ids of events that are identical."""
    seen: set[tuple[str, str]] = set()
    for event in events:
        candidate, number = event, 1
        while (candidate.external_id, candidate.extractor) in seen:
            if not event.id_is_derived:
                raise InputError(
                    f"event id {shorten(event.external_id)} occurs twice in one document; give each event its own"
                )
            number += 1
            candidate = replace(event, external_id=numbered(event.external_id, number))
        seen.add((candidate.external_id, candidate.extractor))
        yield candidate


def _event(data: object, where: str, document_id: str, length: int) -> NewEvent:
    if not isinstance(data, dict):
        raise InputError(f"{where}: must be an object, is {json_type(data)}")
    event_type = _required_text(data, "type", where)
    extractor = _optional_text(data, "extractor", where) or ""
    review = _event_review(data, where)
    # A gold file has final values without states: each field was confirmed together with its event.
    state: State | None = "confirmed" if review and review.status in ACCEPTED else None
    items = _list(data, "fields", where)
    if len(items) > _MAX_FIELDS:
        raise InputError(f"{where}: has {len(items):,} fields, the limit is {_MAX_FIELDS:,}; split it into events")
    fields = tuple(
        (state is None and _plain_field(item, length)) or _field(item, f"{where}.fields[{n}]", length, state)
        for n, item in enumerate(items)
    )
    given_id = _id(data, where)
    added = data.get("added") is True
    extracted_type = _required_text(data, "extracted_type", where) if data.get("extracted_type") else event_type
    run = data.get("run")
    run = str(run) if type(run) is int else run if isinstance(run, str) and run.strip() else None
    known = _EVENT_KEYS + ("run",) * (run is not None and run is data.get("run"))  # a number stays as it was given, too
    return NewEvent(
        given_id or f"{document_id}/{digest([event_type, extractor, items])}",
        event_type,
        None if added else extracted_type,
        extractor,
        _confidence(data, where),
        fields,
        _unknown_keys(data, known + _known_review_keys(data, review), where),
        review,
        given_id is None,
        run,
    )


def _event_review(data: Mapping[str, Any], where: str) -> EventReview | None:
    if data.get("added") is not True and not any(data.get(key) is not None for key in _EVENT_REVIEW_KEYS):
        return None
    status = _one_of(data, "status", where, STATUSES)
    reason = _one_of(data, "reason", where, REASONS)
    author = _author(data, "reviewer", "decided_at", where)
    if status is None and data.get("added") is not True:
        author = Author(None, None)  # every export says the status, so this is not one of what that person decided
    note = _optional_text(data, "note", where)
    same_as = data.get("same_as") if (status, reason) == ("rejected", "duplicate") else None
    return EventReview(
        status or "pending",
        *author,
        reason,
        _optional_text(data, "reason_text", where),
        note,
        _own_author(data, *_NOTE_KEYS, where) if note else None,
        same_as if isinstance(same_as, dict) else None,
    )


def _known_review_keys(data: Mapping[str, Any], review: EventReview | None) -> tuple[str, ...]:
    keys: tuple[str, ...] = _EVENT_REVIEW_KEYS
    if review is not None:
        keys += ("added",) * (data.get("added") is True) + ("same_as",) * (review.same_as is not None)
        keys += _NOTE_KEYS * (review.note_author is not None) + ("seen_type",)
    return keys


def _author(data: Mapping[str, Any], reviewer_key: str, time_key: str, where: str) -> Author:
    reviewer, time = _optional_text(data, reviewer_key, where), _optional_text(data, time_key, where)
    if time:
        try:
            decided_at = datetime.fromisoformat(time)
        except ValueError:
            raise InputError(
                f"{_path(where, time_key)}: {shorten(time)} is not a time; write it as 2025-03-08T10:00:00Z"
            ) from None
        if decided_at.replace(tzinfo=decided_at.tzinfo or UTC) > datetime.now(UTC) + _CLOCK_SKEW:
            raise InputError(f"{_path(where, time_key)}: {shorten(time)} is in the future; correct it")
    return Author((reviewer or "").strip() or None, time or None)


def _own_author(data: Mapping[str, Any], reviewer_key: str, time_key: str, where: str) -> Author | None:
    author = _author(data, reviewer_key, time_key, where)
    return author if author.reviewer else None


def _plain_field(data: object, length: int) -> NewField | None:
    """Return a field of the usual form quickly; None if it needs the full check or is invalid."""
    if type(data) is not dict or "value" not in data:
        return None
    if len(data) == 2 and type(name := data.get("name")) is str:  # as tables have them
        value = data["value"]
        if name.strip() and type(value) not in _CONTAINERS:
            return NewField(name, None, value, None, (), None, {}, None)
        return None
    if not data.keys() <= _PLAIN_FIELD_KEYS:
        return None
    name, group, confidence, pairs = data.get("name"), data.get("group"), data.get("confidence"), data.get("spans")
    if type(name) is not str or not name.strip() or not (group is None or type(group) is str):
        return None
    if not (confidence is None or (type(confidence) is float and 0 <= confidence <= 1)) or not (
        pairs is None or type(pairs) is list
    ):
        return None
    if type(data["value"]) in _CONTAINERS:
        return None
    spans = []
    for pair in pairs or ():
        if type(pair) is not list or len(pair) != 2 or not type(pair[0]) is type(pair[1]) is int:
            return None
        if not 0 <= pair[0] < pair[1] <= length:
            return None
        spans.append(Span(*pair))
    return NewField(name, group, data["value"], None, tuple(dict.fromkeys(spans)), confidence, {}, None)


def _field(data: object, where: str, length: int, default_state: State | None) -> NewField:
    if not isinstance(data, dict):
        raise InputError(f"{where}: must be an object, is {json_type(data)}")
    name = _required_text(data, "name", where)
    if "value" not in data:
        raise InputError(f"{where}: has no value; a field needs a name and a value")
    group = _optional_text(data, "group", where)
    spans = _spans(data, "spans", where, length) or ()
    value = data["value"]
    for key in ("value", "extracted"):
        _reject_deep(data.get(key), where, key)
    state = _one_of(data, "state", where, STATES) or default_state
    note = _optional_text(data, "note", where)
    modifier = data.get("modifier") if is_modifier(data.get("modifier")) else None
    review = None
    if state not in (None, "extracted") or note is not None:
        author = _own_author(data, *_FIELD_AUTHOR_KEYS, where) if "state" in data else None
        review = FieldReview(name, group, value, modifier, spans, state or "extracted", note, author)
    extracted_spans = _spans(data, "extracted_spans", where, length)
    return NewField(
        _required_text(data, "extracted_name", where) if data.get("extracted_name") else name,
        _optional_text(data, "extracted_group", where) if "extracted_group" in data else group,
        data.get("extracted", value),
        _optional_text(data, "extracted_modifier", where) if "extracted_modifier" in data else modifier,
        spans if extracted_spans is None else extracted_spans,
        _confidence(data, where),
        _unknown_keys(
            data,
            _FIELD_KEYS
            + _FIELD_REVIEW_KEYS
            + ("modifier",) * (modifier is not None)
            + ("seen",) * (state is not None)
            + _FIELD_AUTHOR_KEYS * (review is not None and review.author is not None),
            where,
        ),
        review,
    )


def _spans(data: Mapping[str, Any], key: str, where: str, length: int) -> tuple[Span, ...] | None:
    if data.get(key) is None:
        return None
    spans = []
    for number, pair in enumerate(_list(data, key, where)):
        if not (isinstance(pair, list) and len(pair) == 2 and type(pair[0]) is type(pair[1]) is int):
            raise InputError(f"{where}.{key}[{number}]: must be two whole numbers, [start, end]")
        start, end = pair
        if not 0 <= start < end <= length:
            span = f"[{shorten(str(start))}, {shorten(str(end))}]"
            raise InputError(f"{where}.{key}[{number}]: {span} is not a span of the text of {length} characters")
        spans.append(Span(start, end))
    return tuple(dict.fromkeys(spans))


def _id(data: Mapping[str, Any], where: str) -> str | None:
    value = data.get("id")
    if type(value) is int:
        return str(value)
    return _optional_text(data, "id", where) or None


def _required_text(data: Mapping[str, Any], key: str, where: str) -> str:
    value = _optional_text(data, key, where)
    if not value or not value.strip():
        raise InputError(f"{where}: has no {key}")
    return value


def _optional_text(data: Mapping[str, Any], key: str, where: str) -> str | None:
    value = data.get(key)
    if value is None or isinstance(value, str):
        return value
    raise InputError(f"{_path(where, key)}: must be text, is {json_type(value)}")


def _confidence(data: Mapping[str, Any], where: str) -> float | None:
    value = data.get("confidence")
    if value is None:
        return None
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 1:
        return float(value)
    shown = shorten(str(value)) if isinstance(value, str | int | float) else json_type(value)
    raise ConfidenceError(f"{_path(where, 'confidence')}: must be a number from 0 to 1, is {shown}")


def _list(data: Mapping[str, Any], key: str, where: str) -> list[Any]:
    value = data.get(key)
    if value is None:
        return []
    if isinstance(value, list):
        return value
    raise InputError(f"{_path(where, key)}: must be a list, is {json_type(value)}")


def _one_of(data: Mapping[str, Any], key: str, where: str, known: tuple[Any, ...]) -> Any:
    value = data.get(key)
    if value is None or value in known:
        return value
    raise InputError(f"{_path(where, key)}: must be one of {', '.join(known)}; use another key for anything else")


def _unknown_keys(data: Mapping[str, Any], known: tuple[str, ...], where: str) -> Json:
    unknown = {key: value for key, value in data.items() if key not in known}
    if WAITING_LINK in unknown:
        raise InputError(f"{_path(where, WAITING_LINK)}: this key is eventdesk's own; rename it")
    for key, value in unknown.items():
        _reject_deep(value, where, key)
    return unknown


def _reject_deep(value: object, where: str, key: str) -> None:
    level, depth = [value], 0
    while level := [
        inner
        for outer in level
        if type(outer) in _CONTAINERS
        for inner in (outer.values() if isinstance(outer, dict) else outer)  # type: ignore[attr-defined]
    ]:
        depth += 1
        if depth > _MAX_DEPTH:
            raise InputError(f"{_path(where, shorten(key))}: nested more than {_MAX_DEPTH} levels deep; flatten it")


def _path(where: str, key: str) -> str:
    return f"{where}.{key}" if where else key
