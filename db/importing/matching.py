"""Matching of two extractions: fields of one event, and events whose ids are derived from their content."""

import json
import re
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from functools import partial
from typing import TypeAlias, TypeVar

from db.grounding.places import GROUNDING_KEYS
from db.model import ACCEPTED, Event, Extracted, Field, Json, Span
from db.native import FieldReview, NewEvent, NewField

_New = TypeVar("_New")

_NUMBERED = re.compile(r"/added/[0-9]{1,5}$")
_MAX_SHARED = 100  # a value that more events share doesn't distinguish between them
_MAX_CANDIDATES = 20  # best stored events considered for each new one

_Side: TypeAlias = Extracted | NewField | FieldReview | Field
_Key: TypeAlias = tuple[object, ...]
_Content: TypeAlias = tuple[str, str, tuple[Span, ...]]  # a field's name, its value as JSON, its spans


def machine_fields(event: NewEvent) -> list[NewField]:
    """Return the fields of an event that a machine extracted."""
    return [item for item in event.fields if item.by_machine]


def has_other_values(stored: Event, event: NewEvent) -> bool:
    """Return True if the machine's values in a line of an export aren't those of the stored event.

    Accepted events don't count: in the gold set they have final values alone.
    """
    if event.review is None or event.review.status in ACCEPTED:
        return False
    known = [item.extracted for item in stored.fields if item.extracted and item.in_extraction]
    values = (Counter(_by_value(side) + _by_name(side) for side in sides) for sides in (known, machine_fields(event)))
    return len({frozenset(counts.items()) for counts in values}) > 1


def extraction_key(event: Event) -> str:
    """Return the whole extracted side of a stored event as text, to compare."""
    sides = [
        (*_side(field.extracted), field.confidence, field.extra)
        for field in event.fields
        if field.extracted and field.in_extraction
    ]
    return json.dumps([event.extracted_type, event.confidence, event.extra, sides])


def new_extraction_key(event: NewEvent) -> str:
    """Return the whole extracted side of a new event in the same form."""
    sides = [(*_side(item), item.confidence, item.extra) for item in machine_fields(event)]
    return json.dumps([event.extracted_type, event.confidence, event.extra, sides])


def said_key(event: Event) -> str:
    """Return what the extractor says of a stored event as text: its extracted side without evidence found here."""
    fields = [(field, field.extracted) for field in event.fields if field.extracted and field.in_extraction]
    sides = [(*_said(side, field.extra), field.confidence) for field, side in fields]
    return json.dumps([event.extracted_type, event.confidence, event.extra, sides])


def new_said_key(event: NewEvent) -> str:
    """Return what the extractor says of a new event in the same form."""
    sides = [(*_said(item, item.extra), item.confidence) for item in machine_fields(event)]
    return json.dumps([event.extracted_type, event.confidence, event.extra, sides])


def _said(side: Extracted | NewField, extra: Json) -> tuple[object, ...]:
    spans = () if "grounding" in extra else side.spans
    rest = {key: value for key, value in extra.items() if key not in GROUNDING_KEYS}
    return side.name, side.group, side.value, side.modifier, spans, rest


def _side(side: _Side) -> tuple[object, ...]:
    return side.name, side.group, side.value, side.modifier, side.spans


def match_fields(stored: Sequence[Field], new: Sequence[NewField]) -> list[Field | None]:
    """Return for each new field of an event the stored field of the same name and group that it matches, or None.

    The same value matches first, then the same evidence, then the order. Fields that are no longer in the extraction
    match last, and no field matches twice.
    """
    matches: list[Field | None] = [None] * len(new)
    ordered = sorted((field for field in stored if field.extracted), key=lambda field: not field.in_extraction)
    by_name = {_by_name(field.extracted): field for field in ordered if field.extracted}
    if len(by_name) == len(ordered) and len({_by_name(item) for item in new}) == len(new):
        return [by_name.get(_by_name(item)) for item in new]  # as in a table: nothing else decides
    for key_of in (_by_value, _by_evidence, _by_name):
        _match_by(matches, ordered, new, partial(_of_machine, key_of), key_of)
    return matches


def match_reviewed(
    stored: Sequence[Field], new: Sequence[NewField], repeats: Callable[[str], bool]
) -> list[Field | None]:
    """Return for each field of an export the stored field that its decision is about, or None.

    One that a machine extracted matches by its extracted value, by the current content, by evidence, by name and group,
    then by value and evidence under another name. One that a person added matches by content, then by name and group
    unless fields of that name can repeat.
    """
    matches: list[Field | None] = [None] * len(new)
    ordered = sorted(stored, key=lambda field: (field.state == "removed", not field.in_extraction))
    machine = [item if item.by_machine else None for item in new]

    def of_new(key_of: Callable[[NewField], _Key], item: NewField | None) -> _Key:
        return key_of(item) if item is not None else ()

    _match_by(matches, ordered, machine, partial(_of_machine, _by_value), partial(of_new, _by_value))
    _match_by(matches, ordered, new, _by_value, _by_reviewed)
    for key_of in (_by_evidence, _by_name):
        _match_by(matches, ordered, machine, partial(_of_machine, key_of), partial(of_new, key_of))
    _match_by(matches, ordered, machine, partial(_of_machine, _by_place), partial(of_new, _by_place))
    added = [field for field in ordered if field.extracted is None and field.state != "removed"]
    single = [None if item.by_machine or repeats(item.name) else item for item in new]
    _match_by(matches, added, single, _by_name, partial(of_new, _by_name))
    return matches


