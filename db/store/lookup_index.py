"""The lookup indexes: full text of documents, and a table and full text of the values that fields have.

No trigger keeps them up to date: imports index documents, and all code that sets a field's name or value calls
``index_values``.
"""

import sqlite3
from collections.abc import Iterable

from db.model import SqlValue
from db.text.folding import folded, spaced

_COUNT_VALUE = "UPDATE field_values SET uses = uses + ? WHERE name = ? AND value = ?"
_ADD_VALUE = "INSERT INTO field_values (name, value, folded, uses) VALUES (?, ?, ?, ?) RETURNING id"


def index_documents(
    connection: sqlite3.Connection, rows: Iterable[tuple[int, str | None, str | None]], table: str = "documents_fts"
) -> None:
    """Index new documents, given as (integer id, title, text)."""
    connection.executemany(
        f"INSERT INTO {table} (rowid, title, text) VALUES (?, ?, ?)",
        ((id_, _spaced(title), _spaced(text)) for id_, title, text in rows),
    )


def unindex_document(connection: sqlite3.Connection, id_: int, title: str | None, text: str | None) -> None:
    """Remove a document from the index, given exactly the title and text that it was indexed with."""
    connection.execute(
        "INSERT INTO documents_fts (documents_fts, rowid, title, text) VALUES ('delete', ?, ?, ?)",
        (id_, _spaced(title), _spaced(text)),
    )


def index_values(connection: sqlite3.Connection, uses: Iterable[tuple[str, SqlValue, int]]) -> None:
    """Count how many more fields, or fewer, have a name and value. Numbers need no folding and are not indexed."""
    for name, value, more in uses:
        if isinstance(value, str | bytes):
            if connection.execute(_COUNT_VALUE, (more, name, value)).rowcount:
                continue
            text = value if isinstance(value, str) else value.decode()
            row = connection.execute(_ADD_VALUE, (name, value, folded(text), more)).fetchone()
            connection.execute("INSERT INTO field_values_fts (rowid, value) VALUES (?, ?)", (row[0], spaced(text)))


def index_all(connection: sqlite3.Connection) -> None:
    """Rebuild both indexes from documents and fields."""
    for table in ("documents_fts", "field_values_fts"):
        connection.execute(f"INSERT INTO {table} ({table}) VALUES ('delete-all')")
    connection.execute("DELETE FROM field_values")
    index_documents(connection, connection.execute("SELECT id, title, text FROM documents ORDER BY id"))
    uses = "SELECT name, value, sum(state <> 'removed') FROM fields GROUP BY name, value"
    index_values(connection, connection.execute(uses))


def _spaced(text: str | None) -> str | None:
    return None if text is None else spaced(text)
