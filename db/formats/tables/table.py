"""What every table is read as, whatever file it comes from: columns, and rows of cells one after the other."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, BinaryIO, Final, NamedTuple

from db.errors import InputError
from db.formats.tables.mapping.mapping import Mapping

SAMPLE = 200  # rows by which columns are guessed
LONGEST = 8 * 2**20  # bytes of a row, and characters of a cell


class _Absent:
    """The type of ``ABSENT``."""

    def __repr__(self) -> str:
        return "ABSENT"

    def __bool__(self) -> bool:
        return False


ABSENT: Final[Any] = _Absent()
"""The cell of a row that has no such column: an object of JSON without the key."""


class Row(NamedTuple):
    """One row, or why it could not be read.

    position: its line, or its number where a table has no lines. columns: where they are not the table's.
    raw: what can be mended and imported again, ended by a line end.
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

    rows: the rows from the first on at each call. sample: the cells of the first ones, in the order of ``columns``.
    header: what has to stand before rows that are to be imported by themselves. typed: cells are values of JSON, of
    which text may be empty; else they are characters, of which none are no value. preset: the shipped mapping that the
    table surely is one of. notes: what a person should know of the file as a whole. settings: a mapping with what the
    file itself says, as its delimiter. stream: what ``rows`` reads from, where it goes on from where it stands.
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
