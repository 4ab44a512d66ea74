"""Writes the events of a document as results: the machine's side as predictions, what people accepted as annotations.

An event is a region over its first evidence, labelled with its type, with a relation to the region of each field; a
field without evidence is said about that region. An event without any evidence is said of the whole task.
"""

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from db.event_types import EventType
from db.formats.label_studio.regions import ALSO, EVENT_TYPE, GROUP, MODIFIER, TRIGGER, region_of
from db.formats.label_studio.saying import as_it_was_stated, as_stated, as_value
from db.formats.label_studio.texts import Json, TaskText
from db.formats.shared.annotated_text import DEFAULT_EVENT_TYPE, EXTRA_KEY, is_number, objects_in
from db.formats.shared.offsets import OffsetMap
from db.formats.shared.versions import FieldVersion, extracted_type_of, extracted_version, reviewed_version
from db.model import ACCEPTED
from db.native import digest

_EVENT, _FIELD = "event", "field"  # the controls that label events and fields


class _Item(NamedTuple):
    """A field as one side of it is written, with its place in the event."""

    number: int
    side: FieldVersion
    field: Json


class EventWriter:
    """Writes the events of one document."""

    def __init__(self, text: TaskText, to_name: str, document: str, types: dict[str, EventType]) -> None:
        self._text = text
        self._to_name = to_name
        self._document = document
        self._types = types
        self._units = OffsetMap(text.text, "utf16")

    def predictions(self, events: list[Json]) -> list[Json]:
        """The machine's side, a prediction an extractor."""
        by_extractor: dict[str, list[tuple[int, Json]]] = {}
        for number, event in enumerate(events):
            if extracted_type_of(event) is not None:
                by_extractor.setdefault(event.get("extractor") or "", []).append((number, event))
        made = []
        for extractor, numbered in by_extractor.items():
            prediction: Json = {"model_version": extractor} if extractor else {}
            scores = [score for _, event in numbered if (score := _score(event)) is not None]
            if scores:
                prediction["score"] = sum(scores) / len(scores)
            alone = [event for _, event in numbered if extracted_type_of(event) == DEFAULT_EVENT_TYPE]
            prediction["result"] = [
                result
                for number, event in numbered
                for result in self._event(
                    number, event, extracted_type_of(event) or "", extracted_version, len(alone) == 1
                )
            ]
            made.append(prediction)
        return made

    def annotations(self, events: list[Json], reviewers: set[Any] | None, timed: bool = True) -> list[Json]:
        """What people accepted, an annotation a reviewer, with its time; of ``reviewers`` alone, if given."""
        by_reviewer: dict[Any, list[tuple[int, Json]]] = {}
        for number, event in enumerate(events):
            who = event.get("reviewer")
            if event.get("status") in ACCEPTED and (reviewers is None or who in reviewers):
                by_reviewer.setdefault(who, []).append((number, event))
        made = []
        for reviewer, numbered in by_reviewer.items():
            annotation: Json = {"was_cancelled": False, "ground_truth": False}
            if isinstance(reviewer, str):
                annotation[EXTRA_KEY] = {"reviewer": reviewer}
                id_ = reviewer.removeprefix("user ")
                # Any other one is refused by Label Studio, with the whole file, where it does not know it.
                if id_ != reviewer and id_.isascii() and id_.isdigit() and len(id_) < 10:
                    annotation["completed_by"] = int(id_)
            # Label Studio's converter sorts by time, which fails where some have one and others none.
            when = _newest(event for _, event in numbered) or _newest(events)
            if when and timed:
                annotation |= {"created_at": when, "updated_at": when}
            alone = [event for _, event in numbered if event["type"] == DEFAULT_EVENT_TYPE]
            annotation["result"] = [
                result
                for number, event in numbered
                for result in self._event(number, event, event["type"], reviewed_version, len(alone) == 1)
            ]
            made.append(annotation)
        return made

    def _event(
        self, number: int, event: Json, event_type: str, side_of: Callable[[Json], FieldVersion | None], alone: bool
    ) -> list[Json]:
        fields = objects_in(event.get("fields"))
        items = [_Item(n, side, field) for n, field in enumerate(fields) if (side := side_of(field)) is not None]
        placed = [item for item in items if item.side.spans]
        stated = [item for item in items if not item.side.spans]
        score = _score(event)
        if event_type == DEFAULT_EVENT_TYPE and alone:
            made = [result for item in placed for result in self._region(number, item)]
            for item in stated:
                id_ = self._id(number, item.number)
                made += self._said(event_type, [item], id_, {}, region_of(item.field))
            return _merged(made)
        if not placed:
            id_ = self._id(number, _EVENT)
            ours = {"event": number, "stated": [_told(item, event_type, self._types) for item in stated]}
            head = self._result(id_, EVENT_TYPE, "choices", {"choices": [event_type]}) | {"meta": {EXTRA_KEY: ours}}
            return _scored([head, *self._said(event_type, stated, id_, {}, {})], score)
        trigger = next((item for item in placed if item.side.name == TRIGGER and len(item.side.spans) == 1), None)
        told = [_told(item, event_type, self._types) for item in stated]
        if trigger is not None:
            head, *of_head = self._region(number, trigger, event_type)
            head["meta"] = {EXTRA_KEY: {"of": number, "field": trigger.number, "stated": told}}
        else:
            value = self._value(placed[0].side.spans[0]) | {"labels": [event_type]}
            origin = region_of(event).get("id")
            id_ = origin if isinstance(origin, str) and origin not in _ids(placed) else self._id(number, _EVENT)
            head, of_head = self._result(id_, _EVENT, "labels", value), []
            head["meta"] = {EXTRA_KEY: {"event": number, "stated": told}}
        where = {key: value for key, value in head["value"].items() if not key.endswith("labels")}
        made = [*_scored([head], score), *of_head, *self._said(event_type, stated, head["id"], where, {})]
        relations = []
        for item in placed:
            if item is trigger:
                continue
            region = self._region(number, item)
            made += region
            relation = {"from_id": head["id"], "to_id": region[0]["id"], "type": "relation", "direction": "right"}
            label = region_of(item.field).get("label")
            if isinstance(label, str) and label != item.side.name:
                relation["labels"] = [item.side.name]
            relations.append(relation)
        regions = [result for result in made if result["type"] != "relation"]
        return regions + [result for result in made if result["type"] == "relation"] + relations

    def _region(self, number: int, item: _Item, label: str | None = None) -> list[Json]:
        """The regions of a field with evidence, what is said about the first, and how they belong together."""
        origin = region_of(item.field)
        side = item.side
        named = isinstance(origin.get("from_name"), str) and isinstance(origin.get("type"), str)
        if named and not origin["type"].endswith("labels"):
            origin, named = {}, False  # what was said about another region gets one of its own
        kind = origin["type"] if named else "labels"
        control = origin["from_name"] if named else _EVENT if label is not None else _FIELD
        shown = origin.get("label") if named else None
        if label is None:
            same_name = item.field.get("extracted_name", side.name) == side.name
            label = shown if isinstance(shown, str) and same_name else side.name
        further = origin.get("also")
        ids = [origin.get("id"), *(further if isinstance(further, list) else ())][: len(side.spans)]
        ids += [None] * (len(side.spans) - len(ids))
        made: list[Json] = []
        relations: list[Json] = []
        for n, span in enumerate(side.spans):
            id_ = ids[n] if isinstance(ids[n], str) else self._id(number, item.number, n)
            result = self._result(id_, control, kind, self._value(span) | {kind: [label]}, origin.get("to_name"))
            if n == 0:
                result["meta"] = {EXTRA_KEY: {"field": item.number}}
            made += _scored([result], _score(item.field))
            if n:
                to = {"from_id": made[0]["id"], "to_id": id_, "type": "relation", "direction": "right"}
                relations.append(to | {"labels": [ALSO]})
        where = {key: value for key, value in made[0]["value"].items() if not key.endswith("labels")}
        first = made[0]
        if side.value != where["text"] or not isinstance(side.value, str):
            made.append(self._of_region(first, where, *as_value(side.value)))
        for name, value in ((GROUP, side.group), (MODIFIER, side.modifier)):
            if value:
                made.append(self._of_region(first, where, name, "textarea", {"text": [value]}))
        return made + relations

    def _of_region(self, region: Json, where: Json, control: str, kind: str, value: Json) -> Json:
        return self._result(region["id"], control, kind, where | value, region["to_name"])

    def _said(self, event_type: str, items: Iterable[_Item], id_: str, where: Json, origin: Json) -> list[Json]:
        """Fields without evidence, as what is said about a region, or about the whole task."""
        made = []
        for item in items:
            control, kind, value = as_stated(item.side, event_type, self._types)
            if isinstance(origin.get("from_name"), str) and (again := as_it_was_stated(origin, item.side.value)):
                control, kind, value = origin["from_name"], origin["type"], again
                id_ = origin["id"] if isinstance(origin.get("id"), str) else id_
            result = self._result(id_, control, kind, where | value, origin.get("to_name"))
            if not where and "from_name" not in origin:
                told = {"name": control, "field": item.number, "group": item.side.group, "modifier": item.side.modifier}
                result["meta"] = {EXTRA_KEY: {"stated": [told]}}
            made += _scored([result], _score(item.field)) if not where else [result]
        return made

    def _result(self, id_: str, control: str, kind: str, value: Json, to_name: object = None) -> Json:
        to = to_name if isinstance(to_name, str) else self._to_name
        return {"id": id_, "from_name": control, "to_name": to, "type": kind, "value": value}

    def _value(self, span: tuple[int, int]) -> Json:
        """Where a span stands, as Label Studio says it of such a text."""
        start, end = span
        whole: Json = {"text": self._text.text[start:end]}
        overall = {"start": self._units.offset_of(start), "end": self._units.offset_of(end)}
        first, last = self._text.node_at(start), self._text.node_at(end - 1)
        if self._text.kind == "plain" or first is None or last is None:
            return overall | whole
        within = OffsetMap(self._text.text[first[1] : end], "utf16")
        of_last = OffsetMap(self._text.text[last[1] : end], "utf16")
        offsets = {"startOffset": within.offset_of(start - first[1]), "endOffset": of_last.offset_of(end - last[1])}
        return {"start": first[0], "end": last[0], **offsets, "globalOffsets": overall} | whole

    def _id(self, *of: object) -> str:
        return digest([self._document, *of])[:10]


