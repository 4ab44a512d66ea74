"""Reads a text file as a document without events."""

from collections.abc import Iterator
from pathlib import Path

from db.errors import InputError
from db.formats.format import Confidence, Format, ReadOptions, Record, Source
from db.formats.shared.file_kinds import refuse_non_text
from db.formats.shared.folders import TEXT_SUFFIXES, decoded
from db.formats.text.front_matter import text_document
from db.io.json_stream import MAX_DOCUMENT_BYTES


def _recognise(source: Source) -> Confidence:
    return Confidence.LIKELY if source.suffix in TEXT_SUFFIXES and source.stream else Confidence.NO


def _read(source: Source, _: ReadOptions) -> Iterator[Record]:
    refuse_non_text(source)
    content = source.required_stream.read(MAX_DOCUMENT_BYTES + 1)
    if len(content) > MAX_DOCUMENT_BYTES:
        raise InputError(f"{source.name}: longer than {MAX_DOCUMENT_BYTES:,} bytes; split it into several texts")
    yield Record(1, document_of_text(content, source.name), bytes_read=len(content))


def document_of_text(content: bytes, name: str) -> dict[str, object]:
    """Return the document of a text file. Raises InputError that names the file."""
    text = decoded(content, name)
    try:
        document = text_document(text, Path(name).stem)
    except InputError as error:
        raise InputError(f"{name}: {error}") from None
    if not str(document["text"]).strip():
        raise InputError(f"{name}: is empty; there is nothing to import")
    return document


FORMAT = Format(
    name="text",
    about="a UTF-8 text file: one document without events",
    reads="the text; YAML or TOML front matter describes it, otherwise the file name becomes the title",
    recognise=_recognise,
    read=_read,
)
