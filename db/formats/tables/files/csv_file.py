"""Opens text files with a delimiter, such as CSV and TSV."""

import csv
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice

from db.errors import InputError
from db.formats.format import HEAD_BYTES, Source
from db.formats.tables.files.csv_lines import UTF8, TextRow, read_lines, read_rows
from db.formats.tables.files.dialect import Dialect, detect_dialect, filled, first_rows, is_header, is_second_header
from db.formats.tables.files.encodings import encoding_of, marked_encoding
from db.formats.tables.files.no_rows import is_total, kind_of_tokens, what_it_is
from db.formats.tables.mapping.loading import preset, preset_for_columns, preset_for_row
from db.formats.tables.mapping.mapping import Mapping
from db.formats.tables.table import MAX_ROW_BYTES, Row, Table, sample_of, unique_names
from db.io.json_lines import shorten

_SHOWN = 200  # characters of column names in a note
_LONGEST_TOTAL = 30  # characters of a word for a total


def open_csv(source: Source, mapping: Mapping | None = None) -> Table:
    """Return the table of a text file. Raises InputError if it is not a table."""
    stream = source.required_stream
    encoding = (mapping.encoding if mapping else None) or encoding_of(stream, source.head)
    head, complete = _decode_head(source, encoding)
    if not head.strip():
        raise InputError(f"{source.name}: is empty; there is nothing to import")
    if mapping is None and (tokens := kind_of_tokens(head)):
        raise InputError(f"{source.name}: {tokens}")
    dialect = detect_dialect(head, complete, mapping)
    seen = _rows_of(head, dialect)
    first, below = seen[0] if seen else [], seen[1:]
    has_header = is_header(first, mapping, below)
    if mapping is None and dialect.width == 1 and not has_header:
        raise InputError(f"{source.name}: is not a table: no delimiter separates columns")
    columns, names, known, notes = _columns(first, below, has_header, mapping)
    csv.field_size_limit(max(csv.field_size_limit(), 2 * MAX_ROW_BYTES))
    form = (dialect.delimiter, dialect.quoted, len(columns), dialect.spaced)

    def text_rows() -> Iterator[TextRow]:
        stream.seek(0)
        return read_rows(read_lines(stream, encoding, dialect.skipped), *form)

    header_rows = 0 if not has_header else 2 if names is not None and names[: len(first)] != tuple(first) else 1
    header = b"".join(_raw(row) for row in islice(text_rows(), header_rows))
    reader = _RowsReader(columns, list(names) if names is not None else None, header_rows)
    above = _lines_above(head, dialect.skipped)

    def rows() -> Iterator[Row]:
        return reader.rows(text_rows(), above)

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

    if not is_utf8:
        notes = (f"the file is not UTF-8; read as {encoding}", *notes)
    if dialect.spaced:
        notes = (*notes, "blanks after the delimiter are not part of the cells")
    return Table(
        source.name,
        columns,
        rows,
        sample_of(rows()),
        header,
        preset=known or preset_for_columns(columns),
        notes=notes,
        settings=settings,
        names=names,
        delimiter=dialect.delimiter,
        quoted=dialect.quoted,
        stream=stream,
    )


def probe(source: Source) -> tuple[Dialect, list[list[str]]]:
    """Return the dialect and the first rows of a file, from its first bytes."""
    head, complete = _decode_head(source, marked_encoding(source.head) or "utf-8")
    dialect = detect_dialect(head, complete)
    return dialect, _rows_of(head, dialect)


def _rows_of(head: str, dialect: Dialect) -> list[list[str]]:
    table = head.split("\n", dialect.skipped)[-1]
    return [row.cells for row in first_rows(table, dialect.delimiter, dialect.quoted, dialect.spaced)]


def _lines_above(head: str, skipped: int) -> tuple[tuple[int, str], ...]:
    """Return the numbers and texts of the lines above the header, without empty ones and without sep=."""
    lines = enumerate(head.split("\n")[:skipped], 1)
    return tuple((number, line.strip()) for number, line in lines if line.strip() and "sep=" not in line[:5].lower())


