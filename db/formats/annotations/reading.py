"""Reads a document of annotated JSON by a mapping: events, spans as fields of one event, labels as types of events."""

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any, NamedTuple

from db.formats.annotations.mapping import DocumentPaths, Items, Mapping
from db.formats.annotations.paths import Place, first_key, items_at, places_at, value_at
from db.formats.annotations.places import Located, located, place_items
from db.formats.annotations.tags import flat_tags, tagged_spans
from db.formats.annotations.texts import SENTENCE_KEYS, TOKEN_KEYS, Text, text_of
from db.formats.format import Data, ReadOptions
from db.formats.shared.annotated_text import DEFAULT_EVENT_TYPE
from db.formats.shared.objects import is_number, without
from db.formats.shared.text_keys import DESCRIBED_KEYS, ID_KEYS, SENTENCE_ID_KEYS
from db.grounding.grounder import Grounder
from db.grounding.places import ValueRequest
from db.model import Span
from db.native import digest

MARK = "annotated_json"
TRIGGER = "trigger"
OF_SPAN = "@of"  # the type of an event that is the label of its trigger
_PROBABLE = 0.5  # a label with a lower score is not that of the text
_NOTHING: tuple[Any, ...] = (None, "", [], {})


class Reading(NamedTuple):
    """A document in the native form, notes, and the names of what is not read."""

    document: Data
    notes: tuple[str, ...]
    unread: tuple[str, ...]


class _Item(NamedTuple):
    """An item at its place, with the number of its ``Located`` among those of the document."""

    items: Items
    place: Place
    number: int
    arguments: "tuple[_Item, ...]" = ()


def read_document(data: Data, mapping: Mapping, options: ReadOptions) -> Reading:
    """Return a document in the native form. Raises InputError if it has no text."""
    text = text_of(data, mapping.document)
    document, used = _described(data, mapping.document, text)
    reader = _Reader(data, text, document, options)
    document["events"] = reader.events(mapping)
    used |= reader.used
    rest = {key: value for key, value in without(data, *used).items() if value not in _NOTHING}
    unread = [*reader.unread, *(f"key {key}" for key in rest if key not in (*TOKEN_KEYS, *SENTENCE_KEYS))]
    kept = without(data, *text.used, *(key for key in ("title", "url") if document.get(key) == data.get(key)))
    if kept:
        document[MARK] = kept
    return Reading(document, reader.notes, tuple(unread))


def _described(data: Data, paths: DocumentPaths, text: Text) -> tuple[Data, set[str]]:
    """Return the document without its events, and the keys that were read for it."""
    used, place = set(text.used), Place(data)
    document: Data = {"text": text.text}
    for name, keys in DESCRIBED_KEYS.items():
        path = getattr(paths, name)
        for candidate in (path,) if path else keys:
            value = value_at(place, candidate)
            if isinstance(value, str) and value.strip() and candidate not in text.used:
                document[name] = value
                used.add(candidate.split(".")[0])
                break
    if id_ := _id(place, (paths.id,) if paths.id else ID_KEYS, used):
        part = None if paths.id else _id(place, SENTENCE_ID_KEYS, used)
        if part and not part.startswith(id_):
            id_ = f"{id_}/{part}"
        return {"id": part if part and part.startswith(id_) else id_} | document, used
    content = [document.get(key) for key in ("title", "text", "url", "published")]
    return {"id": f"doc-{digest(content)}"} | document, used


def _id(place: Place, paths: tuple[str, ...], used: set[str]) -> str | None:
    for path in paths:
        value = value_at(place, path)
        if (type(value) is int or (isinstance(value, str) and value.strip())) and path not in used:
            used.add(path.split(".")[0])
            return str(value)
    return None


