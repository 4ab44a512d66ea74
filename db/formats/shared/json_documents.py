"""Records from files of JSON objects, read as they are or translated into documents."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from typing import Any

from db.errors import InputError
from db.formats.format import ReadOptions, Record, Source
from db.formats.shared.spans.placing import observing_units
from db.io import json_stream
from db.io.json_lines import parse_object
from db.io.json_stream import JsonForm, form_of, read_items

Translation = tuple[dict[str, Any], tuple[str, ...]]
"""A native document, and notes on its translation."""


def read_objects(source: Source) -> Iterator[Record]:
    """Yield each object of a file, or the reason why it can't be read."""
    form = form_of(source.head)
    for line, number, raw, bytes_read in read_items(source.required_stream, form):
        too_long = len(raw) > json_stream.MAX_DOCUMENT_BYTES
        try:
            if too_long:
                raise InputError(f"longer than {json_stream.MAX_DOCUMENT_BYTES:,} bytes; make several documents of it")
            yield Record(line, parse_object(raw), raw, bytes_read=bytes_read)
        except InputError as error:
            refusal = InputError(f"item {number}: {error}") if form is JsonForm.ARRAY else error
            yield Record(line, refusal, b"" if too_long else raw, bytes_read=bytes_read)


def translate_objects(
    source: Source,
    options: ReadOptions,
    translate: Callable[[dict[str, Any], ReadOptions], Translation],
    unread: Callable[[dict[str, Any]], tuple[str, ...]] = lambda _: (),
) -> Iterator[Record]:
    """Yield each object of a file translated into a document, or the InputError that ``translate`` raised.

    The file is read once before, to find the unit of its offsets. ``unread`` names what of an object is not read.
    """
    options, note = with_unit(source, options, translate)
    for record in read_objects(source):
        if isinstance(record.document, InputError):
            yield record
            continue
        names = unread(record.document)
        try:
            document, notes = translate(record.document, options)
        except InputError as error:
            yield record._replace(document=error)
            continue
        yield record._replace(document=document, notes=(note, *notes) if note else notes, unread=names)
        note = ""


def with_unit(
    source: Source, options: ReadOptions, translate: Callable[[dict[str, Any], ReadOptions], object]
) -> tuple[ReadOptions, str]:
    """Return the options with the unit that the texts of the file prove, and a note if it isn't characters."""
    if options.offsets is not None:
        return options, ""
    stream = source.required_stream
    with observing_units() as units:
        for number, item in enumerate(read_items(stream, form_of(source.head)), 1):
            if item.raw.isascii() and b"\\u" not in item.raw:
                continue  # all units are the same
            units.position = number
            with suppress(InputError):
                translate(parse_object(item.raw), options)
    stream.seek(0)
    unit, note = units.decision()
    return (replace(options, offsets=unit) if unit else options), note
