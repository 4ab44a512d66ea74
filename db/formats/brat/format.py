"""The format ``brat``: a folder of .txt and .ann files, or one .ann with its .txt."""

from collections.abc import Iterator
from pathlib import Path

from db.errors import InputError
from db.formats.brat.ann import parse_ann
from db.formats.brat.conf import UsedTypes
from db.formats.brat.events import document_of_ann
from db.formats.brat.sidecar import SUFFIX, restore, sidecar_of
from db.formats.brat.writing import write_ann
from db.formats.format import HEAD_BYTES, Confidence, Data, Export, Format, ReadOptions, Record, Source, printable_name
from db.formats.shared import folders
from db.formats.shared.folders import ANNOTATION_SUFFIXES, NewNames, content_of, files_in, text_of, unread_files
from db.formats.shared.objects import without
from db.formats.shared.versions import source_text

_MAX_LINES = 50  # lines by which a file is recognised
_SUFFIXES = (".txt", *ANNOTATION_SUFFIXES)


def _recognise(source: Source) -> Confidence:
    if source.stream is None:
        if source.path is None or source.table is not None:
            return Confidence.NO
        return Confidence.CERTAIN if folders.has_annotations(folders.count_suffixes(source.path)) else Confidence.NO
    lines = source.head.decode(errors="replace").split("\n")
    if len(source.head) == HEAD_BYTES:
        lines.pop()
    found = parse_ann("\n".join(lines[:_MAX_LINES]))
    if found.by_id and len(found.by_id) > len(found.other):
        return Confidence.CERTAIN
    return Confidence.LIKELY if source.suffix == ".ann" and not found.other else Confidence.NO


def _read(source: Source, options: ReadOptions) -> Iterator[Record]:
    if source.stream is None:
        folder = source.path or Path(source.name)
        found = list(files_in(folder))
        stems = sorted({path.with_suffix("") for path in found if isinstance(path, Path) and path.suffix in _SUFFIXES})
        if not stems:
            raise InputError(f"{source.name}: contains no .txt or .ann files; choose the folder that does")
        others = unread_files(folder, _is_read)
        for place, stem in enumerate(stems, start=1):
            record = _record(place, stem, printable_name(stem.relative_to(folder).as_posix()), options, folder)
            yield record._replace(unread=record.unread + others)
            others = others if isinstance(record.document, InputError) else ()
        for place, error in enumerate((item for item in found if isinstance(item, InputError)), start=len(stems) + 1):
            yield Record(place, error)
        return
    if source.path is None:
        raise InputError("brat keeps the text in another file; name the .ann or the folder instead of standard input")
    name = printable_name(source.path.stem)
    yield _record(1, source.path.with_suffix(""), name, options, source.path.parent, source.path)


def _is_read(path: Path) -> bool:
    return path.suffix in _SUFFIXES or path.suffix == ".conf" or path.name.endswith(SUFFIX)


def _record(place: int, stem: Path, name: str, options: ReadOptions, folder: Path, named: Path | None = None) -> Record:
    """Return the record of a document. ``named``: the file that the user named, which may be a link to anywhere."""
    try:
        document = _document(stem, name, options, folder, named)
    except InputError as error:
        return Record(place, error)
    notes = tuple(f"{name}: {note}" for note in document.pop("notes"))
    return Record(place, document, notes=notes)


def _document(stem: Path, name: str, options: ReadOptions, folder: Path, named: Path | None) -> Data:
    path = _with_suffix(stem, ".txt")
    if not path.is_file():
        raise InputError(f"{path.name} is missing; it must hold the text of {stem.name}.ann, in the same folder")
    text = text_of(path, None if path == named else folder)
    annotated = [_with_suffix(stem, suffix) for suffix in ANNOTATION_SUFFIXES]
    ann = "\n".join(text_of(item, None if item == named else folder) for item in annotated if item.is_file())
    sidecar = _with_suffix(stem, SUFFIX)
    unnamed = None if sidecar.is_file() else options.unnamed  # a sidecar compares what it restores with what is read
    read = document_of_ann(text, ann, options.offsets, options.extractor or unnamed)
    notes = read.pop("notes")
    document = {"id": name, "text": text, **read}
    if sidecar.is_file():
        content = content_of(sidecar, folder)
        try:
            document = restore(read, text, ann, content)
        except InputError as error:
            notes.append(f"ignored {sidecar.name}: {error}")
    return document | {"notes": notes}


def _with_suffix(stem: Path, suffix: str) -> Path:
    return stem.with_name(stem.name + suffix)


def _write_folder(export: Export) -> Iterator[tuple[str, bytes]]:
    used = UsedTypes()
    names = NewNames()
    for document in export.documents():
        name = names.name_for(document["id"])
        text = source_text(document)
        ann, ids = write_ann(document, text, used)
        reread = {"id": name, **without(document_of_ann(text, ann), "notes")}
        yield f"{name}.txt", text.encode("utf-8-sig" if text.startswith("\ufeff") else "utf-8")
        yield f"{name}.ann", ann.encode()
        if sidecar := sidecar_of(document, text, ann, ids, reread):
            yield f"{name}{SUFFIX}", sidecar
    yield "annotation.conf", used.conf()


FORMAT = Format(
    name="brat",
    about="brat standoff: a folder of .txt and .ann files, or one .ann with its .txt",
    reads="events, relations, equivalences and entities as events; attributes, normalizations, notes; discontinuous"
    " spans",
    writes="a folder of .txt and .ann files, with annotation.conf; NAME.eventdesk.json for what brat has no place for",
    loses="in brat's own files: rejected events, removed fields, events without evidence, confidences",
    recognise=_recognise,
    read=_read,
    write_folder=_write_folder,
    options=frozenset({"offsets", "extractor"}),
    unnamed="",
)
