"""Writes events as results: extracted versions as predictions, accepted versions as annotations.

An event is written as a region over its first evidence, labelled with its type, with a relation to the region of each
field. Fields without evidence become attributes of that region; an event without any evidence becomes attributes of the
whole task.
"""

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from db.event_types import EventType
from db.formats.format import Data
from db.formats.label_studio import controls
from db.formats.label_studio.regions import ALSO, TRIGGER, origin_of
from db.formats.label_studio.texts import TaskText
from db.formats.shared.annotated_text import DEFAULT_EVENT_TYPE, EXTRA_KEY
from db.formats.shared.objects import is_number, objects_in
from db.formats.shared.spans.offsets import OffsetMap
from db.formats.shared.versions import FieldVersion, extracted_type_of, extracted_version, reviewed_version
from db.model import ACCEPTED
from db.native import digest

_EVENT, _FIELD = "event", "field"  # the controls that label events and fields


_TypeOf = Callable[[Data], str | None]
_VersionOf = Callable[[Data], FieldVersion | None]


class _Item(NamedTuple):
    """The version of a field that is written, and the position of the field in its event."""

    number: int
    version: FieldVersion
    field: Data


class EventWriter:
    """Writes the events of one document."""

    def __init__(self, text: TaskText, to_name: str, document: str, types: dict[str, EventType]) -> None:
        self._text = text
        self._to_name = to_name
        self._document = document
        self._types = types
        self._units = OffsetMap(text.text, "utf16")

    def predictions(self, events: list[Data]) -> list[Data]:
        """Return the extracted versions, a prediction for each extractor."""
        by_extractor: dict[str, list[tuple[int, Data]]] = {}
        for number, event in enumerate(events):
            if extracted_type_of(event) is not None:
                by_extractor.setdefault(event.get("extractor") or "", []).append((number, event))
        predictions = []
        for extractor, numbered in by_extractor.items():
            prediction: Data = {"model_version": extractor} if extractor else {}
            scores = [score for _, event in numbered if (score := _score(event)) is not None]
            if scores:
                prediction["score"] = sum(scores) / len(scores)
            prediction["result"] = self._results(numbered, extracted_type_of, extracted_version)
            predictions.append(prediction)
        return predictions

    def annotations(self, events: list[Data], reviewers: set[Any] | None, are_timed: bool = True) -> list[Data]:
        """Return the accepted versions, an annotation for each reviewer, or only for those in ``reviewers``."""
        by_reviewer: dict[Any, list[tuple[int, Data]]] = {}
        for number, event in enumerate(events):
            reviewer = event.get("reviewer")
            if event.get("status") in ACCEPTED and (reviewers is None or reviewer in reviewers):
                by_reviewer.setdefault(reviewer, []).append((number, event))
        annotations = []
        for reviewer, numbered in by_reviewer.items():
            annotation: Data = {"was_cancelled": False, "ground_truth": False}
            if isinstance(reviewer, str):
                annotation[EXTRA_KEY] = {"reviewer": reviewer}
                id_ = reviewer.removeprefix("user ")
                # Label Studio rejects a file with annotators that it doesn't know, so only its own numbers are written.
                if id_ != reviewer and id_.isascii() and id_.isdigit() and len(id_) < 10:
                    annotation["completed_by"] = int(id_)
            # Label Studio's converter sorts by time and fails if only some annotations have one.
            time = _newest(event for _, event in numbered) or _newest(events)
            if time and are_timed:
                annotation |= {"created_at": time, "updated_at": time}
            annotation["result"] = self._results(numbered, lambda event: str(event["type"]), reviewed_version)
            annotations.append(annotation)
        return annotations

    def _results(self, numbered: list[tuple[int, Data]], type_of: _TypeOf, version_of: _VersionOf) -> list[Data]:
        is_single = sum(type_of(event) == DEFAULT_EVENT_TYPE for _, event in numbered) == 1
        results = []
        for number, event in numbered:
            event_type = type_of(event) or ""
            fields = enumerate(objects_in(event.get("fields")))
            items = [_Item(n, version, field) for n, field in fields if (version := version_of(field)) is not None]
            if event_type == DEFAULT_EVENT_TYPE and is_single:
                results += self._unrelated(number, event_type, items)
            else:
                results += self._event(number, event, event_type, items)
        return results

    def _unrelated(self, number: int, event_type: str, items: list[_Item]) -> list[Data]:
        """Return the results of the event ``annotation``: regions without relations, attributes of the task."""
        results = [result for item in items if item.version.spans for result in self._region(number, item)]
        for item in items:
            if not item.version.spans:
                id_ = self._id(number, item.number)
                results += self._attributes(event_type, [item], id_, {}, origin_of(item.field))
        return _with_merged_choices(results)

    def _event(self, number: int, event: Data, event_type: str, items: list[_Item]) -> list[Data]:
        placed = [item for item in items if item.version.spans]
        attributes = [item for item in items if not item.version.spans]
        stated = [
            _stored(item, controls.field_control(item.version, event_type, self._types)[0]) for item in attributes
        ]
        score = _score(event)
        if not placed:
            id_ = self._id(number, _EVENT)
            head = self._result(id_, controls.EVENT_TYPE, "choices", {"choices": [event_type]})
            head["meta"] = {EXTRA_KEY: {"event": number, "stated": stated}}
            return _with_score([head, *self._attributes(event_type, attributes, id_, {}, {})], score)
        trigger = next((item for item in placed if item.version.name == TRIGGER and len(item.version.spans) == 1), None)
        if trigger is not None:
            head, *of_head = self._region(number, trigger, event_type)
            head["meta"] = {EXTRA_KEY: {"of": number, "field": trigger.number, "stated": stated}}
        else:
            value = self._value(placed[0].version.spans[0]) | {"labels": [event_type]}
            original = origin_of(event).get("id")
            used = {origin_of(item.field).get("id") for item in placed}
            id_ = original if isinstance(original, str) and original not in used else self._id(number, _EVENT)
            head, of_head = self._result(id_, _EVENT, "labels", value), []
            head["meta"] = {EXTRA_KEY: {"event": number, "stated": stated}}
        place = _without_labels(head["value"])
        of_attributes = self._attributes(event_type, attributes, head["id"], place, {})
        results = [*_with_score([head], score), *of_head, *of_attributes]
        relations = []
        for item in placed:
            if item is trigger:
                continue
            region = self._region(number, item)
            results += region
            relation = _relation(head["id"], region[0]["id"])
            label = origin_of(item.field).get("label")
            if isinstance(label, str) and label != item.version.name:
                relation["labels"] = [item.version.name]
            relations.append(relation)
        # Relations come last, as in Label Studio's own files.
        return [*sorted(results, key=lambda result: result["type"] == "relation"), *relations]

    def _region(self, number: int, item: _Item, label: str | None = None) -> list[Data]:
        """Return the regions of a field with evidence, the attributes of the first, and relations between them."""
        origin = origin_of(item.field)
        version = item.version
        has_control = isinstance(origin.get("from_name"), str) and isinstance(origin.get("type"), str)
        if has_control and not origin["type"].endswith("labels"):
            origin, has_control = {}, False  # it was an attribute of another region
        kind = origin["type"] if has_control else "labels"
        control = origin["from_name"] if has_control else _EVENT if label is not None else _FIELD
        original_label = origin.get("label") if has_control else None
        if label is None:
            same_name = item.field.get("extracted_name", version.name) == version.name
            label = original_label if isinstance(original_label, str) and same_name else version.name
        ids = [origin.get("id"), *origin.get("also", ())]
        results: list[Data] = []
        relations: list[Data] = []
        for n, span in enumerate(version.spans):
            original_id = ids[n] if n < len(ids) else None
            id_ = original_id if isinstance(original_id, str) else self._id(number, item.number, n)
            result = self._result(id_, control, kind, self._value(span) | {kind: [label]}, origin.get("to_name"))
            if n == 0:
                result["meta"] = {EXTRA_KEY: {"field": item.number}}
            results += _with_score([result], _score(item.field))
            if n:
                relations.append(_relation(results[0]["id"], id_) | {"labels": [ALSO]})
        region = results[0]
        place = _without_labels(region["value"])
        if version.value != place["text"] or not isinstance(version.value, str):
            results.append(self._of_region(region, place, *controls.value_control(version.value)))
        for name, value in ((controls.GROUP, version.group), (controls.MODIFIER, version.modifier)):
            if value:
                results.append(self._of_region(region, place, name, "textarea", {"text": [value]}))
        return results + relations

    def _of_region(self, region: Data, place: Data, control: str, kind: str, value: Data) -> Data:
        return self._result(region["id"], control, kind, place | value, region["to_name"])

    def _attributes(self, event_type: str, items: Iterable[_Item], id_: str, place: Data, origin: Data) -> list[Data]:
        results = []
        for item in items:
            control, kind, value = controls.field_control(item.version, event_type, self._types)
            had_control = isinstance(origin.get("from_name"), str)
            if had_control and (original := controls.original_control_value(origin, item.version.value)):
                control, kind, value = origin["from_name"], origin["type"], original
                id_ = origin["id"] if isinstance(origin.get("id"), str) else id_
            result = self._result(id_, control, kind, place | value, origin.get("to_name"))
            if not place and "from_name" not in origin:
                result["meta"] = {EXTRA_KEY: {"stated": [_stored(item, control)]}}
            results += [result] if place else _with_score([result], _score(item.field))
        return results

    def _result(self, id_: str, control: str, kind: str, value: Data, to_name: object = None) -> Data:
        to = to_name if isinstance(to_name, str) else self._to_name
        return {"id": id_, "from_name": control, "to_name": to, "type": kind, "value": value}

    def _value(self, span: tuple[int, int]) -> Data:
        start, end = span
        quote: Data = {"text": self._text.text[start:end]}
        overall = {"start": self._units.offset_of(start), "end": self._units.offset_of(end)}
        first, last = self._text.node_at(start), self._text.node_at(end - 1)
        if self._text.kind == "plain" or first is None or last is None:
            return overall | quote
        of_first = OffsetMap(self._text.text[first[1] : end], "utf16")
        of_last = OffsetMap(self._text.text[last[1] : end], "utf16")
        offsets = {"startOffset": of_first.offset_of(start - first[1]), "endOffset": of_last.offset_of(end - last[1])}
        return {"start": first[0], "end": last[0], **offsets, "globalOffsets": overall} | quote

    def _id(self, *parts: object) -> str:
        return digest([self._document, *parts])[:10]


