"""Turns objects into events: keys become fields, nested objects groups; every value is searched for in the text."""

import re
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from db.errors import InputError
from db.formats.format import Data
from db.formats.llm_json.answers import TYPES, Item
from db.formats.llm_json.dialogues import Path
from db.formats.shared.objects import is_number, without
from db.grounding.grounder import Grounder
from db.grounding.places import Grounded, ValueRequest
from db.io.json_lines import json_type
from db.model import Span
from db.notation.missing import is_missing_answer

QUOTES = ("quote", "evidence", "span_text", "source_text")
FIELDS = ("fields", "arguments", "attributes")  # keys under which an event may hold its fields
NAMES, VALUES = ("name", "role", "field"), ("value", "text")
_MAX_TYPE_WORDS, _MAX_TYPE_LENGTH = 6, 60
_NUMBER = re.compile(r"\s*[0-9]{1,3}(?:[.,][0-9]{1,20})?\s?%?\s*")
_MAX_DEPTH = 6  # of nested objects; a deeper one stays a value


class Candidate(NamedTuple):
    """A field before its value is searched for.

    quotes: the evidence that the model gives. at: where the value is in the object of the event.
    """

    name: str
    group: str | None
    value: Any
    quotes: tuple[str, ...] = ()
    confidence: Any = None
    rest: Data = {}  # noqa: RUF012 (never changed)
    at: Path = ()


class ReadObject(NamedTuple):
    """An object as an event: its id within the document, its type and the key of that, its fields, and empty keys."""

    item: Item
    id: str
    type: str
    type_key: str | None
    confidence: Any
    fields: list[Candidate]
    empty: Data
    notes: list[str]


def read_objects(items: Sequence[Item], where: str) -> list[ReadObject]:
    """Return each object as an event, in order. Raises InputError if an item isn't an object.

    Events keep the model's ids if they are unique. Else an id is the type and a number, so that the next run over
    the same text updates the events.
    """
    for number, item in enumerate(items):
        if not isinstance(item.value, dict):
            raise InputError(f"{where}[{number}]: must be an object, is {json_type(item.value)}")
    own_ids = [_own_id(item.value) for item in items]
    unique = None not in own_ids and len(set(own_ids)) == len(own_ids)
    counts: dict[str, int] = {}
    read = []
    for item, own_id in zip(items, own_ids, strict=True):
        key = next((key for key in TYPES if _is_type(item.value.get(key))), None)
        event_type = item.value[key].strip() if key else item.kind or "event"
        counts[event_type] = counts.get(event_type, 0) + 1
        event_id = own_id if unique and own_id is not None else f"{event_type}/{counts[event_type]}"
        read.append(_read_object(item, event_id, event_type, key, {key, "id"} if unique else {key}))
    return read


def _read_object(item: Item, event_id: str, event_type: str, type_key: str | None, used: set[str | None]) -> ReadObject:
    confidence = _confidence(item.value.get("confidence"))
    if confidence is not None:
        used = used | {"confidence"}
    found: list[Candidate] = []
    empty: Data = {}
    notes: list[str] = []
    for key, value in item.value.items():
        if key in used:
            continue
        if value in (None, "", [], {}) or not key.strip() or is_missing_answer(value):
            empty[key] = value
            notes += _missing_notes(key, value)
            continue
        if missing := _missing_notes(key, value):  # within lists and objects, which are kept whole
            empty[key] = value
            notes += missing
        nested = _nested_fields(value, (key,)) if key in FIELDS else None
        found += nested if nested is not None else _fields(key, value, (key,))
    return ReadObject(item, event_id, event_type, type_key, confidence, found, empty, notes)


class EventMaker:
    """Builds the events of one document. ``notes``: on values that are words for no value."""

    def __init__(self, document_id: str, extractor: str, grounder: Grounder) -> None:
        self._id = document_id
        self._extractor = extractor
        self._grounder = grounder
        self.notes: list[str] = []

    def events(self, items: Sequence[Item], where: str) -> list[Data]:
        """Return an event for each object, in order. Raises InputError if an item isn't an object."""
        return [self._event(item) for item in read_objects(items, where)]

    def _event(self, read: ReadObject) -> Data:
        event: Data = {"id": f"{self._id}/{read.id}", "type": read.type, "extractor": self._extractor}
        if read.confidence is not None:
            event["confidence"] = read.confidence
        event["fields"] = self._grounded(read.fields)
        self.notes += read.notes
        return event | ({"llm_json": read.empty} if read.empty else {})

    def _grounded(self, found: list[Candidate]) -> list[Data]:
        within = [tuple(span for quote in item.quotes for span in self._grounder.find_all(quote)) for item in found]
        requests = [ValueRequest(item.value, item.group, item.name) for item in found]
        places = self._grounder.ground_together(requests, within=within)
        return [_field(item, _best(place, spans)) for item, place, spans in zip(found, places, within, strict=True)]


def _best(place: Grounded, within: tuple[Span, ...]) -> Grounded:
    """Return the evidence of a value if it lies within its quotes, else the quotes themselves as weak evidence."""
    if not within or (
        place.spans
        and all(any(span.start <= own.start and own.end <= span.end for span in within) for own in place.spans)
    ):
        return place
    return Grounded(within, "normalised" if place.method == "unexpected" else "fuzzy")


