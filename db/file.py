"""Opens the file: makes it, migrates it, and refuses what is not ours."""

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

from db.errors import FileError

APPLICATION_ID = 0x6576646B  # "evdk", in the header of the file; the `file` command shows it
_CACHE = 8_000  # KiB of pages a connection; SQLite's own 2,000 would read the top of ten million rows again and again
SCHEMA_VERSION = 3  # user_version; the number of migrations in db.migrations


def open_file(path: Path | str, *, create: bool = False) -> sqlite3.Connection:
    """Open an eventdesk file for reading and writing; every commit is on disk when it returns.

    The connection is in autocommit mode: writers use ``writing``. Raises FileError, and then leaves the file as it was.
    """
    path = Path(path)
    if not path.exists():
        if not create:
            raise FileError(f"{path}: no such file; `eventdesk import {path} FILE` makes it")
        if not path.parent.is_dir():
            raise FileError(f"{path}: there is no folder {path.parent}; make it first")
    elif path.is_dir():
        raise FileError(f"{path}: is a folder, not a file")
    try:
        connection = _connect(path, create)
    except sqlite3.Error as error:
        raise FileError(f"{path}: can't be opened ({error}); check its permissions") from None
    try:
        _prepare(connection, path)
    except sqlite3.OperationalError as error:
        connection.close()
        raise FileError(f"{path}: can't be used ({error}); check that you may write the file and its folder") from None
    except sqlite3.DatabaseError as error:
        connection.close()
        raise FileError(f"{path}: not an eventdesk file ({error})") from None
    except FileError:
        connection.close()
        raise
    return connection


def _connect(path: Path, create: bool) -> sqlite3.Connection:
    mode = "rwc" if create else "rw"
    return sqlite3.connect(f"file:{quote(str(path))}?mode={mode}", uri=True, isolation_level=None, timeout=10)


def _prepare(connection: sqlite3.Connection, path: Path) -> None:
    connection.execute("PRAGMA trusted_schema = OFF")
    connection.execute("PRAGMA cell_size_check = ON")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute(f"PRAGMA cache_size = -{_CACHE}")
    (application_id,) = connection.execute("PRAGMA application_id").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    if application_id != APPLICATION_ID and tables:
        raise FileError(f"{path}: a SQLite file of another program; give eventdesk a file of its own")
    if version > SCHEMA_VERSION:
        raise FileError(
            f"{path}: made by a newer eventdesk (schema {version}); this one knows {SCHEMA_VERSION}: upgrade it"
        )
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    if version < SCHEMA_VERSION:
        from db.migrations import migrate

        migrate(connection, APPLICATION_ID)


@contextlib.contextmanager
def writing(connection: sqlite3.Connection) -> Iterator[None]:
    """A write transaction, committed at the end, rolled back on an exception.

    IMMEDIATE, since a transaction that reads first and writes then is refused at once when another process has
    written in between, whatever the timeout.
    """
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        connection.rollback()
        raise
    connection.commit()
