"""Which of day and month stands first in the columns of a table: what their own cells prove."""

from collections.abc import Mapping as MappingOf

from db.errors import InputError
from db.formats.tables.dates import order_of
from db.formats.tables.mapping.mapping import Order
from db.formats.tables.table import Table


class Orders:
    """The orders of a table's date columns; the table is gone through once, when one of them is asked for."""

    def __init__(self, table: Table, declared: MappingOf[str, Order | None]) -> None:
        self._table = table
        self._declared = declared
        self._proven: dict[str, set[Order]] | None = None

    def of(self, column: str) -> Order | None:
        """The order of a column: as declared, else as cells with a day above 12 prove it, unless they contradict."""
        if declared := self._declared.get(column):
            return declared
        proven = self._found().get(column, set())
        return next(iter(proven)) if len(proven) == 1 else None

    def why(self, column: str) -> str:
        """Why a column has no order."""
        if len(self._found().get(column, ())) > 1:
            return "the column has dates with the day first and others with the month first"
        return "nothing in the column tells which of day and month stands first"

    def _found(self) -> dict[str, set[Order]]:
        if self._proven is None:
            self._proven = {column: set() for column in self._declared}
            stream = self._table.stream
            stands = stream.tell() if stream else 0
            at: dict[tuple[str, ...], list[tuple[int, set[Order]]]] = {}
            for row in self._table.rows():
                if isinstance(row.cells, InputError):
                    continue
                columns = row.columns or self._table.columns
                if columns not in at:
                    at[columns] = [
                        (number, self._proven[column])
                        for number, column in enumerate(columns)
                        if column in self._proven
                    ]
                for number, proven in at[columns]:
                    cell = row.cells[number]
                    if isinstance(cell, str) and len(proven) < 2 and (order := order_of(cell)):
                        proven.add(order)
            if stream:
                stream.seek(stands)  # from where the rows are being read just now
        return self._proven