def _stored(item: _Item, control: str) -> Data:
    version = item.version
    return {"name": control, "field": item.number, "group": version.group, "modifier": version.modifier}


def _relation(source: str, target: str) -> Data:
    return {"from_id": source, "to_id": target, "type": "relation", "direction": "right"}


def _without_labels(value: Data) -> Data:
    return {key: item for key, item in value.items() if not key.endswith("labels")}


def _newest(events: Iterable[Data]) -> str | None:
    return max((time for event in events if isinstance(time := event.get("decided_at"), str)), default=None)


def _with_merged_choices(results: list[Data]) -> list[Data]:
    merged: list[Data] = []
    for result in results:
        kind = result["type"]
        same = (item for item in merged if all(item[key] == result[key] for key in ("id", "from_name", "type")))
        earlier = next(same, None) if kind in ("choices", "taxonomy") else None
        if earlier is not None:
            earlier["value"] = earlier["value"] | {kind: [*earlier["value"][kind], *result["value"][kind]]}
        else:
            merged.append(result)
    return merged


def _with_score(results: list[Data], score: float | None) -> list[Data]:
    return [result | {"score": score} for result in results] if score is not None else results


def _score(item: Data) -> float | None:
    score = item.get("confidence")
    return score if is_number(score) and 0 <= score <= 1 else None
