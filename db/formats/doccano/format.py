"""The format ``doccano``: JSON Lines, an example a line."""

from db.formats.doccano.reading import read_example
from db.formats.doccano.writing import example_of
from db.formats.format import Confidence, Data, Format
from db.formats.shared.annotated_text import json_lines
from db.formats.shared.json_documents import translate_objects
from db.formats.shared.objects import list_at

_FOREIGN_KEYS = ("_input_hash", "_task_hash", "_view_id", "events", "answer", "extractions", "data")


def _confidence(item: Data) -> Confidence:
    if any(key in item for key in _FOREIGN_KEYS):
        return Confidence.NO
    lists = [list_at(item, key) for key in ("label", "labels", "entities") if isinstance(item.get(key), list)]
    if any(_is_triple(triple) for items in lists for triple in items):
        return Confidence.CERTAIN
    if any(_is_entity(entity) for entity in (*list_at(item, "entities"), *list_at(item, "annotations"))):
        return Confidence.CERTAIN
    if not isinstance(item.get("text"), str):
        return Confidence.NO
    if "Comments" in item or "annotation_approver" in item:
        return Confidence.CERTAIN
    are_texts = any(all(isinstance(label, str) for label in items) for items in lists)
    return Confidence.LIKELY if are_texts and ("label" in item or "cats" in item) else Confidence.NO


def _is_entity(entity: object) -> bool:
    return isinstance(entity, dict) and "start_offset" in entity and "end_offset" in entity


def _is_triple(triple: object) -> bool:
    return isinstance(triple, list) and [type(part) for part in triple] == [int, int, str]


FORMAT = Format(
    name="doccano",
    about="doccano's JSON Lines, an example a line",
    reads="an example as one event of its text: spans (triples or entities) as fields named after their labels,"
    " relations as groups of from and to, labels of the whole text as fields; the approver as the reviewer who"
    " confirmed it, comments as its note; --extractor keeps the labels of several people apart",
    writes="an example for each event; what it has no place for in the key eventdesk, which doccano keeps",
    loses="examples of images and sound are skipped; offsets in grapheme clusters are read as characters",
    recognise=lambda source: max(map(_confidence, source.objects), default=Confidence.NO),
    read=lambda source, options: translate_objects(source, options, read_example),
    write=lambda export: json_lines(export, example_of),
    options=frozenset(("offsets", "extractor")),
)
