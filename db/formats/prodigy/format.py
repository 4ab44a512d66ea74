"""The format ``prodigy``: JSON Lines, a task a line, with its spans, relations or choices and its answer."""

from db.formats.format import Confidence, Data, Format
from db.formats.prodigy.reading import read_task, unread_keys
from db.formats.prodigy.writing import task_of
from db.formats.shared.annotated_text import json_lines
from db.formats.shared.json_documents import translate_objects
from db.formats.shared.objects import objects_in

_ANSWERS = ("accept", "reject", "ignore")
_OWN_KEYS = ("_input_hash", "_task_hash", "_view_id", "_session_id", "_annotator_id")
_INPUTS = ("text", "image", "audio", "video", "html")


def _confidence(item: Data) -> Confidence:
    if "events" in item or not any(key in item for key in _INPUTS):
        return Confidence.NO
    answered = any(item.get("answer") == answer for answer in _ANSWERS)
    asked = any(key in item for key in ("spans", "label", "options", "accept", "meta"))
    if any(key in item for key in _OWN_KEYS) or (answered and asked):
        return Confidence.CERTAIN
    is_labelled = any({"start", "end", "label"} <= span.keys() for span in objects_in(item.get("spans"))[:1])
    has_options = any("id" in option for option in objects_in(item.get("options"))[:1])
    return Confidence.LIKELY if is_labelled or has_options else Confidence.NO


FORMAT = Format(
    name="prodigy",
    about="Prodigy's JSON Lines, a task a line",
    reads="a task as an event of its text, whose type is its label or else its _view_id; spans as fields named after"
    " their labels, relations as groups of head and child, accepted options as the field choice; accept, reject and"
    " ignore as confirmed, rejected (other) and unsure, by _annotator_id or _session_id; meta.score as confidence",
    writes="a task for each event, with its type as label and Prodigy's own hashes; what it has no place for in the key"
    " eventdesk, which comes back",
    loses="tasks about images, audio, video and HTML are skipped; dependency arcs are kept unread",
    recognise=lambda source: max(map(_confidence, source.objects), default=Confidence.NO),
    read=lambda source, options: translate_objects(source, options, read_task, unread_keys),
    write=lambda export: json_lines(export, task_of),
    options=frozenset(("offsets", "extractor")),
    unnamed="",
)
