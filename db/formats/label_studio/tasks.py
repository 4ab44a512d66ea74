"""Makes a document of a task of Label Studio: predictions are the machine's events, annotations people's decisions."""

from collections.abc import Sequence
from typing import Any

from db.errors import InputError
from db.formats.format import ReadOptions
from db.formats.label_studio.decisions import decide, ids_of, skipped
from db.formats.label_studio.regions import MARK, region_of, results_of
from db.formats.label_studio.results import events_of
from db.formats.label_studio.texts import Json, TaskText, text_of_task
from db.formats.shared.annotated_text import EXTRA_KEY, derived_id, is_number, objects_in, plain_event
from db.io.documents import parse_document
from db.native import digest

DESCRIBED = ("title", "publisher", "url", "published", "language")
PREDICTED = "prediction"  # the extractor of predictions that name no model
_LISTS = ("annotations", "completions")


class NoText(InputError):
    """A task is about images, audio, video or numbers alone."""


def read_task(task: Json, options: ReadOptions) -> tuple[Json, tuple[str, ...]]:
    """The document of a task, and notes. Raises InputError, NoText where it is about no text."""
    data = task.get("data")
    if not isinstance(data, dict):
        raise InputError('has no data; a task has its text in data, as in {"data": {"text": "…"}}')
    _check(task)
    owners = [*objects_in(task.get("predictions")), *_annotations(task)]
    kept = kept_of(task)
    text = _text_kept(kept, data) if kept is not None else None
    text = text or text_of_task(data, (result for owner in owners for result in results_of(owner)))
    if text is None:
        raise NoText("has no text in data; eventdesk reviews events in texts")
    more: tuple[str, ...] = ()
    if kept is not None and (why := _spoilt(kept, text)):
        kept, more = None, (f"{why}: what eventdesk kept in it of its events is not used",)
    if kept is not None and as_written(task) == kept.get("written"):
        return _as_it_was(kept, task, text), ()
    document, notes = _read(task, data, text, options, kept)
    document[MARK] = origin_of(task, text, document["events"], kept is not None)
    return document, (*more, *notes)


def kept_of(task: Json) -> Json | None:
    """What eventdesk left in the task when it wrote it, where it is as it writes it."""
    meta = task.get("meta")
    kept = meta.get(EXTRA_KEY) if isinstance(meta, dict) else None
    if not isinstance(kept, dict) or not isinstance(kept.get("document"), dict):
        return None
    if not isinstance(kept.get("annotations"), list) or not isinstance(kept["document"].get("events"), list):
        return None
    return kept if all(isinstance(event, dict) for event in kept["document"]["events"]) else None


def as_written(task: Json) -> str:
    """What tells whether a task was changed in Label Studio since it was written."""
    annotations = [digest_of(owner) for owner in _annotations(task)]
    return derived_id(
        "", [task.get("data"), [digest_of(owner) for owner in objects_in(task.get("predictions"))], annotations]
    )


def digest_of(owner: Json) -> str:
    """What tells whether a prediction or an annotation was changed, whatever keys Label Studio adds to it."""
    return digest([owner.get("result"), owner.get("was_cancelled") is True])


def origin_of(task: Json, text: TaskText, events: Sequence[Json], ours: bool) -> Json:
    """What a document keeps of its task: all of it but the text, and how its events were when it was read."""
    rest = dict(task)
    if text.kind == "plain":
        rest["data"] = task["data"] | {text.key: None}
    if ours:
        rest["meta"] = {key: value for key, value in task["meta"].items() if key != EXTRA_KEY}
    origin: Json = {"task": rest, "key": text.key, "kind": text.kind, "read": [said(event) for event in events]}
    return origin | {"ours": True} if ours else origin


def said(event: Json) -> str:
    """What tells whether anything about an event was changed or decided since it was read."""
    plain = {key: value for key, value in plain_event(event).items() if key not in ("decided_at", "id")}
    return digest(plain)


def _check(task: Json) -> None:
    try:
        digest(task)
    except (RecursionError, ValueError):
        raise InputError("nested too deep; make it flatter") from None


def _annotations(task: Json) -> list[Json]:
    return next((objects_in(task[key]) for key in _LISTS if isinstance(task.get(key), list)), [])


