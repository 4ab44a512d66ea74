"""Finds what is the same in two extractions: fields of one event, and events whose ids were made from their content."""

import json
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from typing import TypeAlias

from db.model import Event, Extracted, Field, Span
from db.native import NewEvent, NewField

_COMMON = 100  # events that share a value: from there on it does not tell one from another
_BEST = 20  # stored events that are weighed against others for a new one

_Key: TypeAlias = tuple[object, ...]
_Content: TypeAlias = tuple[str, str, tuple[Span, ...]]  # a field's name, its value as JSON, its spans


def machine_fields(event: NewEvent) -> list[NewField]:
    """The fields of an event that a machine extracted."""
    return [item for item in event.fields if item.by_machine]


def extraction_key(event: Event) -> str:
    """All that the machine says of a stored event, as text to compare."""
    sides = [
        (*_side(field.extracted), field.confidence, field.extra)
        for field in event.fields
        if field.extracted and field.in_extraction
    ]
    return json.dumps([event.extracted_type, event.confidence, event.extra, sides])


def new_extraction_key(event: NewEvent) -> str:
    """The same of an event as a line holds it."""
    sides = [(*_side(item), item.confidence, item.extra) for item in machine_fields(event)]
    return json.dumps([event.extracted_type, event.confidence, event.extra, sides])


def _side(side: Extracted | NewField) -> tuple[object, ...]:
    return side.name, side.group, side.value, side.modifier, side.spans


def match_fields(stored: Sequence[Field], new: Sequence[NewField]) -> list[Field | None]:
    """For each new field of an event the stored one that it is, of the same name and group, or None.

    The same value goes before the same evidence, and that before the order; no stored field is matched twice. One that
    the newest extraction does not hold comes last.
    """
    found: list[Field | None] = [None] * len(new)
    left = sorted((field for field in stored if field.extracted), key=lambda field: not field.in_extraction)
    keys: tuple[Callable[[Extracted | NewField], _Key], ...] = (_by_value, _by_evidence, _by_name)
    for key in keys:
        waiting: dict[_Key, deque[Field]] = defaultdict(deque)
        for field in left:
            if field.extracted and (of_it := key(field.extracted)):
                waiting[of_it].append(field)
        for number, item in enumerate(new):
            if found[number] is None and (same := waiting.get(key(item))):
                found[number] = same.popleft()
        matched = {field.id for field in found if field}
        left = [field for field in left if field.id not in matched]
    return found


def _by_value(side: Extracted | NewField) -> _Key:
    return side.name, side.group, json.dumps([side.value, side.modifier])


def _by_evidence(side: Extracted | NewField) -> _Key:
    return (side.name, side.group, side.spans) if side.spans else ()


def _by_name(side: Extracted | NewField) -> _Key:
    return side.name, side.group


def match_events(new: Sequence[NewEvent], stored: Sequence[Event], held: Collection[int]) -> dict[int, Event]:
    """The stored events that new ones of the same document are, by the place of the new one; none is matched twice.

    One of extractor and type that says the same is it. Else it is the one with the most fields in common, of the same
    name and value or the same name and evidence, at least half of those of the smaller one; an event that is ``held``,
    by its integer id, since the import had it before, is not.
    """
    found: dict[int, Event] = {}
    same: dict[_Key, deque[Event]] = defaultdict(deque)
    for event in stored:
        same[event.extractor, extraction_key(event)].append(event)
    for place, item in enumerate(new):
        if waiting := same.get((item.extractor, new_extraction_key(item))):
            found[place] = waiting.popleft()
    taken = {event.id for event in found.values()} | set(held)
    ranked = sorted(
        (-alike, place, event.id, event)
        for place, alike, event in _alike(
            [(place, item) for place, item in enumerate(new) if place not in found],
            [event for event in stored if event.id not in taken],
        )
    )
    for _, place, id_, event in ranked:
        if place not in found and id_ not in taken:
            found[place] = event
            taken.add(id_)
    return found


def _alike(new: Sequence[tuple[int, NewEvent]], stored: Sequence[Event]) -> Iterator[tuple[int, float, Event]]:
    """For each new event those that may be it, with how much of both they have in common."""
    contents = [
        [_content(field.extracted) for field in event.fields if field.extracted and field.in_extraction]
        for event in stored
    ]
    having: dict[_Key, list[int]] = defaultdict(list)
    for number, event in enumerate(stored):
        for key in _keys(event.extractor, event.extracted_type, contents[number]):
            having[key].append(number)
    for place, item in new:
        content = [_content(field) for field in machine_fields(item)]
        candidates = {
            number
            for key in _keys(item.extractor, item.extracted_type, content)
            if len(having.get(key, ())) <= _COMMON
            for number in having.get(key, ())
        }
        weighed = []
        for number in candidates:
            common = _in_common(content, contents[number])
            if common * 2 >= min(len(content), len(contents[number])):
                weighed.append((-2 * common / (len(content) + len(contents[number])), number))
        for alike, number in sorted(weighed)[:_BEST]:
            yield place, -alike, stored[number]


def _keys(extractor: str, event_type: str | None, content: Iterable[_Content]) -> set[_Key]:
    """What an event is looked up by: each of its values, and each of its stretches of evidence."""
    keys: set[_Key] = set()
    for name, value, spans in content:
        keys.add((extractor, event_type, name, value))
        if spans:
            keys.add((extractor, event_type, name, spans))
    return keys


def _in_common(one: Sequence[_Content], two: Sequence[_Content]) -> int:
    """How many fields of one event the other has: first by value, then what is left by evidence."""
    values = Counter((name, value) for name, value, _ in two)
    common, left = 0, []
    for name, value, spans in one:
        if values[name, value]:
            values[name, value] -= 1
            common += 1
        elif spans:
            left.append((name, spans))
    stretches: Counter[tuple[str, tuple[Span, ...]]] = Counter()
    for name, value, spans in two:
        if values[name, value]:
            values[name, value] -= 1
            stretches[name, spans] += 1
    for stretch in left:
        if stretches[stretch]:
            stretches[stretch] -= 1
            common += 1
    return common


def _content(side: Extracted | NewField) -> _Content:
    return side.name, json.dumps(side.value), side.spans
