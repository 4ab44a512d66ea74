"""Records from files of JSON objects, read as they are or translated into documents."""

from collections.abc import Callable, Iterator
from typing import Any

from db.errors import InputError
from db.formats.format import ReadOptions, Record, Source
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
    source: Source, options: ReadOptions, translate: Callable[[dict[str, Any], ReadOptions], Translation]
) -> Iterator[Record]:
    """Yield each object of a file translated into a document, or the InputError that ``translate`` raised."""
    for record in read_objects(source):
        if isinstance(record.document, InputError):
            yield record
            continue
        try:
            document, notes = translate(record.document, options)
            yield record._replace(document=document, notes=notes)
        except InputError as error:
            yield record._replace(document=error)