def _as_it_was(kept: Json, task: Json, text: TaskText) -> Json:
    document = _with_text(kept["document"], text)
    origin = kept.get("origin")
    if isinstance(origin, dict):
        rest = dict(task)
        rest.pop("meta")
        for key in ("meta", *_LISTS):
            if key in origin:
                rest[key] = origin[key]
            elif key in _LISTS:
                rest.pop(key, None)
        if text.kind == "plain":
            rest["data"] = task["data"] | {text.key: None}
        mark = origin["mark"] if isinstance(origin.get("mark"), dict) else {}
        document[MARK] = {**mark, "key": text.key, "kind": text.kind, "task": rest}
    return document


def _text_kept(kept: Json, data: Json) -> TaskText | None:
    key = kept.get("key")
    return TaskText(key, data[key]) if isinstance(key, str) and isinstance(data.get(key), str) else None


def _spoilt(kept: Json, text: TaskText) -> str:
    """Why what was kept can't be relied upon; nothing where it can."""
    if kept.get("text") != digest(text.text):
        return "its text was changed in Label Studio"
    try:
        parse_document(_with_text(kept["document"], text))
    except InputError:
        return "its meta was changed in Label Studio"
    return ""


def _with_text(document: Json, text: TaskText) -> Json:
    whole = dict(document)
    if whole.pop("only_title", None) is True:
        return whole | {"title": text.text}
    return whole | {"text": text.text}


def _described(task: Json, text: TaskText) -> Json:
    id_ = task.get("id")
    # Every Label Studio counts its tasks from 1.
    named = {"id": f"ls-{id_}-{digest(text.text)[:8]}"} if type(id_) is int or (isinstance(id_, str) and id_) else {}
    data = task["data"]
    described = {key: data[key] for key in DESCRIBED if key != text.key and isinstance(data.get(key), str)}
    return {**named, "text": text.text, **described}


def _read(
    task: Json, data: Json, text: TaskText, options: ReadOptions, kept: Json | None
) -> tuple[Json, tuple[str, ...]]:
    annotations = _annotations(task)
    known = {digest for digest in kept["annotations"] if isinstance(digest, str)} if kept is not None else set()
    notes: list[str] = []
    aside = 0

    def read(owner: Json) -> list[Json]:
        nonlocal aside
        found = events_of(results_of(owner), data, text, options.offsets)
        notes.extend(found.notes)
        aside += found.aside
        return found.events

    events: list[Json] = []
    of_prediction: dict[object, set[int]] = {}
    for number, prediction in enumerate(objects_in(task.get("predictions"))):
        made = [_machine_event(event, prediction, options) for event in read(prediction)]
        id_ = prediction.get("id")
        of_prediction[id_ if isinstance(id_, str | int) else f"#{number}"] = set(
            range(len(events), len(events) + len(made))
        )
        events += made
    annotated = [read(annotation) for annotation in annotations]
    if kept is None:
        document = _described(task, text)
    else:
        document = _with_text(kept["document"], text)
        events = _restored([*events, *(event for part in annotated for event in part)], document.pop("events"))
    new = [pair for pair in _in_order(annotations) if digest_of(pair[1]) not in known]
    decided: set[int] = set()  # where eventdesk wrote annotations, newer ones hold
    done = [pair for pair in new if not _is_skipped(pair[1])]
    for number, annotation in done:
        theirs = [_named(event, f"{annotation.get('id', number)}") for event in annotated[number]]
        linked = _linked(annotation, theirs, events, of_prediction, kept is not None)
        settled = {place for place, n in enumerate(linked) if n in decided}
        # What eventdesk wrote as annotated is what was accepted so far: what is not in it was not rejected by that.
        outcome = decide([events[n] for n in linked], theirs, _review(annotation), settled, rejecting=not known)
        decided |= {linked[place] for place in settled}
        for n, event in zip(linked, outcome, strict=False):
            events[n] = event
        events += outcome[len(linked) :]
    if len(done) > 1:
        notes.append(
            f"{len(done)} annotations: that of the ground truth, else the newest, decides; the others stand beside"
        )
    for _, annotation in new:
        if _is_skipped(annotation):
            notes.append("a skipped annotation: what nobody else decided about is unsure")
            events = skipped(events, _review(annotation), decided)
    if aside:
        notes.append(f"{aside} result{' is' if aside == 1 else 's are'} not about the text: kept, not shown")
    events = _distinct(events)
    if kept is None and "id" in document:
        events = [event | {"id": f"{document['id']}/{event['id']}"} if "id" in event else event for event in events]
    return document | {"events": events}, tuple(dict.fromkeys(notes))


