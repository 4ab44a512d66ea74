"""The wide table: the rows of an event table with the cells of all rows that they are joined with."""

import sqlite3
from collections import deque
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, NamedTuple

from db.errors import InputError
from db.formats.tables.table import SAMPLE_ROWS, Row, Table
from db.io.json_lines import shorten
from db.sources.database.database import Database
from db.sources.database.sampling import quoted
from db.sources.keys import row_key
from db.sources.plan import ROWID, EventTable, Plan
from db.sources.reading.cells import CellReader
from db.sources.reading.connections import FIRST_ROW_SECONDS, columns_of, one_state, rowid_of
from db.sources.reading.documents import Arranged, LinkedDocuments, Sorted, plain_values, with_document_key
from db.sources.reading.fields_table import with_field_kinds
from db.sources.reading.json_cells import JsonColumns
from db.sources.reading.lookups import Cells
from db.sources.reading.mappings import key_columns, links_of
from db.sources.reading.parts import parts_of
from db.sources.reading.texts.text_columns import TextColumns, have_offsets
from db.store.sqlite import SQLITE_ERRORS

_OBSERVED = 500  # rows by which a sample shows how offsets count

_MOST_CELLS = 10_000  # of keys in a statement


def open_table(database: Database, plan: Plan, event_table: EventTable) -> Table:
    """Return an event table with everything that it is joined with, as one table.

    Its rows are ordered by document. Raises InputError if the database lacks a table or column of the plan.
    """
    event_table = with_field_kinds(database, with_document_key(database, event_table))
    return WideTable(database, event_table, exact=have_offsets(plan)).table()


def open_beginning(database: Database, plan: Plan, event_table: EventTable) -> Table:
    """Return the table of ``open_table`` with its first rows only, which are read at once from a table of any size.

    Raises InputError as that does.
    """
    wide = WideTable(database, with_document_key(database, event_table), exact=have_offsets(plan))
    wide.restrict_to_first(SAMPLE_ROWS)
    return wide.table()


class RowNumber(NamedTuple):
    """The number of a row in the wide table, and the key of its document."""

    number: int
    document: Cells


