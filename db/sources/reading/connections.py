"""What reading needs of an open database: text that may be invalid, one state for all reads, and a temporary copy."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from db.sources.database.database import Database
from db.sources.database.sampling import quoted

FIRST_ROW_SECONDS = 900.0  # that a query may take before its first row: a large table is sorted


class InvalidText(bytes):
    """A text that is not valid UTF-8."""


def decoded(data: bytes) -> str | InvalidText:
    """Return the text of these bytes: the text factory of a connection that reads any file."""
    try:
        return data.decode()
    except UnicodeDecodeError:
        return InvalidText(data)


@contextmanager
def one_state(database: Database) -> Iterator[sqlite3.Connection]:
    """Read the same state of the database in the whole block, whoever writes to it meanwhile."""
    connection = database.connection
    connection.text_factory = decoded
    if connection.in_transaction:
        yield connection
        return
    connection.execute("BEGIN")
    try:
        yield connection
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")


def columns_of(connection: sqlite3.Connection, table: str) -> tuple[str, ...]:
    """Return the columns of a table or view, in their order. Raises sqlite3.Error."""
    return tuple(item[0] for item in connection.execute(f"SELECT * FROM {quoted(table)} LIMIT 0").description)


def rowid_of(connection: sqlite3.Connection, table: str) -> str | None:
    """Return the name under which a table has its rowid; None for a view, or a table without rowid."""
    sql = "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ? COLLATE NOCASE"
    if connection.execute(sql, (table,)).fetchone() is None:
        return None
    taken = {column.casefold() for column in columns_of(connection, table)}
    for name in ("rowid", "_rowid_", "oid"):
        if name not in taken:
            try:
                connection.execute(f"SELECT {name} FROM {quoted(table)} LIMIT 0")
            except sqlite3.Error:
                return None
            return name
    return None
