"""Builds events and their fields from the results of a prediction or annotation.

Regions joined by relations become one event. The region from which all relations start gives the event its type, by its
label, and becomes the field ``trigger``; the others become fields, named after the relation that leads to them or else
after their label. All other regions, and attributes of the whole task (choices, texts, numbers), become fields of one
event ``annotation``. A region has a field for each label, and one for each attribute.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from db.errors import InputError
from db.formats.format import Data, OffsetUnit
from db.formats.label_studio import controls
from db.formats.label_studio.regions import ALSO, MARK, TRIGGER, Region, Regions, Relation, regions_of
from db.formats.label_studio.texts import TaskText
from db.formats.shared.annotated_text import DEFAULT_EVENT_TYPE
from db.formats.shared.objects import objects_in
from db.io.json_lines import parse_json
from db.kinds import is_modifier


class ReadEvents(NamedTuple):
    """The events of a list of results, notes for the user, and the number of results that aren't about the text."""

    events: list[Data]
    notes: tuple[str, ...]
    unread: int


def events_of(results: Iterable[Data], data: Data, text: TaskText, unit: OffsetUnit | None) -> ReadEvents:
    """Return the events, whose fields hold the ids of their regions under ``label_studio``."""
    found = regions_of(results, data, text, unit)
    events, single = [], []
    for part in _connected(found):
        first = part[0]
        event_type = next((value for name, value, _ in first.attributes if name == controls.EVENT_TYPE), None)
        if len(part) > 1 or (first.is_span and ("event" in first.stored or "of" in first.stored)):
            events.append(_related_event(part, found.relations, text.text))
        elif not first.is_span and isinstance(event_type, str) and event_type.strip():
            events.append(_event(event_type, first, _attribute_fields(first, None, ())))
        else:
            single += part
    if single:
        fields = [field for region in single for field in _fields_of(region, text.text, None)]
        events.append({"type": DEFAULT_EVENT_TYPE, "fields": fields, MARK: {"id": DEFAULT_EVENT_TYPE}})
    return ReadEvents(events, found.notes, found.unread)


def _connected(found: Regions) -> list[list[Region]]:
    """Return the regions in order, those that relations join in one list."""
    neighbours: dict[str, list[str]] = defaultdict(list)
    regions = found.by_id
    for source, relations in found.relations.items():
        for relation in relations:
            neighbours[source].append(relation.target)
            neighbours[relation.target].append(source)
    positions = {id_: position for position, id_ in enumerate(regions)}
    seen: set[str] = set()
    parts = []
    for first in regions:
        if first in seen:
            continue
        seen.add(first)
        ids, waiting = {first}, [first]
        while waiting:
            for other in neighbours[waiting.pop()]:
                if other not in seen:
                    seen.add(other)
                    ids.add(other)
                    waiting.append(other)
        parts.append([regions[id_] for id_ in sorted(ids, key=positions.__getitem__)])
    return parts


def _related_event(part: list[Region], relations: dict[str, list[Relation]], text: str) -> Data:
    within = [relation for region in part for relation in relations.get(region.id, ())]
    labels_of = {region.id: region.labels for region in part}
    also = {  # regions that are more evidence for another region's value
        relation.target: relation.source
        for relation in within
        if ALSO in relation.labels and labels_of[relation.source] == labels_of[relation.target]
    }
    leading = [relation for relation in within if relation.target not in also]
    targets = {relation.target for relation in leading}
    heads = [region for region in part if region.id not in targets and region.id not in also]
    head = heads[0] if len(heads) == 1 else None
    names = {relation.target: relation.labels[0] for relation in leading if relation.labels and head is not None}
    labels = {label for relation in leading for label in relation.labels}
    event_type = (head.labels[0] if head.labels else None) if head else labels.pop() if len(labels) == 1 else None
    by_region: dict[str, list[Data]] = {}
    for region in part:
        if region is head:
            by_region[region.id] = _fields_of(region, text, TRIGGER, attributes_only="event" in region.stored)
        elif region.id not in also:
            by_region[region.id] = _fields_of(region, text, names.get(region.id))
    for region in part:
        fields = by_region.get(also.get(region.id, ""))
        if fields and region.span:
            if list(region.span) not in fields[0].get("spans", ()):
                fields[0]["spans"] = [*fields[0].get("spans", ()), list(region.span)]
            fields[0][MARK].setdefault("also", []).append(region.id)
        elif region.id in also:
            by_region[region.id] = _fields_of(region, text, None)
    all_fields = [field for region in part for field in by_region.get(region.id, ())]
    return _event(event_type or "relation", head or part[0], all_fields)


