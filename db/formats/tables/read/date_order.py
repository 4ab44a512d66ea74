"""Finds out if day or month comes first in the date columns of a table."""

from collections.abc import Mapping as MappingOf

from db.errors import InputError
from db.formats.tables.dates import order_of
from db.formats.tables.mapping.mapping import Order
from db.formats.tables.table import Table


class DateOrders:
    """The orders of a table's date columns. The first request reads the whole table once."""

    def __init__(self, table: Table, declared: MappingOf[str, Order | None]) -> None:
        self._table = table
        self._declared = declared
        self._proven: dict[str, set[Order]] | None = None

    def of(self, column: str) -> Order | None:
        """Return the declared order of a column, or the one that cells with a day above 12 prove, if they agree."""
        if declared := self._declared.get(column):
            return declared
        proven = self._read().get(column, set())
        return next(iter(proven)) if len(proven) == 1 else None

    def problem(self, column: str) -> str:
        """Return why a column has no order."""
        if len(self._read().get(column, ())) > 1:
            return "the column has dates with the day first and others with the month first"
        return "nothing in the column shows which"

    def _read(self) -> dict[str, set[Order]]:
        if self._proven is None:
            self._proven = {column: set() for column in self._declared}
            stream = self._table.stream
            position = stream.tell() if stream else 0
            cells_of: dict[tuple[str, ...], list[tuple[int, set[Order]]]] = {}
            for row in self._table.rows():
                if isinstance(row.cells, InputError):
                    continue
                columns = row.columns or self._table.columns
                if columns not in cells_of:
                    cells_of[columns] = [
                        (number, self._proven[column])
                        for number, column in enumerate(columns)
                        if column in self._proven
                    ]
                for number, proven in cells_of[columns]:
                    cell = row.cells[number]
                    if isinstance(cell, str) and len(proven) < 2 and (order := order_of(cell)):
                        proven.add(order)
            if stream:
                stream.seek(position)  # the import is reading the same stream
        return self._proven
