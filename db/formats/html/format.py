"""HTML: a saved page, a folder of them, or a list of files and the URLs that they were saved from. Nothing is fetched.

In a folder, ``urls.tsv``, ``urls.csv`` or ``urls.txt`` may say of each page where it was: a line a page, the file
(relative to the list) and the URL, with a tab, a comma or a blank between.
"""

import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path

from db.errors import InputError
from db.formats.format import HEAD_BYTES, Confidence, Format, ReadOptions, Record, Source
from db.formats.html.pages import document_of_page, is_page
from db.formats.shared.folders import (
    TEXT_SUFFIXES,
    content_of,
    count_suffixes,
    files_in,
    has_annotations,
    text_of,
)
from db.io.json_lines import shorten
from db.io.json_stream import MAX_DOCUMENT_BYTES

SUFFIXES = (".html", ".htm", ".xhtml")
LISTS = ("urls.tsv", "urls.csv", "urls.txt")
_ASSETS = "_files"  # what a browser calls the folder beside a page that it saved
_URL = re.compile(r"https?://\S+", re.IGNORECASE)
_LOOKED_AT = 5  # lines by which a list is told


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
    pages = sum(suffixes[suffix] for suffix in SUFFIXES)
    if not pages or has_annotations(suffixes):
        return Confidence.NO
    return Confidence.CERTAIN if pages > sum(suffixes[suffix] for suffix in TEXT_SUFFIXES) else Confidence.POSSIBLE


def _recognise_list(source: Source) -> Confidence:
    lines = source.head.decode(errors="replace").splitlines()
    if len(source.head) == HEAD_BYTES:
        lines.pop()
    lines = [line for line in lines if line.strip()][: _LOOKED_AT + 1]
    if lines and all(_URL.fullmatch(line.strip()) for line in lines):
        return Confidence.LIKELY
    named = _listed(lines, source.suffix)
    folder = source.path.parent if source.path is not None else None
    try:
        is_list = (
            folder is not None and len(named) >= len(lines) - 1 and any((folder / name).is_file() for name in named)
        )
    except (OSError, ValueError):  # names that no file can have
        return Confidence.NO
    return Confidence.CERTAIN if is_list else Confidence.NO


def _read(source: Source, _: ReadOptions) -> Iterator[Record]:
    if source.stream is None:
        folder = source.path or Path(source.name)
        yield from _pages(folder, source.name)
        return
    content = source.required_stream.read(MAX_DOCUMENT_BYTES + 1)
    if len(content) > MAX_DOCUMENT_BYTES:
        raise InputError(f"{source.name}: longer than {MAX_DOCUMENT_BYTES:,} bytes; no page is, make several of it")
    if is_page(content[:HEAD_BYTES]) or source.suffix in SUFFIXES:
        document, notes = document_of_page(content, Path(source.name).name)
        yield Record(1, document, notes=notes, bytes_read=len(content))
        return
    named = _listed(content.decode(errors="replace").splitlines(), source.suffix)
    if not named or source.path is None:
        raise InputError(
            f"{source.name}: is no page. Pages are not fetched: save them in a folder, with a list {LISTS[0]} of file"
            " and URL if you like, and import the folder"
        )
    for place, (name, url) in enumerate(named.items(), start=1):
        yield _page(place, source.path.parent, name, url)


def _pages(folder: Path, called: str) -> Iterator[Record]:
    urls: dict[str, str] = {}
    for name in LISTS:
        if (path := folder / name).is_file():
            urls |= _listed(text_of(path).splitlines(), path.suffix)
    place = 0
    for path in files_in(folder):
        name = path.relative_to(folder).as_posix()
        listed = urls.pop(name, None)
        is_asset = any(part.endswith(_ASSETS) for part in path.relative_to(folder).parts[:-1])
        if listed is None and (path.suffix.lower() not in SUFFIXES or is_asset):
            continue
        place += 1
        yield _page(place, folder, name, listed)
    for name in urls:  # which are not in the folder
        place += 1
        yield _page(place, folder, name, None)
    if not place:
        raise InputError(f"{called}: holds no {' and no '.join(SUFFIXES)}; name the folder that does")


def _page(place: int, folder: Path, name: str, url: str | None) -> Record:
    try:
        if not (folder / name).resolve().is_relative_to(folder.resolve()):
            raise InputError(f"{name}: lies outside of the folder; put it there")
        document, notes = document_of_page(content_of(folder / name), name, url)
    except (InputError, ValueError, OSError) as error:  # a name that no file can have
        return Record(
            place,
            error if isinstance(error, InputError) else InputError(f"{shorten(name)}: can't be the name of a file"),
        )
    return Record(place, document, notes=notes)


def _listed(lines: list[str], suffix: str) -> dict[str, str]:
    """The URL of each file that a list names; lines without one are left out, as one with the names of columns."""
    found: dict[str, str] = {}
    for line in lines:
        if suffix == ".csv":
            parts = next(iter(_rows(line)), [])
        else:
            parts = line.split("\t") if "\t" in line else line.rsplit(maxsplit=1)
        parts = [part.strip() for part in parts]
        if len(parts) < 2:
            continue
        name, url = parts[:2] if _URL.fullmatch(parts[1]) else parts[1::-1]
        if _URL.fullmatch(url) and name and not _URL.fullmatch(name):
            found[name] = url
    return found


def _rows(line: str) -> Iterator[list[str]]:
    try:
        yield from csv.reader(io.StringIO(line))
    except csv.Error:
        return


FORMAT = Format(
    name="html",
    about="a saved HTML page, a folder of them, or a list of files and their URLs",
    reads="the main text with title, publisher, URL, date and language (needs `pip install 'eventdesk[html]'`)",
    loses="all but the main text of a page; nothing is ever fetched",
    recognise=_recognise,
    read=_read,
)
