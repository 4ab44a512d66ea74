"""Writes LangExtract: its own extractions as they were read, with what people left there, and other events as fields.

An extraction can't say which event it is of, so that those of an event from elsewhere have its id and type as
attributes, by which they come back.
"""

import json
from collections.abc import Iterable, Iterator
from typing import Any

from db.formats.langextract.extraction import (
    DOCUMENT_MORE,
    EVENT_EXTRACTOR,
    EVENT_ID,
    EVENT_MORE,
    EVENT_TYPE,
    GROUNDING,
    KEYS,
    OF_DOCUMENT,
    OF_EVENT,
    OF_FIELD,
    OURS,
)
from db.formats.shared.versions import source_of

_STATUS = {grounding: status for status, grounding in GROUNDING.items()}
_DESCRIBED = ("title", "publisher", "url", "published", "language")

_Object = dict[str, Any]
_Numbered = tuple[int | None, _Object]  # where it stood among the extractions of its document, if it matters


def write_document(document: _Object) -> _Object:
    """An annotated document. Rejected events and removed fields are left out."""
    origin = _origin(document)
    source = source_of(document)
    text: str | None = source
    described = {key: document[key] for key in _DESCRIBED if document.get(key) is not None}
    more = {key: value for key, value in document.items() if key not in OF_DOCUMENT}
    if not isinstance(document.get("text"), str):
        if origin.get("has_text") is False:
            text = None
            if described.get("title") == document.get("id"):
                del described["title"]
        else:
            more["title_only"] = True
    written: list[_Numbered] = []
    for number, event in enumerate(document.get("events") or ()):
        if event.get("status") != "rejected":
            written += _event(event, number, source)
    rest = origin.get("more")
    return (
        {"document_id": document.get("id"), "extractions": _in_order(written), "text": text}
        | described
        | ({DOCUMENT_MORE: more} if more else {})
        | (rest if isinstance(rest, dict) else {})
    )


def _in_order(written: list[_Numbered]) -> list[_Object]:
    """As they stood in the file, what was added after what it follows here."""
    places: list[int] = []
    for at, _ in written:
        places.append(at if at is not None else places[-1] if places else -1)
    order = sorted(range(len(written)), key=places.__getitem__)
    return [written[number][1] for number in order]


def _event(event: _Object, number: int, source: str) -> Iterator[_Numbered]:
    origin = _origin(event)
    fields = [field for field in event.get("fields") or () if field.get("state") != "removed"]
    bearing = [field for field in fields if isinstance(_origin(field).get("extraction"), dict)]
    if isinstance(origin.get("class"), str) and len(bearing) == 1:
        name = origin["class"] if event["type"] == origin.get("type") else event["type"]
        rest = [field for field in fields if field is not bearing[0]]
        yield _extraction(name, bearing[0], rest, event.get("confidence"), {}, source)
    elif ("attribute" in origin or "group_index" in origin) and bearing:
        yield from _grouped(event, origin, fields, bearing, source)
    else:
        yield from _from_elsewhere(event, fields, number, source)


def _grouped(
    event: _Object, origin: _Object, fields: list[_Object], bearing: list[_Object], source: str
) -> Iterator[_Numbered]:
    """An extraction for each field, in which those of its group are attributes."""
    groups = {field["group"]: field for field in reversed(bearing) if field.get("group")}
    attributes: dict[int, list[_Object]] = {}
    for field in fields:
        head = groups.get(field.get("group"))
        if head is not None and "extraction" not in _origin(field):
            attributes.setdefault(id(head), []).append(field)
    inside = {id(field) for members in attributes.values() for field in members}
    common = {origin["attribute"]: origin.get("value")} if isinstance(origin.get("attribute"), str) else {}
    kind = origin.get("type_attribute")
    for field in fields:
        if id(field) in inside:
            continue
        said = _origin(field)
        renamed = isinstance(said.get("class"), str) and field["name"] == said.get("name")
        name = said["class"] if renamed else field["name"]
        at, made = _extraction(name, field, attributes.get(id(field), []), field.get("confidence"), common, source)
        told = made["attributes"]
        if event["type"] != origin.get("type") and isinstance(kind, str) and isinstance(told, dict) and kind in told:
            told[kind] = event["type"]
        if "extraction" not in said and "group_index" in origin:
            made["group_index"] = origin["group_index"]
        yield at, made


