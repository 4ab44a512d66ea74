"""The cells of an event's row, as extracted and as reviewed, in the notation of its table."""

from typing import Any

from db.errors import InputError
from db.formats.format import ReadOptions
from db.formats.tables.cells import read_cell, write_value
from db.formats.tables.mapping.fitting import fitted
from db.formats.tables.mapping.mapping import MappedField, Mapping
from db.formats.tables.read.column_facts import ColumnFacts
from db.formats.tables.read.rows import RowContent, RowReader
from db.formats.tables.table import ABSENT, Row, Table
from db.formats.tables.write.csv_file import cell_text
from db.formats.tables.write.rows import RowWriter, own_columns_of
from db.model import Json
from db.notation.dates import Order
from db.notation.same_way import written_like
from db.sources.publish.json_edit import same_json

Cells = dict[str, Any]
"""The cells of a row by column: characters, or JSON values if the table is typed; None for no value."""

_NUMBERS = ("integer", "number")


class CellsOfEvents:
    """Writes events as rows of a table, as an import of the table with the same mapping read them."""

    def __init__(self, table: Table, mapping: Mapping) -> None:
        self.table = table
        self._given = mapping
        self.mapping = fitted(mapping, table.columns).with_columns(table.columns)
        self._facts = ColumnFacts(table, self.mapping)
        self._writers: dict[tuple[str, ...], RowWriter] = {}
        self._fields = {item.column: item for item in self.mapping.fields if item.separator is None}
        review = self.mapping.review
        names = (review.status, review.reviewer, review.decided_at, review.reason, review.reason_text, review.note)
        self.review_columns = frozenset(name for name in names if name)
        self._readers: dict[tuple[str, ...], RowReader] = {}
        self._examples: dict[str, tuple[Any, Any]] = {}

    def read(self, row: Row) -> RowContent:
        """Return the document and the event of a row. Raises InputError."""
        if isinstance(row.cells, InputError):
            raise row.cells
        columns = row.columns or self.table.columns
        if columns not in self._readers:
            mapping = fitted(self._given, columns)
            self._readers[columns] = RowReader(mapping, columns, self._facts, self.table.typed, ReadOptions())
        return self._readers[columns].read(row.cells)

    def extracted(self, document: Json, event: Json) -> Cells:
        """Return the cells of an event as they were imported."""
        columns = own_columns_of(document) or self.table.columns
        if columns not in self._writers:
            self._writers[columns] = RowWriter(self._given, columns)
        row = self._writers[columns].row(document, event)
        return {column: self.plain(cell) for column, cell in zip(columns, row, strict=True)}

    def changed(self, document: Json, event: Json, extracted: Json, base: Cells) -> Cells:
        """Return the cells of an event that differ from those that were imported, ``base``."""
        cells = self.extracted(document, event)
        changed = {column: cell for column, cell in cells.items() if not self.same(cell, base.get(column))}
        for column, cell in changed.items():
            if (item := self._fields.get(column)) is not None:
                changed[column] = self._in_notation(item, cell, base.get(column), _only(item, event), extracted)
        return {column: cell for column, cell in changed.items() if not self.same(cell, base.get(column))}

    def plain(self, cell: Any) -> Any:
        """Return a cell without the difference between an absent one and an empty one."""
        if self.table.typed:
            return None if cell is ABSENT else cell
        return cell if isinstance(cell, str) else cell_text(cell, self.mapping.protected)

    def same(self, one: Any, other: Any) -> bool:
        """Return True if two cells are equal."""
        if one.__class__ is other.__class__ and not isinstance(one, list | dict):
            return bool(one == other)
        return self.table.typed and same_json(one, other)

    def _in_notation(self, item: MappedField, cell: Any, old: Any, new: Json | None, extracted: Json) -> Any:
        """Return a new cell in the notation of the old one, or of another cell of its column."""
        if new is None or new.get("modifier") is not None or isinstance(new.get("value"), list | dict):
            return cell
        machine = _only(item, extracted)
        was = old, machine.get("value") if machine else None
        if old in (None, "") or machine is None or machine.get("modifier") is not None:
            was = self._example(item)
        if was[0] is None:
            return cell
        like = written_like(was[0], was[1], new.get("value"), self._order(item))
        if like is None and isinstance(was[0], str) and isinstance(cell, int | float) and not isinstance(cell, bool):
            like = write_value(cell)  # the column holds texts
        return cell if like is None else like

    def _order(self, item: MappedField) -> Order | None:
        return self._facts.notation(item).order if item.kind == "date" else None

    def _example(self, item: MappedField) -> tuple[Any, Any]:
        """Return a cell of a column, and its value; None if none of the first rows shows a notation."""
        if item.column not in self._examples:
            self._examples[item.column] = self._found_example(item)
        return self._examples[item.column]

    def _found_example(self, item: MappedField) -> tuple[Any, Any]:
        if item.column not in self.table.columns or item.kind not in ("date", *_NUMBERS):
            return None, None
        at = self.table.columns.index(item.column)
        for cells in self.table.sample:
            cell = cells[at]
            if isinstance(cell, bool) or not isinstance(cell, str | int | float) or cell == "":
                continue
            if not isinstance(cell, str) and item.kind in _NUMBERS:
                return None, None
            read = read_cell(write_value(cell), item.kind, self._facts.notation(item))
            if not (read.problem or read.missing or read.ambiguous or read.modifier):
                return cell, read.value
        return None, None


def _only(item: MappedField, event: Json) -> Json | None:
    """Return the one field of an event that a column has; None if there are several or none."""
    fields = event["fields"]
    assert isinstance(fields, list)
    found = [
        field
        for field in fields
        if isinstance(field, dict)
        and field["name"] == item.name
        and field.get("group") == item.group
        and field.get("state") != "removed"
    ]
    return found[0] if len(found) == 1 else None
