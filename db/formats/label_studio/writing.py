"""Writes a document as a task."""

from collections import Counter
from typing import TypeGuard

from db.event_types import EventType
from db.formats.format import Data
from db.formats.label_studio.meta import ANNOTATION_LISTS, event_digest, with_stored
from db.formats.label_studio.regions import MARK, results_of
from db.formats.label_studio.results import EventWriter
from db.formats.label_studio.tasks import METADATA_KEYS, is_time
from db.formats.label_studio.texts import TaskText, object_key, text_of_task
from db.formats.shared.objects import object_at, objects_in, without
from db.formats.shared.versions import source_text

_TEXT = "text"  # the key of the text in data, and the name of the object that shows it


def task_of(document: Data, number: int, types: dict[str, EventType], *, reviewed: bool) -> Data:
    """Return the task of a document. An unchanged one that came from Label Studio is written as it was read.

    ``number`` becomes the id of a document that didn't come from Label Studio.
    """
    events = objects_in(document.get("events"))
    mark = document.get(MARK)
    if not reviewed and _is_mark(mark):
        return _updated_task(document, mark, events, types)
    source = source_text(document)
    data = {_TEXT: source} | {key: document[key] for key in METADATA_KEYS if isinstance(document.get(key), str)}
    whole = without(document, "text")
    if not isinstance(document.get("text"), str):
        data.pop("title", None)
        whole.pop("title", None)
        whole["only_title"] = True
    writer = EventWriter(TaskText(_TEXT, source), _TEXT, str(document.get("id")), types)
    predictions = [] if reviewed else writer.predictions(events)
    annotations = writer.annotations(events, None)
    task: Data = {"id": number, "data": data, "predictions": predictions, "annotations": annotations}
    return with_stored(task, whole, None, source, _TEXT)


def _is_mark(mark: object) -> TypeGuard[Data]:
    """Return True if a mark has the form that reading a task gives it. It may come from another program."""
    if not isinstance(mark, dict) or not isinstance(object_at(mark, "task").get("data"), dict):
        return False
    return isinstance(mark.get("key"), str) and isinstance(mark.get("read"), list)


def _updated_task(document: Data, mark: Data, events: list[Data], types: dict[str, EventType]) -> Data:
    """Return the task that a document was read from, with the decisions made since."""
    task = dict(mark["task"])
    data, key = task["data"], mark["key"]
    is_plain = mark.get("kind", "plain") == "plain"
    task["data"] = data = data | ({key: source_text(document)} if is_plain else {})
    unchanged = Counter(item for item in mark["read"] if isinstance(item, str))
    changed = []
    for event in events:
        event_key = event_digest(event)
        if unchanged[event_key] > 0:
            unchanged[event_key] -= 1
        else:
            changed.append(event)
    if not changed and not +unchanged and not mark.get("ours"):
        return task
    present = next((name for name in ANNOTATION_LISTS if isinstance(task.get(name), list)), None)
    annotations = objects_in(task[present]) if present else []
    owners = [*annotations, *objects_in(task.get("predictions"))]
    results = [result for owner in owners for result in results_of(owner)]
    text = (None if is_plain else text_of_task(data, results)) or TaskText(key, source_text(document))
    names = Counter(
        result["to_name"]
        for result in results
        if isinstance(result.get("to_name"), str) and object_key(result, data) in (text.key, None)
    )
    to_name = names.most_common(1)[0][0] if names else text.key
    writer = EventWriter(text, to_name, str(document.get("id")), types)
    reviewers = {event.get("reviewer") for event in changed if event.get("status") not in (None, "pending")}
    are_timed = all(is_time(annotation.get("created_at")) for annotation in annotations)
    added = writer.annotations(events, reviewers, are_timed)
    origin = {name: task[name] for name in ("meta", *ANNOTATION_LISTS) if name in task}
    if added:
        task[present or ANNOTATION_LISTS[0]] = [*(task[present] if present else ()), *added]
    origin["mark"] = without(mark, "task")
    whole = without(document, "text", MARK)
    return with_stored(task, whole, origin, source_text(document), key if is_plain else None)
