"""Tells how a text is a table: what stands between cells, whether they are quoted, whether the first row has names."""

import csv
import io
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

from db.formats.tables.cells import exact_number
from db.formats.tables.files.csv_lines import Line, read_rows
from db.formats.tables.mapping.mapping import Mapping, preset_of_cells

_DELIMITERS = ",\t;|"
_LEAST_SHARE = 0.9  # of the rows that have as many cells as most
_FEW = 0.5
_MOST_ROWS = 300
_LONGEST_NAME = 100
_SEPARATOR_LINE = re.compile(r"sep=(.)\r?\n")


@dataclass(frozen=True, slots=True)
class Layout:
    """How a text is a table. width: cells of most rows; share: of rows with as many. skipped: lines before them."""

    delimiter: str
    quoted: bool = True
    width: int = 1
    share: float = 1.0
    rows: int = 0
    skipped: int = 0


def layout_of(text: str, whole: bool, mapping: Mapping | None = None) -> Layout:
    """The layout of a table's first characters; ``whole``: there are no more."""
    skipped, delimiters = 0, _DELIMITERS
    if match := _SEPARATOR_LINE.match(text):
        skipped, delimiters = 1, match[1]
        text = text[match.end() :]
    if mapping and mapping.delimiter:
        delimiters = mapping.delimiter
    quotes = (True, False) if not mapping or mapping.quoted is None else (mapping.quoted,)
    tried = [_better([_tried(text, whole, delimiter, quoted) for quoted in quotes]) for delimiter in delimiters]
    best = max(tried, key=lambda layout: (layout.width > 1, round(layout.share, 2), layout.width))
    return Layout(best.delimiter, best.quoted, best.width, best.share, best.rows, skipped)


def is_table(layout: Layout) -> bool:
    """Whether a text of no known kind is a table of several columns."""
    return layout.width > 1 and layout.share >= _LEAST_SHARE and layout.rows > 1


def has_names(first: Sequence[str], mapping: Mapping | None = None) -> bool:
    """Whether the first row holds the names of columns."""
    if mapping and mapping.header is not None:
        return mapping.header or set(first) == set(mapping.columns)
    if preset_of_cells(first):
        return False
    return not any(len(cell) > _LONGEST_NAME or exact_number(cell) is not None for cell in first)


def first_rows(text: str, delimiter: str, quoted: bool) -> list[list[str]]:
    """Some rows of a text; what can't be read is left out."""
    lines = [Line(number, line, b"", 0) for number, line in enumerate(io.StringIO(text, newline=None), 1)]
    first = next((line for line in lines if line.text.strip()), None)
    if first is None:
        return []
    width = len(next(csv.reader([first.text], delimiter=delimiter), []))
    rows = (row for row in read_rows(lines, delimiter, quoted, width) if not row.open)
    return [row.cells for row in islice(rows, _MOST_ROWS)]


def _better(tried: list[Layout]) -> Layout:
    """Cells are quoted, unless few rows then have as many cells as most; between tabs, unless it is fewer rows."""
    best = tried[0]
    for layout in tried[1:]:
        least = best.share if layout.delimiter == "\t" else min(best.share, _FEW)
        if layout.share > best.share and best.share <= least and layout.share >= _LEAST_SHARE:
            best = layout
    return best


def _tried(text: str, whole: bool, delimiter: str, quoted: bool) -> Layout:
    rows = first_rows(text, delimiter, quoted)
    if not whole and len(rows) > 1:
        rows.pop()  # which may be cut short
    if not rows:
        return Layout(delimiter, quoted, 1, 0.0)
    width, times = Counter(map(len, rows)).most_common(1)[0]
    return Layout(delimiter, quoted, width, times / len(rows), len(rows))
