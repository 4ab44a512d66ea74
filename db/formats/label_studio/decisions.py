"""Compares what a person annotated with what a machine predicted: the differences are that person's decisions."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from db.formats.label_studio.regions import region_of
from db.formats.label_studio.texts import Json
from db.formats.shared.annotated_text import DEFAULT_EVENT_TYPE, is_current
from db.formats.shared.versions import extracted_version
from db.model import ACCEPTED, same_value

DELETED = "not in the annotation that was made of it in Label Studio"


def decide(
    events: list[Json], annotated: list[Json], review: Json, decided: set[int], *, rejecting: bool = True
) -> list[Json]:
    """``events`` of the machine with a person's decisions, and what that person added, behind them.

    ``annotated`` are the events of the person's annotation; ``review`` has its reviewer and time. An event whose place
    is in ``decided`` is settled: what an annotation says otherwise about it stands as an event of its own; the others
    are added there. An event that is not annotated is rejected, if ``rejecting``. One that a person added is what it is
    now annotated as.
    """
    whole = list(events)
    matched = dict(_matches(events, annotated))
    taken = set()
    for place, event in enumerate(events):
        theirs = matched.get(place)
        if place in decided or (event.get("added") is True and theirs is None):
            if theirs is not None and event.get("status") in ACCEPTED and _same_events(event, annotated[theirs]):
                taken.add(theirs)
            continue
        if theirs is None and not rejecting:
            continue
        decided.add(place)
        if theirs is None:
            refused = {"status": "rejected", "reason": "other", "reason_text": DELETED}
            whole[place] = _undecided(event) | refused | review
        else:
            taken.add(theirs)
            if event.get("added") is True:
                same = _same_events(event, annotated[theirs])
                whole[place] = event if same else event | {"fields": annotated[theirs]["fields"]} | review
            else:
                whole[place] = _merged(_undecided(event), annotated[theirs]) | review
    for number, event in enumerate(annotated):
        if number not in taken:
            whole.append(event | {"added": True, "status": "confirmed"} | review)
    return whole


def skipped(events: list[Json], review: Json, decided: set[int]) -> list[Json]:
    """``events``, those that nobody decided about marked as unsure by whoever skipped the task."""
    whole = list(events)
    for place, event in enumerate(events):
        if place not in decided and event.get("added") is not True:
            decided.add(place)
            whole[place] = _undecided(event) | {"status": "unsure", "note": "skipped in Label Studio"} | review
    return whole


def ids_of(event: Json) -> set[str]:
    """The ids of the regions that an event is made of."""
    ids = {region_of(event).get("id")}
    for field in event["fields"]:
        ids |= {region_of(field).get("id"), *region_of(field).get("also", ())}
    return {id_ for id_ in ids if isinstance(id_, str) and id_ != DEFAULT_EVENT_TYPE}


def _matches(events: list[Json], annotated: list[Json]) -> Iterator[tuple[int, int]]:
    """Which event of the machine which annotated one is: that which has most regions with it in common."""
    owners: dict[str, int] = {id_: place for place, event in enumerate(events) for id_ in ids_of(event)}
    free = set(range(len(events)))
    left = []
    for number, event in enumerate(annotated):
        shared: dict[int, int] = defaultdict(int)
        for id_ in ids_of(event):
            if id_ in owners:
                shared[owners[id_]] += 1
        best = max((place for place in shared if place in free), key=lambda place: shared[place], default=None)
        if best is None:
            left.append(number)
        else:
            free.discard(best)
            yield best, number
    for number in left:  # annotated afresh: what is the same, and what is said of the whole task
        event = annotated[number]
        same = (
            place
            for place in sorted(free)
            if _same_events(events[place], event) or events[place]["type"] == event["type"] == DEFAULT_EVENT_TYPE
        )
        best = next(same, None)
        if best is not None:
            free.discard(best)
            yield best, number


def _merged(event: Json, theirs: Json) -> Json:
    fields = [field for field in event["fields"] if extracted_version(field) is not None]
    pairs, added = _paired(fields, theirs["fields"])
    merged = [_decided(field, person) for field, person in pairs]
    changed = bool(added) or any("state" in field for field in merged) or event["type"] != theirs["type"]
    if changed:
        merged = [{"state": "confirmed"} | field for field in merged]
        merged += [field | {"state": "added"} for field in added]
    whole = event | {"fields": merged, "status": "corrected" if changed else "confirmed"}
    if event["type"] != theirs["type"]:
        whole |= {"type": theirs["type"], "extracted_type": event["type"]}
    return whole


def _decided(field: Json, person: Json | None) -> Json:
    """A field of the machine as a person left it; without a state where it is as it was."""
    if person is None:
        return field | {"state": "removed"}
    changed = dict(field)
    for key, before in (("name", "extracted_name"), ("value", "extracted"), ("group", "extracted_group"),
                        ("modifier", "extracted_modifier"), ("spans", "extracted_spans")):  # fmt: skip
        old, new = field.get(key), person.get(key)
        if key == "spans":
            old, new = old or [], new or []
            same = sorted(map(tuple, old)) == sorted(map(tuple, new))
        else:
            same = same_value(old, new)
        if same:
            continue
        changed[before] = old
        if new is None and key != "value":
            changed.pop(key, None)
        else:
            changed[key] = new
    return changed | {"state": "corrected"} if changed != field else changed


def _paired(fields: list[Json], theirs: list[Json]) -> tuple[list[tuple[Json, Json | None]], list[Json]]:
    """Each field of the machine with that of the person which is it, by region, else by what it says."""
    found: dict[int, Json] = {}
    free = list(theirs)
    for key_of in (_by_region, _by_content, _by_name):
        waiting: dict[Any, list[Json]] = defaultdict(list)
        for field in free:
            waiting[key_of(field)].append(field)
        for place, field in enumerate(fields):
            if place not in found and waiting[key_of(field)]:
                found[place] = waiting[key_of(field)].pop(0)
        taken = set(map(id, found.values()))
        free = [field for field in free if id(field) not in taken]
    return [(field, found.get(place)) for place, field in enumerate(fields)], free


def _by_region(field: Json) -> Any:
    origin = region_of(field)
    # Several things are said of one region, each by a control.
    return (origin["id"], origin.get("from_name")) if "id" in origin else object()


def _by_content(field: Json) -> Any:
    return (field["name"], repr(field["value"]), repr(field.get("spans")))


def _by_name(field: Json) -> Any:
    return field["name"] if not field.get("spans") else object()


def _same_events(left: Json, right: Json) -> bool:
    def said(event: Json) -> list[tuple[str, str, str]]:
        kept: Iterable[Json] = filter(is_current, event["fields"])
        return sorted((field["name"], repr(field["value"]), repr(field.get("spans") or [])) for field in kept)

    return left["type"] == right["type"] and said(left) == said(right)


def _undecided(event: Json) -> Json:
    """An event as the machine extracted it."""
    fields = []
    for field in event["fields"]:
        side = extracted_version(field)
        if side is None:
            continue
        plain = {
            key: value
            for key, value in field.items()
            if key not in ("state", "note", "name", "value", "group", "modifier", "spans")
            and not key.startswith("extracted")
        }
        spans = [list(span) for span in side.spans]
        told = {"name": side.name, "value": side.value, "group": side.group, "modifier": side.modifier, "spans": spans}
        fields.append({key: value for key, value in told.items() if value or key == "value"} | plain)
    review = ("status", "reviewer", "decided_at", "reason", "reason_text", "note", "extracted_type")
    plain = {key: value for key, value in event.items() if key not in review}
    return plain | {"type": event.get("extracted_type", event["type"]), "fields": fields}
