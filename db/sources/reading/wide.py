"""The wide table: the rows of an event table with the cells of all rows that they are joined with."""

import json
import sqlite3
from collections import deque
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from db.errors import InputError
from db.formats.tables.table import SAMPLE_ROWS, Row, Table
from db.io.json_lines import shorten
from db.sources.database.database import Database
from db.sources.database.sampling import quoted
from db.sources.plan import ROWID, EventTable, Plan
from db.sources.reading.cells import CellReader
from db.sources.reading.connections import FIRST_ROW_SECONDS, columns_of, one_state, rowid_of
from db.sources.reading.json_cells import JsonColumns
from db.sources.reading.lookups import Cells
from db.sources.reading.mappings import links_of
from db.sources.reading.parts import parts_of
from db.store.sqlite import SQLITE_ERRORS

_MOST_PREPARED = 20_000  # rows for which only what they need is copied of tables without an index


def open_table(database: Database, plan: Plan, event_table: EventTable) -> Table:  # noqa: ARG001
    """Return an event table with everything that it is joined with, as one table.

    Its rows are ordered by document. Raises InputError if the database lacks a table or column of the plan.
    """
    return WideTable(database, event_table).table()


class RowKeys(NamedTuple):
    """The number of a row in the wide table, the key of its document, and that of the row in the event table."""

    number: int
    document: Cells
    row: Cells
    has_event: bool


class Documents(NamedTuple):
    """The table in which documents are, its columns with their key, and the prefix of their ids."""

    table: str
    key: tuple[str, ...]
    prefix: str


