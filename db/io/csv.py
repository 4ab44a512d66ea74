"""CSV that can be read back exactly, and that no spreadsheet runs as formulas."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence

from db.describe import value_text
from db.model import Value

# Characters that start a formula in a spreadsheet, also in their wide forms, or that it ignores before one; and the
# apostrophe itself, which is the escape.
_FORMULA_STARTS = (*"=+-@＝＋－＠\t\r\n\0\ufeff", "'")
_CHUNK = 2**16  # characters


def defused(text: str) -> str:
    """Return a text as a cell, with a ' in front if a spreadsheet could run it."""
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text


def cell_of(value: Value) -> str:
    """Return a value as a cell: a text defused, an empty text as a lone ', anything else as JSON."""
    if not isinstance(value, str):
        return value_text(value)
    return defused(value) if value else "'"


def text_of(cell: str) -> str | None:
    """Return the text that ``cell_of`` made a cell of; None for an empty cell."""
    return cell.removeprefix("'") if cell else None


def csv_of(rows: Iterable[Sequence[str]]) -> Iterator[bytes]:
    """Yield rows of cells as CSV in UTF-8, with \\n between rows; cells that contain \\r or \\n are quoted."""
    lines: list[str] = []
    length = 0
    line = io.StringIO(newline="")
    writer = csv.writer(line)
    for row in rows:
        writer.writerow(row)
        lines.append(line.getvalue().removesuffix("\r\n"))
        length += len(lines[-1])
        line.seek(0)
        line.truncate()
        if length >= _CHUNK:
            yield ("\n".join(lines) + "\n").encode()
            lines, length = [], 0
    if lines:
        yield ("\n".join(lines) + "\n").encode()
