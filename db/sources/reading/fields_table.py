"""A fields table: each name in it is a column, whose cells are the values of an event."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from db.formats.tables.cells import write_value
from db.formats.tables.mapping.field_names import field_names
from db.formats.tables.mapping.mapping import MappedField
from db.formats.tables.read.guessed_kinds import guess_kind
from db.formats.tables.values import PlacedValue, Values
from db.sources.database.database import Database
from db.sources.database.sampling import quoted
from db.sources.plan import EventTable, FieldRows
from db.sources.reading.cells import CellReader
from db.sources.reading.connections import columns_of
from db.sources.reading.lookups import Cells, LinkedRows, OneRow, keys_of
from db.store.sqlite import SQLITE_ERRORS

_MOST_NAMES = 200
_SAMPLED = 500  # values of each name by which its kind is decided


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
        self._name, self._value, self._table = fields.name, fields.value, fields.link.end
        key = self._labels[fields.name][0] if fields.name in self._labels else [self._name_at]
        self._name_columns = [self._needed[at] for at in key]
        self._ids = self._names(database)
        self.columns = tuple(dict.fromkeys(self._ids.values()))
        self._scale = self._confidence_scale(database, fields)
        self._at = {column: number for number, column in enumerate(self.columns)}

    def _names(self, database: Database) -> dict[Cells, str]:
        """Return all names in the table by what is in their columns, in the order in which they first occur."""
        label = self._labels.get(self._name)
        names: dict[Cells, str] = {}
        selected = ", ".join(map(quoted, self._name_columns))
        for row in database.connection.execute(f"SELECT DISTINCT {selected} FROM {quoted(self._table)}"):
            name = label[1].find(row)[0] if label and label[1].has(row) else row[0]
            if name is not None and (text := _text(name)).strip():
                names[row] = text
        return names

    def _confidence_scale(self, database: Database, fields: FieldRows) -> float:
        """Return the confidence that means certain: 100 if any is above 1, and none above 100."""
        if fields.confidence is None:
            return 1.0
        column = quoted(fields.confidence)
        query = f"SELECT max({column}) FROM {quoted(fields.link.end)} WHERE typeof({column}) IN ('integer', 'real')"
        [(highest,)] = database.connection.execute(query)
        return 100.0 if highest is not None and 1 < highest <= 100 else 1.0

    def prepare(self, rows: Sequence[Cells]) -> None:
        """Prepare to add the cells of these events, and of no others."""
        self._rows.prepare(keys_of(rows, self._key))

    def values(self, database: Database) -> dict[str, list[Any]]:
        """Return some values of each name; none if they are labels, or there are too many names."""
        found: dict[str, list[Any]] = {}
        if self._value in self._labels or len(self._ids) > _MOST_NAMES:
            return found
        column, reader = quoted(self._value), CellReader([self._value])
        for ids, name in self._ids.items():
            condition = " AND ".join(f"{quoted(key)} = ?" for key in self._name_columns)
            query = f"SELECT {column} FROM {quoted(self._table)} WHERE {condition} AND {column} != '' LIMIT {_SAMPLED}"
            rows = database.connection.execute(query, ids)
            found.setdefault(name, []).extend(reader.read(row, [])[0] for row in rows)
        return found

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
        if self._scale != 1.0 and isinstance(confidence, int | float):
            confidence = confidence / self._scale
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


def with_field_kinds(database: Database, table: EventTable) -> EventTable:
    """Return an event table whose mapping has the kind of each name in its fields table, as its values show it."""
    fields = table.fields
    if fields is None:
        return table
    try:
        own = columns_of(database.connection, table.table)
        names = FieldColumns(database, fields, {column: number for number, column in enumerate(own)})
    except (KeyError, *SQLITE_ERRORS):
        return table  # whoever reads it says what is missing
    named = table.mapping.uses()
    new = [column for column in names.columns if column not in named]
    if not new:
        return table
    values = names.values(database)
    mapped = [
        MappedField(name, column, guess_kind(column, values.get(column, ())).kind)
        for column, name in zip(new, field_names(new, {item.name for item in table.mapping.fields}), strict=True)
    ]
    return replace(table, mapping=replace(table.mapping, fields=(*table.mapping.fields, *mapped)))
