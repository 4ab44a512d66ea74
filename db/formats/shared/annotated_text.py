"""Texts with labelled spans, as annotation tools keep them: a record is a text and one event, each span a field.

What such a record has no place for stands in one key of it, ``eventdesk``, which the tools carry along: it is there
only where reading the record would not give the same document without it, so that what was read of a tool and not
changed is written as it was.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from db.errors import InputError
from db.model import ACCEPTED
from db.native import digest

KEPT = "eventdesk"
ANNOTATION = "annotation"  # the type of an event whose record names none
REVIEW = ("status", "reviewer", "decided_at", "reason", "reason_text")

Json = dict[str, Any]
Left = list[list[Any]]  # pairs of a position and the item there that no field could be made of

_NOBODY = "import"  # whom an import gives a decision of which a file does not say whose it is


def is_number(value: object) -> bool:
    """Whether it is a number that is a confidence. JSON as it is read here holds no others than finite ones."""
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e300


def dicts(value: object) -> list[Json]:
    """The objects in a list; nothing of what is no list."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def text_of(record: Json, what: str) -> str:
    """The text of a record. Raises InputError that says what to do with ``what``, a record without."""
    text = record.get("text")
    if not isinstance(text, str):
        raise InputError(f"has no text; {what}")
    return text


def field_of(name: object, text: str, start: int, end: int, otherwise: str = "span") -> Json:
    """The field of one labelled span: its label is the name, what stands there the value."""
    named = name if isinstance(name, str) and name.strip() else otherwise
    return {"name": named, "value": text[start:end], "spans": [[start, end]]}


def stands(field: Json) -> bool:
    """Whether a field is part of what the event says: people have not removed it."""
    return field.get("state") != "removed"


def one_span(field: Json) -> tuple[int, int] | None:
    """The span of a field that has exactly one."""
    spans = field.get("spans") or []
    return (spans[0][0], spans[0][1]) if len(spans) == 1 else None


def source_of(document: Json) -> str:
    """What the spans of a document count in."""
    text = document.get("text")
    return text if isinstance(text, str) else document.get("title") or ""


def with_left(items: Iterable[Any], left: object) -> list[Any]:
    """A list with what could not be read of it put back where it stood."""
    whole = list(items)
    for pair in left if isinstance(left, list) else ():
        if isinstance(pair, list) and len(pair) == 2 and type(pair[0]) is int:
            whole.insert(pair[0], pair[1])
    return whole


def plain_event(event: Json) -> Json:
    """An event without what an export adds to one that nobody decided about, or that the decision alone implies."""
    plain = {key: value for key, value in event.items() if value is not None}
    if plain.get("status") == "pending":
        del plain["status"]
    if plain.get("reviewer") == _NOBODY:
        plain = {key: value for key, value in plain.items() if key not in ("reviewer", "decided_at")}
    plain["fields"] = plain_fields(event)
    return plain


def plain_fields(event: Json) -> list[Json]:
    """The fields of an event without the states that its status implies."""
    implied = "confirmed" if event.get("status") in ACCEPTED else "extracted"
    return [
        {key: value for key, value in field.items() if not (key == "state" and value == implied)}
        for field in event.get("fields") or ()
    ]


def same_review(read: Json, event: Json) -> bool:
    """Whether the decision that was read of a record is the one that an event has now.

    When it was taken is no difference where the record does not say it: an import gives it a time.
    """
    read, event = plain_event(read), plain_event(event)
    keys = [key for key in REVIEW if key != "decided_at" or "decided_at" in read]
    return all(read.get(key) == event.get(key) for key in keys)


def completed(record: Json, document: Json, event: Json | None, mark: str, read: Callable[[Json], Json]) -> Json:
    """A record, with ``eventdesk`` in it if ``read`` would else not give this document with this event.

    ``mark`` is the key in which documents, events and fields hold what was read of the tool.
    """
    if _is_same(read(record), document, event):
        return record
    kept: Json = {"document": _without(document, "text", "events", mark)}
    if not isinstance(document.get("text"), str):
        kept["only_title"] = True
    if mark not in (document if event is None else event):
        kept["made"] = True  # of a document that did not come from the tool
    if event is not None:
        kept["event"] = _without(event, "fields", mark)
        made = read(record | {KEPT: kept}).get("events")
        if not made or made[0]["fields"] != event.get("fields"):
            kept["fields"] = event.get("fields") or []
    return record | {KEPT: kept}


