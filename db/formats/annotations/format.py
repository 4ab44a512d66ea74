"""The format ``annotations``: texts with spans, events or labels in JSON of any layout."""

from collections.abc import Iterator
from typing import Any

from db.errors import InputError
from db.formats.annotations.guessing import mapping_for
from db.formats.annotations.mapping import Mapping, load_mapping, shipped_names
from db.formats.annotations.paths import ITSELF, Place, items_at
from db.formats.annotations.reading import Reading, read_document
from db.formats.annotations.texts import has_text
from db.formats.format import Confidence, Format, ReadOptions, Record, Source
from db.formats.shared.json_documents import read_objects, with_unit


def _recognise(source: Source) -> Confidence:
    objects = source.objects
    if _is_native(objects):
        return Confidence.NO
    mapping = mapping_for(objects)
    if mapping is None:
        could_be_native = any(isinstance(item.get(key), str) for item in objects for key in ("text", "title"))
        return Confidence.POSSIBLE if not could_be_native and any(map(has_text, objects)) else Confidence.NO
    is_certain = mapping.recognise or mapping.documents or mapping.tags
    return Confidence.CERTAIN if is_certain else Confidence.LIKELY


def _is_native(objects: tuple[dict[str, Any], ...]) -> bool:
    """Return True if events have fields, or if all documents have a text or title and an empty list of events."""
    lists = [item["events"] for item in objects if isinstance(item.get("events"), list)]
    if any(isinstance(event, dict) and "fields" in event for events in lists for event in events):
        return True
    titled = all(isinstance(item.get("text"), str) or isinstance(item.get("title"), str) for item in objects)
    return bool(lists) and not any(lists) and titled


def _read(source: Source, options: ReadOptions) -> Iterator[Record]:
    mapping = load_mapping(options.mapping) if options.mapping else mapping_for(source.objects) or Mapping()
    options, note = with_unit(source, options, lambda item, options: list(_documents(item, mapping, options)))
    for record in read_objects(source):
        if isinstance(record.document, InputError):
            yield record
            continue
        raw = record.raw
        for found in _documents(record.document, mapping, options):
            if isinstance(found, InputError):
                yield record._replace(document=found, raw=raw)
            else:
                notes = (note, *found.notes) if note else found.notes
                yield record._replace(document=found.document, raw=raw, notes=notes, unread=found.unread)
                note = ""
            raw = b""  # an object with several documents counts once


def _documents(item: dict[str, Any], mapping: Mapping, options: ReadOptions) -> Iterator[Reading | InputError]:
    for place in items_at(Place(item), mapping.documents or ITSELF):
        try:
            if not isinstance(place.value, dict):
                raise InputError(f"{mapping.documents}: must be a list of objects")
            yield read_document(place.value, mapping, options)
        except InputError as error:
            yield error


FORMAT = Format(
    name="annotations",
    about="texts with spans, events or labels in JSON under any keys, such as WikiEvents, RAMS, MAVEN or DyGIE",
    reads="events with their triggers and arguments, spans as fields of one event, labels as types of events; by"
    f" --mapping FILE or a shipped mapping ({', '.join(shipped_names())}), or by the usual keys",
    loses="what no mapping names is kept and counted, not read",
    recognise=_recognise,
    read=_read,
    options=frozenset(("mapping", "offsets", "extractor")),
)
