"""A folder of texts, each a document without events, described by its front matter."""

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
        raise InputError(f"{source.name}: is a file; --format text reads a single text")
    folder = source.path or Path(source.name)
    place = 0
    for path in files_in(folder):
        if path.suffix.lower() not in TEXT_SUFFIXES:
            continue
        place += 1
        name = path.relative_to(folder).as_posix()
        try:
            yield Record(place, document_of_text(content_of(path), name))
        except InputError as error:
            yield Record(place, error)
    if not place:
        raise InputError(f"{source.name}: holds no {' and no '.join(TEXT_SUFFIXES)}; name the folder that does")


FORMAT = Format(
    name="text-folder",
    about="a folder of .txt and .md files: each one document without events",
    reads="the texts, described by their front matter (YAML or TOML); else their titles are the names of the files",
    recognise=_recognise,
    read=_read,
)
