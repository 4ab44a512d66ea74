"""Makes events of the results of a prediction or an annotation.

Regions that relations join are an event: the one that all relations begin at names its type, by its label, and is its
field ``trigger``; the others are fields, named by the relation that leads to them, else by their label. All other
regions, and what is said of the whole task (choices, texts, numbers), are fields of one event, ``annotation``.
"""

from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from db.formats.format import OffsetUnit
from db.formats.label_studio.fields import fields_of, stated_fields
from db.formats.label_studio.regions import (
    ALSO,
    EVENT_TYPE,
    MARK,
    TRIGGER,
    Region,
    Regions,
    Relation,
    regions_of,
)  # fmt: skip
from db.formats.label_studio.texts import Json, TaskText
from db.formats.shared.annotated_text import DEFAULT_EVENT_TYPE


class Read(NamedTuple):
    """The events of a list of results, what to say of it, and how many results are about no text."""

    events: list[Json]
    notes: tuple[str, ...]
    aside: int


def events_of(results: Iterable[Json], data: Json, text: TaskText, unit: OffsetUnit | None) -> Read:
    """The events, each with the ids of its regions in ``label_studio`` of its fields."""
    found = regions_of(results, data, text, unit)
    events, single = [], []
    for part in _connected(found):
        stated_type = next((value for name, value, _ in part[0].stated if name == EVENT_TYPE), None)
        if len(part) > 1 or (part[0].is_span and ("event" in part[0].ours or "of" in part[0].ours)):
            events.append(_related(part, found.relations, text.text))
        elif not part[0].is_span and isinstance(stated_type, str) and stated_type.strip():
            events.append(_event(stated_type, part[0], stated_fields(part[0], None, ())))
        else:
            single += part
    if single:
        fields = [field for region in single for field in fields_of(region, text.text, None)]
        events.append({"type": DEFAULT_EVENT_TYPE, "fields": fields, MARK: {"id": DEFAULT_EVENT_TYPE}})
    return Read(events, found.notes, found.aside)


def _connected(found: Regions) -> list[list[Region]]:
    """The regions, those together that relations join, in order."""
    beside: dict[str, list[str]] = defaultdict(list)
    regions = found.by_id
    for source, led in found.relations.items():
        for relation in led:
            beside[source].append(relation.target)
            beside[relation.target].append(source)
    places = {id_: place for place, id_ in enumerate(regions)}
    seen: set[str] = set()
    parts = []
    for first in regions:
        if first in seen:
            continue
        seen.add(first)
        ids, waiting = {first}, [first]
        while waiting:
            for other in beside[waiting.pop()]:
                if other not in seen:
                    seen.add(other)
                    ids.add(other)
                    waiting.append(other)
        parts.append([regions[id_] for id_ in sorted(ids, key=places.__getitem__)])
    return parts


def _related(part: list[Region], relations: dict[str, list[Relation]], text: str) -> Json:
    inner = [relation for region in part for relation in relations.get(region.id, ())]
    labels_of = {region.id: region.labels for region in part}
    further = {
        relation.target: relation.source
        for relation in inner
        if ALSO in relation.labels and labels_of[relation.source] == labels_of[relation.target]
    }
    led = [relation for relation in inner if relation.target not in further]
    targets = {relation.target for relation in led}
    heads = [region for region in part if region.id not in targets and region.id not in further]
    head = heads[0] if len(heads) == 1 else None
    named = {relation.target: relation.labels[0] for relation in led if relation.labels and head is not None}
    labels = {label for relation in led for label in relation.labels}
    event_type = (head.labels[0] if head.labels else None) if head else labels.pop() if len(labels) == 1 else None
    by_region: dict[str, list[Json]] = {}
    for region in part:
        if region.id in further:
            continue
        if region is head:
            by_region[region.id] = fields_of(region, text, TRIGGER, only_stated="event" in region.ours)
        else:
            by_region[region.id] = fields_of(region, text, named.get(region.id))
    for region in part:
        of = by_region.get(further.get(region.id, ""))
        if of and region.span:
            if list(region.span) not in of[0].get("spans", ()):
                of[0]["spans"] = [*of[0].get("spans", ()), list(region.span)]
            of[0][MARK].setdefault("also", []).append(region.id)
        elif region.id in further:
            by_region[region.id] = fields_of(region, text, None)
    fields = [field for region in part for field in by_region.get(region.id, ())]
    return _event(event_type or "relation", head or part[0], fields)


def _event(event_type: str, region: Region, fields: list[Json]) -> Json:
    event: Json = {"type": event_type, "fields": fields, MARK: {"id": region.id}}
    number = region.ours.get("event", region.ours.get("of"))
    if type(number) is int:
        event[MARK]["event"] = number
    if region.score is not None:
        event["confidence"] = region.score
    return event
