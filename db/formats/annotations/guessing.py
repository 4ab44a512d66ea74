"""Guesses the mapping of objects with a text and lists of spans or labels under the usual keys.

Only what is unambiguous is guessed: each list is a list of spans with a start, an end and a label, or of labels.
"""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from db.formats.annotations.mapping import DocumentPaths, Items, Mapping, shipped
from db.formats.annotations.paths import Place, places_at
from db.formats.annotations.tags import TAG_KEYS, flat_tags
from db.formats.annotations.texts import TOKEN_KEYS, has_text
from db.formats.format import Data

_LISTS = (
    "entities", "spans", "labels", "label", "ner", "annotations", "annotation", "mentions", "entity_mentions",
    "named_entities", "predicted_entities", "predicted_ner", "prediction", "predictions", "highlights", "tags",
    "triggers", "Entities", "keyphrases",
)  # fmt: skip
_LABEL_LISTS = ("cats", "labels", "label", "categories", "category", "topics", "topic", "event_types", "event_type")
_OF_DOCCANO = ("cats", "labels", "label")  # lists of labels that doccano writes beside a text
_STARTS = (
    "start", "begin", "start_offset", "startOffset", "start_char", "char_start", "start_idx", "start_index",
    "start_pos", "start_position", "BeginOffset", "beginOffset", "begin_offset", "offset_start", "from",
)  # fmt: skip
_ENDS = (
    "end", "end_offset", "endOffset", "end_char", "char_end", "end_idx", "end_index", "end_pos", "end_position",
    "EndOffset", "offset_end", "stop", "to",
)  # fmt: skip
_PAIRS = ("offsets", "offset", "indices", "span", "position", "pos", "char_span", "range")
_LENGTHS = ("length", "len")
_LABELS = (
    "label", "type", "entity_type", "entity_group", "entity", "tag", "class", "category", "ner", "event_type", "Type",
    "entityType", "labels", "name", "role",
)  # fmt: skip
_QUOTES = ("text", "quote", "word", "value", "surface", "surface_form", "mention", "phrase", "entity_text", "Text")
_SCORES = ("score", "confidence", "probability", "Score")
_IDS = ("id", "entity_id", "_id", "uid")
_DOCUMENT_LISTS = ("documents", "docs", "data", "examples", "articles", "items", "records", "texts", "paragraphs")
_EVENT_LISTS = ("events", "event_mentions", "event_list", "event")
_EVENT_TYPES = ("event_type", "type", "eventType", "label", "class", "category")
_TRIGGERS = ("trigger", "nugget", "anchor", "mention")
_ARGUMENTS = ("arguments", "argument", "args", "roles", "participants")
_SAMPLE = 20  # items of a list


def mapping_for(objects: Iterable[Data]) -> Mapping | None:
    """Return the shipped mapping that fits one of the objects, else a guessed one; None if nothing is sure."""
    objects = [item for item in objects if not isinstance(item.get("data"), dict)]  # tasks of Label Studio
    for mapping in shipped().values():
        if any(all(_is_there(item, path) for path in mapping.recognise) for item in objects):
            return mapping
    for item in objects:
        for key in _DOCUMENT_LISTS:
            inner = item.get(key)
            if isinstance(inner, list) and inner and all(isinstance(part, dict) for part in inner[:_SAMPLE]):
                found = None if has_text(item) else _guess(inner[:_SAMPLE])
                if found is not None:
                    return replace(found, documents=key)
    return _guess(objects)


def _guess(objects: list[Data]) -> Mapping | None:
    spans: dict[str, Items] = {}
    labels: dict[str, Items] = {}
    events: dict[str, Items] = {}
    tags: dict[str, None] = {}
    for item in objects:
        if not has_text(item):
            continue
        for key in TAG_KEYS:
            if any(name in item for name in TOKEN_KEYS) and key in item and flat_tags([item[key]]):
                tags[key] = None
        for key in _EVENT_LISTS:
            if key not in events and key in item and (found := _events(key, item[key])):
                events[key] = found
        for key in _LISTS:
            if key not in spans and key not in tags and key in item and (found := _spans(key, item[key])):
                spans[key] = found
        of_doccano = isinstance(item.get("text"), str) and not any(name in item for name in TOKEN_KEYS)
        for key in _LABEL_LISTS:
            if of_doccano and key in _OF_DOCCANO and isinstance(item.get(key), list) and _are_texts(item[key]):
                continue
            if (
                key not in labels
                and key not in spans
                and key not in tags
                and key in item
                and (found := _labels(key, item[key]))
            ):
                labels[key] = found
    if not (spans or labels or events or tags):
        return None
    return Mapping(
        "", (), DocumentPaths(), tuple(events.values()), tuple(spans.values()), tuple(labels.values()), tuple(tags)
    )


def _is_there(data: Data, path: str) -> bool:
    return next(places_at(Place(data), path), None) is not None