def _decode_head(source: Source, encoding: str) -> tuple[str, bool]:
    """Return the first characters without a byte order mark, and True if there are no more."""
    complete = len(source.head) < HEAD_BYTES
    head = source.head if complete else source.head[: len(source.head) // 4 * 4]
    return head.decode(encoding, "replace").removeprefix("\ufeff"), complete


def _columns(
    first: Sequence[str], below: Sequence[Sequence[str]], has_header: bool, mapping: Mapping | None
) -> tuple[tuple[str, ...], tuple[str, ...] | None, str | None, tuple[str, ...]]:
    """Return unique column names, the cells of the header row, the preset of a file without one, and notes."""
    if not has_header:
        if mapping and mapping.columns:
            return mapping.columns, None, None, ()
        if known := preset_for_row(first):
            return preset(known).columns, None, known, ()
        return tuple(f"column_{number}" for number in range(1, len(first) + 1)), None, None, ()
    names, notes = list(first), []
    if mapping is None and below and is_second_header(first, below[0], below[1:]):
        group, names = "", []
        for one, other in zip(first, below[0], strict=True):
            group = one.strip() or (group if other.strip() else "")
            names.append(f"{group} {other.strip()}".strip())
        notes.append(f"the header has two lines, read as {', '.join(names)[:_SHOWN]}")
    widths = Counter(map(len, below))
    width = max(widths, key=lambda width: widths[width], default=len(names))
    if width > len(names) and not any(filled(row[len(names) :]) for row in below):
        names += [""] * (width - len(names))  # each row ends in empty cells
    columns = unique_names(names)
    for name, column in zip(names, columns, strict=True):
        if name and name != column:
            notes.append(f"two columns are called {shorten(name)}; the later one is read as {shorten(column)}")
    return columns, tuple(names), None, tuple(notes)


class _RowsReader:
    """Reads rows of cells as rows of a table with these columns; ``names`` is its header, if it has one."""

    def __init__(self, columns: tuple[str, ...], names: list[str] | None, header_rows: int) -> None:
        self._columns = columns
        self._names = names
        self._header_rows = header_rows
        named = [bool(name) for name in names] if names else [True] * len(columns)
        self._least = max((at for at, is_named in enumerate(named, 1) if is_named), default=len(columns))

    def rows(self, rows: Iterator[TextRow], above: Sequence[tuple[int, str]]) -> Iterator[Row]:
        """Yield the rows. What is no row of the table (a total, a header again) is unread content of the row before."""
        unread = ["line above the header"] * len(above)
        notes = [f"line {number} is above the header: {shorten(text)}; not read" for number, text in above]
        for _ in islice(rows, self._header_rows):
            pass
        last: Row | None = None
        returns = False
        for row in rows:
            if (what := self._no_row(row)) is not None:
                unread.append(what)
                notes.append(f"line {row.lines[0].number} is no row of the table ({what}); not read")
                continue
            if not returns and row.lines[-1].raw.endswith(b"\r"):
                returns = True
                notes.append(f"line {row.lines[0].number} ends in a carriage return (CR) alone, read as a line end")
            if last is not None:
                if unread or notes:
                    last = last._replace(unread=tuple(unread), notes=(*last.notes, *notes))
                    unread, notes = [], []
                yield last
            last = self._row(row)
        if last is not None:
            yield last._replace(unread=tuple(unread), notes=(*last.notes, *notes)) if unread or notes else last

    def _no_row(self, row: TextRow) -> str | None:
        """Return what the row is if it holds no event; None for an ordinary row."""
        cells = row.cells
        if self._names and cells and cells[0] == self._names[0]:
            least = 1 if len(self._columns) == 1 else 2
            if len(cells) >= least and cells == self._names[: len(cells)]:
                return "repeated header"
        if len(cells) == len(self._columns) and cells[0] and cells[-1]:
            first = cells[0]
            if len(first) > _LONGEST_TOTAL or not is_total(first):
                return None
        return what_it_is(cells, len(self._columns)) if all(line.valid for line in row.lines) else None

    def _row(self, row: TextRow) -> Row:
        columns, cells, lines = self._columns, row.cells, row.lines
        first, last = lines[0], lines[-1]
        raw = _raw(row)
        problem = None
        notes: tuple[str, ...] = ()
        if not all(line.valid for line in lines):
            problem = _invalid_line(columns, cells)
        elif row.unclosed:
            column = columns[min(max(len(cells), 1), len(columns)) - 1]
            problem = f"column {column}: a quote at the start of the cell is never closed; close it, or double it"
        elif len(cells) > len(columns) and not filled(cells[len(columns) :]):
            notes = (f"{_count(len(cells) - len(columns), 'empty cell')} after the last column; not read",)
            cells = cells[: len(columns)]
        elif self._least <= len(cells) < len(columns):
            cells = [*cells, *[""] * (len(columns) - len(cells))]
        elif len(cells) != len(columns):
            problem = _wrong_width(columns, cells)
            if b"\r" in raw.rstrip(b"\r\n"):
                problem += "; the line holds a carriage return (CR) alone, which may be meant as a line end"
        if problem is None and b"\0" in raw:
            column = next((column for column, cell in zip(columns, cells, strict=True) if "\0" in cell), columns[-1])
            problem = f"column {column}: contains NUL characters; remove them"
        return Row(first.number, cells if problem is None else InputError(problem), raw, last.bytes_read, None, notes)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _raw(row: TextRow) -> bytes:
    raw = b"".join(line.raw for line in row.lines)
    return raw if not raw or raw.endswith(b"\n") else raw + b"\n"


def _wrong_width(columns: tuple[str, ...], cells: Sequence[str]) -> str:
    problem = f"{_count(len(cells), 'cell')} in a table of {_count(len(columns), 'column')}"
    if len(cells) < len(columns):
        return f"{problem}; column {columns[len(cells)]} is the first without a cell; add the missing cells"
    return f"{problem}; remove the cells after column {columns[-1]}, or quote cells that contain the delimiter"


def _invalid_line(columns: tuple[str, ...], cells: Sequence[str]) -> str:
    for column, cell in zip(columns, cells, strict=False):
        if any("\udc80" <= character <= "\udcff" for character in cell):
            return f"column {column}: not UTF-8; save the file as UTF-8, or give its encoding in a mapping"
    return f"column {columns[0]}: the line is longer than {MAX_ROW_BYTES:,} bytes; shorten it"
