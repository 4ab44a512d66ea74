"""The format ``prodigy``: JSON Lines, a task a line, with its spans, relations or choices and its answer."""

from collections.abc import Iterator

from db.formats.format import Confidence, Data, Export, Format, ReadOptions, Record, Source
from db.formats.prodigy.reading import read_task
from db.formats.prodigy.writing import tasks_of
from db.formats.shared.annotated_text import json_lines, objects_in
from db.formats.shared.json_documents import translate_objects

_ANSWERS = ("accept", "reject", "ignore")
_OWN_KEYS = ("_input_hash", "_task_hash", "_view_id", "_session_id", "_annotator_id")
_INPUTS = ("text", "image", "audio", "video", "html")


def _recognise(source: Source) -> Confidence:
    return max((_confidence(item) for item in source.objects), default=Confidence.NO)


def _confidence(item: Data) -> Confidence:
    if "events" in item or not any(key in item for key in _INPUTS):
        return Confidence.NO
    answered = any(item.get("answer") == answer for answer in _ANSWERS)
    asked = any(key in item for key in ("spans", "label", "options", "accept", "meta"))
    if any(key in item for key in _OWN_KEYS) or (answered and asked):
        return Confidence.CERTAIN
    spans = objects_in(item.get("spans"))
    labelled = bool(spans) and all(key in spans[0] for key in ("start", "end", "label"))
    options = objects_in(item.get("options"))
    if labelled or (bool(options) and "id" in options[0]):
        return Confidence.LIKELY
    return Confidence.NO


def _read(source: Source, options: ReadOptions) -> Iterator[Record]:
    return translate_objects(source, lambda task: read_task(task, options))


def _write(export: Export) -> Iterator[bytes]:
    return json_lines(task for document in export.documents() for task in tasks_of(document))


FORMAT = Format(
    name="prodigy",
    about="Prodigy's JSON Lines, a task a line",
    reads=(
        "a task as an event of its text, whose type is its label or else its _view_id; spans as fields named after"
        " their labels, relations as groups of head and child, accepted options as the field choice; accept, reject and"
        " ignore as confirmed, rejected (other) and unsure, by _annotator_id or _session_id; meta.score as confidence"
    ),
    writes=(
        "a task for each event, with its type as label and Prodigy's own hashes; what it has no place for in the key"
        " eventdesk, which comes back"
    ),
    loses="tasks about images, audio, video and HTML are skipped; dependency arcs are kept unread",
    recognise=_recognise,
    read=_read,
    write=_write,
    options=frozenset(("offsets", "extractor")),
)
