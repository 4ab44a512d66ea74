"""A table as it is read from any file: columns, and rows of cells."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, BinaryIO, Final, NamedTuple

from db.errors import InputError
from db.formats.tables.mapping.mapping import Mapping
from db.io.json_lines import shorten

SAMPLE_ROWS = 200  # from which columns are guessed
MAX_ROW_BYTES = 8 * 2**20  # also the most characters of a cell


class _Absent:
    """The type of ``ABSENT``."""

    def __repr__(self) -> str:
        return "ABSENT"

    def __bool__(self) -> bool:
        return False


ABSENT: Final[Any] = _Absent()
"""The cell of a row that lacks a column, as a JSON object may lack a key."""


class Row(NamedTuple):
    """One row, or the reason why it can't be read.

    position: its line, or its number where a table has no lines. raw: its bytes, ended by a line end, so that users can
    correct and import it. columns: its own columns, if they differ from the table's.
    """

    position: int
    cells: Sequence[Any] | InputError
    raw: bytes
    bytes_read: int
    columns: tuple[str, ...] | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Table:
    """A table.

    rows: each call starts from the first row. sample: the cells of the first rows. header: the bytes that must precede
    invalid rows that are written to a file of their own. typed: True if cells are JSON values, so that an empty text is
    a value; otherwise they are characters, and an empty cell is no value. preset: the preset that surely fits.
    notes: what users should know about the file. settings: adds what the file says about itself, such as its delimiter,
    to a mapping. stream: what ``rows`` reads; each read continues at its current position.
    """

    name: str
    columns: tuple[str, ...]
    rows: Callable[[], Iterator[Row]]
    sample: Sequence[Sequence[Any]] = ()
    header: bytes = b""
    typed: bool = False
    preset: str | None = None
    notes: tuple[str, ...] = ()
    settings: Callable[[Mapping], Mapping] = field(default=lambda mapping: mapping)
    stream: BinaryIO | None = None


def sample_of(rows: Iterable[Row]) -> list[list[Any]]:
    """Return the cells of the first rows that can be read, with an empty text for null."""
    valid = (row.cells for row in islice(rows, SAMPLE_ROWS) if not isinstance(row.cells, InputError))
    return [["" if cell is None else cell for cell in cells] for cells in valid]


def refuse_duplicates(name: str, columns: Sequence[str], advice: str = "rename one of them") -> None:
    """Raise InputError if two columns have the same name."""
    for column in columns:
        if columns.count(column) > 1:
            raise InputError(f"{name}: two columns are called {shorten(column)!r}; {advice}")