def _told(item: _Item, event_type: str, types: dict[str, EventType]) -> Json:
    control, _, _ = as_stated(item.side, event_type, types)
    return {"name": control, "field": item.number, "group": item.side.group, "modifier": item.side.modifier}


def _ids(items: Iterable[_Item]) -> set[Any]:
    return {region_of(item.field).get("id") for item in items}


def _newest(events: Iterable[Json]) -> str | None:
    return max((when for event in events if isinstance(when := event.get("decided_at"), str)), default=None)


def _merged(results: list[Json]) -> list[Json]:
    """The results with those choices as one that stood in one."""
    made: list[Json] = []
    for result in results:
        before = next(
            (item for item in made if all(item[key] == result[key] for key in ("id", "from_name", "type"))), None
        ) if result["type"] in ("choices", "taxonomy") else None  # fmt: skip
        if before is not None and before is not result:
            kind = result["type"]
            before["value"] = before["value"] | {kind: [*before["value"][kind], *result["value"][kind]]}
        else:
            made.append(result)
    return made


def _scored(results: list[Json], score: float | None) -> list[Json]:
    return [result | {"score": score} for result in results] if score is not None else results


def _score(item: Json) -> float | None:
    """A confidence, as far as it is one of Label Studio's, from 0 to 1."""
    score = item.get("confidence")
    return score if is_number(score) and 0 <= score <= 1 else None  # type: ignore[operator]
