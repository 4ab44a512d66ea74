"""What eventdesk stores under ``meta.eventdesk`` of an exported task, to restore the document and detect changes."""

from collections.abc import Sequence

from db.errors import InputError
from db.formats.format import Data
from db.formats.label_studio.regions import MARK
from db.formats.label_studio.texts import TaskText
from db.formats.shared.annotated_text import EXTRA_KEY, derived_id, plain_event
from db.formats.shared.objects import object_at, objects_in, without
from db.io.documents import parse_document
from db.native import digest

ANNOTATION_LISTS = ("annotations", "completions")  # the second in files of old versions


def annotations_of(task: Data) -> list[Data]:
    """Return the annotations of a task."""
    return next((objects_in(task[key]) for key in ANNOTATION_LISTS if isinstance(task.get(key), list)), [])


def stored_of(task: Data) -> Data | None:
    """Return what eventdesk stored in a task; None if there is nothing, or nothing valid."""
    stored = object_at(object_at(task, "meta"), EXTRA_KEY)
    events = object_at(stored, "document").get("events")
    if not isinstance(stored.get("annotations"), list) or not isinstance(events, list):
        return None
    return stored if all(isinstance(event, dict) for event in events) else None


def with_stored(task: Data, document: Data, origin: Data | None, source: str, key: str | None) -> Data:
    """Return a task in which the document is stored.

    origin: what the document's task held before the export. key: the key of the text in ``data``, None unless it is
    plain text.
    """
    stored: Data = {"document": document, "annotations": [owner_digest(owner) for owner in annotations_of(task)]}
    stored |= {"written": task_digest(task), "text": digest(source)}
    if key is not None:
        stored["key"] = key
    if origin is not None:
        stored["origin"] = origin
    return task | {"meta": object_at(task, "meta") | {EXTRA_KEY: stored}}


def task_digest(task: Data) -> str:
    """Return a digest that differs if the data, predictions or annotations of a task changed."""
    annotations = [owner_digest(owner) for owner in annotations_of(task)]
    predictions = [owner_digest(owner) for owner in objects_in(task.get("predictions"))]
    return derived_id("", [task.get("data"), predictions, annotations])


def owner_digest(owner: Data) -> str:
    """Return a digest of a prediction or annotation that ignores the keys which Label Studio adds."""
    return digest([owner.get("result"), owner.get("was_cancelled") is True])


def event_digest(event: Data) -> str:
    """Return a digest that differs if an event was changed or decided since it was read."""
    return digest(without(plain_event(event), "decided_at", "id"))


def mark_of_task(task: Data, text: TaskText, events: Sequence[Data], was_exported: bool) -> Data:
    """Return what a document keeps of its task: everything but the plain text, and digests of its events."""
    rest = dict(task)
    if text.kind == "plain":
        rest["data"] = task["data"] | {text.key: None}
    if was_exported:
        rest["meta"] = without(task["meta"], EXTRA_KEY)
    mark: Data = {"task": rest, "key": text.key, "kind": text.kind, "read": [event_digest(event) for event in events]}
    return mark | {"ours": True} if was_exported else mark


def restore(stored: Data, task: Data, text: TaskText) -> Data:
    """Return the stored document of a task that wasn't changed in Label Studio."""
    document = with_text(stored["document"], text)
    origin = stored.get("origin")
    if isinstance(origin, dict):
        rest = dict(task)
        rest.pop("meta")
        for key in ("meta", *ANNOTATION_LISTS):
            if key in origin:
                rest[key] = origin[key]
            elif key in ANNOTATION_LISTS:
                rest.pop(key, None)
        if text.kind == "plain":
            rest["data"] = task["data"] | {text.key: None}
        document[MARK] = {**object_at(origin, "mark"), "key": text.key, "kind": text.kind, "task": rest}
    return document


def stored_text(stored: Data, data: Data) -> TaskText | None:
    """Return the plain text that the stored document is about; None if it isn't plain or is gone."""
    key = stored.get("key")
    return TaskText(key, data[key]) if isinstance(key, str) and isinstance(data.get(key), str) else None


def find_damage(stored: Data, text: TaskText) -> str:
    """Return why the stored document is unusable; empty if it is usable."""
    if stored.get("text") != digest(text.text):
        return "the text was changed in Label Studio"
    try:
        parse_document(with_text(stored["document"], text))
    except InputError:
        return "the meta was changed in Label Studio"
    return ""


def with_text(document: Data, text: TaskText) -> Data:
    """Return a stored document with its text, or with its title if it has no text."""
    key = "title" if document.get("only_title") is True else "text"
    return without(document, "only_title") | {key: text.text}