def _match_by(
    matches: list[Field | None],
    stored: Sequence[Field],
    new: Sequence[_New],
    key_of_stored: Callable[[Field], _Key],
    key_of_new: Callable[[_New], _Key],
) -> None:
    """Match the fields that are still unmatched and have the same key, in order; an empty key matches none."""
    matched = {field.id for field in matches if field}
    waiting: dict[_Key, deque[Field]] = defaultdict(deque)
    for field in stored:
        if field.id not in matched and (key := key_of_stored(field)):
            waiting[key].append(field)
    for number, item in enumerate(new):
        if matches[number] is None and (same := waiting.get(key_of_new(item))):
            matches[number] = same.popleft()


def _of_machine(key_of: Callable[[Extracted], _Key], field: Field) -> _Key:
    return key_of(field.extracted) if field.extracted else ()


def _by_reviewed(item: NewField) -> _Key:
    return _by_value(item.review or item)


def is_numbered(event: NewEvent) -> bool:
    """Return True if an event was added by a person under an earlier eventdesk, whose ids for them were numbers."""
    return not event.extractor and event.has_decisions and _NUMBERED.search(event.external_id) is not None


def is_same_added(event: Event, new: NewEvent, adder: str | None) -> bool:
    """Return True if two added events with one numbered id are one: by one person, or with mostly the same values."""
    if event.type not in (new.type, new.extracted_type):
        return False
    ours = [_content(field) for field in event.live_fields]
    theirs = [
        _content(item.review or item) for item in new.fields if item.review is None or item.review.state != "removed"
    ]
    common = _in_common(theirs, ours)
    same_person = new.review is not None and new.review.reviewer in (None, adder)
    return same_person or (common > 0 and common * 2 >= min(len(ours), len(theirs)))


def _by_value(side: _Side) -> _Key:
    return side.name, side.group, json.dumps([side.value, side.modifier])


def _by_evidence(side: _Side) -> _Key:
    return (side.name, side.group, side.spans) if side.spans else ()


def _by_place(side: _Side) -> _Key:
    return (json.dumps(side.value), side.spans) if side.spans else ()


def _by_name(side: _Side) -> _Key:
    return side.name, side.group


def match_events(new: Sequence[NewEvent], stored: Sequence[Event], imported: Collection[int]) -> dict[int, Event]:
    """Return the stored events that new events of the same document match, by the index of the new event.

    An event of the same extractor and type with the same extracted side matches first. Otherwise it is the event with
    the most fields in common (same name and value, or same name and evidence), at least half of those of the smaller
    event. Events that this import has already had, by their ids in ``imported``, match only the first way. No event
    matches twice.
    """
    matches: dict[int, Event] = {}
    identical: dict[_Key, deque[Event]] = defaultdict(deque)
    for event in stored:
        identical[event.extractor, extraction_key(event)].append(event)
    for place, item in enumerate(new):
        if waiting := identical.get((item.extractor, new_extraction_key(item))):
            matches[place] = waiting.popleft()
    used = {event.id for event in matches.values()} | set(imported)
    ranked = sorted(
        (-similarity, place, event.id, event)
        for place, similarity, event in _similar(
            [(place, item) for place, item in enumerate(new) if place not in matches],
            [event for event in stored if event.id not in used],
        )
    )
    for _, place, id_, event in ranked:
        if place not in matches and id_ not in used:
            matches[place] = event
            used.add(id_)
    return matches


def _similar(new: Sequence[tuple[int, NewEvent]], stored: Sequence[Event]) -> Iterator[tuple[int, float, Event]]:
    """Yield for each new event the stored events that may be it, with their similarity from 0 to 1."""
    contents = [
        [_content(field.extracted) for field in event.fields if field.extracted and field.in_extraction]
        for event in stored
    ]
    by_key: dict[_Key, list[int]] = defaultdict(list)
    for number, event in enumerate(stored):
        for key in _keys(event.extractor, event.extracted_type, contents[number]):
            by_key[key].append(number)
    for place, item in new:
        content = [_content(field) for field in machine_fields(item)]
        candidates = {
            number
            for key in _keys(item.extractor, item.extracted_type, content)
            if len(by_key.get(key, ())) <= _MAX_SHARED
            for number in by_key.get(key, ())
        }
        ranked = []
        for number in candidates:
            common = _in_common(content, contents[number])
            if common * 2 >= min(len(content), len(contents[number])):
                ranked.append((-2 * common / (len(content) + len(contents[number])), number))
        for negated, number in sorted(ranked)[:_MAX_CANDIDATES]:
            yield place, -negated, stored[number]


def _keys(extractor: str, event_type: str | None, content: Iterable[_Content]) -> set[_Key]:
    """Return the keys of an event: one for each value and one for the evidence of each value."""
    keys: set[_Key] = set()
    for name, value, spans in content:
        keys.add((extractor, event_type, name, value))
        if spans:
            keys.add((extractor, event_type, name, spans))
    return keys


def _in_common(one: Sequence[_Content], two: Sequence[_Content]) -> int:
    """Return how many fields two events share: by value first, then by evidence among the rest."""
    values = Counter((name, value) for name, value, _ in two)
    common, unmatched = 0, []
    for name, value, spans in one:
        if values[name, value]:
            values[name, value] -= 1
            common += 1
        elif spans:
            unmatched.append((name, spans))
    evidence: Counter[tuple[str, tuple[Span, ...]]] = Counter()
    for name, value, spans in two:
        if values[name, value]:
            values[name, value] -= 1
            evidence[name, spans] += 1
    for key in unmatched:
        if evidence[key]:
            evidence[key] -= 1
            common += 1
    return common


def _content(side: _Side) -> _Content:
    return side.name, json.dumps(side.value), side.spans
