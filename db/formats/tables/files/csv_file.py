"""Tables of text: CSV and its kin."""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice

from db.errors import InputError
from db.formats.format import HEAD_BYTES, Source
from db.formats.tables.files.csv_lines import UTF8, TextRow, read_lines, read_rows
from db.formats.tables.files.dialect import Layout, first_rows, has_names, layout_of
from db.formats.tables.files.encodings import encoding_of, marked_encoding
from db.formats.tables.mapping.mapping import Mapping, preset_of, preset_of_cells
from db.formats.tables.table import LONGEST, SAMPLE, Row, Table
from db.io.json_lines import shorten


def open_csv(source: Source, mapping: Mapping | None = None) -> Table:
    """A table of text. Raises InputError where it is none."""
    stream = source.required_stream
    encoding = (mapping.encoding if mapping else None) or encoding_of(stream, source.head)
    head, whole = _head(source, encoding)
    if not head.strip():
        raise InputError(f"{source.name}: is empty; there is nothing to import")
    layout = layout_of(head, whole, mapping)
    first = next(iter(first_rows(head.split("\n", layout.skipped)[-1], layout.delimiter, layout.quoted)), [])
    if mapping is None and layout.width == 1 and not has_names(first):
        raise InputError(f"{source.name}: is no table: no character divides its lines into columns")
    named = has_names(first, mapping)
    columns, known = _columns(source.name, first, named, mapping)
    csv.field_size_limit(max(csv.field_size_limit(), 2 * LONGEST))

    def rows() -> Iterator[Row]:
        stream.seek(0)
        lines = read_lines(stream, encoding, layout.skipped)
        records = read_rows(lines, layout.delimiter, layout.quoted, len(columns))
        names = list(columns) if named else None
        for record in records:
            if record.cells == names:
                continue  # the first row; and further on that of a file of refused rows that was added to
            yield _row(columns, record)

    header = b""
    if named:
        lines = read_lines(stream, encoding, layout.skipped)
        begin = next(read_rows(lines, layout.delimiter, layout.quoted, len(columns)), None)
        header = b"".join(line.raw for line in begin.held) if begin else b""
        header = header if header.endswith(b"\n") else header + b"\n"
    sample = [row.cells for row in islice(rows(), SAMPLE) if not isinstance(row.cells, InputError)]
    notes = () if encoding in UTF8 else (f"the file is no UTF-8: read as {encoding}",)
    preset = known or preset_of(columns)

    def settings(made: Mapping) -> Mapping:
        told = replace(made, columns=columns, delimiter=layout.delimiter)
        told = replace(told, header=None if named else False, quoted=None if layout.quoted else False)
        return replace(told, encoding=None if encoding in UTF8 else encoding)

    return Table(source.name, columns, rows, sample, header, False, preset, notes, settings, stream)


def probe(source: Source) -> tuple[Layout, list[str]]:
    """How the first bytes of a file are a table, and its first row."""
    head, whole = _head(source, marked_encoding(source.head) or "utf-8")
    layout = layout_of(head, whole)
    return layout, next(iter(first_rows(head.split("\n", layout.skipped)[-1], layout.delimiter, layout.quoted)), [])


def _head(source: Source, encoding: str) -> tuple[str, bool]:
    """The first characters without a mark, and whether there are no more."""
    whole = len(source.head) < HEAD_BYTES
    head = source.head[: len(source.head) // 4 * 4] if not whole else source.head
    return head.decode(encoding, "replace").removeprefix("\ufeff"), whole


def _columns(
    name: str, first: Sequence[str], named: bool, mapping: Mapping | None
) -> tuple[tuple[str, ...], str | None]:
    """The names of columns, and the shipped mapping that has them where the file has none."""
    if named:
        for column in first:
            if first.count(column) > 1:
                raise InputError(f"{name}: two columns are called {shorten(column)!r}; rename one of them")
        return tuple(first), None
    if mapping and mapping.columns:
        return mapping.columns, None
    if known := preset_of_cells(first):
        from db.formats.tables.mapping.mapping import preset

        return preset(known).columns, known
    return tuple(f"column_{number}" for number in range(1, len(first) + 1)), None


def _row(columns: tuple[str, ...], record: TextRow) -> Row:
    cells, held = record.cells, record.held
    first, last = held[0], held[-1]
    raw = first.raw if first is last else b"".join(line.raw for line in held)
    if raw and not raw.endswith(b"\n"):
        raw += b"\n"
    why = None
    if not all(line.sound for line in held):
        why = _unsound(columns, cells)
    elif record.open:
        column = columns[min(max(len(cells), 1), len(columns)) - 1]
        why = f"column {column}: a quote that begins its cell has no end; close it, or double it within a cell"
    elif len(cells) != len(columns):
        why = _uneven(columns, cells)
    elif b"\0" in raw:
        why = f"column {_column_with(columns, cells, chr(0))}: holds NUL characters; take them out"
    return Row(first.number, cells if why is None else InputError(why), raw, last.bytes_read)


def _uneven(columns: tuple[str, ...], cells: Sequence[str]) -> str:
    said = f"{len(cells)} cells in a table of {len(columns)} columns"
    if len(cells) < len(columns):
        return f"{said}: column {columns[len(cells)]} is the first without one; add what is missing"
    return f"{said}: there are more after column {columns[-1]}; quote cells that hold the delimiter"


def _unsound(columns: tuple[str, ...], cells: Sequence[str]) -> str:
    for column, cell in zip(columns, cells, strict=False):
        if any("\udc80" <= character <= "\udcff" for character in cell):
            return f"column {column}: not UTF-8; save the file as UTF-8, or name its encoding in a mapping"
    return f"column {columns[0]}: its line is longer than {LONGEST:,} bytes; shorten it"


def _column_with(columns: tuple[str, ...], cells: Sequence[str], text: str) -> str:
    return next((column for column, cell in zip(columns, cells, strict=True) if text in cell), columns[-1])
