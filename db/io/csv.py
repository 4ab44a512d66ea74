"""CSV that reads back exact, and of which no spreadsheet runs a cell as a formula."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence

from db.describe import value_text
from db.model import Value

# What a spreadsheet takes for the beginning of a formula, in wide forms too, or passes over before one; and the
# apostrophe that is put before it, so that it can be told from one that was there.
_RUN_BY_SPREADSHEETS = (*"=+-@＝＋－＠\t\r\n\0\ufeff", "'")
_PIECE = 2**16  # characters that are written at a time


def defused(text: str) -> str:
    """A text as a cell: with a ' before what a spreadsheet would run."""
    return f"'{text}" if text.startswith(_RUN_BY_SPREADSHEETS) else text


def cell_of(value: Value) -> str:
    """A value as a cell: a text defused, an empty one as a lone ', so that it is no empty cell; the rest as JSON."""
    if not isinstance(value, str):
        return value_text(value)
    return defused(value) if value else "'"


def text_of(cell: str) -> str | None:
    """The text of a cell, exact: what ``cell_of`` was given if that was a text; None of an empty cell."""
    return cell.removeprefix("'") if cell else None


def csv_of(rows: Iterable[Sequence[str]]) -> Iterator[bytes]:
    """Rows of cells as CSV in UTF-8, with \\n between rows; cells that hold either line end are quoted."""
    lines: list[str] = []
    held = 0
    line = io.StringIO(newline="")
    writer = csv.writer(line)
    for row in rows:
        writer.writerow(row)
        lines.append(line.getvalue().removesuffix("\r\n"))
        held += len(lines[-1])
        line.seek(0)
        line.truncate()
        if held >= _PIECE:
            yield ("\n".join(lines) + "\n").encode()
            lines, held = [], 0
    if lines:
        yield ("\n".join(lines) + "\n").encode()