def _field(item: Candidate, grounded: Grounded) -> Data:
    field: Data = {"name": item.name, "value": item.value}
    if item.group is not None:
        field["group"] = item.group
    if grounded.spans:
        field["spans"] = [list(span) for span in grounded.spans]
    if item.confidence is not None:
        field["confidence"] = item.confidence
    return field | grounded.keys() | ({"llm_json": item.rest} if item.rest else {})


def _fields(
    name: str, value: Any, at: Path, group: str | None = None, place: str = "", depth: int = 0
) -> Iterator[Candidate]:
    """Yield the fields of one key of an event, or of a group; ``place`` is the number of the group."""
    if isinstance(value, dict) and (parts := _with_evidence(value)) is not None:
        whole, quotes, confidence, rest = parts
        at = (*at, "value")
        for number, one in enumerate(whole) if _is_repeated(whole) else [(None, whole)]:
            if one is None or is_missing_answer(one):
                continue
            yield Candidate(name, group, one, quotes, confidence, rest, at if number is None else (*at, number))
    elif isinstance(value, dict) and depth < _MAX_DEPTH:
        # A nested object stays in the group around it, which keeps together what belongs together.
        inner = group or f"{name}:{place or 1}"
        for key, item in value.items():
            if _has_value(key, item):
                yield from _fields(f"{name}.{key}" if group else key, item, (*at, key), inner, place, depth + 1)
    elif _is_repeated(value):
        for number, item in enumerate(value, 1):
            own = (*at, number - 1)
            if not isinstance(item, dict) or _with_evidence(item) is not None:
                yield from _fields(name, item, own, group, place, _MAX_DEPTH)
            elif group is None:
                yield from _fields(name, item, own, None, str(number), depth)
            else:  # each object in a list within a group gets a group: transfer.giver:2.1 within transfer:2
                outer, _, numbered = group.partition(":")
                inner = f"{outer}.{name}:{numbered}.{number}"
                for key, part in item.items():
                    if _has_value(key, part):
                        yield from _fields(key, part, (*own, key), inner, place, depth + 1)
    elif not is_missing_answer(value):
        yield Candidate(name, group, value, at=at)


def _with_evidence(value: Data) -> tuple[Any, tuple[str, ...], Any, Data] | None:
    """Split an object that gives a value with its evidence: value, quotes, confidence, other keys. Else return None."""
    if "value" not in value or not (len(value) == 1 or "confidence" in value or any(key in value for key in QUOTES)):
        return None
    used = {"value"}
    quotes: list[str] = []
    for key in QUOTES:
        items = value.get(key)
        for item in items if isinstance(items, list) else [items]:
            if isinstance(item, str) and item.strip():
                quotes.append(item)
                used.add(key)
    confidence = _confidence(value.get("confidence"))
    if confidence is not None:
        used.add("confidence")
    rest = {key: item for key, item in without(value, *used).items() if item is not None}
    return value["value"], tuple(quotes), confidence, rest


def _nested_fields(value: Any, at: Path) -> list[Candidate] | None:
    """Return the fields that an event holds in an object or in a list of names with values; None if it is neither."""
    if isinstance(value, dict) and _with_evidence(value) is None:
        return [
            field for key, item in value.items() if _has_value(key, item) for field in _fields(key, item, (*at, key))
        ]
    if not isinstance(value, list):
        return None
    found: list[Candidate] = []
    for number, item in enumerate(value):
        if not isinstance(item, dict):
            return None
        name = next((key for key in NAMES if _is_text(item.get(key))), None)
        held = next((key for key in VALUES if key in item), None)
        if name is None or held is None:
            return None
        whole = {"value": item[held], **without(item, name, held)}
        own = (*at, number, held)
        if _with_evidence(whole) is not None:
            found += (one._replace(at=(*own, *one.at[len(own) + 1 :])) for one in _fields(item[name], whole, own))
        else:
            found += _fields(item[name], item[held], own)
    return found


def _missing_notes(key: str, value: Any) -> list[str]:
    """Return a note for each word for no value; equal ones for equal keys, so that the report counts them."""
    if isinstance(value, dict):
        return [note for name, item in value.items() if name not in QUOTES for note in _missing_notes(name, item)]
    if isinstance(value, list):
        return [note for item in value for note in _missing_notes(key, item)]
    return [f'field {key}: words such as "N/A" and "unknown" are read as no value'] if is_missing_answer(value) else []


def _has_value(key: str, value: Any) -> bool:
    return bool(key.strip()) and value not in (None, [], {}, "") and not is_missing_answer(value)


def _is_repeated(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and not any(item is None or isinstance(item, list) for item in value)


def _own_id(item: Data) -> str | None:
    value = item.get("id")
    return str(value) if type(value) is int or (isinstance(value, str) and value.strip()) else None


def _is_type(value: object) -> bool:
    """Return True if a value names a type. A long text under that key describes the event instead."""
    return isinstance(value, str) and 0 < len(value.split()) <= _MAX_TYPE_WORDS and len(value) <= _MAX_TYPE_LENGTH


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _confidence(value: object) -> Any:
    """Return a confidence as a number or a text such as "81%"; the import reads it. None for words such as high."""
    return value if is_number(value) or (isinstance(value, str) and _NUMBER.fullmatch(value)) else None
