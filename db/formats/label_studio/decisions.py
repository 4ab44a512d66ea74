"""Compares an annotation with the predicted events: the differences are the annotator's decisions."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from db.formats.format import Data
from db.formats.label_studio.regions import origin_of
from db.formats.shared.annotated_text import DEFAULT_EVENT_TYPE, REVIEW_KEYS, is_current
from db.formats.shared.objects import without
from db.formats.shared.versions import extracted_version
from db.model import ACCEPTED, same_value

_DELETED = "deleted in Label Studio"


def decide(
    events: list[Data], annotated: list[Data], review: Data, decided: set[int], *, rejecting: bool = True
) -> list[Data]:
    """Return ``events`` with the decisions of an annotation, followed by the events that the annotator added.

    events: predicted events, and events that were added earlier.
    annotated: the events of the annotation.
    review: its reviewer and time.
    decided: positions of events that already have a decision, to which this one adds. An annotation that says something
    else about such an event becomes an event of its own.
    rejecting: if True, an event that isn't annotated is rejected.
    """
    outcome = list(events)
    matched = dict(_matches(events, annotated))
    used = set()
    for place, event in enumerate(events):
        number = matched.get(place)
        if place in decided or (event.get("added") is True and number is None):
            if number is not None and event.get("status") in ACCEPTED and _same_events(event, annotated[number]):
                used.add(number)
            continue
        if number is None and not rejecting:
            continue
        decided.add(place)
        if number is None:
            rejection = {"status": "rejected", "reason": "other", "reason_text": _DELETED}
            outcome[place] = _undecided(event) | rejection | review
            continue
        used.add(number)
        theirs = annotated[number]
        if event.get("added") is not True:
            outcome[place] = _reviewed(_undecided(event), theirs) | review
        elif not _same_events(event, theirs):
            outcome[place] = event | {"fields": theirs["fields"]} | review
    for number, event in enumerate(annotated):
        if number not in used:
            outcome.append(event | {"added": True, "status": "confirmed"} | review)
    return outcome


def skip(events: list[Data], review: Data, decided: set[int]) -> list[Data]:
    """Return ``events`` with those that nobody decided about marked as unsure by the annotator who skipped the task."""
    outcome = list(events)
    for place, event in enumerate(events):
        if place not in decided and event.get("added") is not True:
            decided.add(place)
            outcome[place] = _undecided(event) | {"status": "unsure", "note": "skipped in Label Studio"} | review
    return outcome


def region_ids(event: Data) -> set[str]:
    """Return the ids of the regions of an event."""
    ids = {origin_of(event).get("id")}
    for field in event["fields"]:
        ids |= {origin_of(field).get("id"), *origin_of(field).get("also", ())}
    return {id_ for id_ in ids if isinstance(id_, str) and id_ != DEFAULT_EVENT_TYPE}


def _matches(events: list[Data], annotated: list[Data]) -> Iterator[tuple[int, int]]:
    """Yield pairs of positions of a predicted and an annotated event that share the most regions."""
    owners: dict[str, int] = {id_: place for place, event in enumerate(events) for id_ in region_ids(event)}
    free = set(range(len(events)))
    unmatched = []
    for number, event in enumerate(annotated):
        shared: dict[int, int] = defaultdict(int)
        for id_ in region_ids(event):
            if id_ in owners:
                shared[owners[id_]] += 1
        best = max((place for place in shared if place in free), key=lambda place: shared[place], default=None)
        if best is None:
            unmatched.append(number)
        else:
            free.discard(best)
            yield best, number
    for number in unmatched:  # annotated from scratch: match equal events, and the attributes of the whole task
        theirs = annotated[number]
        for place in sorted(free):
            event = events[place]
            if _same_events(event, theirs) or event["type"] == theirs["type"] == DEFAULT_EVENT_TYPE:
                free.discard(place)
                yield place, number
                break


def _reviewed(event: Data, theirs: Data) -> Data:
    predicted = [field for field in event["fields"] if extracted_version(field) is not None]
    pairs, added = _pair_fields(predicted, theirs["fields"])
    fields = [_reviewed_field(field, their_field) for field, their_field in pairs]
    changed = bool(added) or any("state" in field for field in fields) or event["type"] != theirs["type"]
    if changed:
        fields = [{"state": "confirmed"} | field for field in fields]
        fields += [field | {"state": "added"} for field in added]
    reviewed = event | {"fields": fields, "status": "corrected" if changed else "confirmed"}
    if event["type"] != theirs["type"]:
        reviewed |= {"type": theirs["type"], "extracted_type": event["type"]}
    return reviewed


def _reviewed_field(field: Data, theirs: Data | None) -> Data:
    """Return a predicted field as the annotator left it; without a state if it is unchanged."""
    if theirs is None:
        return field | {"state": "removed"}
    changed = dict(field)
    for key, extracted_key in (("name", "extracted_name"), ("value", "extracted"), ("group", "extracted_group"),
                               ("modifier", "extracted_modifier"), ("spans", "extracted_spans")):  # fmt: skip
        old, new = field.get(key), theirs.get(key)
        if key == "spans":
            old, new = old or [], new or []
            same = sorted(map(tuple, old)) == sorted(map(tuple, new))
        else:
            same = same_value(old, new)
        if same:
            continue
        changed[extracted_key] = old
        if new is None and key != "value":
            changed.pop(key, None)
        else:
            changed[key] = new
    return changed | {"state": "corrected"} if changed != field else changed


def _pair_fields(fields: list[Data], theirs: list[Data]) -> tuple[list[tuple[Data, Data | None]], list[Data]]:
    """Pair each predicted field with the annotator's, by region, then content, then name; return the rest as well."""
    found: dict[int, Data] = {}
    free = list(theirs)
    for key_of in (_region_key, _content_key, _name_key):
        waiting: dict[Any, list[Data]] = defaultdict(list)
        for field in free:
            waiting[key_of(field)].append(field)
        for place, field in enumerate(fields):
            if place not in found and waiting[key_of(field)]:
                found[place] = waiting[key_of(field)].pop(0)
        paired = set(map(id, found.values()))
        free = [field for field in free if id(field) not in paired]
    return [(field, found.get(place)) for place, field in enumerate(fields)], free


def _region_key(field: Data) -> Any:
    origin = origin_of(field)
    # The control tells apart several attributes of one region.
    return (origin["id"], origin.get("from_name")) if "id" in origin else object()


def _content_key(field: Data) -> Any:
    return (field["name"], repr(field["value"]), repr(field.get("spans")))


def _name_key(field: Data) -> Any:
    return field["name"] if not field.get("spans") else object()


def _same_events(left: Data, right: Data) -> bool:
    def content(event: Data) -> list[tuple[str, str, str]]:
        current = filter(is_current, event["fields"])
        return sorted((field["name"], repr(field["value"]), repr(field.get("spans") or [])) for field in current)

    return left["type"] == right["type"] and content(left) == content(right)


def _undecided(event: Data) -> Data:
    fields = []
    for field in event["fields"]:
        if (extracted := extracted_version(field)) is None:
            continue
        others = without(field, "state", "note", "name", "value", "group", "modifier", "spans")
        rest = {key: value for key, value in others.items() if not key.startswith("extracted")}
        version = extracted._asdict() | {"spans": [list(span) for span in extracted.spans]}
        fields.append({key: value for key, value in version.items() if value or key == "value"} | rest)
    plain = without(event, *REVIEW_KEYS, "note", "extracted_type")
    return plain | {"type": event.get("extracted_type", event["type"]), "fields": fields}