def _events(key: str, value: Any) -> Items | None:
    """Return the mapping of a list of events, each with a type and the place or text of its trigger."""
    if not isinstance(value, list) or not value or not all(isinstance(item, dict) for item in value):
        return None
    sample = value[:_SAMPLE]
    type_ = next((name for name in _EVENT_TYPES if _all_labels(sample, name)), None)
    trigger = next((name for name in _TRIGGERS if all(isinstance(item.get(name), dict) for item in sample)), None)
    if type_ is None or trigger is None:
        return None
    place = _of_objects("", [item[trigger] for item in sample], "=")
    if place is None:
        quote = next(
            (name for name in _QUOTES if all(isinstance(item[trigger].get(name), str) for item in sample)), None
        )
        if quote is None:
            return None
        place = Items(quote=quote)
    start, end, length, quote = (
        f"{trigger}.{path}" if path else None for path in (place.start, place.end, place.length, place.quote)
    )
    arguments = next((found for name in _ARGUMENTS if (found := _arguments(name, sample))), None)
    own_id = next((name for name in _IDS if all(type(item.get(name)) in (int, str) for item in sample)), None)
    return Items(
        key,
        own_id,
        type_,
        start=start,
        end=end,
        length=length,
        quote=quote,
        arguments=(arguments,) if arguments else (),
    )


def _arguments(name: str, events: list[Data]) -> Items | None:
    items = [part for item in events if isinstance(item.get(name), list) for part in item[name]]
    if not items or not all(isinstance(item, dict) for item in items):
        return None
    role = next((key for key in ("role", "argument_role", *_LABELS) if _all_labels(items, key)), None)
    if role is None:
        return None
    place = _of_objects("", items, role)
    quote = next(
        (key for key in _QUOTES if key != role and all(isinstance(item.get(key), str) for item in items)), None
    )
    if place is None and quote is None:
        return None
    return replace(place, list=name) if place else Items(name, type=role, quote=quote)


def _spans(key: str, value: Any) -> Items | None:
    path = key
    if isinstance(value, dict) and value and all(isinstance(part, list) for part in value.values()):  # by label
        inner = [item for part in value.values() for item in part]
        if inner and (found := _of_objects(f"{key}.*", inner, "@key")):
            return found
        return None
    if not isinstance(value, list) or not value:
        return None
    if all(isinstance(item, dict) for item in value):
        return _of_objects(path, value, None)
    if all(isinstance(item, list) for item in value):
        return _of_triples(path, value)
    return None


def _of_objects(path: str, items: list[Any], label: str | None) -> Items | None:
    sample = [item for item in items[:_SAMPLE] if isinstance(item, dict)]
    if not sample:
        return None

    def first(names: tuple[str, ...], *kinds: type) -> str | None:
        return next((name for name in names if all(type(item.get(name)) in kinds for item in sample)), None)

    start, end, length = first(_STARTS, int, float), first(_ENDS, int, float), None
    if start is None or end is None:
        pair = next((name for name in _PAIRS if all(_is_pair(item.get(name)) for item in sample)), None)
        start, end = (f"{pair}.0", f"{pair}.1") if pair else (start or first(("offset",), int), None)
        length = None if pair else first(_LENGTHS, int)
    quote = first(_QUOTES, str)
    label = label or next((name for name in _LABELS if name != quote and _all_labels(sample, name)), None)
    if label is None or start is None or (end is None and length is None):
        return None
    if (path, start, end, label) == ("spans", "start", "end", "label"):
        return None  # of Prodigy
    return Items(
        path,
        id=first(_IDS, int, str),
        type=label,
        start=start,
        end=end,
        length=length,
        quote=quote,
        confidence=first(_SCORES, float, int),
    )


def _of_triples(path: str, items: list[Any]) -> Items | None:
    """Return the mapping of lists like ``[start, end, label]`` or ``[label, start, end]``, and a score at the end."""
    kinds = {tuple(type(part) for part in item[:3]) for item in items[:_SAMPLE]}
    score = "3" if all(len(item) > 3 and type(item[3]) in (int, float) for item in items[:_SAMPLE]) else None
    if kinds == {(int, int, str)}:
        return Items(path, type="2", start="0", end="1", confidence=score)
    if kinds == {(str, int, int)}:
        return Items(path, type="0", start="1", end="2", confidence=score)
    return None


def _labels(key: str, value: Any) -> Items | None:
    if isinstance(value, str) and value.strip():
        return Items(key, type=".") if key in ("label", "labels", "cats") else None  # others are columns of a table
    if isinstance(value, list) and value and _are_texts(value):
        return Items(key, type=".")
    if isinstance(value, dict) and value and all(type(score) in (int, float, bool) for score in value.values()):
        return Items(f"{key}.*", type="@key", confidence=".")
    if isinstance(value, list) and value and all(isinstance(item, dict) for item in value):
        names = ("label", "name", "class", "category")
        name = next((name for name in names if _all_labels(value[:_SAMPLE], name)), None)
        if name is not None:
            score = next((part for part in _SCORES if all(type(item.get(part)) is float for item in value)), None)
            return Items(key, type=name, confidence=score)
    return None


def _are_texts(items: list[Any]) -> bool:
    return all(isinstance(item, str) for item in items)


def _is_pair(value: Any) -> bool:
    return isinstance(value, list) and len(value) == 2 and type(value[0]) is type(value[1]) is int


def _all_labels(items: list[Data], name: str) -> bool:
    return all(
        (isinstance(value := item.get(name), str) and value.strip())
        or (isinstance(value, list) and value and all(isinstance(part, str) for part in value))
        for item in items
    )