def _is_skipped(annotation: Json) -> bool:
    return annotation.get("was_cancelled") is True or annotation.get("skipped") is True


def _machine_event(event: Json, prediction: Json, options: ReadOptions) -> Json:
    model = prediction.get("model_version")
    extractor = model if isinstance(model, str) and model else options.extractor or PREDICTED
    whole = {"id": region_of(event)["id"], **event, "extractor": extractor}
    score = prediction.get("score")
    if "confidence" not in whole and is_number(score):
        whole["confidence"] = float(score)  # type: ignore[arg-type]
    return whole


def _named(event: Json, annotation: str) -> Json:
    return {"id": f"{annotation}/{region_of(event)['id']}", **event}


def _linked(
    annotation: Json, theirs: list[Json], events: list[Json], of_prediction: dict[object, set[int]], ours: bool
) -> list[int]:
    """The events that an annotation decides about: those of the prediction that it was made of."""
    machine = [n for n, event in enumerate(events) if event.get("added") is not True]
    if ours or len(of_prediction) == 1:
        return machine
    of = annotation.get("prediction")
    parent = annotation.get("parent_prediction") or (of.get("id") if isinstance(of, dict) else None)
    if isinstance(parent, str | int) and parent in of_prediction:
        return sorted(of_prediction[parent])
    ids = set().union(*map(ids_of, theirs)) if theirs else set()
    shared = [places for places in of_prediction.values() if any(ids & ids_of(events[n]) for n in places)]
    return sorted(shared[0]) if shared else []


def _in_order(annotations: list[Json]) -> list[tuple[int, Json]]:
    """The ground truth first, then from the newest on."""
    return sorted(
        enumerate(annotations),
        key=lambda pair: (pair[1].get("ground_truth") is True, _when(pair[1]) or "", pair[0]),
        reverse=True,
    )


def _review(annotation: Json) -> Json:
    review: Json = {}
    who = reviewer_of(annotation.get("completed_by"))
    kept = annotation.get(EXTRA_KEY)
    if isinstance(kept, dict) and isinstance(kept.get("reviewer"), str):
        who = kept["reviewer"]
    if who:
        review["reviewer"] = who
    when = _when(annotation)
    return review | {"decided_at": when} if when else review


def reviewer_of(who: object) -> str | None:
    """The name of an annotator, who is a number, an e-mail address, or an object with one."""
    if isinstance(who, dict):
        email, id_ = who.get("email"), who.get("id")
        names = [name for key in ("first_name", "last_name") if isinstance(name := who.get(key), str) and name]
        return email if isinstance(email, str) and email else " ".join(names) or reviewer_of(id_)
    if type(who) is int:
        return f"user {who}"
    return who if isinstance(who, str) and who else None


def _when(annotation: Json) -> str | None:
    return next((when for key in ("updated_at", "created_at") if isinstance(when := annotation.get(key), str)), None)


def _restored(events: list[Json], native: list[Json]) -> list[Json]:
    """The events as eventdesk had them, with the regions that they were written as."""
    made: dict[object, list[Json]] = {}
    for event in events:
        made.setdefault(region_of(event).get("event"), []).append(event)
    whole = []
    for number, event in enumerate(native):
        fields = [dict(field) for field in objects_in(event.get("fields"))]
        restored = event | {"fields": fields}
        for seen in made.get(number, ()):
            restored[MARK] = region_of(seen)
            for field in seen["fields"]:
                place = region_of(field).get("field")
                if type(place) is int and 0 <= place < len(fields):
                    fields[place][MARK] = region_of(field)
        whole.append(restored)
    return whole


def _distinct(events: list[Json]) -> list[Json]:
    """The events with ids that are unique to each extractor."""
    seen: set[tuple[Any, Any]] = set()
    distinct = []
    for event in events:
        id_, extractor = event.get("id"), event.get("extractor")
        number = 1
        while (event.get("id"), extractor) in seen:
            number += 1
            event = event | {"id": f"{id_}.{number}"}
        seen.add((event.get("id"), extractor))
        distinct.append(event)
    return distinct
