"""Opens text files with a delimiter, such as CSV and TSV."""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import replace

from db.errors import InputError
from db.formats.format import HEAD_BYTES, Source
from db.formats.tables.files.csv_lines import UTF8, TextRow, read_lines, read_rows
from db.formats.tables.files.dialect import Dialect, detect_dialect, first_rows, is_header
from db.formats.tables.files.encodings import encoding_of, marked_encoding
from db.formats.tables.mapping.loading import preset, preset_for_columns, preset_for_row
from db.formats.tables.mapping.mapping import Mapping
from db.formats.tables.table import MAX_ROW_BYTES, Row, Table, refuse_duplicates, sample_of


def open_csv(source: Source, mapping: Mapping | None = None) -> Table:
    """Return the table of a text file. Raises InputError if it is not a table."""
    stream = source.required_stream
    encoding = (mapping.encoding if mapping else None) or encoding_of(stream, source.head)
    head, complete = _decode_head(source, encoding)
    if not head.strip():
        raise InputError(f"{source.name}: is empty; there is nothing to import")
    dialect = detect_dialect(head, complete, mapping)
    first = _first_row(head, dialect)
    if mapping is None and dialect.width == 1 and not is_header(first):
        raise InputError(f"{source.name}: is not a table: no delimiter separates columns")
    has_header = is_header(first, mapping)
    columns, known = _columns(source.name, first, has_header, mapping)
    csv.field_size_limit(max(csv.field_size_limit(), 2 * MAX_ROW_BYTES))

    def text_rows() -> Iterator[TextRow]:
        stream.seek(0)
        lines = read_lines(stream, encoding, dialect.skipped)
        return read_rows(lines, dialect.delimiter, dialect.quoted, len(columns))

    def rows() -> Iterator[Row]:
        names = list(columns) if has_header else None
        for row in text_rows():
            if row.cells != names:  # the header, which a file of invalid rows from several imports repeats
                yield _row(columns, row)

    header = b""
    if has_header:
        first_row = next(text_rows(), None)
        header = b"".join(line.raw for line in first_row.lines) if first_row else b""
        header = header if header.endswith(b"\n") else header + b"\n"
    sample = sample_of(rows())
    is_utf8 = encoding in UTF8

    def settings(mapping: Mapping) -> Mapping:
        return replace(
            mapping,
            columns=columns,
            delimiter=dialect.delimiter,
            header=None if has_header else False,
            quoted=None if dialect.quoted else False,
            encoding=None if is_utf8 else encoding,
        )

    notes = () if is_utf8 else (f"the file is not UTF-8; read as {encoding}",)
    preset_name = known or preset_for_columns(columns)
    return Table(source.name, columns, rows, sample, header, False, preset_name, notes, settings, stream)


def probe(source: Source) -> tuple[Dialect, list[str]]:
    """Return the dialect and the first row of a file, from its first bytes."""
    head, complete = _decode_head(source, marked_encoding(source.head) or "utf-8")
    dialect = detect_dialect(head, complete)
    return dialect, _first_row(head, dialect)


def _first_row(head: str, dialect: Dialect) -> list[str]:
    table = head.split("\n", dialect.skipped)[-1]
    return next(iter(first_rows(table, dialect.delimiter, dialect.quoted)), [])


def _decode_head(source: Source, encoding: str) -> tuple[str, bool]:
    """Return the first characters without a byte order mark, and True if there are no more."""
    complete = len(source.head) < HEAD_BYTES
    head = source.head if complete else source.head[: len(source.head) // 4 * 4]
    return head.decode(encoding, "replace").removeprefix("\ufeff"), complete


def _columns(
    name: str, first: Sequence[str], has_header: bool, mapping: Mapping | None
) -> tuple[tuple[str, ...], str | None]:
    """Return the column names, and the preset that gives them to a file without a header row."""
    if has_header:
        refuse_duplicates(name, first)
        return tuple(first), None
    if mapping and mapping.columns:
        return mapping.columns, None
    if known := preset_for_row(first):
        return preset(known).columns, known
    return tuple(f"column_{number}" for number in range(1, len(first) + 1)), None


def _row(columns: tuple[str, ...], row: TextRow) -> Row:
    cells, lines = row.cells, row.lines
    first, last = lines[0], lines[-1]
    raw = first.raw if first is last else b"".join(line.raw for line in lines)
    if raw and not raw.endswith(b"\n"):
        raw += b"\n"
    problem = None
    if not all(line.valid for line in lines):
        problem = _invalid_line(columns, cells)
    elif row.unclosed:
        column = columns[min(max(len(cells), 1), len(columns)) - 1]
        problem = f"column {column}: a quote at the start of the cell is never closed; close it, or double it"
    elif len(cells) != len(columns):
        problem = _wrong_width(columns, cells)
    elif b"\0" in raw:
        column = next((column for column, cell in zip(columns, cells, strict=True) if "\0" in cell), columns[-1])
        problem = f"column {column}: contains NUL characters; remove them"
    return Row(first.number, cells if problem is None else InputError(problem), raw, last.bytes_read)


def _wrong_width(columns: tuple[str, ...], cells: Sequence[str]) -> str:
    problem = f"{len(cells)} cells in a table of {len(columns)} columns"
    if len(cells) < len(columns):
        return f"{problem}; column {columns[len(cells)]} is the first without a cell; add the missing cells"
    return f"{problem}; remove the cells after column {columns[-1]}, or quote cells that contain the delimiter"


def _invalid_line(columns: tuple[str, ...], cells: Sequence[str]) -> str:
    for column, cell in zip(columns, cells, strict=False):
        if any("\udc80" <= character <= "\udcff" for character in cell):
            return f"column {column}: not UTF-8; save the file as UTF-8, or give its encoding in a mapping"
    return f"column {columns[0]}: the line is longer than {MAX_ROW_BYTES:,} bytes; shorten it"
