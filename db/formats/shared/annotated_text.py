"""Records of annotation tools: one text with labelled spans, read as one event in which each span is a field.

What such a record can't hold is stored under its key ``eventdesk``, which the tools keep. The key is written only where
reading the record without it would give a different document, so that an unchanged record is written as it was read.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from db.errors import InputError
from db.formats.format import Data, Export, ReadOptions
from db.formats.shared.objects import without
from db.model import ACCEPTED
from db.native import digest

EXTRA_KEY = "eventdesk"
DEFAULT_EVENT_TYPE = "annotation"
REVIEW_KEYS = ("status", "reviewer", "decided_at", "reason", "reason_text")
_DEFAULT_REVIEWER = "import"  # whom an import names where a file doesn't name the reviewer of a decision

UnreadItems = list[list[Any]]  # pairs of the position of an item that could not be read, and the item
ReadRecord = Callable[[Data, ReadOptions], tuple[Data, tuple[str, ...]]]  # returns a document and notes


def required_text(record: Data, advice: str) -> str:
    """Return the text of a record. Raises InputError with ``advice`` if it has none."""
    text = record.get("text")
    if not isinstance(text, str):
        raise InputError(f"has no text; {advice}")
    return text


def field_for_span(label: object, text: str, start: int, end: int, default: str = "span") -> Data:
    """Return the field of a labelled span: the label is its name, the text of the span its value."""
    name = label if isinstance(label, str) and label.strip() else default
    return {"name": name, "value": text[start:end], "spans": [[start, end]]}


def is_current(field: Data) -> bool:
    """Return True unless a reviewer removed the field."""
    return field.get("state") != "removed"


def same_fields(left: list[Data], right: list[Data], mark: str) -> bool:
    """Return True if fields differ at most in their marks, and in the numbers of groups, which a removal changes."""

    def bare(field: Data) -> Data:
        return without(field, mark) | {"group": str(field.get("group")).rpartition(":")[0]}

    return list(map(bare, left)) == list(map(bare, right))


def only_span(field: Data) -> tuple[int, int] | None:
    """Return the span of a field that has exactly one."""
    spans = field.get("spans") or []
    return (spans[0][0], spans[0][1]) if len(spans) == 1 else None


def with_unread(items: Iterable[Any], unread: object) -> list[Any]:
    """Return a list with the items that could not be read put back; ``unread`` are pairs of position and item."""
    whole = list(items)
    for pair in unread if isinstance(unread, list) else ():
        if isinstance(pair, list) and len(pair) == 2 and type(pair[0]) is int:
            whole.insert(pair[0], pair[1])
    return whole


def plain_event(event: Data) -> Data:
    """Return an event without what an export adds to a pending one, or what its decision implies."""
    plain = {key: value for key, value in event.items() if value is not None and (key, value) != ("status", "pending")}
    if plain.get("reviewer") == _DEFAULT_REVIEWER:
        plain = without(plain, "reviewer", "decided_at")
    return plain | {"fields": _plain_fields(event)}


def current_fields(event: Data) -> list[tuple[Data, Data]]:
    """Return the fields that no reviewer removed, each as it is and without the state that its event implies."""
    pairs = zip(event["fields"], _plain_fields(event), strict=True)
    return [(field, plain) for field, plain in pairs if is_current(field)]


def _plain_fields(event: Data) -> list[Data]:
    implied = "confirmed" if event.get("status") in ACCEPTED else "extracted"
    return [
        {key: value for key, value in field.items() if not (key == "state" and value == implied)}
        for field in event.get("fields") or ()
    ]


def same_review(read: Data, event: Data) -> bool:
    """Return True if the decision read from a record is the current one; a time counts only if the record gives it."""
    read, event = plain_event(read), plain_event(event)
    return all(read.get(key) == event.get(key) for key in REVIEW_KEYS if key != "decided_at" or key in read)


def complete_record(record: Data, document: Data, event: Data | None, mark: str, read: ReadRecord) -> Data:
    """Return a record, with EXTRA_KEY if ``read`` would otherwise not return this document with this event.

    ``mark`` is the key under which documents, events and fields hold what was read from the tool.
    """
    if _is_same(read(record, ReadOptions())[0], document, event):
        return record
    extra: Data = {"document": without(document, "text", "events", mark)}
    if not isinstance(document.get("text"), str):
        extra["only_title"] = True
    if mark not in (document if event is None else event):
        extra["made"] = True  # the document does not come from the tool
    if event is not None:
        extra["event"] = without(event, "fields", mark)
        events = read(record | {EXTRA_KEY: extra}, ReadOptions())[0].get("events")
        if not events or events[0]["fields"] != event.get("fields"):
            extra["fields"] = event.get("fields") or []
    return record | {EXTRA_KEY: extra}


def extra_of(record: Data) -> Data | None:
    """Return what a record holds under EXTRA_KEY; None if that is not what ``complete_record`` writes."""
    extra = record.get(EXTRA_KEY)
    if not isinstance(extra, dict) or not isinstance(extra.get("document"), dict):
        return None
    event = extra.get("event")
    if event is not None and not (isinstance(event, dict) and isinstance(event.get("type"), str)):
        return None
    fields = extra.get("fields", [])
    return extra if isinstance(fields, list) and all(map(_is_field, fields)) else None


def restore_document(
    document: Data, extra: Data | None, mark: str, lists: tuple[str, ...], written: frozenset[str]
) -> tuple[Data, tuple[str, ...]]:
    """Return the document that ``complete_record`` was given, from the one read from the rest of its record; and notes.

    Changes made in the tool win: a deleted span leaves its field, and a new span is a new field. ``lists`` are the
    names of fields without spans that the tool holds too, ``written`` the keys that eventdesk gives to new records.
    """
    if extra is None:
        return document, ()
    if extra.get("made") is True:
        for data in (document, *document["events"]):
            _keep_new_keys(data, mark, written)
    read = document["events"][0] if document["events"] else {}
    whole: Data = dict(extra["document"])
    if extra.get("only_title") is not True:
        whole["text"] = document["text"]
    head = extra.get("event")
    if head is None and not read:
        return whole | ({mark: document[mark]} if mark in document else {}) | {"events": []}, ()
    event = dict(read if head is None else head)
    if mark in read:
        event[mark] = read[mark]
    event["fields"], changed = read.get("fields", []), False
    if "fields" in extra:
        event["fields"], changed = _merge_fields(extra["fields"], event["fields"], mark, lists)
    notes = ("spans or labels changed since the export; imported as they are now",) if changed else ()
    return whole | {"events": [event]}, notes


def unread_notes(
    unread: dict[str, UnreadItems], has_offsets: Callable[[object], object], reason: Callable[[str], str]
) -> list[str]:
    """Return notes on unread items by their keys. Spans outside the text are noted when they are placed."""
    notes = []
    for key, items in unread.items():
        if places := [f"{key}[{position}]" for position, item in items if not has_offsets(item)]:
            shown = ", ".join(places[:3])
            notes.append(f"{len(places)} of the {key} {reason(key)}; kept for export, not shown ({shown})")
    return notes


def derived_id(prefix: str, content: object) -> str:
    """Return an id derived from the content of a record. Raises InputError if it is nested too deeply."""
    try:
        return f"{prefix}{digest(content)}"
    except RecursionError:
        raise InputError("nested too deeply; flatten it") from None


def json_lines(export: Export, record_of: Callable[[Data, Data | None], Data]) -> Iterator[bytes]:
    """Yield a line of JSON for each event, and for each document without events."""
    for document in export.documents():
        for event in document.get("events") or [None]:
            yield json.dumps(record_of(document, event), ensure_ascii=False).encode() + b"\n"


def _keep_new_keys(data: Data, mark: str, written: frozenset[str]) -> None:
    known = data.pop(mark, None)
    rest = without(known["task"], *written) if known else {}
    if rest or (known and "left" in known):
        data[mark] = known | {"task": rest}


def _is_field(field: object) -> bool:
    if not isinstance(field, dict) or not isinstance(field.get("name"), str) or "value" not in field:
        return False
    spans = field.get("spans", [])
    return isinstance(spans, list) and all(
        isinstance(span, list) and len(span) == 2 and type(span[0]) is type(span[1]) is int for span in spans
    )


def _is_same(read: Data, document: Data, event: Data | None) -> bool:
    if without(read, "events") != without(document, "events"):
        return False
    events = read.get("events") or []
    if event is None or len(events) != 1:
        return event is None and not events
    plain, read_plain = (without(plain_event(item), *REVIEW_KEYS) for item in (event, events[0]))
    return same_review(events[0], event) and plain == read_plain


def _merge_fields(stored: list[Data], read: list[Data], mark: str, lists: tuple[str, ...]) -> tuple[list[Data], bool]:
    """Return the stored fields with the changes made in the tool, and True if there are any."""
    pool = Counter(key for field in read for key in _keys(field))
    fields, changed = [], False
    for field in stored:
        if not is_current(field):
            fields.append(field)
            continue
        spans = field.get("spans") or []
        remaining = []
        for span in spans:
            key = (field["name"], span[0], span[1])
            if pool[key]:
                pool[key] -= 1
                remaining.append(span)
        if remaining != spans:
            changed = True
        elif not spans and field["name"] in lists and mark in field:
            value_key = _value_key(field)
            if not pool[value_key]:
                changed = True
                continue
            pool[value_key] -= 1
        if remaining:
            fields.append(field | {"spans": remaining})
        elif not spans:
            fields.append(field)
    for field in read:
        keys = _keys(field)
        if all(pool[key] for key in keys):
            pool.subtract(keys)
            fields.append(field)
            changed = True
    return fields, changed


def _keys(field: Data) -> list[tuple[Any, ...]]:
    spans = field.get("spans") or ()
    return [(field["name"], span[0], span[1]) for span in spans] or [_value_key(field)]


def _value_key(field: Data) -> tuple[Any, ...]:
    return (field["name"], json.dumps(field["value"], sort_keys=True))
