"""Writes a table with a delimiter, by a mapping."""

import csv
import io
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import Any

from db.errors import InputError
from db.formats.format import Export
from db.formats.tables.cells import write_value
from db.formats.tables.mapping.loading import load_mapping
from db.formats.tables.mapping.mapping import Mapping
from db.formats.tables.table import ABSENT
from db.formats.tables.write.rows import rows_of
from db.io.csv import cell_of, defused
from db.io.json_lines import shorten

_PIECE = 2**16  # characters written at a time
_SEPARATOR = "; "


def write_csv(export: Export) -> Iterator[bytes]:
    """Yield the table in UTF-8 by the export's mapping, which must be set. Raises InputError."""
    mapping = load_mapping(export.mapping or "")
    own: dict[str, Any] = {}  # what the first document's table has otherwise
    text = ""
    line_of = _quoted(mapping)
    header: dict[str, str] = {}
    for names, row in rows_of(replace(export, documents=partial(_remembering, export, own)), mapping):
        if row is not None:
            text += line_of([cell_text(cell, mapping.protected) for cell in row])
        else:
            mapping, header = _as_imported(own, mapping)
            line_of = _quoted(mapping) if mapping.quoted is not False else _unquoted(mapping)
            if mapping.header is not False:
                shown = [header.get(name, name) for name in names]
                text += line_of([defused(name) if mapping.protected else name for name in shown])
        if len(text) >= _PIECE:
            yield text.encode()
            text = ""
    yield text.encode()


def _remembering(export: Export, own: dict[str, Any]) -> Iterator[Any]:
    """Yield the documents, and keep in ``own`` what the first one with events says about its table."""
    for document in export.documents():
        if not own and document.get("events"):
            own["table"] = document.get("table")
        yield document


def _as_imported(own: dict[str, Any], mapping: Mapping) -> tuple[Mapping, dict[str, str]]:
    """Return the mapping with the delimiter of the imported table, and its names of columns that it calls otherwise."""
    table = own.get("table")
    if not isinstance(table, dict):
        return mapping, {}
    header = dict(zip(table.get("columns") or (), table.get("header") or (), strict=False))
    changed = replace(
        mapping,
        header=None if header else mapping.header,
        delimiter=table.get("delimiter", mapping.delimiter),
        quoted=table.get("quoted", mapping.quoted),
    )
    return changed, header


def cell_text(cell: Any, protected: bool) -> str:
    """Return a cell as the file has it. ``protected``: if it must not run as a formula."""
    if cell is ABSENT or cell is None:
        return ""
    if isinstance(cell, list) and cell and not any(isinstance(item, dict | list) for item in cell):
        cell = _SEPARATOR.join(map(write_value, cell))
    return cell_of(cell) if protected else write_value(cell)


def _quoted(mapping: Mapping) -> Callable[[list[str]], str]:
    buffer = io.StringIO(newline="")
    # The writer quotes cells with characters of its own line end: with \r\n it quotes cells that contain either.
    writer = csv.writer(buffer, delimiter=mapping.delimiter or ",")

    def line_of(cells: list[str]) -> str:
        buffer.seek(0)
        buffer.truncate()
        writer.writerow(cells)
        return buffer.getvalue().removesuffix("\r\n") + "\n"

    return line_of


def _unquoted(mapping: Mapping) -> Callable[[list[str]], str]:
    delimiter = mapping.delimiter or "\t"

    def line_of(cells: list[str]) -> str:
        for cell in cells:
            if delimiter in cell or "\n" in cell or "\r" in cell:
                raise InputError(
                    f'the value "{shorten(cell)}" contains the delimiter or a line end, which a table without quotes'
                    " can't hold; correct it, or set quoted = true in the mapping"
                )
        return delimiter.join(cells) + "\n"

    return line_of
