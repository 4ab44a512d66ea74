"""Reads a folder of text files, each as a document without events."""

from collections.abc import Iterator
from pathlib import Path

from db.errors import InputError
from db.formats.format import Confidence, Format, ReadOptions, Record, Source
from db.formats.shared.folders import TEXT_SUFFIXES, content_of, count_suffixes, files_in, has_annotations
from db.formats.text.file import document_of_text


def _recognise(source: Source) -> Confidence:
    if source.stream is not None or source.path is None or source.table is not None:
        return Confidence.NO
    suffixes = count_suffixes(source.path)
    if has_annotations(suffixes):
        return Confidence.NO
    return Confidence.LIKELY if any(suffix in suffixes for suffix in TEXT_SUFFIXES) else Confidence.NO


def _read(source: Source, _: ReadOptions) -> Iterator[Record]:
    if source.stream is not None:
        raise InputError(f"{source.name}: is a file, not a folder; import a single text with --format text")
    folder = source.path or Path(source.name)
    texts = (path for path in files_in(folder) if path.suffix.lower() in TEXT_SUFFIXES)
    position = 0
    for position, path in enumerate(texts, 1):
        try:
            yield Record(position, document_of_text(content_of(path), path.relative_to(folder).as_posix()))
        except InputError as error:
            yield Record(position, error)
    if not position:
        raise InputError(f"{source.name}: has no {' or '.join(TEXT_SUFFIXES)} files; name the folder that has them")


FORMAT = Format(
    name="text-folder",
    about="a folder of .txt and .md files: each one document without events",
    reads="the texts; YAML or TOML front matter describes them, otherwise the file names become the titles",
    recognise=_recognise,
    read=_read,
)
