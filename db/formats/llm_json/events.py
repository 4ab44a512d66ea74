"""Makes events of objects: their keys are fields, their objects groups; each value is looked for in the text."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from db.errors import InputError
from db.formats.shared.grounding import Grounded, Grounder, Wanted
from db.io.json_lines import json_type
from db.model import Span

_TYPES = ("type", "event_type", "event", "class", "category")
_QUOTES = ("quote", "evidence", "span_text", "source_text")
_INSIDE = ("fields", "arguments", "attributes")  # an event's own fields, one level down
_NAMES, _VALUES = ("name", "role", "field"), ("value", "text")
_WORDS_OF_TYPE, _LONGEST_TYPE = 6, 60  # words, characters
_DEEPEST = 6  # objects within objects; what is deeper is one value


class _Found(NamedTuple):
    """A field before it is grounded. ``quotes`` are what the model says it rests on."""

    name: str
    group: str | None
    value: Any
    quotes: tuple[str, ...] = ()
    confidence: float | None = None
    more: dict[str, Any] = {}  # noqa: RUF012 (never changed)


class EventMaker:
    """Makes the events of one document."""

    def __init__(
        self, document_id: str, text: str, extractor: str, language: str | None, published: str | None
    ) -> None:
        self._id = document_id
        self._extractor = extractor
        self._grounder = Grounder(text, language, published)

    def events(self, items: list[Any], where: str) -> list[dict[str, Any]]:
        """An event for each object, in order. Raises InputError that names what is no object.

        An id is the model's own, else made of the type and how many of that type come before, so that the next run
        over the same text updates the events.
        """
        for number, item in enumerate(items):
            if not isinstance(item, dict):
                raise InputError(f"{where}[{number}]: must be an object, is {json_type(item)}; an event is one")
        own = [_own_id(item) for item in items]
        unique = None not in own and len(set(own)) == len(own)
        counts: dict[str, int] = {}
        made = []
        for item, own_id in zip(items, own, strict=True):
            key = next((key for key in _TYPES if _is_type(item.get(key))), None)
            event_type = item[key].strip() if key else "event"
            counts[event_type] = counts.get(event_type, 0) + 1
            event_id = own_id if unique else f"{event_type}/{counts[event_type]}"
            made.append(self._event(item, f"{self._id}/{event_id}", event_type, {key, "id"} if unique else {key}))
        return made

    def _event(self, item: dict[str, Any], event_id: str, event_type: str, used: set[str | None]) -> dict[str, Any]:
        event: dict[str, Any] = {"id": event_id, "type": event_type, "extractor": self._extractor}
        if (confidence := _confidence(item.get("confidence"))) is not None:
            event["confidence"] = confidence
            used = used | {"confidence"}
        found: list[_Found] = []
        empty: dict[str, Any] = {}
        for key, value in item.items():
            if key in used:
                continue
            if value in (None, "", [], {}) or not key.strip():
                empty[key] = value
                continue
            inside = _inside(value) if key in _INSIDE else None
            found += inside if inside is not None else _fields(key, value)
        event["fields"] = self._grounded(found)
        return event | ({"llm_json": empty} if empty else {})

    def _grounded(self, found: list[_Found]) -> list[dict[str, Any]]:
        within = [tuple(span for quote in item.quotes for span in self._grounder.ground(quote).spans) for item in found]
        wanted = [Wanted(item.value, None, item.group, spans) for item, spans in zip(found, within, strict=True)]
        places = self._grounder.ground_together(wanted)
        return [_field(item, _best(place, spans)) for item, place, spans in zip(found, places, within, strict=True)]


def _best(place: Grounded, within: tuple[Span, ...]) -> Grounded:
    """The value where it stands within its quotation; else the quotation, as weak evidence: it may say it otherwise."""
    if not within or (
        place.spans
        and all(any(span.start <= own.start and own.end <= span.end for span in within) for own in place.spans)
    ):
        return place
    return Grounded(within, "fuzzy")


def _field(item: _Found, grounded: Grounded) -> dict[str, Any]:
    field: dict[str, Any] = {"name": item.name, "value": item.value}
    if item.group is not None:
        field["group"] = item.group
    if grounded.spans:
        field["spans"] = [list(span) for span in grounded.spans]
    if item.confidence is not None:
        field["confidence"] = item.confidence
    field["grounding"] = grounded.how
    return field | ({"llm_json": item.more} if item.more else {})


def _fields(name: str, value: Any, group: str | None = None, place: str = "", depth: int = 0) -> Iterator[_Found]:
    """The fields that one key of an event, or of a group of it, makes; ``place`` numbers the group within the event."""
    if isinstance(value, dict) and (told := _told(value)) is not None:
        for one in told[0] if _is_repeated(told[0]) else [] if told[0] is None else [told[0]]:
            yield _Found(name, group, one, *told[1:])
    elif isinstance(value, dict) and depth < _DEEPEST:
        # What is in a group stays in it, so that it is told what belongs together.
        inner = group or f"{name}:{place or 1}"
        for key, item in value.items():
            if _says(key, item):
                yield from _fields(f"{name}.{key}" if group else key, item, inner, place, depth + 1)
    elif _is_repeated(value):
        for number, item in enumerate(value, 1):
            if not isinstance(item, dict) or _told(item) is not None:
                yield from _fields(name, item, group, place, _DEEPEST)
            elif group is None:
                yield from _fields(name, item, None, str(number), depth)
            else:  # several in one group are groups of their own: transfer.giver:2.1 is of transfer:2
                outer, _, numbered = group.partition(":")
                inner = f"{outer}.{name}:{numbered}.{number}"
                for key, part in item.items():
                    if _says(key, part):
                        yield from _fields(key, part, inner, place, depth + 1)
    else:
        yield _Found(name, group, value)


def _told(value: dict[str, Any]) -> tuple[Any, tuple[str, ...], float | None, dict[str, Any]] | None:
    """A value with what it rests on, as models are asked for: value, quotations, confidence, and what else is told."""
    if "value" not in value or not (len(value) == 1 or "confidence" in value or any(key in value for key in _QUOTES)):
        return None
    used = {"value"}
    quotes: list[str] = []
    for key in _QUOTES:
        items = value.get(key)
        for item in items if isinstance(items, list) else [items]:
            if isinstance(item, str) and item.strip():
                quotes.append(item)
                used.add(key)
    confidence = _confidence(value.get("confidence"))
    if confidence is not None:
        used.add("confidence")
    more = {key: item for key, item in value.items() if key not in used and item is not None}
    return value["value"], tuple(quotes), confidence, more


def _inside(value: Any) -> list[_Found] | None:
    """The fields of an event that has them one level down: as an object, or a list of names with values."""
    if isinstance(value, dict) and _told(value) is None:
        return [field for key, item in value.items() if _says(key, item) for field in _fields(key, item)]
    if not isinstance(value, list):
        return None
    found: list[_Found] = []
    for item in value:
        if not isinstance(item, dict):
            return None
        name = next((key for key in _NAMES if _is_text(item.get(key))), None)
        held = next((key for key in _VALUES if key in item), None)
        if name is None or held is None:
            return None
        told = {"value": item[held], **{key: other for key, other in item.items() if key not in (name, held)}}
        found += _fields(item[name], told if _told(told) is not None else item[held])
    return found


def _says(key: str, value: Any) -> bool:
    return bool(key.strip()) and value is not None and value != [] and value != {} and value != ""


def _is_repeated(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and not any(item is None or isinstance(item, list) for item in value)


def _own_id(item: dict[str, Any]) -> str | None:
    value = item.get("id")
    return str(value) if type(value) is int or (isinstance(value, str) and value.strip()) else None


def _is_type(value: object) -> bool:
    """Whether it names a type; a sentence under that key is what happened."""
    return isinstance(value, str) and 0 < len(value.split()) <= _WORDS_OF_TYPE and len(value) <= _LONGEST_TYPE


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _confidence(value: object) -> float | None:
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 1:
        return value
    return None
