"""Reads a task as a document: predictions become extracted events, annotations become decisions about them."""

import contextlib
from dataclasses import replace
from datetime import datetime
from typing import Any, TypeGuard

from db.errors import InputError
from db.formats.format import Data, ReadOptions
from db.formats.label_studio import meta
from db.formats.label_studio.decisions import decide, region_ids, skip
from db.formats.label_studio.events import events_of
from db.formats.label_studio.meta import annotations_of, owner_digest, stored_of
from db.formats.label_studio.regions import MARK, origin_of, regions_of, results_of
from db.formats.label_studio.texts import TaskText, text_of_task
from db.formats.shared.annotated_text import EXTRA_KEY
from db.formats.shared.objects import is_number, object_at, objects_in
from db.native import digest

METADATA_KEYS = ("title", "publisher", "url", "published", "language")
UNNAMED = "prediction"  # of predictions that name no model


class NoTextError(InputError):
    """A task is about images, audio, video or numbers only."""


def read_task(task: Data, options: ReadOptions) -> tuple[Data, tuple[str, ...]]:
    """Return the document of a task, and notes. Raises InputError if it is invalid, NoTextError without a text."""
    data = task.get("data")
    if not isinstance(data, dict):
        raise InputError('no data; a task holds its text in data, such as {"data": {"text": "…"}}')
    try:
        digest(task)
    except (RecursionError, ValueError):
        raise InputError("nested too deeply; flatten it") from None
    owners = [*objects_in(task.get("predictions")), *annotations_of(task)]
    stored = stored_of(task)
    text = meta.stored_text(stored, data) if stored is not None else None
    text = text or text_of_task(data, (result for owner in owners for result in results_of(owner)))
    if text is None:
        raise NoTextError("no text in data; eventdesk reviews events in texts")
    damage: tuple[str, ...] = ()
    if stored is not None and (reason := meta.find_damage(stored, text)):
        stored, damage = None, (f"{reason}; ignored the events that eventdesk had stored in the task",)
    if stored is not None and meta.task_digest(task) == stored.get("written"):
        return meta.restore(stored, task, text), ()
    document, notes = _read(task, data, text, options, stored)
    document[MARK] = meta.mark_of_task(task, text, document["events"], stored is not None)
    return document, (*damage, *notes)


def unread_names(task: Data) -> tuple[str, ...]:
    """Return the names of what is kept but not read: results that are not about the text, and other data."""
    data = object_at(task, "data")
    owners = [*objects_in(task.get("predictions")), *annotations_of(task)]
    results = [result for owner in owners for result in results_of(owner)]
    text = text_of_task(data, results)
    if text is None or stored_of(task) is not None:
        return ()
    others = [result for result in results if regions_of([result], data, text, None).unread]
    keys = [key for key, value in data.items() if key not in (text.key, *METADATA_KEYS, EXTRA_KEY) and value]
    drafts = ["key drafts"] if task.get("drafts") else []
    return (*(f"result {result.get('type')}" for result in others), *(f"key data.{key}" for key in keys), *drafts)


def _metadata(task: Data, text: TaskText) -> Data:
    id_ = task.get("id")
    # Every Label Studio counts its tasks from 1, so the number alone isn't unique.
    has_id = type(id_) is int or (isinstance(id_, str) and id_)
    ids = {"id": f"ls-{id_}-{digest(text.text)[:8]}"} if has_id else {}
    data = task["data"]
    metadata = {key: data[key] for key in METADATA_KEYS if key != text.key and isinstance(data.get(key), str)}
    return {**ids, "text": text.text, **metadata}


def _read(
    task: Data, data: Data, text: TaskText, options: ReadOptions, stored: Data | None
) -> tuple[Data, tuple[str, ...]]:
    annotations = annotations_of(task)
    known = {digest for digest in stored["annotations"] if isinstance(digest, str)} if stored is not None else set()
    notes: list[str] = []
    unread = 0

    def read(owner: Data) -> list[Data]:
        nonlocal unread
        found = events_of(results_of(owner), data, text, options.offsets)
        notes.extend(found.notes)
        unread += found.unread
        return found.events

    if stored is not None:
        options = replace(options, unnamed=None)
    events: list[Data] = []
    by_prediction: dict[object, set[int]] = {}  # positions in events
    for number, prediction in enumerate(objects_in(task.get("predictions"))):
        predicted = [_extracted_event(event, prediction, options) for event in read(prediction)]
        id_ = prediction.get("id")
        key = id_ if isinstance(id_, str | int) else f"#{number}"
        by_prediction[key] = set(range(len(events), len(events) + len(predicted)))
        events += predicted
    annotated = [read(annotation) for annotation in annotations]
    if stored is None:
        document = _metadata(task, text)
    else:
        document = meta.with_text(stored["document"], text)
        events = _stored_events([*events, *(event for part in annotated for event in part)], document.pop("events"))
    new = [(n, annotation) for n, annotation in _by_rank(annotations) if owner_digest(annotation) not in known]
    finished = [(n, annotation) for n, annotation in new if not _is_skipped(annotation)]
    decided: set[int] = set()
    for number, annotation in finished:
        id_ = annotation.get("id", number)
        theirs = [{"id": f"{id_}/{origin_of(event)['id']}", **event} for event in annotated[number]]
        linked = _linked(annotation, theirs, events, by_prediction, stored is not None)
        settled = {place for place, n in enumerate(linked) if n in decided}
        # Annotations that eventdesk wrote hold accepted events only, so an event missing there isn't rejected.
        outcome = decide([events[n] for n in linked], theirs, _review(annotation), settled, rejecting=not known)
        decided |= {linked[place] for place in settled}
        for n, event in zip(linked, outcome, strict=False):
            events[n] = event
        events += outcome[len(linked) :]
    if len(finished) > 1:
        notes.append(f"{len(finished)} annotations: the ground truth or else the newest decides; others become events")
    for _, annotation in new:
        if _is_skipped(annotation):
            notes.append("skipped by an annotator: events without another decision are unsure")
            events = skip(events, _review(annotation), decided)
    if unread:
        are = " is" if unread == 1 else "s are"
        notes.append(f"{unread} result{are} not about the text; kept for export, not shown")
    events = _with_unique_ids(events)
    if stored is None and "id" in document:
        events = [event | {"id": f"{document['id']}/{event['id']}"} if "id" in event else event for event in events]
    return document | {"events": events}, tuple(dict.fromkeys(notes))


