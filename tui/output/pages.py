"""Tables, CSV and JSON that are written page by page, while the next rows are read."""

import csv
import json
import shutil
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from typing import TypeVar

from db.describe import value_text
from db.io.csv import defused
from db.model import Value
from tui.output.streams import needs_ascii
from tui.output.tables import one_line
from tui.text.safe import measured, safe

T = TypeVar("T")

_FIRST_PAGES = (50, 150)  # rows: a screenful, then what a query finds at once; then pages that read fastest
_PAGE = 500
_SOON = 0.1  # seconds after which a page is shown even if it is not full
_NARROWEST = 5  # cells of a column that is narrowed
_GAP = "  "
_CUT = "…"


def in_pages(items: Iterable[T]) -> Iterator[list[T]]:
    """Yield the items in lists. The first ones are short, and none waits long for its last item."""
    sizes = iter(_FIRST_PAGES)
    size = next(sizes)
    page: list[T] = []
    started = time.monotonic()
    for item in items:
        page.append(item)
        if len(page) >= size or time.monotonic() - started > _SOON:
            yield page
            page, size, started = [], next(sizes, _PAGE), time.monotonic()
    if page:
        yield page


def print_pages(columns: Sequence[str], pages: Iterable[Sequence[Sequence[Value]]]) -> None:
    """Print a table on a terminal, one line for each row, as wide as the first page needs; else tab-separated text."""
    if sys.stdout.isatty():
        _print_table(columns, pages)
        return
    print("\t".join(one_line(column) for column in columns))
    for page in pages:
        for row in page:
            print("\t".join(one_line(cell) for cell in row))
        sys.stdout.flush()


def print_csv_pages(columns: Sequence[str], pages: Iterable[Sequence[Sequence[Value]]]) -> None:
    """Print CSV with a line of names. A cell that a spreadsheet would run as a formula gets a ' before it."""
    writer = csv.writer(_CsvOutput())
    writer.writerow([csv_cell(column) for column in columns])
    for page in pages:
        writer.writerows([[csv_cell(cell) for cell in row] for row in page])
        sys.stdout.flush()


class _CsvOutput:
    """Standard output for a CSV writer with CR LF, which then quotes cells that contain either, but writes LF."""

    def write(self, line: str) -> None:
        sys.stdout.write(line.removesuffix("\r\n") + "\n")


def csv_cell(cell: Value) -> str:
    """Return a cell that no spreadsheet runs as a formula, and on a terminal, without control characters."""
    if not isinstance(cell, str):
        return "" if cell is None else value_text(cell)
    return defused(safe(cell) if sys.stdout.isatty() else cell)


def print_json_pages(pages: Iterable[Iterable[object]]) -> None:
    """Print a JSON array in the layout of ``print_json``."""
    written = False
    for page in pages:
        for item in page:
            # textwrap.indent would also indent after other line separators, which JSON leaves in texts.
            text = json.dumps(item, ensure_ascii=needs_ascii(), indent=2).replace("\n", "\n  ")
            sys.stdout.write(f"{',' if written else '['}\n  {text}")
            written = True
        sys.stdout.flush()
    sys.stdout.write("\n]\n" if written else "[]\n")


def print_json_lines(pages: Iterable[Iterable[object]]) -> None:
    """Print JSON Lines."""
    for page in pages:
        for item in page:
            print(json.dumps(item, ensure_ascii=needs_ascii()))
        sys.stdout.flush()


def _print_table(columns: Sequence[str], pages: Iterable[Sequence[Sequence[Value]]]) -> None:
    remaining = iter(pages)
    first = next(remaining, [])
    from rich.cells import cell_len

    shown = [[_shown(cell) for cell in row] for row in first]
    heads = [_shown(column) for column in columns]
    widths = [max(map(cell_len, cells)) for cells in zip(heads, *shown, strict=True)]
    widths = _fitting(widths, shutil.get_terminal_size().columns)
    right = [
        any(_is_number(row[n]) for row in first) and all(row[n] is None or _is_number(row[n]) for row in first)
        for n in range(len(columns))
    ]

    def line(cells: Sequence[str]) -> str:
        return _GAP.join(map(_padded, cells, widths, right, [n == 0 for n in range(len(cells))])).rstrip()

    print(line(heads))
    print("─" * (sum(widths) + len(_GAP) * (len(widths) - 1)))
    for cells in shown:
        print(line(cells))
    sys.stdout.flush()
    for page in remaining:
        for row in page:
            print(line([_shown(cell) for cell in row]))
        sys.stdout.flush()


def _shown(cell: Value) -> str:
    return "" if cell is None else measured(safe(value_text(cell)))


def _is_number(cell: Value) -> bool:
    return isinstance(cell, int | float) and not isinstance(cell, bool)


def _fitting(widths: list[int], available: int) -> list[int]:
    """Narrow the widest columns until all fit on one line. The first column, usually an id, keeps its width."""
    room = available - len(_GAP) * (len(widths) - 1)
    # No column can stay wider than the room, and narrowing a text of millions of cells takes one step for each.
    widths = [widths[0], *(min(width, max(room, _NARROWEST)) for width in widths[1:])]
    while sum(widths) > room and len(widths) > 1:
        widest = max(range(1, len(widths)), key=widths.__getitem__)
        if widths[widest] <= _NARROWEST:
            break
        widths[widest] -= 1
    return widths


def _padded(text: str, width: int, right: bool, whole: bool) -> str:
    """Return a cell in its width. A ``whole`` cell is never cut and moves the rest of its line to the right."""
    from rich.cells import cell_len, set_cell_size

    size = cell_len(text)
    if size > width and not whole:
        return set_cell_size(text, max(width - 1, 0)) + _CUT
    blanks = " " * max(width - size, 0)
    return blanks + text if right else text + blanks
