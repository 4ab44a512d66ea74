"""A fields table: each name in it is a column, whose cells are the values of an event."""

from collections.abc import Sequence
from typing import Any

from db.formats.tables.cells import write_value
from db.formats.tables.values import PlacedValue, Values
from db.sources.database.database import Database
from db.sources.database.sampling import quoted
from db.sources.plan import FieldRows
from db.sources.reading.cells import CellReader
from db.sources.reading.lookups import Cells, LinkedRows, OneRow, keys_of


class FieldColumns:
    """The columns of a fields table, one for each name in it."""

    def __init__(self, database: Database, fields: FieldRows, at: dict[str, int]) -> None:
        self._key = [at[column] for column in fields.link.columns]
        placing = (fields.group, fields.start, fields.end, fields.quote, fields.confidence)
        labels = [label for label in fields.labels if not label.several]
        needed = [fields.name, fields.value, *filter(None, placing)]
        needed += [column for label in labels for column in label.link.columns]
        self._needed = tuple(dict.fromkeys(needed))
        inner = {column: number for number, column in enumerate(self._needed)}
        self._rows = LinkedRows(database, fields.link, self._needed)
        self._labels = {
            label.column: (
                [inner[column] for column in label.link.columns],
                _one_label(database, label.link, label.label),
            )
            for label in labels
        }
        self._group = fields.group
        self._name_at, self._value_at = inner[fields.name], inner[fields.value]
        self._group_at, *self._places = (inner[column] if column else None for column in placing)
        self._reader = CellReader(self._needed)
        self._name, self._value = fields.name, fields.value
        self.columns = self._names(database, fields)
        self._at = {column: number for number, column in enumerate(self.columns)}

    def _names(self, database: Database, fields: FieldRows) -> tuple[str, ...]:
        """Return all names in the table, in the order in which they first occur."""
        table = fields.link.end
        columns = [fields.name]
        if fields.name in self._labels:
            columns = [self._needed[at] for at in self._labels[fields.name][0]]
        selected = ", ".join(map(quoted, columns))
        names: dict[str, None] = {}
        for row in database.connection.execute(f"SELECT DISTINCT {selected} FROM {quoted(table)}"):
            name = row[0]
            if fields.name in self._labels:
                found = self._labels[fields.name][1]
                name = found.find(row)[0] if found.has(row) else row[0]
            if name is not None and (text := _text(name)).strip():
                names[text] = None
        return tuple(names)

    def prepare(self, rows: Sequence[Cells]) -> None:
        """Prepare to add the cells of these events, and of no others."""
        self._rows.prepare(keys_of(rows, self._key))

    def add(self, own: Sequence[Any], cells: list[Any], notes: list[str]) -> None:
        """Add the cells of an event: its values by their names."""
        found: list[Any] = [None] * len(self.columns)
        for raw in self._rows.find(tuple([own[at] for at in self._key])):
            row = self._reader.read(raw, notes)
            for column, (key, label) in self._labels.items():
                ids = tuple([raw[at] for at in key])
                if label.has(ids):
                    row[self._needed.index(column)] = label.find(ids)[0]
            name, value = row[self._name_at], row[self._value_at]
            at = self._at.get(_text(name)) if name is not None else None
            if at is None:
                notes.append(f"column {self._name}: values without a name; not imported")
            elif value is not None:
                found[at] = self._with(found[at], value, row)
        cells += found

    def _with(self, before: Any, value: Any, row: Sequence[Any]) -> Any:
        """Return the cell of a name after one more value of it."""
        start, end, quote, confidence = (row[at] if at is not None else None for at in self._places)
        group = None
        if self._group_at is not None and (given := row[self._group_at]) is not None and given != "":
            group = given if isinstance(given, str) and not given.isdecimal() else f"{self._group}:{_text(given)}"
        if before is None and start is None and end is None and quote is None and confidence is None and group is None:
            return value
        if before is None:
            values: tuple[PlacedValue, ...] = ()
        else:
            values = before if isinstance(before, Values) else (PlacedValue(before),)
        return Values((*values, PlacedValue(value, start, end, quote, confidence, group)))


def _one_label(database: Database, link: Any, label: str) -> OneRow:
    return OneRow(LinkedRows(database, link, (label,)), 1)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else write_value(value)
