"""Rows as CSV and its kin."""

import csv
import io
from collections.abc import Iterator
from typing import Any

from db.errors import InputError
from db.formats.format import Export
from db.formats.tables.cells import write_value
from db.formats.tables.mapping.mapping import Mapping, load
from db.formats.tables.table import ABSENT
from db.formats.tables.write.rows import rows_of
from db.io.csv import cell_of, defused
from db.io.json_lines import shorten

_PIECE = 2**16  # characters that are written at a time
_JOINED = "; "


def write_csv(export: Export) -> Iterator[bytes]:
    """The table in UTF-8 by the export's mapping, which it has. Raises InputError."""
    mapping = load(export.mapping or "")
    write = _quoted(mapping) if mapping.quoted is not False else _unquoted(mapping)
    text = ""
    for names, row in rows_of(export, mapping):
        if row is not None:
            text += write([_text(cell, mapping.protected) for cell in row])
        elif mapping.header is not False:
            text += write([defused(name) if mapping.protected else name for name in names])
        if len(text) >= _PIECE:
            yield text.encode()
            text = ""
    yield text.encode()


def _text(cell: Any, protected: bool) -> str:
    if cell is ABSENT or cell is None:
        return ""
    if isinstance(cell, list) and cell and not any(isinstance(item, dict | list) for item in cell):
        cell = _JOINED.join(map(write_value, cell))
    return cell_of(cell) if protected else write_value(cell)


def _quoted(mapping: Mapping) -> Any:
    line = io.StringIO(newline="")
    # Of the ends of lines, a writer quotes those that are in its own: so that cells with either are quoted.
    writer = csv.writer(line, delimiter=mapping.delimiter or ",")

    def write(cells: list[str]) -> str:
        line.seek(0)
        line.truncate()
        writer.writerow(cells)
        return line.getvalue().removesuffix("\r\n") + "\n"

    return write


def _unquoted(mapping: Mapping) -> Any:
    delimiter = mapping.delimiter or "\t"

    def write(cells: list[str]) -> str:
        for cell in cells:
            if delimiter in cell or "\n" in cell or "\r" in cell:
                raise InputError(
                    f'the value "{shorten(cell)}" holds what divides cells of a table without quotes; correct it,'
                    " or set quoted = true in the mapping"
                )
        return delimiter.join(cells) + "\n"

    return write
