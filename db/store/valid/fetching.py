"""Fetches rows in spite of damaged ones: a text that isn't UTF-8 fails in Python, after SQLite has read it."""

import contextlib
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias, TypeVar

from db.errors import DamagedRowError
from db.model import from_sql
from db.store.valid.rows import Row, RowShape

T = TypeVar("T")

Skipped: TypeAlias = Callable[[DamagedRowError], None]
"""Gets the error of each row that a bulk operation skips."""


def is_undecodable(error: sqlite3.Error) -> bool:
    """Return True if Python could not decode a text of the file, which is damaged. SQLite itself didn't fail."""
    return isinstance(error, sqlite3.OperationalError) and str(error).startswith("Could not decode to UTF-8")


def named(
    connection: sqlite3.Connection, error: sqlite3.Error, shape: RowShape, where: str, *ids: int
) -> sqlite3.Error:
    """Return the error that names the row with a text that Python could not decode; any other error unchanged.

    ``where``: the SQL condition on the rows that were read, with ``ids`` as its parameters.
    """
    if not is_undecodable(error):
        return error
    columns = [name for name in shape.columns if name not in ("changed", "gone")]
    casts = ", ".join(f"CAST({name} AS BLOB)" for name in columns[1:])
    for row_id, *values in connection.execute(f"SELECT {columns[0]}, {casts} FROM {shape.table} WHERE {where}", ids):
        for name, value in zip(columns[1:], values, strict=True):
            try:
                (value or b"").decode()
            except UnicodeDecodeError:
                return DamagedRowError(shape.table, row_id, f"{name} is not valid UTF-8")
    return error


def in_order(
    connection: sqlite3.Connection,
    sql: str,
    parameters: Mapping[str, object],
    shape: RowShape,
    make: Callable[[Row], T],
    skipped: Skipped | None,
) -> Iterator[T]:
    """Yield what ``make`` makes of the rows of a statement, which has ``id > :after`` and is in the order of ``id``,
    or of another first column of the shape.

    Damaged rows go to ``skipped``; without it, the first one raises DamagedRowError.
    """
    after = -1 << 63
    while True:
        try:
            for row in connection.execute(sql, {**parameters, "after": after}):
                after = row[0]
                try:
                    made = make(row)
                except DamagedRowError as error:
                    _skip(error, skipped)
                else:
                    yield made
        except sqlite3.OperationalError as error:
            if not is_undecodable(error):
                raise
            # The cursor stays at the row, so the statement starts again after it.
            id_ = shape.columns[0]
            sql_first = f"SELECT {id_} FROM ({sql}) LIMIT 1"
            (after,) = connection.execute(sql_first, {**parameters, "after": after}).fetchone()
            _skip(named(connection, error, shape, f"{id_} = ?", after), skipped)
        else:
            return


def _skip(error: sqlite3.Error, skipped: Skipped | None) -> None:
    if skipped is None or not isinstance(error, DamagedRowError):
        raise error
    skipped(error)


def readable_rows(connection: sqlite3.Connection, shape: RowShape, order: str, skipped: Skipped) -> Iterator[Row]:
    """Yield the readable rows of a small table."""
    columns = list(shape.columns)
    sql = f"SELECT {', '.join(columns)} FROM {shape.table} ORDER BY {order}"
    for row in decoded(connection, sql, len(columns)):
        try:
            shape.check(row)
        except DamagedRowError as error:
            skipped(error)
        else:
            yield row


def decoded(connection: sqlite3.Connection, sql: str, columns: int, parameters: Sequence[object] = ()) -> list[Row]:
    """Return the rows of a statement. A text that isn't UTF-8 becomes bytes."""
    try:
        return connection.execute(sql, parameters).fetchall()
    except sqlite3.OperationalError as error:
        if not is_undecodable(error):
            raise
    names = [f"c{number}" for number in range(columns)]
    cast = ", ".join(f"typeof({name}), iif(typeof({name}) = 'text', CAST({name} AS BLOB), {name})" for name in names)
    rows = connection.execute(f"WITH found ({', '.join(names)}) AS ({sql}) SELECT {cast} FROM found", parameters)
    return [tuple(map(_decoded, row[::2], row[1::2])) for row in rows]


def _decoded(kind: str, value: Any) -> Any:
    if kind == "text":
        with contextlib.suppress(UnicodeDecodeError):
            return value.decode()
    return value


def texts(connection: sqlite3.Connection, sql: str, parameters: Sequence[object] = ()) -> list[str]:
    """Return the texts of a statement with one column, without what isn't readable text."""
    return [row[0] for row in decoded(connection, sql, 1, parameters) if type(row[0]) is str]


def checked_texts(shape: RowShape, row: Row, column: str, skipped: Skipped) -> tuple[str, ...]:
    """Return the JSON array of texts of a column of a row; an empty one if it is something else."""
    try:
        loaded = from_sql(row[shape.columns.index(column)].encode())
    except ValueError:
        loaded = None
    if isinstance(loaded, list) and all(isinstance(item, str) for item in loaded):
        return tuple(map(str, loaded))
    skipped(DamagedRowError(shape.table, row[0], f"{column} is not a JSON array of texts"))
    return ()
