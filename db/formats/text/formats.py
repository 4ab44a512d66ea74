"""Reads a text file, or each text file of a folder, as a document without events."""

import re
from collections.abc import Iterator
from pathlib import Path

from db.errors import InputError
from db.formats.format import Confidence, Format, ReadOptions, Record, Source, printable_name
from db.formats.shared.file_kinds import refuse_non_text
from db.formats.shared.folders import (
    TEXT_SUFFIXES,
    content_of,
    count_suffixes,
    decoded,
    files_in,
    has_annotations,
    unread_files,
)
from db.formats.shared.front_matter import text_document
from db.io.json_stream import MAX_DOCUMENT_BYTES

_MESSAGE_ID = re.compile(rb"(?:\xef\xbb\xbf)?\s*[A-Z][A-Z0-9]*-MUC\d+-\d+[ \t]*(?:\([^\r\n]*)?\r?\n")  # several texts


def _recognise_file(source: Source) -> Confidence:
    if source.suffix not in TEXT_SUFFIXES or source.stream is None:
        return Confidence.NO
    return Confidence.POSSIBLE if _MESSAGE_ID.match(source.head) else Confidence.LIKELY


def _read_file(source: Source, _: ReadOptions) -> Iterator[Record]:
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


def _recognise_folder(source: Source) -> Confidence:
    if source.stream is not None or source.path is None or source.table is not None:
        return Confidence.NO
    suffixes = count_suffixes(source.path)
    if has_annotations(suffixes):
        return Confidence.NO
    return Confidence.LIKELY if any(suffix in suffixes for suffix in TEXT_SUFFIXES) else Confidence.NO


def _read_folder(source: Source, _: ReadOptions) -> Iterator[Record]:
    if source.stream is not None:
        raise InputError(f"{source.name}: is a file, not a folder; import a single text with --format text")
    folder = source.path or Path(source.name)
    others = unread_files(folder, lambda path: path.suffix.lower() in TEXT_SUFFIXES)
    texts = (path for path in files_in(folder) if isinstance(path, InputError) or path.suffix.lower() in TEXT_SUFFIXES)
    position = 0
    for position, path in enumerate(texts, 1):
        try:
            if isinstance(path, InputError):
                raise path
            name = printable_name(path.relative_to(folder).as_posix())
            yield Record(position, document_of_text(content_of(path, folder), name), unread=others)
            others = ()
        except InputError as error:
            yield Record(position, error)
    if not position:
        raise InputError(f"{source.name}: has no {' or '.join(TEXT_SUFFIXES)} files; name the folder that has them")


TEXT = Format(
    name="text",
    about="a UTF-8 text file: one document without events",
    reads="the text; YAML or TOML front matter describes it, otherwise the file name becomes the title",
    recognise=_recognise_file,
    read=_read_file,
)

TEXT_FOLDER = Format(
    name="text-folder",
    about="a folder of .txt and .md files: each one document without events",
    reads="the texts; YAML or TOML front matter describes them, otherwise the file names become the titles",
    recognise=_recognise_folder,
    read=_read_folder,
)
