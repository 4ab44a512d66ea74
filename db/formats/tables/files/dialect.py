"""Detects how a text is a table: its delimiter, how cells are quoted, and where its header is."""

import contextlib
import csv
import io
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import islice

from db.formats.tables.cells import exact_number
from db.formats.tables.files.csv_lines import Line, TextRow, read_rows
from db.formats.tables.mapping.fitting import folded
from db.formats.tables.mapping.loading import preset_for_row
from db.formats.tables.mapping.mapping import Mapping

_DELIMITERS = ",\t;|"
_REGULAR = 0.9  # share of rows with the usual width in a well-formed table
_IRREGULAR = 0.5
_MOST_ROWS = 300
_LONGEST_NAME = 100
_MOST_ABOVE = 20  # rows above the header
_SEPARATOR_LINE = re.compile(r'"?sep=(.)"?[,;\t|]*\r?\n', re.IGNORECASE)
_COMMENT = ("#", "//", "%")
_YEARS = range(1000, 2200)
NO_DELIMITER = "\x1f"  # of a single column whose cells may contain any of the delimiters


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a text is a table.

    spaced: cells are quoted after blanks that follow the delimiter. width: the number of cells of most rows. share: the
    share of rows with that width. rows: the number of rows seen. skipped: lines before the table.
    """

    delimiter: str
    quoted: bool = True
    spaced: bool = False
    width: int = 1
    share: float = 1.0
    rows: int = 0
    skipped: int = 0


def detect_dialect(text: str, complete: bool, mapping: Mapping | None = None) -> Dialect:
    """Return the dialect of a table from its first characters; ``complete`` is True if there are no more."""
    skipped, delimiters = 0, _DELIMITERS
    if match := _SEPARATOR_LINE.match(text):
        skipped, delimiters = 1, match[1]
        text = text[match.end() :]
    quoting = (True, False) if not mapping or mapping.quoted is None else (mapping.quoted,)

    def best_of(delimiters: str, quoting: tuple[bool, ...]) -> Dialect:
        tried = [_best([_try(text, complete, delimiter, quoted) for quoted in quoting]) for delimiter in delimiters]
        return max(tried, key=lambda dialect: (dialect.width > 1, round(dialect.share, 2), dialect.width))

    best = best_of(mapping.delimiter, quoting) if mapping and mapping.delimiter else None
    if best is None or best.width == 1 < len(mapping.columns if mapping else ()):
        best = best_of(delimiters, quoting if best is None else (True, False))  # a mapping for another file form
    if best.width > 1 and best.share < _REGULAR and not set(text.split("\n", 1)[0]) & set(_DELIMITERS):
        alone = _try(text, complete, NO_DELIMITER, False)
        best = alone if not best.skipped else best
    return replace(best, skipped=best.skipped + skipped)


def is_table(dialect: Dialect) -> bool:
    """Return True if a text of an unknown kind is a table of several columns."""
    return dialect.width > 1 and dialect.share >= _REGULAR and dialect.rows > 1


def is_header(first: Sequence[str], mapping: Mapping | None = None, below: Sequence[Sequence[str]] = ()) -> bool:
    """Return True if the first row holds column names; years are names if the rows ``below`` don't hold years too."""
    if mapping and mapping.header is not None:
        columns = {folded(column) for column in (*mapping.columns, *mapping.aliases)}
        return mapping.header or sum(folded(cell) in columns for cell in first) > len(first) / 2
    if preset_for_row(first):
        return False
    numbers = [at for at, cell in enumerate(first) if exact_number(cell) is not None]
    if any(len(cell) > _LONGEST_NAME for cell in first):
        return False
    if not numbers:
        return True
    years = [first[at] for at in numbers]
    if len(numbers) == len(first) or len(set(years)) < len(years) or not all(map(_is_year, years)):
        return False
    under = [row[at] for row in below for at in numbers if at < len(row) and row[at]]
    return bool(under) and not any(_is_year(cell) for cell in under)


def first_rows(text: str, delimiter: str, quoted: bool, spaced: bool = False) -> list[TextRow]:
    """Return the first rows of a text without those that can't be read."""
    newline = "\n" if "\n" in text else None
    lines = [Line(number, line, b"", 0) for number, line in enumerate(io.StringIO(text, newline=newline), 1)]
    width = (_regular_width(text, delimiter, spaced) if quoted else 0) or _width_of_lines(lines, delimiter, spaced)
    rows = (row for row in read_rows(lines, delimiter, quoted, width, spaced) if not row.unclosed)
    return list(islice(rows, _MOST_ROWS))


