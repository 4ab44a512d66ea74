"""Opens a table, a view or a SELECT of any SQLite file, read-only."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from math import isfinite
from pathlib import Path
from typing import Any

from db.errors import InputError
from db.formats.format import Source
from db.formats.tables.mapping.loading import preset_for_columns
from db.formats.tables.table import MAX_ROW_BYTES, Row, Table, refuse_duplicates, sample_of
from db.io.json_lines import shorten
from db.store.sqlite import Deadline, connect_other

_TABLES_NAMED = 8  # in a message
_ROW_SECONDS = 60.0  # that a query may take for one row
MAGIC = b"SQLite format 3\0"


def open_sqlite(source: Source) -> Table:
    """Return a table of a SQLite file; ``source.table`` is its name or a SELECT. Raises InputError."""
    path = source.path
    if path is None:
        raise InputError(
            f"{source.name}: SQLite can't be read from standard input; save it and name a table: sqlite:FILE:TABLE"
        )
    with closing(_connect(source.name, path)) as connection:
        query = _query(source, connection)
        columns = _columns(source.name, connection, query)

    def rows() -> Iterator[Row]:
        deadline = Deadline(_ROW_SECONDS)
        with closing(_connect(source.name, path, deadline)) as connection:
            try:
                for number, values in enumerate(connection.execute(query), 1):
                    deadline.extend()
                    yield _row(columns, number, values)
            except (sqlite3.Error, sqlite3.Warning) as error:
                raise _refusal(source.name, error) from None

    return Table(source.name, columns, rows, sample_of(rows()), typed=True, preset=preset_for_columns(columns))


def _connect(name: str, path: Path, deadline: Deadline | None = None) -> sqlite3.Connection:
    try:
        return connect_other(path, deadline or Deadline(_ROW_SECONDS))
    except (sqlite3.Error, OSError) as error:
        raise _refusal(name, error) from None


def _query(source: Source, connection: sqlite3.Connection) -> str:
    tables = _tables(connection)
    named = (source.table or "").strip()
    if not named and len(tables) == 1:
        named = tables[0]
    for table in tables:
        if table.casefold() == named.casefold():
            escaped = table.replace('"', '""')
            return f'SELECT * FROM "{escaped}"'
    if named.split(maxsplit=1) and named.split(maxsplit=1)[0].upper() in ("SELECT", "WITH", "VALUES"):
        return named
    if not named and tables:
        raise InputError(f"{source.name}: {_naming(str(source.path), tables)}")
    problem = f"no table {shorten(named)}" if named else "has no tables"
    raise InputError(f"{source.name}: {problem}; its tables: {', '.join(tables) or 'none'}; or give a SELECT")


def naming_tables(path: Path, name: str) -> str:
    """Return the advice to name one of the tables of a file, with those that it has. Raises InputError."""
    with closing(_connect(name, path)) as connection:
        return _naming(str(path), _tables(connection))


def _tables(connection: sqlite3.Connection) -> list[str]:
    rows = connection.execute(
        "SELECT name FROM sqlite_schema WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"
    )
    return [name.decode("utf-8", "replace") for (name,) in rows]


def _naming(file: str, tables: list[str]) -> str:
    if not tables:
        return "it has no tables"
    more = f" (of {len(tables)} tables)" if len(tables) > _TABLES_NAMED else ""
    return f"name one of its tables: {', '.join(f'sqlite:{file}:{table}' for table in tables[:_TABLES_NAMED])}{more}"


def _columns(name: str, connection: sqlite3.Connection, query: str) -> tuple[str, ...]:
    try:
        cursor = connection.execute(query)
    except (sqlite3.Error, sqlite3.Warning, ValueError) as error:
        raise _refusal(name, error) from None
    columns = tuple(item[0] for item in cursor.description or ())
    refuse_duplicates(name, columns, "rename one of them with AS")
    if not columns:
        raise InputError(f"{name}: the query returns no columns; give a SELECT")
    return columns


def _row(columns: tuple[str, ...], number: int, values: tuple[Any, ...]) -> Row:
    cells: list[Any] = []
    notes = []
    problem = None
    for column, value in zip(columns, values, strict=True):
        if isinstance(value, bytes):
            if len(value) > MAX_ROW_BYTES:
                problem = problem or f"column {column}: longer than {MAX_ROW_BYTES:,} bytes; omit it with a SELECT"
                value = None
            else:
                try:
                    value = value.decode()
                except UnicodeDecodeError:
                    notes.append(f"column {column}: holds bytes, not text; skipped")
                    value = None
        elif isinstance(value, float) and not isfinite(value):
            problem = problem or f"column {column}: an infinite number; omit it with a SELECT"
            value = None
        cells.append(value)
    filled = {column: value for column, value in zip(columns, cells, strict=True) if value is not None}
    raw = json.dumps(filled, ensure_ascii=False).encode() + b"\n"
    return Row(number, InputError(problem) if problem else cells, raw, len(raw), notes=tuple(notes))


def _refusal(name: str, error: Exception) -> InputError:
    message = str(error)
    if message == "interrupted":
        return InputError(f"{name}: returned no row for {_ROW_SECONDS:.0f} seconds; simplify the query")
    if "not authorized" in message or "one statement" in message or "readonly" in message:
        return InputError(f"{name}: only a single read-only SELECT is allowed ({message})")
    return InputError(f"{name}: can't be read as SQLite ({message}); check the file and the query")
