"""Rows of a table, a view or a query of any SQLite file, which is only read."""

import json
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from itertools import islice
from math import isfinite
from pathlib import Path
from typing import Any

from db.errors import InputError
from db.formats.format import Source
from db.formats.tables.mapping.mapping import preset_of
from db.formats.tables.table import LONGEST, SAMPLE, Row, Table
from db.io.json_lines import shorten
from db.store.sqlite import connect_alone

_SECONDS = 60.0  # that a query may take for one row
_STEPS = 100_000  # of SQLite's machine, after which the time is looked at
_LARGEST = 64 * 2**20  # bytes of a value that SQLite may make
_ALLOWED = {sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_RECURSIVE}
_DENIED_FUNCTIONS = frozenset(("load_extension", "readfile", "writefile", "edit", "fts3_tokenizer", "zeroblob"))
MAGIC = b"SQLite format 3\0"


def open_sqlite(source: Source) -> Table:
    """A table of a SQLite file: ``source.table`` names one, or is a SELECT. Raises InputError."""
    path = source.path
    if path is None:
        raise InputError(f"{source.name}: a SQLite file has to be a file; save it, and name a table: sqlite:FILE:TABLE")
    with closing(_connect(source.name, path)) as connection:
        query = _query(source, connection)
        columns = _columns(source.name, connection, query)

    def rows() -> Iterator[Row]:
        guard = _Guard()
        with closing(_connect(source.name, path, guard)) as connection:
            try:
                for number, values in enumerate(connection.execute(query), 1):
                    guard.row_came()
                    yield _row(columns, number, values)
            except (sqlite3.Error, sqlite3.Warning) as error:
                raise _refusal(source.name, error) from None

    sample = [
        ["" if cell is None else cell for cell in row.cells]
        for row in islice(rows(), SAMPLE)
        if not isinstance(row.cells, InputError)
    ]
    return Table(source.name, columns, rows, sample, typed=True, preset=preset_of(columns))


class _Guard:
    """Ends a query that gives no row for too long."""

    def __init__(self) -> None:
        self._until = time.monotonic() + _SECONDS

    def row_came(self) -> None:
        self._until = time.monotonic() + _SECONDS

    def __call__(self) -> int:
        return int(time.monotonic() > self._until)


def _connect(name: str, path: Path, guard: _Guard | None = None) -> sqlite3.Connection:
    try:
        connection = connect_alone(path)
        connection.text_factory = bytes
        connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _LARGEST)
        connection.execute("PRAGMA query_only = ON")
        connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    except (sqlite3.Error, OSError) as error:
        raise _refusal(name, error) from None
    connection.set_authorizer(_authorise)
    connection.set_progress_handler(guard or _Guard(), _STEPS)
    return connection


def _authorise(action: int, first: str | None, second: str | None, *_: str | None) -> int:
    if action not in _ALLOWED:
        return sqlite3.SQLITE_DENY
    if action == sqlite3.SQLITE_FUNCTION and (second or first or "").lower() in _DENIED_FUNCTIONS:
        return sqlite3.SQLITE_DENY
    return sqlite3.SQLITE_OK


def _query(source: Source, connection: sqlite3.Connection) -> str:
    named = connection.execute(
        "SELECT name FROM sqlite_schema WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"
    )
    tables = [name.decode("utf-8", "replace") for (name,) in named]
    wanted = (source.table or "").strip()
    if not wanted and len(tables) == 1:
        wanted = tables[0]
    for table in tables:
        if table.casefold() == wanted.casefold():
            escaped = table.replace('"', '""')
            return f'SELECT * FROM "{escaped}"'
    if wanted.split(maxsplit=1) and wanted.split(maxsplit=1)[0].upper() in ("SELECT", "WITH", "VALUES"):
        return wanted
    what = f"no table {shorten(wanted)}" if wanted else "name a table, as sqlite:FILE:TABLE"
    raise InputError(f"{source.name}: {what}; there are {', '.join(tables) or 'none'}; or give a SELECT")


def _columns(name: str, connection: sqlite3.Connection, query: str) -> tuple[str, ...]:
    try:
        cursor = connection.execute(query)
    except (sqlite3.Error, sqlite3.Warning, ValueError) as error:
        raise _refusal(name, error) from None
    columns = tuple(item[0] for item in cursor.description or ())
    for column in columns:
        if columns.count(column) > 1:
            raise InputError(f"{name}: two columns are called {shorten(column)}; give one another name with AS")
    if not columns:
        raise InputError(f"{name}: is no SELECT; a query that only reads is needed")
    return columns


def _row(columns: tuple[str, ...], number: int, values: tuple[Any, ...]) -> Row:
    cells: list[Any] = []
    notes = []
    why = None
    for column, value in zip(columns, values, strict=True):
        if isinstance(value, bytes):
            if len(value) > LONGEST:
                why = why or f"column {column}: longer than {LONGEST:,} bytes; leave it out with a SELECT"
                value = None
            else:
                try:
                    value = value.decode()
                except UnicodeDecodeError:
                    notes.append(f"column {column}: is no text but bytes; left out")
                    value = None
        elif isinstance(value, float) and not isfinite(value):
            why = why or f"column {column}: an infinite number; leave it out with a SELECT"
            value = None
        cells.append(value)
    told = {column: value for column, value in zip(columns, cells, strict=True) if value is not None}
    raw = json.dumps(told, ensure_ascii=False).encode() + b"\n"
    return Row(number, InputError(why) if why else cells, raw, len(raw), notes=tuple(notes))


def _refusal(name: str, error: Exception) -> InputError:
    said = str(error)
    if said == "interrupted":
        return InputError(f"{name}: gave no row for {_SECONDS:.0f} seconds; make the query simpler")
    if "not authorized" in said or "one statement" in said or "readonly" in said:
        return InputError(f"{name}: only one SELECT that reads is taken ({said})")
    return InputError(f"{name}: can't be read as SQLite ({said}); check the file and the query")