class WideTable:
    """Reads the wide table of an event table.

    keys: those of the rows that were read, which the caller removes. empty: how many rows had neither an event nor a
    text.
    """

    def __init__(
        self, database: Database, event_table: EventTable, *, has_events: bool = True, exact: bool = False
    ) -> None:
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
            self._cells = CellReader(own, texts, key_columns(event_table))
            self._order = order_of(event_table, own)
            self._document = [own.index(column) for column in self._order]
            self._keys = [column for column in event_table.key if column in own]
            self._key = [own.index(column) for column in self._keys]
        self._linked = next((part for part in self._parts if isinstance(part, LinkedDocuments)), None)
        columns = [own[at] for at in self._kept] + [column for part in self._parts for column in part.columns]
        self._json = JsonColumns(event_table, columns)
        self._texts = TextColumns(event_table, database.path.parent, exact=exact)
        uses = event_table.mapping.uses().items()
        self._unsearched = {column for column, use in uses if not use.startswith("field")} | set(event_table.key)
        self._is_observed = False
        self._is_usual = True  # if rows have the columns of the table
        self._only: list[Cells] | None = None  # the rows that ``restrict`` found
        self.keys: deque[RowNumber] = deque()
        self.empty = 0

    def table(self) -> Table:
        """Return the table."""
        with one_state(self._database):
            self._observe(_OBSERVED)
            rows = self._values(f"{self._select} LIMIT {SAMPLE_ROWS}") if self._only is None else self._only
            sample = list(islice(self._read(self._arranged(rows)), SAMPLE_ROWS))
        columns = dict.fromkeys(self._json.columns)
        columns |= dict.fromkeys(column for row in sample for column in row.columns or ())
        self._is_usual = len(columns) == len(self._json.columns)
        cells = [_cells_of(row, tuple(columns), self._json.columns) for row in sample if row.has_event]
        return Table(self._event_table.table, tuple(columns), self._ordered, cells, typed=True)

    def _ordered(self) -> Iterator[Row]:
        self.keys.clear()
        self.empty = 0
        names = [*map(quoted, self._order), *filter(None, [self._rowid])] if self._order else []
        order = f" ORDER BY {', '.join(names)}" if names else ""
        with one_state(self._database):
            if self._only is None:
                self._observe(None)
            rows = self._values(self._select + order) if self._only is None else self._only
            arranged = self._arranged(rows)
            try:
                yield from self._read(Sorted(arranged) if self._linked else arranged)
            except SQLITE_ERRORS as error:
                raise self._database.refusal(error) from None

    def _arranged(self, rows: Iterable[Cells]) -> Iterator[Arranged]:
        """Yield each row with the key of its document, in any order."""
        if self._linked is not None:
            return self._linked.arrange(rows, self._values_of, self._texts.readable_text)
        return (Arranged(tuple([row[at] for at in self._document]), row, True) for row in rows)

    def _values_of(self, row: Cells) -> list[Any]:
        """Return the values of an event that may be in its text."""
        assert self._linked is not None
        self._linked.current = ()
        used = self._unsearched
        found: list[Any] = []
        for arranged, columns, cells, _, _ in self._unfinished([Arranged((), row, True)]):
            assert arranged.cells is row
            found += plain_values(cell for column, cell in zip(columns, cells, strict=True) if column not in used)
        return found

    def _observe(self, rows: int | None) -> None:
        """Find out how offsets count, by the first rows or by all."""
        if self._texts.has_offsets and not self._is_observed:
            self._is_observed = rows is None
            values = self._values(self._select + (f" LIMIT {rows}" if rows else ""))
            found = self._unfinished(self._arranged(values))
            self._texts.observe((columns, cells) for _, columns, cells, _, _ in found)

    def restrict(self, keys: Collection[Cells]) -> None:
        """Read only the rows with these keys, which are kept in memory."""
        own, rowid = self._names, self._rowid
        names = [rowid if column == ROWID and rowid and ROWID not in own else quoted(column) for column in self._keys]
        mark = f"({', '.join('?' * len(names))})"
        together = _MOST_CELLS // max(1, len(names))
        rest, found = list(keys), []
        with one_state(self._database) as connection:
            while rest:
                some, rest = rest[:together], rest[together:]
                condition = f"({', '.join(names)}) IN (VALUES {', '.join([mark] * len(some))})" if names else "true"
                cells = [cell for key in some for cell in key]
                found += connection.execute(f"{self._select} WHERE {condition}", cells).fetchall()
            self._keep(found)

    def restrict_to_first(self, rows: int) -> None:
        """Read only so many rows, which are kept in memory."""
        with one_state(self._database) as connection:
            self._keep(connection.execute(f"{self._select} LIMIT {rows}").fetchall())

    def _keep(self, rows: list[Cells]) -> None:
        rows.sort(key=lambda row: sorting([row[at] for at in self._document]))
        for part in self._parts:
            part.prepare(rows)
        self._only = rows

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
        named = {*self._event_table.key, *(column for link in links_of(self._event_table) for column in link.columns)}
        if ROWID in named and rowid is not None and ROWID not in own:
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

    def _values(self, query: str) -> Iterator[Cells]:
        deadline = self._database.deadline
        deadline.extend(FIRST_ROW_SECONDS)
        for values in self._database.connection.execute(query):
            deadline.extend()
            yield values

    def _unfinished(
        self, rows: Iterable[Arranged]
    ) -> Iterator[tuple[Arranged, tuple[str, ...], list[Any], list[str], bool]]:
        """Yield each row, its columns and cells before its text is made readable, notes, and if it has an event."""
        linked = self._linked
        for row in rows:
            if linked is not None:
                linked.current = row.key
            notes: list[str] = []
            own = self._cells.read(row.cells, notes)
            cells = [own[at] for at in self._kept]
            for part in self._parts:
                part.add(row.cells, cells, notes)
            for columns, finished, has_event in self._json.rows(cells, notes):
                yield row, columns, finished, notes, has_event
                notes = []

    def _read(self, rows: Iterable[Arranged]) -> Iterator[Row]:
        size = 0
        usual = self._json.columns
        finish = None if self._texts.is_plain else self._texts.finish
        for number, (row, columns, cells, notes, has_event) in enumerate(self._unfinished(rows), 1):
            size += sum([len(cell) for cell in cells if cell.__class__ is str])
            if finish is not None:
                finish(columns, cells, notes)
            if number == 1 and self._texts.note:
                notes.insert(0, self._texts.note)
            is_event = has_event and self._has_events and row.has_event
            if not is_event and not self._texts.has_text(columns, cells):
                self.empty += 1
                continue
            key = (self._event_table.table, row_key([row.cells[at] for at in self._key]))
            self.keys.append(RowNumber(number, row.key))
            differing = None if columns is usual and self._is_usual else columns
            yield Row(number, cells, b"", size, differing, tuple(notes), has_event=is_event, row_key=key)


def _cells_of(row: Row, columns: Sequence[str], usual: Sequence[str]) -> list[Any]:
    assert not isinstance(row.cells, InputError)
    own = dict(zip(row.columns or usual, row.cells, strict=True))
    return ["" if (cell := own.get(column)) is None else cell for column in columns]


def sorting(key: Sequence[Any]) -> tuple[tuple[int, Any], ...]:
    """Return a key that Python sorts as SQLite does: null, numbers, texts, bytes."""
    return tuple(
        (0, 0)
        if cell is None
        else (1, cell)
        if isinstance(cell, int | float)
        else (2, cell)
        if isinstance(cell, str)
        else (3, cell)
        for cell in key
    )


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