def kept_of(record: Json) -> Json | None:
    """What stands in ``eventdesk``, where it is as ``completed`` makes it."""
    kept = record.get(KEPT)
    if not isinstance(kept, dict) or not isinstance(kept.get("document"), dict):
        return None
    event = kept.get("event")
    if event is not None and not (isinstance(event, dict) and isinstance(event.get("type"), str)):
        return None
    fields = kept.get("fields", [])
    if not isinstance(fields, list) or not all(_is_field(field) for field in fields):
        return None
    return kept


def restored(document: Json, kept: Json, mark: str, lists: tuple[str, ...]) -> tuple[Json, tuple[str, ...]]:
    """The document that ``completed`` was given, of the one that the rest of its record gives; and notes.

    What was changed in the tool since holds: a span that is gone is of no field any more, and a new one is a new field.
    ``lists`` are the names of marked fields without spans that the record holds too.
    """
    made = document.get("events") or [None]
    whole: Json = dict(kept["document"])
    if kept.get("only_title") is not True:
        whole["text"] = document["text"]
    head = kept.get("event")
    notes: tuple[str, ...] = ()
    if head is None and made[0] is None:
        if mark in document:
            whole[mark] = document[mark]
        return whole | {"events": []}, notes
    event = dict(head if head is not None else made[0])
    if made[0] is not None and mark in made[0]:
        event[mark] = made[0][mark]
    found = made[0]["fields"] if made[0] is not None else []
    event["fields"] = found
    if "fields" in kept:
        event["fields"], changed = _reconciled(kept["fields"], found, mark, lists)
        if changed:
            notes = ("its spans or labels were changed since it was exported; taken as they are now",)
    return whole | {"events": [event]}, notes


def made_id(prefix: str, content: object) -> str:
    """An id made of what a record says. Raises InputError where that is nested too deep."""
    try:
        return f"{prefix}{digest(content)}"
    except RecursionError:
        raise InputError("nested too deep; make it flatter") from None


def written(records: Iterator[Json]) -> Iterator[bytes]:
    """JSON Lines."""
    for record in records:
        yield json.dumps(record, ensure_ascii=False).encode() + b"\n"


def _is_field(field: object) -> bool:
    if not isinstance(field, dict) or not isinstance(field.get("name"), str) or "value" not in field:
        return False
    spans = field.get("spans", [])
    return isinstance(spans, list) and all(
        isinstance(span, list) and len(span) == 2 and type(span[0]) is type(span[1]) is int for span in spans
    )


def _without(data: Json, *keys: str) -> Json:
    return {key: value for key, value in data.items() if key not in keys}


def _is_same(read: Json, document: Json, event: Json | None) -> bool:
    if _without(read, "events") != _without(document, "events"):
        return False
    events = read.get("events") or []
    if event is None:
        return not events
    if len(events) != 1 or not same_review(events[0], event):
        return False
    return _without(plain_event(events[0]), *REVIEW) == _without(plain_event(event), *REVIEW)


def _reconciled(kept: list[Json], made: list[Json], marked: str, lists: tuple[str, ...]) -> tuple[list[Json], bool]:
    pool = Counter(mark for field in made for mark in _marks(field))
    fields, changed = [], False
    for field in kept:
        if not stands(field):
            fields.append(field)
            continue
        spans = field.get("spans") or []
        remaining = []
        for span in spans:
            mark = (field["name"], span[0], span[1])
            if pool[mark]:
                pool[mark] -= 1
                remaining.append(span)
        if remaining != spans:
            changed = True
        elif not spans and field["name"] in lists and marked in field:
            mark = _mark_of_value(field)
            if not pool[mark]:
                changed = True
                continue
            pool[mark] -= 1
        if remaining:
            fields.append(field | {"spans": remaining})
        elif not spans:
            fields.append(field)
    for field in made:
        marks = _marks(field)
        if all(pool[mark] for mark in marks):
            pool.subtract(marks)
            fields.append(field)
            changed = True
    return fields, changed


def _marks(field: Json) -> list[tuple[Any, ...]]:
    spans = field.get("spans") or ()
    return [(field["name"], span[0], span[1]) for span in spans] or [_mark_of_value(field)]


def _mark_of_value(field: Json) -> tuple[Any, ...]:
    return (field["name"], json.dumps(field["value"], sort_keys=True))