def _event(event_type: str, region: Region, fields: list[Data]) -> Data:
    event: Data = {"type": event_type, "fields": fields, MARK: {"id": region.id}}
    number = region.stored.get("event", region.stored.get("of"))
    if type(number) is int:
        event[MARK]["event"] = number
    if region.score is not None:
        event["confidence"] = region.score
    return event


def _fields_of(region: Region, text: str, name: str | None, attributes_only: bool = False) -> list[Data]:
    """Return a field for each label of a region, called ``name`` if given, and a field for each attribute.

    ``attributes_only`` leaves out the former, for a region that only stands for an event.
    """
    if not region.is_span or attributes_only:
        return _attribute_fields(region, None, ())
    own = {key: value for key, value, _ in reversed(region.attributes) if key in controls.REGION_CONTROLS}
    group = own.get(controls.GROUP)
    has_other_attributes = any(key not in controls.REGION_CONTROLS for key, _, _ in region.attributes)
    if group is None and has_other_attributes and "of" not in region.stored:
        group = f"{(region.labels or [TRIGGER])[0]}:{region.id}"
    spans = [list(region.span)] if region.span else []
    fields: list[Data] = []
    labels: list[str | None] = [*region.labels] or [None]
    for label in labels:
        control = region.result.get("from_name")
        field_name = name or label or (control if isinstance(control, str) and control.strip() else "span")
        field: Data = {"name": field_name, "value": _value(region, own, text, label or field_name)}
        if isinstance(group, str) and group:
            field["group"] = group
        if is_modifier(own.get(controls.MODIFIER)):
            field["modifier"] = own[controls.MODIFIER]
        if spans:
            field["spans"] = list(spans)
        if region.score is not None:
            field["confidence"] = region.score
        origin = {"id": region.id, "label": label, **_texts(region.result, "from_name", "to_name", "type")}
        if type(region.stored.get("field")) is int:
            origin["field"] = region.stored["field"]
        fields.append(field | {MARK: origin})
    return fields + _attribute_fields(region, None if "of" in region.stored else group, spans)


def _attribute_fields(region: Region, group: Any, spans: Sequence[Any]) -> list[Data]:
    fields: list[Data] = []
    stored = objects_in(region.stored.get("stated"))
    is_event = "event" in region.stored or "of" in region.stored
    for name, value, result in region.attributes:
        if name == controls.EVENT_TYPE or (region.is_span and name in controls.REGION_CONTROLS):
            continue
        prefixes = (controls.TEXT_PREFIX, controls.NUMBER_PREFIX, controls.JSON_PREFIX, controls.CHOICE_PREFIX)
        prefix = next((prefix for prefix in prefixes if name.startswith(prefix)), "")
        field: Data = {"name": name.removeprefix(prefix) or name, "value": value}
        if prefix == controls.JSON_PREFIX:
            field["value"] = _parsed(value)
        known = next((item for item in stored if item.get("name") == name), {})
        if known:
            stored.remove(known)
        field_group = known.get("group") if is_event or known else group
        if isinstance(field_group, str) and field_group:
            field["group"] = field_group
        if is_modifier(known.get("modifier")):
            field["modifier"] = known["modifier"]
        if spans and not is_event:
            field["spans"] = list(spans)
        if region.score is not None and not is_event:
            field["confidence"] = region.score
        origin = {"id": region.id, "from_name": name, **_texts(result, "to_name", "type")}
        if type(known.get("field")) is int:
            origin["field"] = known["field"]
        fields.append(field | {MARK: origin})
    return fields


def _value(region: Region, own: Data, text: str, default: str) -> Any:
    for key in (controls.VALUE_JSON, controls.VALUE_NUMBER, controls.VALUE):
        if key in own:
            return _parsed(own[key]) if key == controls.VALUE_JSON else own[key]
    if region.span:
        return text[slice(*region.span)]
    return (region.raw and region.raw.quote) or default


def _texts(result: Data, *keys: str) -> Data:
    return {key: result[key] for key in keys if isinstance(result.get(key), str)}


def _parsed(value: Any) -> Any:
    try:
        return parse_json(value.encode()) if isinstance(value, str) else value
    except (InputError, UnicodeEncodeError):
        return value
