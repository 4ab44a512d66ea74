"""Reads tables from bytes, imports them into a file and exports them again."""

import io
import sqlite3
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from db.errors import InputError
from db.exporting import export_documents
from db.formats.format import Export, Format, ReadOptions, Record, Source
from db.formats.tables.formats import CSV
from db.importing.importing import import_source
from db.importing.report import ImportReport


def source_of(content: bytes | str, name: str = "table.csv") -> Source:
    data = content.encode() if isinstance(content, str) else content
    return Source(name, io.BytesIO(data))


def records(content: bytes | str, mapping: Path | str | None = None, format: Format = CSV) -> list[Record]:
    assert format.read
    return list(format.read(source_of(content), ReadOptions(None if mapping is None else str(mapping))))


def documents(content: bytes | str, mapping: Path | str | None = None, format: Format = CSV) -> list[dict[str, Any]]:
    found = []
    for record in records(content, mapping, format):
        assert not isinstance(record.document, InputError), record.document
        found.append(record.document)
    return found


def fields_of(document: dict[str, Any], event: int = 0) -> dict[str, Any]:
    return {field["name"]: field["value"] for field in document["events"][event]["fields"]}


def refusals(found: Iterable[Record]) -> list[tuple[int, str]]:
    return [(record.position, str(record.document)) for record in found if isinstance(record.document, InputError)]


def imported(
    connection: sqlite3.Connection, source: Source, mapping: Path | str | None = None, format: Format = CSV
) -> ImportReport:
    report = ImportReport()
    import_source(connection, source, report, format, ReadOptions(None if mapping is None else str(mapping)))
    return report


def exported(connection: sqlite3.Connection, mapping: Path | str, format: Format = CSV) -> bytes:
    assert format.write
    return b"".join(format.write(Export(lambda: export_documents(connection), mapping=str(mapping))))
