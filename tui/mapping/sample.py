"""The first rows of a table, and what becomes of each under a mapping: as an import with it would have it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from db.errors import InputError
from db.formats.tables.cells import read_cell, write_value
from db.formats.tables.mapping.loading import preset
from db.formats.tables.mapping.mapping import Mapping
from db.formats.tables.mapping.toml import parse_mapping, to_toml
from db.formats.tables.read.date_order import DateOrders
from db.formats.tables.read.documents import read_table
from db.formats.tables.read.guessing import guess
from db.formats.tables.table import ABSENT, SAMPLE_ROWS, Row, Table
from db.io.documents import parse_document
from db.native import NewDocument
from tui.mapping import model

_MOST_BYTES = 2**24  # of rows kept
_EXAMPLE = 300  # characters


@dataclass(frozen=True, slots=True)
class Outcome:
    """What becomes of a row: a document with its event, or the reason why it would be refused; and what is noted."""

    place: int
    document: NewDocument | None = None
    refusal: str = ""
    notes: tuple[str, ...] = ()


class Sample:
    """Some first rows of a table, one of them or more where there are any."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self.rows: list[Row] = []
        size = 0
        for row in islice(table.rows(), SAMPLE_ROWS):
            size += len(row.raw)
            if self.rows and size > _MOST_BYTES:
                break
            self.rows.append(row)
        self._at = {column: number for number, column in enumerate(table.columns)}
        self._sampled = replace(table, rows=lambda: iter(self.rows))
        self._orders = DateOrders(self._sampled, dict.fromkeys(table.columns))

    def cell(self, column: str, number: int) -> str:
        """The beginning of a cell of the row of that number, as text; empty where there is none."""
        if not 0 <= number < len(self.rows):
            return ""
        cells = self.rows[number].cells
        if isinstance(cells, InputError) or (at := self._at[column]) >= len(cells):
            return ""
        return _beginning(cells[at])

    def other_cell(self, column: str) -> str:
        """The beginning of the first cell of a column that is not empty; empty where all are."""
        return next((cell for number in range(len(self.rows)) if (cell := self.cell(column, number))), "")

    def scale(self, column: str) -> float:
        """What stands for certain in a column of confidences: 100 where they count in per cent, else 1."""
        cells = (self.cell(column, number) for number in range(len(self.rows)))
        numbers = [number for cell in cells if isinstance(number := read_cell(cell, "number").value, int | float)]
        return 100.0 if numbers and 1 < max(numbers) <= 100 else 1.0

    def outcome(self, number: int, mapping: Mapping) -> Outcome:
        """What an import with the mapping makes of the row of that number.

        What the whole file would tell, as whether day or month comes first in its dates, is told by the sample alone.
        """
        row = self.rows[number]
        table = replace(self._sampled, rows=lambda: iter((row,)))
        try:
            (record,) = read_table(table, self._declared(mapping))
            if isinstance(record.document, InputError):
                raise record.document
            return Outcome(record.position, parse_document(record.document), notes=record.notes)
        except InputError as error:
            return Outcome(row.position, refusal=str(error))

    def outcomes(self, mapping: Mapping) -> Iterator[Outcome]:
        """What becomes of each row, one after the other."""
        return (self.outcome(number, mapping) for number in range(len(self.rows)))

    def _declared(self, mapping: Mapping) -> Mapping:
        """The mapping as its file will be: its kinds declared; with the order of dates that the sample shows."""
        fields = tuple(
            replace(item, dates=self._orders.of(item.column))
            if item.kind == "date" and item.dates is None and item.column in self._at
            else item
            for item in mapping.fields
        )
        return replace(mapping, fields=fields, guessed=False)


def begin(table: Table) -> tuple[Mapping, str | None]:
    """What one begins with: the shipped mapping that surely fits, and its name; else a guess, and None.

    It speaks of every column of the table, and its TOML gives it back.
    """
    if table.preset is not None:
        made = _fitted(table, preset(table.preset))
        try:
            if parse_mapping(to_toml(made), table.preset) == made:
                return made, table.preset
        except InputError:
            pass  # made for tables with more columns than this one
    return _fitted(table, guess(table.columns, table.sample)), None


def _fitted(table: Table, mapping: Mapping) -> Mapping:
    """A mapping with what the table itself says, and every column of it in its place."""
    named = mapping.uses()
    more = tuple(column for column in named if column not in table.columns)
    if not table.typed:  # of an object, what is absent in the first ones may come in others
        for column in more:
            mapping = model.forget(mapping, column)
        more = ()
    made = table.settings(mapping.with_columns(table.columns))
    return replace(made, columns=(*table.columns, *more), guessed=False)


def _beginning(cell: Any) -> str:
    if cell is None or cell is ABSENT:
        return ""
    return cell[:_EXAMPLE] if isinstance(cell, str) else write_value(cell)[:_EXAMPLE]


def next_trouble(outcomes: Sequence[Outcome | None], after: int) -> int | None:
    """The number of the next row that is refused, after one and round; where none is, of the next that has notes."""
    order = [(after + step) % len(outcomes) for step in range(1, len(outcomes) + 1)]
    seen = [(number, outcome) for number in order if (outcome := outcomes[number]) is not None]
    refused = (number for number, outcome in seen if outcome.refusal)
    noted = (number for number, outcome in seen if outcome.notes)
    return next(refused, next(noted, None))
