"""The format ``langextract``: annotated documents as JSON Lines, a JSON array, or one document over many lines."""

import json
import re
from collections.abc import Iterator
from functools import partial

from db.formats.format import Confidence, Export, Format, ReadOptions, Record, Source
from db.formats.langextract import keys
from db.formats.langextract.mapping import load_mapping
from db.formats.langextract.reading import read_document, unread_keys
from db.formats.langextract.writing import write_document
from db.formats.shared.json_documents import translate_objects
from db.io.json_stream import BOM

# Keys, not words of a text: within a JSON string, quotation marks are escaped.
_KEYS = (re.compile(rb'(?<!\\)"extractions"\s*:'), re.compile(rb'(?<!\\)"extraction_class"\s*:'))


def _recognise(source: Source) -> Confidence:
    lists = [item["extractions"] for item in source.objects if isinstance(item.get("extractions"), list)]
    if any(isinstance(item, dict) and "extraction_class" in item for items in lists for item in items):
        return Confidence.CERTAIN
    # The first document may be longer than the head.
    head = source.head.removeprefix(BOM).lstrip()
    if not source.objects and head[:1] in (b"{", b"[") and all(key.search(head) for key in _KEYS):
        return Confidence.CERTAIN
    if any("document_id" in item and "extractions" in item for item in source.objects):
        return Confidence.LIKELY
    return Confidence.NO


def _read(source: Source, options: ReadOptions) -> Iterator[Record]:
    mapping = load_mapping(options.mapping)
    exported = re.compile(rb'"%s"\s*:\s*"decisions"' % keys.PARTIAL.encode())
    for record in translate_objects(source, options, partial(read_document, mapping=mapping), unread_keys):
        yield record._replace(partial=exported.search(record.raw) is not None)


def _write(export: Export) -> Iterator[bytes]:
    for document in export.documents():
        yield json.dumps(write_document(document), ensure_ascii=False).encode() + b"\n"


FORMAT = Format(
    name="langextract",
    about="LangExtract's annotated documents, as JSON Lines or JSON",
    reads="extractions as events with their attributes as fields, or as fields of events that an attribute names",
    writes="JSON Lines that LangExtract loads and shows: its own extractions with their final values, and an extraction"
    " for each field of other events",
    loses="decisions (rejected events and removed fields are left out); evidence, modifiers and notes of attributes",
    recognise=_recognise,
    read=_read,
    write=_write,
    options=frozenset({"mapping", "offsets", "extractor"}),
    unnamed=keys.MARK,
    stable_ids=False,
)
