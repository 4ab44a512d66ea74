"""Compares values between tables: how many of some cells are in a column, and which rows a link leads to."""

import time
from collections.abc import Iterable, Sequence
from typing import Any

from db.sources.database.catalogue import TableInfo
from db.sources.database.database import Database
from db.sources.database.sampling import quoted
from db.sources.plan import ROWID, Link

COMPARED = 60  # values
_SECONDS = 0.25  # for a comparison without an index
_CHARACTERS = 100_000  # of a text that is compared

Rows = dict[tuple[Any, ...], list[tuple[Any, ...]]]
"""Rows by the cells that lead to them."""


def some_values(table: TableInfo, columns: Sequence[str], most: int = COMPARED) -> list[tuple[Any, ...]]:
    """Return different values of some columns, from the whole length of the table; none of them null."""
    at = [table.names.index(column) for column in columns if column in table.names]
    if len(at) != len(columns):
        return []
    cells = (tuple(row[one] for one in at) for row in table.sample)
    values = list(dict.fromkeys(one for one in cells if not any(cell is None or cell == "" for cell in one)))
    step = max(1, len(values) // most)
    return values[::step][:most]


def matches(database: Database, values: Sequence[tuple[Any, ...]], table: str, to: Sequence[str]) -> int:
    """Return how many of these values are in columns of a table, as far as that is found in time."""
    found = rows_at(database, table, to, (), values)
    return sum(value in found for value in map(_comparable, values))


def rows_at(
    database: Database, table: str, to: Sequence[str], columns: Sequence[str], values: Sequence[tuple[Any, ...]]
) -> Rows:
    """Return the rows whose cells in ``to`` are among these values, as far as they are found in time."""
    if not values:
        return {}
    wanted = ", ".join((*map(quoted, to), *map(_cut, columns)))
    if len(to) == 1:
        condition = f"{quoted(to[0])} IN ({', '.join('?' * len(values))})"
    else:
        one = " AND ".join(f"{quoted(column)} = ?" for column in to)
        condition = " OR ".join([f"({one})"] * len(values))
    query = f"SELECT {wanted} FROM {quoted(table)} WHERE {condition} LIMIT {len(values) * 20}"
    cells = [cell for value in values for cell in value]
    found: Rows = {}
    if _are_bytes(database, table, to):
        cells = [cell.encode() if isinstance(cell, str) else cell for cell in cells]
    for row in database.rows_in_time(query, cells, _SECONDS) or ():
        found.setdefault(_comparable(row[: len(to)]), []).append(row[len(to) :])
    return found


def _are_bytes(database: Database, table: str, columns: Sequence[str]) -> bool:
    """Return True for keys that are stored as bytes, also where these are readable and so were decoded."""
    info = database.catalogue.named(table)
    column = info.named(columns[0]) if info is not None and len(columns) == 1 else None
    if column is None or not {"BLOB", ""} & {column.declared.upper()}:
        return False
    kind = database.rows_in_time(f"SELECT typeof({quoted(columns[0])}) FROM {quoted(table)} LIMIT 1", (), _SECONDS)
    return kind == [("blob",)]


def follow(database: Database, link: Link, columns: Sequence[str], values: Sequence[tuple[Any, ...]]) -> Rows:
    """Return the rows at the end of a link, with these columns, by the cells of its start."""
    if link.then is None:
        return rows_at(database, link.table, link.to, columns, values)
    middle = rows_at(database, link.table, link.to, link.then.columns, values)
    keys = list(dict.fromkeys(key for rows in middle.values() for key in rows if None not in key))
    ends = follow(database, link.then, columns, keys)
    return {start: [row for key in rows for row in ends.get(_comparable(key), ())] for start, rows in middle.items()}


def comparable_key(cells: Iterable[Any]) -> tuple[Any, ...]:
    """Return cells as the keys of ``Rows`` have them."""
    return _comparable(tuple(cells))


def share_in_texts(values: Sequence[Sequence[Any]], texts: Sequence[str]) -> tuple[int, int]:
    """Return how many of the rows' values occur in their row's text, and how many values were compared."""
    found = compared = 0
    until = time.monotonic() + _SECONDS
    for row, text in zip(values, texts, strict=True):
        if not text or time.monotonic() > until:
            continue
        folded = text[:_CHARACTERS].casefold()
        for cell in row:
            word = cell.strip().casefold() if isinstance(cell, str) else str(cell) if type(cell) is int else ""
            if 1 < len(word) <= 80 or (word.isdecimal() and word != "0"):
                compared += 1
                found += word in folded
    return found, compared


def _comparable(cells: tuple[Any, ...]) -> tuple[Any, ...]:
    """Return cells so that 7 and "7" are equal, as columns of some type make them."""
    return tuple(str(cell) if isinstance(cell, int | float) else cell for cell in cells)


def _cut(column: str) -> str:
    name = quoted(column)
    return (
        name
        if column == ROWID
        else f"CASE WHEN length({name}) > {_CHARACTERS} THEN substr({name}, 1, {_CHARACTERS}) ELSE {name} END"
    )
