"""The format ``doccano``: JSON Lines, an example a line."""

from collections.abc import Iterator
from typing import Any

from db.formats.doccano.reading import read_example
from db.formats.doccano.writing import examples_of
from db.formats.format import Confidence, Data, Export, Format, ReadOptions, Record, Source
from db.formats.shared.annotated_text import json_lines
from db.formats.shared.json_documents import translate_objects

_FOREIGN_KEYS = ("_input_hash", "_task_hash", "_view_id", "events", "answer", "extractions", "data")


def _recognise(source: Source) -> Confidence:
    return max((_confidence(item) for item in source.objects), default=Confidence.NO)


def _confidence(item: Data) -> Confidence:
    if any(key in item for key in _FOREIGN_KEYS):
        return Confidence.NO
    entities = item.get("entities")
    if isinstance(entities, list) and any(_is_entity(entity) for entity in entities):
        return Confidence.CERTAIN
    lists = [item[key] for key in ("label", "labels", "entities") if isinstance(item.get(key), list)]
    if any(_is_triple(triple) for items in lists for triple in items):
        return Confidence.CERTAIN
    annotations = item.get("annotations")
    if isinstance(annotations, list) and any(_is_entity(entity) for entity in annotations):
        return Confidence.CERTAIN
    if not isinstance(item.get("text"), str):
        return Confidence.NO
    if "Comments" in item or "annotation_approver" in item:
        return Confidence.CERTAIN
    are_texts = any(all(isinstance(label, str) for label in items) for items in lists)
    return Confidence.LIKELY if are_texts and ("label" in item or "cats" in item) else Confidence.NO


def _is_entity(entity: object) -> bool:
    return isinstance(entity, dict) and "start_offset" in entity and "end_offset" in entity


def _is_triple(triple: Any) -> bool:
    return (
        isinstance(triple, list)
        and len(triple) == 3
        and type(triple[0]) is type(triple[1]) is int
        and isinstance(triple[2], str)
    )


def _read(source: Source, options: ReadOptions) -> Iterator[Record]:
    return translate_objects(source, lambda example: read_example(example, options))


def _write(export: Export) -> Iterator[bytes]:
    return json_lines(example for document in export.documents() for example in examples_of(document))


FORMAT = Format(
    name="doccano",
    about="doccano's JSON Lines, an example a line",
    reads=(
        "an example as one event of its text: spans (triples or entities) as fields named after their labels, relations"
        " as groups of from and to, labels of the whole text as fields; the approver as the reviewer who confirmed it,"
        " comments as its note; --extractor keeps the labels of several people apart"
    ),
    writes="an example for each event; what it has no place for in the key eventdesk, which doccano keeps",
    loses="examples of images and sound are skipped; offsets in grapheme clusters are read as characters",
    recognise=_recognise,
    read=_read,
    write=_write,
    options=frozenset(("offsets", "extractor")),
)