def _is_skipped(annotation: Data) -> bool:
    return annotation.get("was_cancelled") is True or annotation.get("skipped") is True


def _extracted_event(event: Data, prediction: Data, options: ReadOptions) -> Data:
    model = prediction.get("model_version")
    extractor = model if isinstance(model, str) and model else options.extractor or options.unnamed or UNNAMED
    extracted = {"id": origin_of(event)["id"], **event, "extractor": extractor}
    score = prediction.get("score")
    if "confidence" not in extracted and is_number(score):
        extracted["confidence"] = float(score)
    return extracted


def _linked(
    annotation: Data, theirs: list[Data], events: list[Data], by_prediction: dict[object, set[int]], was_exported: bool
) -> list[int]:
    """Return the positions of the events that an annotation decides about: those of the prediction it started from."""
    extracted = [n for n, event in enumerate(events) if event.get("added") is not True]
    if was_exported or len(by_prediction) == 1:
        return extracted
    parent = annotation.get("parent_prediction") or object_at(annotation, "prediction").get("id")
    if isinstance(parent, str | int) and parent in by_prediction:
        return sorted(by_prediction[parent])
    ids = set().union(*map(region_ids, theirs)) if theirs else set()
    shared = [places for places in by_prediction.values() if any(ids & region_ids(events[n]) for n in places)]
    return sorted(shared[0]) if shared else []


def _by_rank(annotations: list[Data]) -> list[tuple[int, Data]]:
    """Return the ground truth first, then the others from the newest on."""

    def rank(pair: tuple[int, Data]) -> tuple[bool, str, int]:
        return pair[1].get("ground_truth") is True, _time(pair[1]) or "", pair[0]

    return sorted(enumerate(annotations), key=rank, reverse=True)


def _review(annotation: Data) -> Data:
    stored = object_at(annotation, EXTRA_KEY).get("reviewer")
    reviewer = stored if isinstance(stored, str) else _reviewer(annotation.get("completed_by"))
    time = _time(annotation)
    return ({"reviewer": reviewer} if reviewer else {}) | ({"decided_at": time} if time else {})


def _reviewer(annotator: object) -> str | None:
    """Return the name of an annotator, given as a number, an e-mail address, or an object with one of them."""
    if isinstance(annotator, dict):
        email, id_ = annotator.get("email"), annotator.get("id")
        names = [name for key in ("first_name", "last_name") if isinstance(name := annotator.get(key), str) and name]
        return email if isinstance(email, str) and email else " ".join(names) or _reviewer(id_)
    if type(annotator) is int:
        return f"user {annotator}"
    return annotator if isinstance(annotator, str) and annotator else None


def _time(annotation: Data) -> str | None:
    """Return when an annotation was last changed; a text that is no time says nothing."""
    return next((time for key in ("updated_at", "created_at") if is_time(time := annotation.get(key))), None)


def is_time(value: object) -> TypeGuard[str]:
    """Return True for a text with a date and time."""
    if isinstance(value, str):
        with contextlib.suppress(ValueError):
            datetime.fromisoformat(value)
            return True
    return False


def _stored_events(events: list[Data], stored: list[Data]) -> list[Data]:
    """Return the stored events, marked with the regions that they were written as."""
    by_number: dict[object, list[Data]] = {}
    for event in events:
        by_number.setdefault(origin_of(event).get("event"), []).append(event)
    marked = []
    for number, event in enumerate(stored):
        fields = [dict(field) for field in objects_in(event.get("fields"))]
        copy = event | {"fields": fields}
        for written in by_number.get(number, ()):
            copy[MARK] = origin_of(written)
            for field in written["fields"]:
                place = origin_of(field).get("field")
                if type(place) is int and 0 <= place < len(fields):
                    fields[place][MARK] = origin_of(field)
        marked.append(copy)
    return marked


def _with_unique_ids(events: list[Data]) -> list[Data]:
    seen: set[tuple[Any, Any]] = set()
    unique = []
    for event in events:
        id_, extractor = event.get("id"), event.get("extractor")
        number = 1
        while (event.get("id"), extractor) in seen:
            number += 1
            event = event | {"id": f"{id_}.{number}"}
        seen.add((event.get("id"), extractor))
        unique.append(event)
    return unique
