"""Which document an event belongs to, where the event's own row doesn't say it: over tables between, or one of several.

If a row leads to several texts, the event belongs to the one in which most of its values are found.
"""

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any, NamedTuple

from db.grounding.grounder import Grounder
from db.sources.database.database import Database
from db.sources.plan import ROWID, EventTable, Joined
from db.sources.reading.cells import CellReader
from db.sources.reading.connections import decoded
from db.sources.reading.lookups import Cells, LinkedRows, OneRow, RowsByKey, keys_of
from db.store.sqlite import connect_temporary

_MOST_TEXTS = 50  # of an event that are compared
_MOST_VALUES = 50
_KEPT_TEXTS = 64
_STORED_TOGETHER = 1000

Text = Callable[[Sequence[str], Cells], str]
"""Returns the readable text of a document, from the columns and cells of its row."""


class Arranged(NamedTuple):
    """A row of an event table with the key of its document; without an event if it is there for the document alone."""

    key: Cells
    cells: Cells
    has_event: bool


def document_of(table: EventTable) -> Joined | None:
    """Return the joined rows that are the documents, if the own row doesn't name them; else None."""
    named = (*table.mapping.document.text, *table.mapping.document.title)
    for joined in table.joined:
        if (joined.several or joined.link.then) and any(column.startswith(f"{joined.name}.") for column in named):
            return joined
    return None


def with_document_key(database: Database, table: EventTable) -> EventTable:
    """Return an event table that reads the key of its documents, where these are in the rows of another table."""
    joined = document_of(table)
    if joined is None or table.mapping.document.id:
        return table
    info = database.catalogue.named(joined.link.end)
    key = (info.key if info else ()) or ((ROWID,) if info is None or info.rowid else info.names)
    columns = tuple(dict.fromkeys((*joined.columns, *key)))
    document = replace(table.mapping.document, id=tuple(f"{joined.name}.{column}" for column in key))
    others = tuple(replace(one, columns=columns) if one is joined else one for one in table.joined)
    return replace(table, joined=others, mapping=replace(table.mapping, document=document))


class LinkedDocuments:
    """The part of a wide table with the document of a row. ``arranged`` says before which one it is."""

    def __init__(self, database: Database, table: EventTable, joined: Joined, at: dict[str, int]) -> None:
        self.columns = tuple(f"{joined.name}.{column}" for column in joined.columns)
        self._several = joined.several
        self._own_key = [at[column] for column in joined.link.columns]
        ids = [column for column in table.mapping.document.id if column in self.columns]
        self._key = [self.columns.index(column) for column in ids] or list(range(len(self.columns)))
        self._rows = LinkedRows(database, joined.link, joined.columns, rows_are_long=True)
        to = [joined.columns[number] for number in self._key]
        by_key = RowsByKey(database, joined.link.end, to, joined.columns, rows_are_long=True)
        self._by_key = OneRow(by_key, len(joined.columns))
        self._reader = CellReader(self.columns, table.mapping.document.text, table.mapping.document.id)
        self.current: Cells = ()

    def prepare(self, rows: Sequence[Cells]) -> None:
        """Prepare to arrange these rows, and no others."""
        self._rows.prepare(keys_of(rows, self._own_key))

    def add(self, own: Sequence[Any], cells: list[Any], notes: list[str]) -> None:  # noqa: ARG002
        """Add the cells of the current document."""
        if self.current and None not in self.current:
            cells += self._reader.read(self._by_key.find(self.current), notes)
        else:
            cells += [None] * len(self.columns)

    def arrange(
        self, rows: Iterable[Cells], values: Callable[[Cells], Sequence[Any]], text: Text
    ) -> Iterator[Arranged]:
        """Yield each row with its document, and once more without an event for each other document of it."""
        grounder = lru_cache(_KEPT_TEXTS)(Grounder)
        for row in rows:
            found = self._rows.find(tuple([row[at] for at in self._own_key]))
            if not found:
                yield Arranged((None,) * len(self._key), row, True)
                continue
            best = 0
            if self._several and len(found) > 1:
                wanted = [value for value in values(row) if isinstance(value, str | int | float)][:_MOST_VALUES]
                texts = [text(self.columns, tuple(self._reader.read(one, []))) for one in found[:_MOST_TEXTS]]
                hits = [sum(bool(grounder(one).find_all(value)) for value in wanted) for one in texts]
                best = hits.index(max(hits))
            for number, one in enumerate(found if self._several else found[:1]):
                yield Arranged(tuple([one[at] for at in self._key]), row, number == best)


class Sorted:
    """Rows in the order of their documents, kept in a temporary database; events come before a document alone."""

    def __init__(self, rows: Iterable[Arranged]) -> None:
        self._store: sqlite3.Connection = connect_temporary()
        self._store.text_factory = decoded
        some: list[tuple[Any, ...]] = []
        self._keys = self._width = 0
        for row in rows:
            if not self._width:
                self._keys, self._width = len(row.key), len(row.cells)
                names = [*(f"k{n}" for n in range(self._keys)), "alone", *(f"c{n}" for n in range(self._width))]
                self._store.execute("BEGIN")
                self._store.execute(f"CREATE TABLE rows ({', '.join(names)})")
            some.append((*row.key, not row.has_event, *row.cells))
            if len(some) >= _STORED_TOGETHER:
                self._insert(some)
                some = []
        self._insert(some)

    def _insert(self, rows: list[tuple[Any, ...]]) -> None:
        if rows:
            marks = ", ".join("?" * (self._keys + 1 + self._width))
            self._store.executemany(f"INSERT INTO rows VALUES ({marks})", rows)

    def __iter__(self) -> Iterator[Arranged]:
        """Yield the rows; a document that has an event is not there a second time without one."""
        if not self._width:
            return
        order = ", ".join([*(f"k{n}" for n in range(self._keys)), "alone", "rowid"])
        before: Cells | None = None
        for row in self._store.execute(f"SELECT * FROM rows ORDER BY {order}"):
            key, has_event = row[: self._keys], not row[self._keys]
            if has_event or key != before:
                yield Arranged(key, row[self._keys + 1 :], has_event)
            before = key


def plain_values(cells: Iterable[Any]) -> Iterator[Any]:
    """Yield the values in cells, also those in lists and objects."""
    for cell in cells:
        if isinstance(cell, dict):
            yield from plain_values(cell.values())
        elif isinstance(cell, list):
            yield from plain_values(cell)
        elif isinstance(cell, tuple):
            yield from (part.value for part in cell)
        elif cell is not None and cell != "":
            yield cell