class _Reader:
    """Reads the items of one document."""

    def __init__(self, data: Data, text: Text, document: Data, options: ReadOptions) -> None:
        self._root = Place(data)
        self._text = text
        self._document = document
        self._options = options
        self._located: list[Located] = []
        self._places: list[tuple[int, int] | None] = []
        self._grounder = Grounder(text.text, document.get("language"), document.get("published"))
        self.used: set[str] = set()
        self.unread: list[str] = []
        self.notes: tuple[str, ...] = ()

    def events(self, mapping: Mapping) -> list[Data]:
        """Return all events of the document."""
        spans = [item for items in mapping.spans for item in self._items(items)]
        events = [item for items in mapping.events for item in self._items(items)]
        labels = [item for items in mapping.labels for item in self._items(items)]
        self._places, self.notes = place_items(self._text, self._located, self._options.offsets)
        by_id: dict[object, _Item] = {}
        for number, item in enumerate(spans):
            own_id = value_at(item.place, item.items.id) if item.items.id else number
            if isinstance(own_id, str | int):
                by_id.setdefault(own_id, item)
        referred: set[int] = set()
        found = [event for item in events if (event := self._event(item, by_id, referred))]
        alone = [item for item in spans if item.number not in referred]
        fields: list[Data] = []
        for item in alone:
            label = self._type(item)
            if field := self._field(item, label, item):
                fields.append(field)
            else:
                self.unread.append(f"item of {item.items.list} without a {'place' if label else 'type'}")
        fields += [field for path in mapping.tags for field in self._tagged(path)]
        if fields:
            found.append({"type": "entities" if mapping.events else DEFAULT_EVENT_TYPE, "fields": fields})
        found += [event for item in labels if (event := self._label(item))]
        self._ground(found)
        return [self._finished(event) for event in _unique(found, self._document["id"])]

    def _items(self, items: Items, around: Place | None = None) -> list[_Item]:
        found = []
        unknown: Counter[str] = Counter()
        if around is None:
            self.used.add(items.list.split(".")[0])
        known = {first_key(path) for path in items.paths()}
        for place in items_at(around or self._root, items.list):
            self._located.append(located(items, place))
            number = len(self._located) - 1
            if items.list.startswith("/"):
                self.used.add(items.list.removeprefix("/").split(".")[0])
            arguments = tuple(item for inner in items.arguments for item in self._items(inner, place))
            found.append(_Item(items, place, number, arguments))
            if isinstance(place.value, dict) and items.list and None not in (items.type, items.list):
                unknown.update(key for key, value in place.value.items() if key not in known and value not in _NOTHING)
        name = items.list.removeprefix("/").replace(".*", "").lstrip("^.")
        self.unread += [f"key {name}.{key}" for key in unknown.elements() if key not in ID_KEYS]
        return found

    def _event(self, item: _Item, by_id: dict[object, _Item], referred: set[int]) -> Data | None:
        trigger = self._referred(item, by_id)
        event_type = self._type(trigger) if item.items.type == OF_SPAN and trigger else self._type(item)
        if event_type is None:
            self.unread.append(f"item of {item.items.list} without a type")
            return None
        fields = []
        if trigger is not None:
            referred.add(trigger.number)
        if field := self._field(item, TRIGGER, trigger or item):
            fields.append(field)
        for argument in item.arguments:
            role = self._type(argument)
            target = self._referred(argument, by_id)
            if target is not None:
                referred.add(target.number)
            own = self._located[argument.number]
            whole = argument if own.start is not None else target or argument
            field = self._field(argument, role, whole)
            if field is not None:
                fields.append(field)
            elif role is None or argument.items.of is None or value_at(argument.place, argument.items.of) is not None:
                self.unread.append(f"argument without a {'role' if role is None else 'place or text'}")
        event: Data = {"type": event_type, "fields": fields}
        own_id = value_at(item.place, item.items.id)
        if type(own_id) is int or (isinstance(own_id, str) and own_id):
            event["id"] = f"{self._document['id']}/{own_id}"
        return event | _confidence(value_at(item.place, item.items.confidence))

    def _label(self, item: _Item) -> Data | None:
        event_type = self._type(item)
        score = value_at(item.place, item.items.confidence)
        if event_type is None:
            self.unread.append(f"item of {item.items.list} without a type")
            return None
        if item.items.confidence and (score is False or (is_number(score) and score < _PROBABLE)):
            if score:
                self.unread.append(f"label {event_type} below {_PROBABLE}")
            return None
        return {"type": event_type, "fields": []} | _confidence(score)

    def _field(self, item: _Item, name: str | None, of: _Item) -> Data | None:
        """Return the field of a span: its text is the value. None if it has neither a name nor a place nor a text."""
        place, quote = self._places[of.number], self._located[of.number].quote or self._located[item.number].quote
        if name is None or (place is None and quote is None):
            return None
        field: Data = {"name": name, "value": quote or ""}
        if place is not None:
            field |= {"value": self._text.text[place[0] : place[1]], "spans": [list(place)]}
        return field | _confidence(value_at(of.place, of.items.confidence))

    def _tagged(self, path: str) -> Iterator[Data]:
        """Yield the fields of a list of tags, one for each token."""
        self.used.add(path.split(".")[0])
        tags = flat_tags([found.value for found in places_at(self._root, path)])
        if tags is None or len(tags) != len(self._text.tokens):
            self.unread.append(f"key {path}, which is not a list of tags for the tokens")
            return
        for start, end, label in tagged_spans(tags):
            if place := self._text.characters(start, end):
                yield {"name": label, "value": self._text.text[slice(*place)], "spans": [list(place)]}

    def _type(self, item: _Item) -> str | None:
        value = value_at(item.place, item.items.type)
        if isinstance(value, list) and value and isinstance(value[0], str):
            value = value[0]
        if not isinstance(value, str):
            return None
        if item.items.drop:
            value = re.sub(item.items.drop, "", value)
        return value.strip() or None

    def _referred(self, item: _Item, by_id: dict[object, _Item]) -> _Item | None:
        target = value_at(item.place, item.items.of)
        return by_id.get(target) if isinstance(target, str | int) else None

    def _ground(self, events: list[Data]) -> None:
        """Search for the values of arguments that have no place of their own."""
        for event in events:
            fields = [field for field in event["fields"] if "spans" not in field]
            given = [Span(*span) for field in event["fields"] for span in field.get("spans") or ()]
            requests = [ValueRequest(item["value"], item.get("group"), item["name"]) for item in fields]
            for field, found in zip(fields, self._grounder.ground_together(requests, given), strict=True):
                if found.spans:
                    field["spans"] = [list(span) for span in found.spans]
                field |= found.keys()

    def _finished(self, event: Data) -> Data:
        return event | ({"extractor": self._options.extractor} if self._options.extractor else {})


def _unique(events: list[Data], document_id: str) -> Iterator[Data]:
    """Yield the events, those without an id of their own numbered by their types, so that a new run updates them."""
    used = {event["id"] for event in events if "id" in event}
    seen: set[str] = set()
    numbers: Counter[str] = Counter()
    for event in events:
        own = event.get("id")
        base = own or f"{document_id}/{event['type']}"
        id_ = own
        while id_ is None or id_ in seen or (own is None and id_ in used):
            numbers[base] += 1
            id_ = f"{base}/{numbers[base]}"
        seen.add(id_)
        yield {"id": id_} | event | {"id": id_}


def _confidence(value: Any) -> Data:
    return {"confidence": float(value)} if is_number(value) and 0 <= value <= 1 else {}
