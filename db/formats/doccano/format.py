"""The format ``doccano``: JSON Lines, an example a line."""

from collections.abc import Iterator

from db.errors import InputError
from db.formats.doccano.files import is_csv, label_names, rows_of
from db.formats.doccano.reading import CLASSES, read_example, text_key_of, unread_keys, with_label_names
from db.formats.doccano.writing import example_of
from db.formats.format import Confidence, Data, Format, ReadOptions, Record, Source
from db.formats.shared.annotated_text import json_lines
from db.formats.shared.json_documents import Translation, translate_objects
from db.formats.shared.objects import list_at, objects_in

_FOREIGN_KEYS = ("_input_hash", "_task_hash", "_view_id", "events", "answer", "extractions")


def _recognise(source: Source) -> Confidence:
    if is_csv(source.head):
        return Confidence.CERTAIN
    return max(map(_confidence, source.objects), default=Confidence.NO)


def _confidence(item: Data) -> Confidence:
    if any(key in item for key in _FOREIGN_KEYS) or isinstance(item.get("data"), dict | list):
        return Confidence.NO
    lists = [list_at(item, key) for key in ("label", "labels", "entities") if isinstance(item.get(key), list)]
    if any(_is_triple(triple) for items in lists for triple in items):
        return Confidence.CERTAIN
    old = objects_in(item.get("annotations"))
    if any(_is_entity(entity) for entity in (*list_at(item, "entities"), *old)):
        return Confidence.CERTAIN
    if not isinstance(item.get(text_key_of(item)), str):
        return Confidence.NO
    if "Comments" in item or "annotation_approver" in item or any("user" in label for label in old):
        return Confidence.CERTAIN
    are_texts = any(all(isinstance(label, str) for label in items) for items in lists)
    is_labelled = any(key in item for key in CLASSES) and "tokens" not in item and "words" not in item
    return Confidence.LIKELY if are_texts and is_labelled else Confidence.NO


def _read(source: Source, options: ReadOptions) -> Iterator[Record]:
    if is_csv(source.head):
        yield from _read_rows(source, options)
        return
    names = label_names(source.path)

    def read(example: Data, options: ReadOptions) -> Translation:
        return read_example(with_label_names(example, names), options)

    yield from translate_objects(source, options, read, unread_keys)


def _read_rows(source: Source, options: ReadOptions) -> Iterator[Record]:
    for line, example in rows_of(source):
        try:
            document, notes = read_example(example, options)
        except InputError as error:
            yield Record(line, error)
            continue
        yield Record(line, document, notes=notes, unread=unread_keys(example))


def _is_entity(entity: object) -> bool:
    return isinstance(entity, dict) and "start_offset" in entity and "end_offset" in entity


def _is_triple(triple: object) -> bool:
    return isinstance(triple, list) and [type(part) for part in triple] == [int, int, str]


FORMAT = Format(
    name="doccano",
    about="doccano's JSON Lines, an example a line; reads its CSV as well",
    reads="an example as one event of its text: spans (triples or entities) as fields named after their labels,"
    " relations as groups of from and to, labels of the whole text as fields; the approver as the reviewer who"
    " confirmed it, comments as its note; --extractor keeps the labels of several people apart",
    writes="an example for each event; what it has no place for in the key eventdesk, which doccano keeps",
    loses="examples of images and sound are skipped; offsets in grapheme clusters are read as characters",
    recognise=_recognise,
    read=_read,
    write=lambda export: json_lines(export, example_of),
    options=frozenset(("offsets", "extractor")),
    unnamed="",
)
