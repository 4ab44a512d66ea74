"""Writes a LangExtract document: its own extractions with their final values, other events as an extraction a field.

LangExtract has no events. So the extractions of an event that didn't come from LangExtract carry its id and type as
attributes, from which it is restored.
"""

import json
from collections.abc import Iterable, Iterator
from typing import Any

from db.formats.format import Data
from db.formats.langextract import keys
from db.formats.shared.objects import list_at, object_at, without
from db.formats.shared.versions import has_decisions, source_text

_STATUSES = {grounding: status for status, grounding in keys.GROUNDING.items()}
_DESCRIBED = ("title", "publisher", "url", "published", "language")

_Numbered = tuple[int | None, Data]  # an extraction and its original position, if known


def write_document(document: Data) -> Data:
    """Return an annotated document. Rejected events and removed fields are left out."""
    origin = _origin(document)
    source = source_text(document)
    text: str | None = source
    described = {key: document[key] for key in _DESCRIBED if document.get(key) is not None}
    extra = without(document, *keys.DOCUMENT_KEYS)
    if not isinstance(document.get("text"), str):
        if origin.get("has_text") is False:
            text = None
            if described.get("title") == document.get("id"):
                del described["title"]
        else:
            extra["title_only"] = True
    if has_decisions(document):
        extra[keys.PARTIAL] = "decisions"
    written: list[_Numbered] = []
    for number, event in enumerate(document.get("events") or ()):
        if event.get("status") != "rejected":
            written += _event(event, number, source)
    extras = {keys.DOCUMENT_EXTRA: extra} if extra else {}
    whole = {"document_id": document.get("id"), "extractions": _in_order(written), "text": text}
    return whole | described | extras | object_at(origin, "more")


def _in_order(written: list[_Numbered]) -> list[Data]:
    """Return the extractions in their original order; a new one follows the one before it."""
    places: list[int] = []
    for at, _ in written:
        places.append(at if at is not None else places[-1] if places else -1)
    order = sorted(range(len(written)), key=places.__getitem__)
    return [written[number][1] for number in order]


def _event(event: Data, number: int, source: str) -> Iterator[_Numbered]:
    origin = _origin(event)
    fields = [field for field in event.get("fields") or () if field.get("state") != "removed"]
    originals = [field for field in fields if isinstance(_origin(field).get("extraction"), dict)]
    if isinstance(origin.get("class"), str) and len(originals) == 1:
        name = origin["class"] if event["type"] == origin.get("type") else event["type"]
        rest = [field for field in fields if field is not originals[0]]
        yield _extraction(name, originals[0], rest, _confidence(event), {}, source)
    elif ("attribute" in origin or "group_index" in origin) and originals:
        yield from _grouped(event, origin, fields, originals, source)
    else:
        yield from _new_extractions(event, fields, number, source)


def _grouped(event: Data, origin: Data, fields: list[Data], originals: list[Data], source: str) -> Iterator[_Numbered]:
    """Yield an extraction for each field, with the other fields of its group as attributes."""
    groups = {field["group"]: field for field in reversed(originals) if field.get("group")}
    attributes: dict[int, list[Data]] = {}
    for field in fields:
        head = groups.get(field.get("group"))
        if head is not None and "extraction" not in _origin(field):
            attributes.setdefault(id(head), []).append(field)
    inside = {id(field) for members in attributes.values() for field in members}
    common = {origin["attribute"]: origin.get("value")} if isinstance(origin.get("attribute"), str) else {}
    type_attribute = origin["type_attribute"] if isinstance(origin.get("type_attribute"), str) else None
    for field in fields:
        if id(field) in inside:
            continue
        own = _origin(field)
        was_mapped = isinstance(own.get("class"), str) and field["name"] == own.get("name")
        name = own["class"] if was_mapped else field["name"]
        rest = attributes.get(id(field), [])
        at, extraction = _extraction(
            name, field, rest, field.get("confidence_given", field.get("confidence")), common, source
        )
        written = extraction["attributes"]
        if event["type"] != origin.get("type") and isinstance(written, dict) and type_attribute in written:
            written[type_attribute] = event["type"]
        if "extraction" not in own and "group_index" in origin:
            extraction["group_index"] = origin["group_index"]
        yield at, extraction


def _confidence(item: Data) -> Any:
    """Return the confidence that the source gave."""
    return item.get("confidence_given", item.get("confidence"))


def _extraction(name: str, field: Data, rest: Iterable[Data], confidence: Any, common: Data, source: str) -> _Numbered:
    """Return an extraction with the value of ``field`` as its text and ``rest`` as its attributes."""
    origin = _origin(field)
    original = object_at(origin, "extraction")
    attributes = common | object_at(origin, "attributes")
    values: dict[str, list[Any]] = {}
    for item in rest:
        own = _origin(item).get("attribute")
        values.setdefault(own if isinstance(own, str) else item["name"], []).append(item["value"])
    lists = list_at(origin, "lists")
    attributes |= {key: items if len(items) > 1 or key in lists else items[0] for key, items in values.items()}
    if confidence is not None:
        key = origin.get("confidence")
        attributes.setdefault(key if isinstance(key, str) else "confidence", confidence)
    extraction = dict.fromkeys(keys.KEYS) | original
    extraction |= {"extraction_class": name, "extraction_text": field["value"]}
    if attributes:
        extraction["attributes"] = attributes
    spans = field.get("spans")
    if spans:
        extraction["char_interval"] = _interval(spans)
    status = original.get("alignment_status")
    if "extracted" in field or "extracted_spans" in field or not original:
        status = None if not spans and "char_interval" not in original else "match_fuzzy"
        if spans and source[slice(*spans[0])] == field["value"]:
            status = "match_exact"
    extraction["alignment_status"] = status
    at = origin.get("at")
    return (at if type(at) is int else None), extraction


def _new_extractions(event: Data, fields: list[Data], number: int, source: str) -> Iterator[_Numbered]:
    """Yield an extraction for each field of an event from elsewhere, with all keys of the field as attributes."""
    head = {keys.EVENT_ID: event.get("id") or f"{event['type']}-{number + 1}", keys.EVENT_TYPE: event["type"]}
    if event.get("extractor"):
        head[keys.EVENT_EXTRACTOR] = event["extractor"]
    extra = without(event, *keys.EVENT_KEYS)
    first = {keys.EVENT_EXTRA: extra} if extra else {}
    if not fields:
        empty = {"extraction_class": event["type"], "extraction_text": "", "attributes": head | first}
        yield None, dict.fromkeys(keys.KEYS) | empty | {"group_index": number}
    for index, field in enumerate(fields, 1):
        spans, value = field.get("spans") or [], field["value"]
        text = source[slice(*spans[0])] if spans else value
        if not isinstance(text, str):
            text = json.dumps(text, ensure_ascii=False)
        attributes = without(field, *keys.FIELD_KEYS)
        if value == text and text:
            del attributes["value"]
        if len(spans) < 2:
            attributes.pop("spans", None)
        status = _STATUSES.get(field.get("grounding", "")) or "match_exact"
        extraction = {
            "extraction_class": field["name"],
            "extraction_text": text,
            "char_interval": _interval(spans) if spans else None,
            "alignment_status": status if spans else None,
            "extraction_index": index,
            "group_index": number,
            "attributes": head | first | attributes,
        }
        first = {}
        yield None, dict.fromkeys(keys.KEYS) | extraction


def _interval(spans: list[list[int]]) -> dict[str, int]:
    return {"start_pos": spans[0][0], "end_pos": spans[0][1]}


def _origin(item: Data) -> Data:
    return object_at(item, keys.MARK)
