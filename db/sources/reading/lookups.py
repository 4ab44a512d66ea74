"""Finds rows of another table by a key: by its index, or else by a sorted temporary copy of what is needed of it."""

import sqlite3
from collections.abc import Container, Sequence
from typing import Any

from db.sources.database.database import Database
from db.sources.database.sampling import quoted
from db.sources.plan import Link
from db.sources.reading.connections import FIRST_ROW_SECONDS, decoded, rowid_of
from db.store.sqlite import connect_temporary

Cells = tuple[Any, ...]
_COPIED_TOGETHER = 1000  # rows
_SLOW = ("SCAN", "MATERIALIZE", "CO-ROUTINE", "USE TEMP", "AUTOMATIC")
_CACHED = 20_000  # keys of which the rows are kept
_CACHED_CHARACTERS = 4_000_000


class RowsByKey:
    """The rows of a table whose cells in ``to`` equal a key; each has the cells in ``columns``.

    rows_are_long: True to copy only where the rows are, for rows with texts.
    """

    def __init__(
        self,
        database: Database,
        table: str,
        to: Sequence[str],
        columns: Sequence[str],
        *,
        rows_are_long: bool = False,
    ) -> None:
        self._database = database
        self._connection = connection = database.connection
        self._table, self._to = table, tuple(to)
        self._wanted = ", ".join(map(quoted, columns))
        self._rowid = rowid = rowid_of(connection, table)
        condition = " AND ".join(f"{quoted(column)} = ?" for column in to)
        order = f" ORDER BY {rowid}" if rowid else ""
        self._select = f"SELECT {self._wanted} FROM {quoted(table)} WHERE {condition}"
        self._copy: sqlite3.Connection | None = None
        self._by_rowid = rows_are_long and rowid is not None
        self._is_indexed = self._is_quick(self._select, len(to))
        if self._is_indexed and order and self._is_quick(self._select + order, len(to)):
            self._select += order

    def find(self, key: Cells) -> list[Cells]:
        """Return the rows of a key, in the order of the table; none if a cell of the key is null."""
        if None in key:
            return []
        if self._is_indexed:
            found = self._connection.execute(self._select, key).fetchall()
            if not found and (other := _other_key(key)) != key:
                found = self._connection.execute(self._select, other).fetchall()
            return found
        if self._copy is None:
            self._copy = self._copied()
        rows = self._copy.execute("SELECT * FROM rows WHERE key = ? ORDER BY rowid", (_text_key(key),)).fetchall()
        if not self._by_rowid:
            return [row[1:] for row in rows]
        select = f"SELECT {self._wanted} FROM {quoted(self._table)} WHERE {self._rowid} = ?"
        return [found for row in rows for found in self._connection.execute(select, (row[1],))]

    def prepare(self, keys: Sequence[Cells]) -> None:
        """Copy only the rows of these keys, if no index finds them. No other keys may be asked for then."""
        if not self._is_indexed and self._copy is None:
            self._copy = self._copied({_text_key(key) for key in keys if None not in key})

    def _is_quick(self, select: str, keys: int) -> bool:
        plan = self._connection.execute(f"EXPLAIN QUERY PLAN {select}", (0,) * keys)
        return not any(str(row[3]).startswith(_SLOW) or "AUTOMATIC" in str(row[3]) for row in plan)

    def _copied(self, only: Container[str | bytes] | None = None) -> sqlite3.Connection:
        copy = connect_temporary()
        copy.text_factory = decoded
        wanted = self._rowid if self._by_rowid else self._wanted
        to = ", ".join(map(quoted, self._to))
        self._database.deadline.extend(FIRST_ROW_SECONDS)
        rows = self._connection.execute(f"SELECT {to}, {wanted} FROM {quoted(self._table)}")
        size, width = len(self._to), len(rows.description)
        cells = ", ".join(f"c{number}" for number in range(width - size))
        copy.execute("BEGIN")
        copy.execute(f"CREATE TABLE rows (key, {cells})")
        marks = ", ".join("?" * (width - size + 1))
        while some := rows.fetchmany(_COPIED_TOGETHER):
            self._database.deadline.extend()
            keyed = [(_text_key(row[:size]), *row[size:]) for row in some if None not in row[:size]]
            if only is not None:
                keyed = [row for row in keyed if row[0] in only]
            copy.executemany(f"INSERT INTO rows VALUES ({marks})", keyed)
        copy.execute("CREATE INDEX rows_by_key ON rows (key)")
        copy.execute("COMMIT")
        return copy


class LinkedRows:
    """The rows that a link leads to, over all tables between."""

    def __init__(self, database: Database, link: Link, columns: Sequence[str], *, rows_are_long: bool = False) -> None:
        self._hops: list[RowsByKey] = []
        here: Link | None = link
        while here is not None:
            wanted = here.then.columns if here.then else columns
            is_long = rows_are_long and here.then is None
            self._hops.append(RowsByKey(database, here.table, here.to, wanted, rows_are_long=is_long))
            here = here.then

    def find(self, key: Cells) -> list[Cells]:
        """Return the rows of a key; each once, however many ways lead to it."""
        rows = self._hops[0].find(key)
        for hop in self._hops[1:]:
            keys = dict.fromkeys(rows)
            rows = [row for key in keys for row in hop.find(key)]
        return rows

    def prepare(self, keys: Sequence[Cells]) -> None:
        """Prepare to find the rows of these keys, and of no others."""
        for hop in self._hops:
            hop.prepare(keys)
            keys = [row for key in keys for row in hop.find(key)] if hop is not self._hops[-1] else ()


class OneRow:
    """The first row that a link leads to, kept for the keys that follow."""

    def __init__(self, rows: LinkedRows | RowsByKey, columns: int) -> None:
        self._rows = rows
        self._empty: Cells = (None,) * columns
        self._cache: dict[Cells, Cells] = {}
        self._characters = 0

    def find(self, key: Cells) -> Cells:
        """Return the row of a key; empty cells if there is none."""
        row = self._cache.get(key)
        if row is None:
            found = self._rows.find(key)
            row = found[0] if found else self._empty
            self._characters += sum(len(cell) for cell in row if isinstance(cell, str | bytes))
            if len(self._cache) >= _CACHED or self._characters > _CACHED_CHARACTERS:
                self._cache.clear()
                self._characters = 0
            self._cache[key] = row
        return row

    def prepare(self, keys: Sequence[Cells]) -> None:
        """Prepare to find the rows of these keys, and of no others."""
        self._rows.prepare(keys)

    def has(self, key: Cells) -> bool:
        """Return True if there is a row of a key."""
        return self.find(key) is not self._empty


def keys_of(rows: Sequence[Cells], at: Sequence[int]) -> list[Cells]:
    """Return the key of each row, whose cells are at these places."""
    return [tuple([row[n] for n in at]) for row in rows]


def _text_key(key: Cells) -> str | bytes:
    """Return a key by which 12, 12.0 and "12" are the same, as SQLite compares columns of different types."""
    parts = [_plain(cell) for cell in key]
    if len(parts) == 1:
        return parts[0]
    return "\0".join(part if isinstance(part, str) else part.hex() for part in parts)


def _plain(cell: Any) -> str | bytes:
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return cell if isinstance(cell, str | bytes) else str(cell)


def _other_key(key: Cells) -> Cells:
    """Return a key with numbers as texts, or texts as numbers, for columns without a type."""
    return tuple(_other(cell) for cell in key)


def _other(cell: Any) -> Any:
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, int):
        return str(cell)
    if isinstance(cell, str) and cell.isdecimal() and len(cell) < 19 and cell.isascii():
        return int(cell)
    return cell
