"""Writes documents as tasks."""

from collections import Counter
from typing import TypeGuard

from db.event_types import EventType
from db.formats.label_studio.event_results import EventWriter
from db.formats.label_studio.regions import MARK, results_of
from db.formats.label_studio.tasks import DESCRIBED, as_written, digest_of, said
from db.formats.label_studio.texts import Json, TaskText, object_key, text_of_task
from db.formats.shared.annotated_text import EXTRA_KEY, objects_in
from db.formats.shared.versions import source_text
from db.native import digest

_TEXT = "text"  # the key of the text, and the name of what shows it


def task_of(document: Json, number: int, types: dict[str, EventType], *, reviewed: bool) -> Json:
    """The task of a document; ``number`` is its id, where it did not come from Label Studio.

    A task that was read and not changed since is written as it was.
    """
    events = objects_in(document.get("events"))
    origin = document.get(MARK)
    if not reviewed and _is_origin(origin):
        return _again(document, origin, events, types)
    source = source_text(document)
    data = {_TEXT: source} | {key: document[key] for key in DESCRIBED if isinstance(document.get(key), str)}
    if not isinstance(document.get("text"), str):
        data.pop("title", None)
    writer = EventWriter(TaskText(_TEXT, source), _TEXT, str(document.get("id")), types)
    task: Json = {"id": number, "data": data, "predictions": [], "annotations": []}
    if not reviewed:
        task["predictions"] = writer.predictions(events)
    task["annotations"] = writer.annotations(events, None)
    whole = {key: value for key, value in document.items() if key != "text"}
    if not isinstance(document.get("text"), str):
        whole = {key: value for key, value in whole.items() if key != "title"} | {"only_title": True}
    return _with_kept(task, whole, None, source, _TEXT)


def _is_origin(origin: object) -> TypeGuard[Json]:
    """Whether it is what reading a task leaves: it may have come from another file."""
    return (
        isinstance(origin, dict)
        and isinstance(origin.get("task"), dict)
        and isinstance(origin["task"].get("data"), dict)
        and isinstance(origin.get("key"), str)
        and isinstance(origin.get("read"), list)
    )


def _again(document: Json, origin: Json, events: list[Json], types: dict[str, EventType]) -> Json:
    """The task that a document was read of, with what was decided since."""
    task = dict(origin["task"])
    data, key = task["data"], origin["key"]
    plain = origin.get("kind", "plain") == "plain"
    if plain:
        data = {**data, key: source_text(document)}
    task["data"] = data
    before = Counter(item for item in origin["read"] if isinstance(item, str))
    changed = [event for event in events if not _taken(before, said(event))]
    if not changed and not +before and not origin.get("ours"):
        return task
    held = next((name for name in ("annotations", "completions") if isinstance(task.get(name), list)), None)
    results = [result for owner in objects_in(task.get(held)) for result in results_of(owner)] if held else []
    results += [result for owner in objects_in(task.get("predictions")) for result in results_of(owner)]
    text = (None if plain else text_of_task(data, results)) or TaskText(key, source_text(document))
    names = Counter(
        result["to_name"]
        for result in results
        if isinstance(result.get("to_name"), str) and object_key(result, data) in (text.key, None)
    )
    to_name = names.most_common(1)[0][0] if names else text.key
    writer = EventWriter(text, to_name, str(document.get("id")), types)
    reviewers = {event.get("reviewer") for event in changed if event.get("status") not in (None, "pending")}
    timed = all(isinstance(owner.get("created_at"), str) for owner in objects_in(task.get(held)) if held)
    added = writer.annotations(events, reviewers, timed)
    kept = {name: task[name] for name in ("meta", "annotations", "completions") if name in task}
    if added:
        task[held or "annotations"] = [*(task[held] if held else ()), *added]
    whole = {name: value for name, value in document.items() if name not in ("text", MARK)}
    marked = {name: value for name, value in origin.items() if name != "task"}
    return _with_kept(task, whole, {**kept, "mark": marked}, source_text(document), key if plain else None)


def _taken(before: "Counter[str]", key: str) -> bool:
    if before[key] <= 0:
        return False
    before[key] -= 1
    return True


def _with_kept(task: Json, document: Json, origin: Json | None, source: str, key: str | None) -> Json:
    """The task with what brings the document back as it is, and tells what was changed in Label Studio since.

    ``key`` is where the text stands in ``data``, if it stands there as it is.
    """
    annotations = next((objects_in(task[key]) for key in ("annotations", "completions") if key in task), [])
    kept: Json = {"document": document, "annotations": [digest_of(owner) for owner in annotations]}
    kept |= {"written": as_written(task), "text": digest(source)}
    if key is not None:
        kept["key"] = key
    if origin is not None:
        kept["origin"] = origin
    meta = task.get("meta")
    return task | {"meta": (meta if isinstance(meta, dict) else {}) | {EXTRA_KEY: kept}}
