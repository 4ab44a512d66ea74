"""The parts of the wide table that come from other tables, or from several columns."""

from collections.abc import Collection, Iterator, Sequence
from typing import Any, Protocol

from db.sources.database.database import Database
from db.sources.plan import Children, EventTable, Joined, Label, OneHot
from db.sources.reading.cells import CellReader
from db.sources.reading.documents import LinkedDocuments, document_of
from db.sources.reading.fields_table import FieldColumns
from db.sources.reading.lookups import Cells, LinkedRows, OneRow, keys_of
from db.sources.reading.mappings import key_columns

_FALSE = frozenset((None, 0, "", "0", "0.0", "f", "F", "false", "False", "FALSE", "n", "N", "no", "No"))


class Part(Protocol):
    """Adds cells to a row."""

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that it adds."""

    def prepare(self, rows: Sequence[Cells]) -> None:
        """Prepare to add the cells of these rows, given without their other parts, and of no others."""

    def add(self, own: Sequence[Any], cells: list[Any], notes: list[str]) -> None:
        """Add its cells to those of a row; ``own`` are those of the event table alone, as the database has them."""


def parts_of(
    database: Database, table: EventTable, own: Sequence[str], kept: Sequence[int], texts: Sequence[str]
) -> Iterator[Part]:
    """Yield the parts of an event table with these columns, of which ``kept`` are in the wide table."""
    at = {column: number for number, column in enumerate(own)}
    for label in table.labels:
        if label.several:
            yield _Labels(database, label, at)
        else:
            yield _OneLabel(database, label, at, kept.index(at[label.column]))
    linked = document_of(table)
    for joined in table.joined:
        if joined is linked:
            yield LinkedDocuments(database, table, joined, at)
        else:
            yield _JoinedRow(database, joined, at, texts, key_columns(table))
    for children in table.children:
        yield _ChildRows(database, children, at)
    if table.fields:
        yield FieldColumns(database, table.fields, at)
    for one_hot in table.one_hot:
        yield _OneHotColumns(one_hot, at)


class _JoinedRow:
    def __init__(
        self, database: Database, joined: Joined, at: dict[str, int], texts: Sequence[str], keys: Collection[str]
    ) -> None:
        self.columns = tuple(f"{joined.name}.{column}" for column in joined.columns)
        self._key = [at[column] for column in joined.link.columns]
        is_long = not set(self.columns).isdisjoint(texts)
        rows = LinkedRows(database, joined.link, joined.columns, rows_are_long=is_long)
        self._row = OneRow(rows, len(joined.columns))
        self._reader = CellReader(self.columns, texts, keys)

    def prepare(self, rows: Sequence[Cells]) -> None:
        self._row.prepare(keys_of(rows, self._key))

    def add(self, own: Sequence[Any], cells: list[Any], notes: list[str]) -> None:
        row = self._row.find(tuple([own[at] for at in self._key]))
        cells += self._reader.read(row, notes)


class _OneLabel:
    columns = ()

    def __init__(self, database: Database, label: Label, at: dict[str, int], place: int) -> None:
        self._key = [at[column] for column in label.link.columns]
        self._row = OneRow(LinkedRows(database, label.link, (label.label,)), 1)
        self._reader = CellReader((label.column,))
        self._place = place
        self._note = f"column {label.column}: ids without a row in {label.link.end}; the id stays"

    def prepare(self, rows: Sequence[Cells]) -> None:
        self._row.prepare(keys_of(rows, self._key))

    def add(self, own: Sequence[Any], cells: list[Any], notes: list[str]) -> None:
        key = tuple([own[at] for at in self._key])
        if None in key:
            return
        if not self._row.has(key):
            notes.append(self._note)
            return
        cells[self._place] = self._reader.read(self._row.find(key), notes)[0]


class _Labels:
    def __init__(self, database: Database, label: Label, at: dict[str, int]) -> None:
        self.columns = (label.column,)
        self._key = [at[column] for column in label.link.columns]
        self._rows = LinkedRows(database, label.link, (label.label,))
        self._reader = CellReader(self.columns)

    def prepare(self, rows: Sequence[Cells]) -> None:
        self._rows.prepare(keys_of(rows, self._key))

    def add(self, own: Sequence[Any], cells: list[Any], notes: list[str]) -> None:
        rows = self._rows.find(tuple([own[at] for at in self._key]))
        found = [self._reader.read(row, notes)[0] for row in rows]
        cells.append(list(dict.fromkeys(cell for cell in found if cell is not None)) or None)


class _ChildRows:
    def __init__(self, database: Database, children: Children, at: dict[str, int]) -> None:
        self.columns = (children.name,)
        self._key = [at[column] for column in children.link.columns]
        self._names = children.columns
        labels = {label.column: label for label in children.labels if not label.several}
        needed = dict.fromkeys([*children.columns, *(c for label in children.labels for c in label.link.columns)])
        self._needed = tuple(needed)
        self._rows = LinkedRows(database, children.link, self._needed)
        inner = {column: number for number, column in enumerate(self._needed)}
        self._labels = [
            _OneLabel(database, label, inner, inner[column]) for column, label in labels.items() if column in inner
        ]
        self._several = [_Labels(database, label, inner) for label in children.labels if label.several]
        self._reader = CellReader([f"{children.name}.{column}" for column in self._needed])

    def prepare(self, rows: Sequence[Cells]) -> None:
        self._rows.prepare(keys_of(rows, self._key))

    def add(self, own: Sequence[Any], cells: list[Any], notes: list[str]) -> None:
        found: list[Any] = []
        for row in self._rows.find(tuple([own[at] for at in self._key])):
            read = self._reader.read(row, notes)
            for label in self._labels:
                label.add(row, read, notes)
            item = {name: read[number] for number, name in enumerate(self._needed) if name in self._names}
            for several in self._several:
                more: list[Any] = []
                several.add(row, more, notes)
                item[several.columns[0]] = more[0]
            if item := {name: value for name, value in item.items() if value is not None and value != ""}:
                found.append(item if len(self._names) + len(self._several) > 1 else next(iter(item.values())))
        cells.append(found or None)


class _OneHotColumns:
    def __init__(self, one_hot: OneHot, at: dict[str, int]) -> None:
        self.columns = (one_hot.name,)
        self._names = [(at[column], name) for column, name in zip(one_hot.columns, one_hot.names, strict=True)]

    def prepare(self, rows: Sequence[Cells]) -> None:
        """Need nothing."""

    def add(self, own: Sequence[Any], cells: list[Any], notes: list[str]) -> None:  # noqa: ARG002
        names = [name for at, name in self._names if own[at] not in _FALSE]
        cells.append(names[0] if len(names) == 1 else names or None)
