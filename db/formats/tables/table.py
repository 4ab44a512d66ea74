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
    correct and import it. columns: its own columns, if they differ from the table's. unread: what the file holds at
    this row that is not read, as in ``Record``. has_event: False for a row that is a document alone.
    row_key: table and key of a row of a database.
    """

    position: int
    cells: Sequence[Any] | InputError
    raw: bytes
    bytes_read: int
    columns: tuple[str, ...] | None = None
    notes: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()
    has_event: bool = True
    row_key: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """A table.

    rows: each call starts from the first row. sample: the cells of the first rows. header: the bytes that must precede
    invalid rows that are written to a file of their own. typed: True if cells are JSON values, so that an empty text is
    a value; otherwise they are characters, and an empty cell is no value. preset: the preset that surely fits.
    notes: what users should know about the file. settings: adds what the file says about itself, such as its delimiter,
    to a mapping. names: the cells of the header row, if there is one; they may differ from ``columns``, which are
    unique. delimiter, quoted: those of a text. stream: what ``rows`` reads; a read continues at its current position.
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
    names: tuple[str, ...] | None = None
    delimiter: str | None = None
    quoted: bool = True
    stream: BinaryIO | None = None


def sample_of(rows: Iterable[Row]) -> list[list[Any]]:
    """Return the cells of the first rows that can be read, with an empty text for null."""
    valid = (row.cells for row in islice(rows, SAMPLE_ROWS) if not isinstance(row.cells, InputError))
    return [["" if cell is None else cell for cell in cells] for cells in valid]


def unique_names(names: Sequence[str]) -> tuple[str, ...]:
    """Return the names of columns, numbered where several have the same one or none."""
    taken = set(names)
    seen: set[str] = set()
    columns = []
    for number, name in enumerate(names, 1):
        column, again = name, 1
        if not name.strip() and sum(not other.strip() for other in names) > 1:
            column = f"column_{number}"
        while column in seen or (column != name and column in taken):
            again += 1
            column = f"{name or 'column'}_{again}"
        seen.add(column)
        columns.append(column)
    return tuple(columns)


def refuse_duplicates(name: str, columns: Sequence[str], advice: str = "rename one of them") -> None:
    """Raise InputError if two columns have the same name."""
    for column in columns:
        if columns.count(column) > 1:
            raise InputError(f"{name}: two columns are called {shorten(column)!r}; {advice}")