def _extraction(
    name: str, field: _Object, rest: Iterable[_Object], confidence: Any, common: _Object, source: str
) -> _Numbered:
    """An extraction whose text is that of ``field``, with ``rest`` as its attributes."""
    said = _origin(field)
    kept = said.get("extraction")
    kept = kept if isinstance(kept, dict) else {}
    attributes: _Object = dict(common)
    if isinstance(said.get("attributes"), dict):
        attributes |= said["attributes"]
    values: dict[str, list[Any]] = {}
    for item in rest:
        own = _origin(item).get("attribute")
        values.setdefault(own if isinstance(own, str) else item["name"], []).append(item["value"])
    lists = said["lists"] if isinstance(said.get("lists"), list) else []
    attributes |= {key: items if len(items) > 1 or key in lists else items[0] for key, items in values.items()}
    if confidence is not None:
        key = said.get("confidence")
        attributes.setdefault(key if isinstance(key, str) else "confidence", confidence)
    made = dict.fromkeys(KEYS) | kept
    made |= {"extraction_class": name, "extraction_text": field["value"]}
    if attributes:
        made["attributes"] = attributes
    spans = field.get("spans")
    if spans:
        made["char_interval"] = _interval(spans)
    status = kept.get("alignment_status")
    if "extracted" in field or "extracted_spans" in field or not kept:
        status = _aligned(field["value"], spans, source) if spans or "char_interval" not in kept else "match_fuzzy"
    made["alignment_status"] = status
    at = said.get("at")
    return (at if type(at) is int else None), made


def _from_elsewhere(event: _Object, fields: list[_Object], number: int, source: str) -> Iterator[_Numbered]:
    """An extraction for each field of an event that did not come from here; all of the field is in its attributes."""
    head = {EVENT_ID: event.get("id") or f"{event['type']}-{number + 1}", EVENT_TYPE: event["type"]}
    if event.get("extractor"):
        head[EVENT_EXTRACTOR] = event["extractor"]
    more = {key: value for key, value in event.items() if key not in OF_EVENT}
    first = {EVENT_MORE: more} if more else {}
    if not fields:
        empty = {"extraction_class": event["type"], "extraction_text": "", "attributes": head | first}
        yield None, dict.fromkeys(KEYS) | empty | {"group_index": number}
    for index, field in enumerate(fields, 1):
        spans, value = field.get("spans") or [], field["value"]
        text = source[slice(*spans[0])] if spans else value
        if not isinstance(text, str):
            text = json.dumps(text, ensure_ascii=False)
        attributes = {key: content for key, content in field.items() if key not in OF_FIELD}
        if value == text and text:
            del attributes["value"]
        if len(spans) < 2:
            attributes.pop("spans", None)
        status = _STATUS.get(field.get("grounding", "")) or "match_exact"
        made = {
            "extraction_class": field["name"],
            "extraction_text": text,
            "char_interval": _interval(spans) if spans else None,
            "alignment_status": status if spans else None,
            "extraction_index": index,
            "group_index": number,
            "attributes": head | first | attributes,
        }
        first = {}
        yield None, dict.fromkeys(KEYS) | made


def _interval(spans: list[list[int]]) -> dict[str, int]:
    return {"start_pos": spans[0][0], "end_pos": spans[0][1]}


def _aligned(value: Any, spans: list[list[int]] | None, source: str) -> str | None:
    if not spans:
        return None
    return "match_exact" if source[slice(*spans[0])] == value else "match_fuzzy"


def _origin(item: _Object) -> _Object:
    """What the format keeps of a document, an event or a field; empty where another program wrote that key."""
    said = item.get(OURS)
    return said if isinstance(said, dict) else {}