class WideTable:
    """Reads the wide table of an event table.

    keys: those of the rows that were read, which the caller removes. documents: where the documents of its rows are.
    """

    def __init__(self, database: Database, event_table: EventTable, *, has_events: bool = True) -> None:
        """Raises InputError if the database lacks a table or column of the plan."""
        self._database, self._event_table = database, event_table
        self._has_events = has_events
        with one_state(database) as connection:
            own = self._own_columns(connection)
            hidden = {column for item in event_table.one_hot for column in item.columns}
            hidden -= event_table.mapping.uses().keys()
            self._kept = [at for at, column in enumerate(own) if column not in hidden]
            try:
                texts = event_table.mapping.document.text
                self._parts = list(parts_of(database, event_table, own, self._kept, texts))
            except (sqlite3.Error, KeyError, ValueError) as error:
                raise self._lacking(own, error) from None
            self._cells = CellReader(own, texts)
            self._order = order_of(event_table, own)
            self.documents = _documents(event_table, self._order)
            self._document = [own.index(column) for column in self._order]
            self._key = [own.index(column) for column in event_table.key if column in own]
        columns = [own[at] for at in self._kept] + [column for part in self._parts for column in part.columns]
        self._json = JsonColumns(event_table, columns)
        self._is_usual = True  # if rows have the columns of the table
        self._only: list[tuple[str, str]] | None = None
        self.keys: deque[RowKeys] = deque()

    def table(self) -> Table:
        """Return the table."""
        with one_state(self._database):
            sample = list(self._rows(f"{self._select} LIMIT {SAMPLE_ROWS}"))[:SAMPLE_ROWS]
        columns = dict.fromkeys(self._json.columns)
        columns |= dict.fromkeys(column for row in sample for column in row.columns or ())
        self._is_usual = len(columns) == len(self._json.columns)
        cells = [_cells_of(row, tuple(columns), self._json.columns) for row in sample if row.has_event]
        return Table(self._event_table.table, tuple(columns), self._ordered, cells, typed=True)

    def _ordered(self) -> Iterator[Row]:
        self.keys.clear()
        names = [*map(quoted, self._order), *filter(None, [self._rowid])] if self._order else []
        order = f" ORDER BY {', '.join(names)}" if names else ""
        with one_state(self._database):
            if self._only is None:
                yield from self._rows(self._select + order)
                return
            values = self._only
            select = f"{self._select} WHERE {' OR '.join(condition for condition, _ in values)}{order}"
            found = self._database.connection.execute(select, [value for _, value in values]).fetchall()
            if len(found) <= _MOST_PREPARED:
                for part in self._parts:
                    part.prepare(found)
            yield from self._read(found)

    def documents_of(self, rows: Collection[Cells]) -> set[Cells]:
        """Return the keys of the documents of these rows, by the keys of the rows."""
        if not self._order or not rows:
            return set()
        columns = ", ".join(map(quoted, self._order))
        condition, value = self._among(self._event_table.key, rows)
        query = f"SELECT DISTINCT {columns} FROM {quoted(self._event_table.table)} WHERE {condition}"
        return {key for key in self._database.connection.execute(query, (value,)) if None not in key}

    def restrict(self, rows: Collection[Cells], documents: Collection[Cells]) -> None:
        """Read only these rows, by their keys, and all rows of these documents, by their keys."""
        self._only = [self._among(self._event_table.key, rows)]
        if documents and self._order:
            self._only.append(self._among(self._order, documents))

    def _among(self, columns: Sequence[str], keys: Collection[Cells]) -> tuple[str, str]:
        """Return the condition that columns have one of these keys, and its value."""
        names = [
            self._rowid if column == ROWID and self._rowid and ROWID not in self._names else quoted(column)
            for column in columns
        ]
        given = json.dumps([[one.hex() if isinstance(one, bytes) else one for one in key] for key in keys])
        cells = ", ".join(f"value ->> {number}" for number in range(len(names)))
        return f"({', '.join(names)}) IN (SELECT {cells} FROM json_each(?))", given

    def _own_columns(self, connection: sqlite3.Connection) -> tuple[str, ...]:
        name = self._event_table.table
        try:
            own = self._names = columns_of(connection, name)
            self._rowid = rowid = rowid_of(connection, name)
        except sqlite3.Error as error:
            raise InputError(
                f"{self._database.path.name}: table {shorten(name)} of the plan can't be read ({error});"
                " correct the plan, or make a new one"
            ) from None
        selected = [quoted(column) for column in own]
        if self._event_table.key == (ROWID,) and rowid is not None and ROWID not in own:
            own = (*own, ROWID)
            selected.append(f"{rowid} AS {quoted(ROWID)}")
        self._select = f"SELECT {', '.join(selected)} FROM {quoted(name)}"
        return own

    def _lacking(self, own: Sequence[str], error: Exception) -> InputError:
        """Return the error that names what the plan has and the database lacks."""
        table = self._event_table
        named = [column for link in links_of(table) for column in link.columns]
        named += [column for item in table.one_hot for column in item.columns]
        absent = [column for column in named if column not in own]
        why = f"has no column {shorten(absent[0])}" if absent else f"can't be joined ({error})"
        return InputError(
            f"{self._database.path.name}: table {shorten(table.table)} {why}, which the plan needs;"
            " correct the plan, or make a new one"
        )

    def _rows(self, query: str) -> Iterator[Row]:
        deadline = self._database.deadline
        deadline.extend(FIRST_ROW_SECONDS)

        def extended() -> Iterator[Cells]:
            for values in self._database.connection.execute(query):
                deadline.extend()
                yield values

        try:
            yield from self._read(extended())
        except SQLITE_ERRORS as error:
            raise self._database.refusal(error) from None

    def _read(self, rows: Iterable[Cells]) -> Iterator[Row]:
        number = size = 0
        usual = self._json.columns
        for values in rows:
            notes: list[str] = []
            own = self._cells.read(values, notes)
            cells = [own[at] for at in self._kept]
            for part in self._parts:
                part.add(own, cells, notes)
            document = tuple([values[at] for at in self._document])
            key = tuple([values[at] for at in self._key])
            for columns, finished, has_event in self._json.rows(cells, notes):
                number += 1
                size += sum([len(cell) for cell in finished if cell.__class__ is str])
                has_event = has_event and self._has_events
                self.keys.append(RowKeys(number, document, key, has_event))
                differing = None if columns is usual and self._is_usual else columns
                yield Row(number, finished, b"", size, differing, tuple(notes), has_event=has_event)
                notes = []


def _cells_of(row: Row, columns: Sequence[str], usual: Sequence[str]) -> list[Any]:
    assert not isinstance(row.cells, InputError)
    own = dict(zip(row.columns or usual, row.cells, strict=True))
    return ["" if (cell := own.get(column)) is None else cell for column in columns]


def order_of(table: EventTable, own: Sequence[str]) -> tuple[str, ...]:
    """Return the own columns that identify the document of a row; none if none do."""
    ids = table.mapping.document.id
    if not ids or all(column in own for column in ids):
        return ids
    for joined in table.joined:
        names = {f"{joined.name}.{column}" for column in joined.columns}
        if not joined.several and joined.link.then is None and names.issuperset(ids):
            return joined.link.columns
    return ()


def _documents(table: EventTable, order: Sequence[str]) -> Documents:
    for joined in table.joined:
        if joined.link.columns == tuple(order) and joined.link.then is None and not joined.several:
            return Documents(joined.link.table, joined.link.to, table.document_prefix)
    return Documents(table.table, tuple(order), table.document_prefix)
