"""Detects how a text is a table: its delimiter, if cells are quoted, and if the first row is a header."""

import csv
import io
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

from db.formats.tables.cells import exact_number
from db.formats.tables.files.csv_lines import Line, read_rows
from db.formats.tables.mapping.loading import preset_for_row
from db.formats.tables.mapping.mapping import Mapping

_DELIMITERS = ",\t;|"
_REGULAR = 0.9  # share of rows with the usual width in a well-formed table
_IRREGULAR = 0.5
_MOST_ROWS = 300
_LONGEST_NAME = 100
_SEPARATOR_LINE = re.compile(r"sep=(.)\r?\n")


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a text is a table.

    width: the number of cells of most rows. share: the share of rows with that width. rows: the number of rows seen.
    skipped: lines before the table.
    """

    delimiter: str
    quoted: bool = True
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
    if mapping and mapping.delimiter:
        delimiters = mapping.delimiter
    quoting = (True, False) if not mapping or mapping.quoted is None else (mapping.quoted,)
    tried = [_best([_try(text, complete, delimiter, quoted) for quoted in quoting]) for delimiter in delimiters]
    best = max(tried, key=lambda dialect: (dialect.width > 1, round(dialect.share, 2), dialect.width))
    return Dialect(best.delimiter, best.quoted, best.width, best.share, best.rows, skipped)


def is_table(dialect: Dialect) -> bool:
    """Return True if a text of an unknown kind is a table of several columns."""
    return dialect.width > 1 and dialect.share >= _REGULAR and dialect.rows > 1


def is_header(first: Sequence[str], mapping: Mapping | None = None) -> bool:
    """Return True if the first row holds column names."""
    if mapping and mapping.header is not None:
        return mapping.header or set(first) == set(mapping.columns)
    if preset_for_row(first):
        return False
    return not any(len(cell) > _LONGEST_NAME or exact_number(cell) is not None for cell in first)


def first_rows(text: str, delimiter: str, quoted: bool) -> list[list[str]]:
    """Return the first rows of a text without those that can't be read."""
    lines = [Line(number, line, b"", 0) for number, line in enumerate(io.StringIO(text, newline=None), 1)]
    first = next((line for line in lines if line.text.strip()), None)
    if first is None:
        return []
    width = len(next(csv.reader([first.text], delimiter=delimiter), []))
    rows = (row for row in read_rows(lines, delimiter, quoted, width) if not row.unclosed)
    return [row.cells for row in islice(rows, _MOST_ROWS)]


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


def _try(text: str, complete: bool, delimiter: str, quoted: bool) -> Dialect:
    rows = first_rows(text, delimiter, quoted)
    if not complete and len(rows) > 1:
        rows.pop()  # it may be cut off
    if not rows:
        return Dialect(delimiter, quoted, 1, 0.0)
    width, times = Counter(map(len, rows)).most_common(1)[0]
    return Dialect(delimiter, quoted, width, times / len(rows), len(rows))