def _regular_width(text: str, delimiter: str, spaced: bool) -> int:
    """Return the number of cells of nearly all rows, whose cells may hold several lines; 0 if rows differ.

    Rows are counted up to a quote that is never closed.
    """
    widths: list[int] = []
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True, skipinitialspace=spaced)
    with contextlib.suppress(csv.Error):
        for row in islice(rows, _MOST_ROWS):
            widths += [len(row)] if row else []
    if len(widths) > 1 and widths[-1] < widths[0]:
        widths.pop()  # it may be cut off
    width, times = Counter(widths).most_common(1)[0] if widths else (0, 0)
    return width if width > 1 < times and times >= _REGULAR * len(widths) else 0


def _width_of_lines(lines: Sequence[Line], delimiter: str, spaced: bool) -> int:
    """Return the number of cells of most lines."""
    widths = Counter(
        len(next(csv.reader([line.text.rstrip("\r\n")], delimiter=delimiter, skipinitialspace=spaced), []))
        for line in lines[:_MOST_ROWS]
        if line.text.strip() and "\r" not in line.text.rstrip("\r\n") and not line.text.startswith("# ")
    )
    return max(widths, key=lambda width: (widths[width] * (width > 1), widths[width]), default=1)


def header_at(rows: Sequence[Sequence[str]], width: int) -> int:
    """Return at which row the header is, below lines that are comments or a title; 0 if nothing shows it."""
    for at, row in enumerate(rows[: _MOST_ABOVE + 1]):
        if len(filled(row)) >= max(2, width - 1) and not _is_comment(row, width, rows[at + 1 : at + 2]):
            names = is_header(row, None, rows[at + 1 :]) and not any(cell.rstrip().endswith(".") for cell in row)
            return at if names else 0
        if width < 2 or not (_is_comment(row, width, rows[at + 1 : at + 2]) or len(filled(row)) <= max(1, width // 3)):
            return 0
    return 0


def is_second_header(first: Sequence[str], second: Sequence[str], below: Sequence[Sequence[str]]) -> bool:
    """Return True if the second row names columns that the first, a row of groups of columns, leaves empty."""
    pairs = [*zip(first, second, strict=False)]
    if len(first) != len(second) or not below or not all(one.strip() or other.strip() for one, other in pairs):
        return False
    named = sum(not one.strip() and bool(other.strip()) for one, other in pairs)
    words = not any(exact_number(cell) is not None or len(cell) > _LONGEST_NAME for cell in second)
    return bool(named) and words and any(exact_number(cell) is not None for row in below for cell in row)


def filled(row: Sequence[str]) -> list[str]:
    """Return the cells of a row that aren't empty."""
    return [cell for cell in row if cell.strip()]


def _is_comment(row: Sequence[str], width: int, below: Sequence[Sequence[str]]) -> bool:
    first = row[0].lstrip() if row else ""
    if not first.startswith(_COMMENT):
        return False
    return len(row) != width or len(filled(row)) < width or (" " in first and bool(below) and is_header(below[0]))


def _is_year(cell: str) -> bool:
    return isinstance(number := exact_number(cell), int) and number in _YEARS


def _best(tried: list[Dialect]) -> Dialect:
    """Choose between quoted and unquoted cells.

    Cells are quoted, unless that gives a very irregular table, or with tabs a less regular one.
    """
    best = tried[0]
    for dialect in tried[1:]:
        limit = best.share if dialect.delimiter == "\t" else min(best.share, _IRREGULAR)
        if dialect.share > best.share and best.share <= limit and dialect.share >= _REGULAR:
            best = dialect
    return best


def _try(text: str, complete: bool, delimiter: str, quoted: bool, spaced: bool = False) -> Dialect:
    rows = first_rows(text, delimiter, quoted, spaced)
    if not complete and len(rows) > 1:
        rows.pop()  # it may be cut off
    if not rows:
        return Dialect(delimiter, quoted, False, 1, 0.0)
    cells = [row.cells for row in rows]
    rest = [row for row in cells if not row[0].lstrip().startswith(_COMMENT)] or cells
    start = header_at(cells, Counter(map(len, rest)).most_common(1)[0][0])
    width, times = Counter(map(len, cells[start:])).most_common(1)[0]
    skipped = rows[start].lines[0].number - 1 if start else 0
    found = Dialect(delimiter, quoted, spaced, width, times / (len(rows) - start), len(rows) - start, skipped)
    if quoted and not spaced and any(cell[:1].isspace() and cell.lstrip()[:1] == '"' for row in cells for cell in row):
        other = _try(text, complete, delimiter, quoted, True)
        return other if other.share >= found.share else found
    return found
