"""Tells the files of an import apart where nothing names an extractor: a second file gets an extractor of its own.

Where ids are made from the content, two people's or models' files of one format have the same ids. Their events are two
extractions, even if they are equal: that two people found the same is information.
"""

import itertools
import os
import re
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from pathlib import PurePath

from db.errors import InputError
from db.formats.format import Format, ReadOptions, Record, Source
from db.importing.merging.comparing import merge_decisions
from db.importing.merging.differences import keep
from db.importing.returned import is_own_export
from db.io.documents import parse_document
from db.model import Event
from db.native import NewEvent
from db.store.reading import read_event

STANDARD_INPUT = "standard input"

_TABLES = frozenset(("csv", "json-table", "sqlite", "parquet"))
_PIPE = re.compile(r"/dev/(stdin|fd/[0-9]+)|/proc/[^/]+/fd/[0-9]+")
_READ_RECORDS = 1000  # by which an export of eventdesk is recognised


def unnamed_extractor(
    connection: sqlite3.Connection, source: Source, format: Format, options: ReadOptions, *, several: bool
) -> str | None:
    """Return the extractor for events of a file that names none; None for that of the format.

    The first file gets that of the format, each further file its own name, and a file that was imported before the
    extractor that it had. If a command imports ``several`` files, each gets its name. An export of eventdesk has what
    the file has.
    """
    if format.unnamed is None or options.extractor is not None:
        return None
    families = tuple(_TABLES) if format.name in _TABLES else (format.name,)
    marks = ", ".join("?" * len(families))
    rows = connection.execute(
        f"SELECT file FROM imports WHERE format IN ({marks}) AND events > 0 GROUP BY file ORDER BY min(id)", families
    )
    name, known = _name_among(_parts(source.name), [_parts(file) for (file,) in rows])
    if known:
        return name if _has_extraction(connection, name) else None
    if not several and not _has_extraction(connection, format.unnamed):
        return None
    return None if _is_export(connection, source, format, options, name) else name


def _parts(name: str) -> tuple[str, ...]:
    """Return the folders and the name of a file, without its suffix; a table is a file in its database."""
    if _PIPE.fullmatch(name):
        return (STANDARD_INPUT,)
    if name.startswith("sqlite:"):
        name = name.removeprefix("sqlite:").replace(":", "/")
    parts = [part for part in os.path.normpath(name).split(os.sep) if part not in ("", ".", "..")]
    parts = parts or [os.path.basename(os.path.abspath(name))]
    return (*parts[:-1], PurePath(parts[-1]).stem)


def _name_among(parts: tuple[str, ...], earlier: list[tuple[str, ...]]) -> tuple[str, bool]:
    """Return a name for a file, and True if it is one of the ``earlier`` ones.

    A file in another folder is another file: it gets as much of its path as it takes.
    """
    names: dict[tuple[str, ...], str] = {}
    for each in (*earlier, parts):
        same = next((other for other in names if _is_same_path(each, other)), None)
        if same is not None:
            if each is parts:
                return names[same], True
            continue
        length = 1
        while "/".join(each[-length:]) in names.values() and length < len(each):
            length += 1
        names[each] = "/".join(each[-length:])
    return names[parts], False


def _is_same_path(one: tuple[str, ...], two: tuple[str, ...]) -> bool:
    """Return True if two paths may be one: a path is given from any folder."""
    length = min(len(one), len(two))
    return one[-length:] == two[-length:]


def _has_extraction(connection: sqlite3.Connection, extractor: str) -> bool:
    found = connection.execute(
        "SELECT 1 FROM events WHERE extractor = ? AND live AND extracted_type IS NOT NULL LIMIT 1", (extractor,)
    )
    return found.fetchone() is not None


def _is_export(connection: sqlite3.Connection, source: Source, format: Format, options: ReadOptions, name: str) -> bool:
    """Return True if a file is an export of events that the file has, with decisions that it has."""
    if connection.execute("SELECT 1 FROM decisions LIMIT 1").fetchone() is None:
        return False
    agreeing = 0
    try:
        for record, document_id, event in _events(connection, source, format, options, name):
            if record.rows:
                return True
            if event.extractor != name:
                if event.has_decisions and _stored(connection, document_id, event, event.extractor):
                    return True
            elif event.has_decisions:
                known = _stored(connection, document_id, event, format.unnamed or "")
                if known is None or known.status == "pending":
                    continue
                merged = merge_decisions(connection, "", known, event, keep)
                if merged.pieces or merged.differences:
                    return False
                agreeing += 1
            elif record.rewrite and any(
                is_own_export(connection, known, event, record.rewrite)
                for known in _decided(connection, document_id, format.unnamed or "")
            ):
                return True
    finally:
        if source.stream is not None:
            source.stream.seek(0)
    return agreeing > 0


def _events(
    connection: sqlite3.Connection, source: Source, format: Format, options: ReadOptions, name: str
) -> Iterator[tuple[Record, int, NewEvent]]:
    """Yield the events at the beginning of a file whose documents are known."""
    assert format.read is not None
    options = replace(options, unnamed=name)
    for record in itertools.islice(format.read(source, options), _READ_RECORDS):
        if isinstance(record.document, InputError):
            continue
        try:
            document = parse_document(record.document)
        except InputError:
            continue
        row = connection.execute("SELECT id FROM documents WHERE external_id = ?", (document.external_id,)).fetchone()
        if row is not None:
            yield from ((record, row[0], event) for event in document.events)


def _stored(connection: sqlite3.Connection, document_id: int, event: NewEvent, extractor: str) -> Event | None:
    row = connection.execute(
        "SELECT id FROM events WHERE external_id = ? AND extractor = ? AND document_id = ?",
        (event.external_id, extractor, document_id),
    ).fetchone()
    return read_event(connection, row[0]) if row else None


def _decided(connection: sqlite3.Connection, document_id: int, extractor: str) -> list[Event]:
    rows = connection.execute(
        "SELECT id FROM events WHERE document_id = ? AND live AND extractor = ?"
        " AND id IN (SELECT event_id FROM decisions)",
        (document_id, extractor),
    ).fetchall()
    return [read_event(connection, event_id) for (event_id,) in rows]
