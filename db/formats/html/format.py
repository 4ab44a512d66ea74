"""Reads saved HTML pages: one page, a folder, or a list of files and their URLs. Nothing is ever downloaded.

A folder may have a list ``urls.tsv``, ``urls.csv`` or ``urls.txt`` with a line per page: the file, relative to the
list, and its URL, separated by a tab, a comma or a space.
"""

import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path

from db.errors import InputError
from db.formats.format import HEAD_BYTES, Confidence, Format, ReadOptions, Record, Source, printable_name
from db.formats.shared.folders import (
    PAGE_SUFFIXES,
    TEXT_SUFFIXES,
    content_of,
    count_suffixes,
    files_in,
    has_annotations,
    text_of,
    unread_files,
)
from db.formats.shared.pages import document_of_page, is_page
from db.formats.shared.pairs import has_pairs
from db.io.json_lines import shorten
from db.io.json_stream import MAX_DOCUMENT_BYTES

LISTS = ("urls.tsv", "urls.csv", "urls.txt")
_ASSETS = "_files"  # suffix of the folder that a browser saves with a page
_URL = re.compile(r"https?://\S+", re.IGNORECASE)
_LINES_CHECKED = 5  # to recognise a list


def _recognise(source: Source) -> Confidence:
    if source.table is not None:
        return Confidence.NO
    if source.stream is None:
        return _recognise_folder(source.path) if source.path is not None else Confidence.NO
    if is_page(source.head):
        return Confidence.CERTAIN
    return _recognise_list(source)


def _recognise_folder(folder: Path) -> Confidence:
    suffixes = count_suffixes(folder)
    pages = sum(suffixes[suffix] for suffix in PAGE_SUFFIXES)
    if not pages or has_annotations(suffixes):
        return Confidence.NO
    if has_pairs(folder):  # with a model's answers, or with a description of each page
        return Confidence.LIKELY
    return Confidence.CERTAIN if pages > sum(suffixes[suffix] for suffix in TEXT_SUFFIXES) else Confidence.POSSIBLE


def _recognise_list(source: Source) -> Confidence:
    lines = source.head.decode(errors="replace").splitlines()
    if len(source.head) == HEAD_BYTES:
        lines.pop()
    lines = [line for line in lines if line.strip()][: _LINES_CHECKED + 1]
    if lines and all(_URL.fullmatch(line.strip()) for line in lines):
        return Confidence.LIKELY
    urls = _parse_list(lines, source.suffix)
    folder = source.path.parent if source.path is not None else None
    try:
        is_list = folder is not None and len(urls) >= len(lines) - 1 and any((folder / name).is_file() for name in urls)
    except (OSError, ValueError):  # impossible file names
        return Confidence.NO
    return Confidence.CERTAIN if is_list else Confidence.NO


def _read(source: Source, _: ReadOptions) -> Iterator[Record]:
    if source.stream is None:
        folder = source.path or Path(source.name)
        yield from _pages(folder, source.name)
        return
    content = source.required_stream.read(MAX_DOCUMENT_BYTES + 1)
    if len(content) > MAX_DOCUMENT_BYTES:
        raise InputError(f"{source.name}: longer than {MAX_DOCUMENT_BYTES:,} bytes; a page is not that long; split it")
    if is_page(content[:HEAD_BYTES]) or source.suffix in PAGE_SUFFIXES:
        document, notes = document_of_page(content, Path(source.name).name)
        yield Record(1, document, notes=notes, bytes_read=len(content))
        return
    urls = _parse_list(content.decode(errors="replace").splitlines(), source.suffix)
    if not urls or source.path is None:
        raise InputError(
            f"{source.name}: is not an HTML page; eventdesk downloads nothing: save the pages in a folder, optionally"
            f" with a list {LISTS[0]} of files and URLs, and import the folder"
        )
    for position, (name, url) in enumerate(urls.items(), start=1):
        yield _page(position, source.path.parent, name, url)


def _pages(folder: Path, source_name: str) -> Iterator[Record]:
    urls: dict[str, str] = {}
    for name in LISTS:
        if (listed := folder / name).is_file():
            urls |= _parse_list(text_of(listed, folder).splitlines(), listed.suffix)
    position = 0
    listed_names = frozenset(urls)

    def is_asset(path: Path) -> bool:
        return any(part.endswith(_ASSETS) for part in path.relative_to(folder).parts[:-1])

    def is_read(path: Path) -> bool:
        name = path.relative_to(folder).as_posix()
        return path.suffix.lower() in PAGE_SUFFIXES or is_asset(path) or name in listed_names or name in LISTS

    others = unread_files(folder, is_read)
    for item in files_in(folder):
        if isinstance(item, InputError):
            position += 1
            yield Record(position, item)
            continue
        name = item.relative_to(folder).as_posix()
        url = urls.pop(name, None)
        if url is None and (item.suffix.lower() not in PAGE_SUFFIXES or is_asset(item)):
            continue
        position += 1
        record = _page(position, folder, name, url)
        yield record._replace(unread=others)
        others = others if isinstance(record.document, InputError) else ()
    for name in urls:  # listed, but not in the folder
        position += 1
        yield _page(position, folder, name, None)
    if not position:
        raise InputError(f"{source_name}: has no {' or '.join(PAGE_SUFFIXES)} files; name the folder that has them")


def _page(position: int, folder: Path, name: str, url: str | None) -> Record:
    try:
        document, notes = document_of_page(content_of(folder / name, folder), printable_name(name), url)
    except InputError as error:
        return Record(position, error)
    except (ValueError, OSError):
        return Record(position, InputError(f"{shorten(name)}: is not a possible file name; correct the list"))
    return Record(position, document, notes=notes)


def _parse_list(lines: list[str], suffix: str) -> dict[str, str]:
    """Return the URL of each file in a list, without lines that have no URL, such as a header."""
    urls: dict[str, str] = {}
    for line in lines:
        if suffix == ".csv":
            parts = next(_csv_rows(line), [])
        else:
            parts = line.split("\t") if "\t" in line else line.rsplit(maxsplit=1)
        parts = [part.strip() for part in parts]
        if len(parts) < 2:
            continue
        name, url = parts[:2] if _URL.fullmatch(parts[1]) else parts[1::-1]
        if _URL.fullmatch(url) and name and not _URL.fullmatch(name):
            urls[name] = url
    return urls


def _csv_rows(line: str) -> Iterator[list[str]]:
    try:
        yield from csv.reader(io.StringIO(line))
    except csv.Error:
        return


FORMAT = Format(
    name="html",
    about="saved HTML pages: one, a folder, or a list of files and their URLs",
    reads="the main text, title, publisher, URL, date and language; needs the extra `html`",
    loses="everything but the main text of a page; nothing is ever downloaded",
    recognise=_recognise,
    read=_read,
)
