"""eventdesk's own format: JSON Lines, one document with its events per line."""

import json
from collections.abc import Iterator

from db.formats.format import Confidence, Export, Format, ReadOptions, Record, Source
from db.formats.shared.json_documents import read_objects
from db.io.json_stream import BOM


def _recognise(source: Source) -> Confidence:
    head = source.head.removeprefix(BOM).lstrip()
    if source.suffix != ".txt" and any(
        "events" in item and ("text" in item or "title" in item) for item in source.objects
    ):
        return Confidence.LIKELY
    return Confidence.POSSIBLE if source.stream and (not head or head.startswith(b"{")) else Confidence.NO


def _read(source: Source, _: ReadOptions) -> Iterator[Record]:
    return read_objects(source)


def _write(export: Export) -> Iterator[bytes]:
    for document in export.documents():
        yield json.dumps(document, ensure_ascii=False).encode() + b"\n"


FORMAT = Format(
    name="native",
    about="eventdesk's own JSON Lines: one document with its events per line",
    reads="everything, including unknown keys; the decisions on an event become one decision of their reviewer",
    writes="everything except the history of decisions",
    recognise=_recognise,
    read=_read,
    write=_write,
)
