"""eventdesk's own format: JSON Lines, one document with its events per line."""

import json
from collections.abc import Iterator

from db.errors import InputError
from db.formats.format import Confidence, Data, Export, Format, ReadOptions, Record, Source
from db.formats.native.unknown_keys import DOCUMENT_KEYS, EVENT_KEYS, unknown_keys
from db.formats.shared.json_documents import read_objects
from db.formats.shared.text_keys import listed_keys, text_key
from db.io.json_stream import BOM


def _recognise(source: Source) -> Confidence:
    objects = source.objects
    if source.suffix != ".txt" and any(_has_events(item) for item in objects):
        return Confidence.LIKELY
    if objects:
        could_be = any(_is_document(item) or item.keys() <= DOCUMENT_KEYS for item in objects)
        return Confidence.POSSIBLE if could_be else Confidence.NO
    head = source.head.removeprefix(BOM).lstrip()
    return Confidence.POSSIBLE if source.stream and (not head or head.startswith(b"{")) else Confidence.NO


def _is_document(item: Data) -> bool:
    return isinstance(item.get("text"), str) or isinstance(item.get("title"), str)


def _has_events(item: Data) -> bool:
    """Return True for a document whose events could be native: they have a type, and neither places nor other keys."""
    events = item.get("events")
    if not _is_document(item) or not isinstance(events, list):
        return False
    objects = [event for event in events if isinstance(event, dict)]
    return not events or any("fields" in event or event.keys() <= EVENT_KEYS for event in objects)


def _read(source: Source, _: ReadOptions) -> Iterator[Record]:
    for record in read_objects(source):
        document = record.document
        if isinstance(document, InputError):
            yield record
        elif document.get("text") is None and document.get("title") is None:
            yield record._replace(document=_without_text(document))
        else:
            yield record._replace(unread=unknown_keys(document))


def _without_text(document: Data) -> InputError:
    key = text_key(document)
    advice = f"; {key} could be its text: import it with --format annotations" if key else ""
    return InputError(
        f"has neither text nor title; a document needs at least one, but its keys are {listed_keys(document)}{advice}"
    )


def _write(export: Export) -> Iterator[bytes]:
    for document in export.documents():
        yield json.dumps(document, ensure_ascii=False).encode() + b"\n"


FORMAT = Format(
    name="native",
    grounds=True,
    about="eventdesk's own JSON Lines: one document with its events per line",
    reads="everything, including unknown keys; the decisions on an event become one decision of their reviewer",
    writes="everything except the history of decisions",
    recognise=_recognise,
    read=_read,
    write=_write,
)
