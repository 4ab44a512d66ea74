"""brat standoff: a folder of .txt and .ann files, or one .ann with its .txt beside it."""

import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from db.errors import InputError
from db.formats.brat.ann import parse_ann
from db.formats.brat.conf import Used
from db.formats.brat.events import Json, document_of_ann
from db.formats.brat.sidecar import SUFFIX, beside, merged
from db.formats.brat.writing import write_ann
from db.formats.format import HEAD, Export, Format, ReadOptions, Record, Source, Sure
from db.formats.shared.folders import (
    ANNOTATION_SUFFIXES,
    content_of,
    count_suffixes,
    files_in,
    has_annotations,
    text_of,
)
from db.native import digest

_SAFE = re.compile(r"(?:[\w-][\w -]*/)*[\w-][\w. -]*")
_LONGEST_NAME = 150  # bytes
_TELLING = 50  # lines by which a file is told
_CONF = "annotation.conf"


def _recognise(source: Source) -> Sure:
    if source.stream is None:
        if source.path is None or source.table is not None:
            return Sure.NO
        return Sure.CERTAIN if has_annotations(count_suffixes(source.path)) else Sure.NO
    head = source.head.decode(errors="replace")
    lines = head.split("\n")
    if len(source.head) == HEAD:
        lines.pop()
    found = parse_ann("\n".join(lines[:_TELLING]))
    if found.by_id and len(found.by_id) > len(found.other):
        return Sure.CERTAIN
    return Sure.LIKELY if source.suffix == ".ann" and not found.other else Sure.NO


def _read(source: Source, options: ReadOptions) -> Iterator[Record]:
    if source.stream is None:
        folder = source.path or Path(source.name)
        stems = sorted({stem for path in files_in(folder) if (stem := _stem(path))})
        if not stems:
            raise InputError(f"{source.name}: holds no .txt and no .ann; name the folder that does")
        for place, stem in enumerate(stems, start=1):
            yield _record(place, stem, stem.relative_to(folder).as_posix(), options)
        return
    if source.path is None:
        raise InputError("brat's text is in a file of its own: name the .ann, or the folder, instead of standard input")
    yield _record(1, source.path.with_suffix(""), source.path.stem, options)


def _stem(path: Path) -> Path | None:
    """A document's files are called so, with a suffix."""
    return path.with_suffix("") if path.suffix in (".txt", *ANNOTATION_SUFFIXES) else None


def _record(place: int, stem: Path, name: str, options: ReadOptions) -> Record:
    try:
        document = _document(stem, name, options)
    except InputError as error:
        return Record(place, error)
    notes = tuple(f"{name}: {note}" for note in document.pop("notes"))
    return Record(place, document, notes=notes)


def _document(stem: Path, name: str, options: ReadOptions) -> Json:
    """A document with ``notes``. Raises InputError."""
    path = _with(stem, ".txt")
    if not path.is_file():
        raise InputError(f"{path.name}: is not there, the text of {stem.name}.ann; put it beside")
    text = text_of(path)
    annotated = [_with(stem, suffix) for suffix in ANNOTATION_SUFFIXES]
    ann = "\n".join(text_of(item) for item in annotated if item.is_file())
    read = document_of_ann(text, ann, options.offsets, options.extractor)
    notes = read.pop("notes")
    document = {"id": name, "text": text, **read}
    kept = _with(stem, SUFFIX)
    if kept.is_file():
        try:
            document = merged(read, text, ann, content_of(kept))
        except InputError as error:
            notes.append(f"{kept.name} is left out: {error}")
    return document | {"notes": notes}


def _with(stem: Path, suffix: str) -> Path:
    return stem.with_name(stem.name + suffix)


def _write_folder(export: Export) -> Iterator[tuple[str, bytes]]:
    used = Used()
    taken: set[str] = set()
    for document in export.documents():
        name = _file_name(document["id"], taken)
        text = document.get("text")
        if text is None:
            text = document.get("title") or ""
        written = write_ann(document, text, used)
        read_again = {"id": name, **document_of_ann(text, written.ann)}
        del read_again["notes"]
        yield f"{name}.txt", text.encode("utf-8-sig" if text.startswith("\ufeff") else "utf-8")
        yield f"{name}.ann", written.ann.encode()
        if content := beside(document, text, written, read_again):
            yield f"{name}{SUFFIX}", content
    yield _CONF, used.conf()


def _file_name(id_: str, taken: set[str]) -> str:
    """A document's id where that can be the name of a file that no other has; else one that is made of it."""
    name = id_
    fits = _SAFE.fullmatch(id_) and len(id_.encode()) <= _LONGEST_NAME and not id_.endswith((" ", "."))
    if not fits or id_.casefold() in taken:
        plain = re.sub(r"[^\w-]+", "-", PurePosixPath(id_).name, flags=re.ASCII)[:50].strip("-")
        name = f"{plain or 'document'}-{digest(id_)[:8]}"
    taken.add(name.casefold())
    return name


FORMAT = Format(
    name="brat",
    about="brat standoff: a folder of .txt and .ann files, or one .ann with its .txt beside it",
    reads="events, relations, equivalences and entities as events; attributes, normalizations, notes; discontinuous"
    " spans",
    writes="a folder of .txt and .ann files, with annotation.conf; NAME.eventdesk.json for what brat has no place for",
    loses="in brat's own files: rejected events, removed fields, events without evidence, confidences",
    recognise=_recognise,
    read=_read,
    write_folder=_write_folder,
    options=frozenset({"offsets", "extractor"}),
)
