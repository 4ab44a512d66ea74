"""Opens an eventdesk file: creates it, migrates it, and rejects a file that is not eventdesk's."""

import contextlib
import os
import sqlite3
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from db.errors import BusyError, FileError, NotWrittenError
from db.store.schema import APPLICATION_ID, SCHEMA_VERSION
from db.store.sqlite import LOCK_TIMEOUT, connect, has_wal
from db.store.trust import refuse_foreign_schema

_CACHE = 8_000  # KiB of pages; with SQLite's default 2,000, the inner pages of ten million rows would be reread often
_DISK_ERRORS = (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY)
_PRIMARY_CODE = 0xFF  # bits of SQLite's error code; the higher ones give the detail

BeforeMigration = Callable[[sqlite3.Connection, Path], None]


class _ReadOnly(sqlite3.Connection):
    """A connection that writes nothing but temporary tables."""


def open_file(
    path: Path | str, *, create: bool = False, before_migration: BeforeMigration = lambda *_: None
) -> sqlite3.Connection:
    """Open an eventdesk file, read-only if the file or its folder is not writable (see ``can_write``).

    The connection is in autocommit mode, and a commit returns when the data is on disk: write with ``writing``.
    ``before_migration`` is called before an older file is migrated. Raises FileError and leaves the file unchanged.
    """
    path = Path(path)
    _check_path(path, create)
    read_only = path.exists() and not _is_writable(path)
    try:
        connection = _connect(path, create, read_only)
    except sqlite3.Error as error:
        raise FileError(f"{path}: can't be opened ({error}); check its permissions") from None
    try:
        _configure(connection)
        _check_and_migrate(connection, path, read_only, before_migration)
    except sqlite3.OperationalError as error:
        connection.close()
        raise FileError(f"{path}: can't be used ({error}); check the permissions of the file and its folder") from None
    except (sqlite3.DatabaseError, UnicodeDecodeError) as error:  # SQLite's message can quote damaged bytes
        connection.close()
        raise FileError(
            f"{path}: not an eventdesk file, or damaged ({error}); `eventdesk restore {path}` lists its backups"
        ) from None
    except FileError:
        connection.close()
        raise
    return connection


def _check_path(path: Path, create: bool) -> None:
    try:
        if path.is_dir():
            raise FileError(f"{path}: is a folder, not a file")
        if path.exists():
            return
    except (OSError, ValueError) as error:  # not a possible file name
        raise FileError(f"{path}: can't be opened ({error})") from None
    if not create:
        raise FileError(f"{path}: no such file; create it with `eventdesk import {path} FILE`")
    if not path.parent.is_dir():
        raise FileError(f"{path}: the folder {path.parent} does not exist; create it first")


def _is_writable(path: Path) -> bool:
    return os.access(path, os.W_OK) and os.access(path.parent, os.W_OK)


def _connect(path: Path, create: bool, read_only: bool) -> sqlite3.Connection:
    if not read_only:
        return connect(path, "rwc" if create else "rw")
    # In a folder without write permission, SQLite can't create the files that it shares with writers. Without a
    # write-ahead log it doesn't need them.
    immutable = not os.access(path.parent, os.W_OK) and not has_wal(path)
    return connect(path, "ro", immutable=immutable, factory=_ReadOnly)


def _configure(connection: sqlite3.Connection) -> None:
    if sys.version_info >= (3, 12):
        connection.setconfig(sqlite3.SQLITE_DBCONFIG_DEFENSIVE, True)
    connection.execute("PRAGMA cell_size_check = ON")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute(f"PRAGMA cache_size = -{_CACHE}")


def _check_and_migrate(
    connection: sqlite3.Connection, path: Path, read_only: bool, before_migration: BeforeMigration
) -> None:
    (application_id,) = connection.execute("PRAGMA application_id").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    (objects,) = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    if application_id != APPLICATION_ID and objects:
        raise FileError(
            f"{path}: a SQLite database, but not an eventdesk file;"
            f" import a table of it with `eventdesk import NEW.db sqlite:{path}:TABLE`"
        )
    if version > SCHEMA_VERSION:
        raise FileError(
            f"{path}: made by a newer eventdesk (schema {version}, this version knows {SCHEMA_VERSION}); upgrade"
        )
    if read_only and version < SCHEMA_VERSION:
        raise FileError(f"{path}: made by an older eventdesk and read-only; copy it, so that it can be migrated")
    if not read_only:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
    if version == SCHEMA_VERSION:
        refuse_foreign_schema(connection, path)
        return
    from db.store.migrations import migrate

    if objects:
        before_migration(connection, path)
    migrate(connection, path)


def can_write(connection: sqlite3.Connection) -> bool:
    """Return False if the file was opened read-only."""
    return not isinstance(connection, _ReadOnly)


@contextlib.contextmanager
def writing(connection: sqlite3.Connection, timeout: float = LOCK_TIMEOUT) -> Iterator[None]:
    """Run the block in a write transaction: commit at the end, roll back on an exception.

    Raises BusyError if another process is still writing after ``timeout`` seconds, NotWrittenError if the disk is full
    or fails, and FileError if the file was opened read-only. The transaction is IMMEDIATE, because SQLite refuses one
    that reads first and writes later, whatever the timeout, if another process has written in between.
    """
    if not can_write(connection):
        raise FileError("read-only: no write permission on the file or its folder; copy it elsewhere to edit it")
    try:
        connection.execute(f"PRAGMA busy_timeout = {timeout * 1000:.0f}")
        connection.execute("BEGIN IMMEDIATE")
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & _PRIMARY_CODE == sqlite3.SQLITE_BUSY:
            raise BusyError(
                "another process is writing to the file, perhaps an import; nothing was changed, try again"
            ) from None
        raise _as_not_written(error) from None
    finally:
        connection.execute(f"PRAGMA busy_timeout = {LOCK_TIMEOUT * 1000:.0f}")
    try:
        yield
        connection.commit()
    except BaseException as error:
        # SQLite may have rolled back already, and a failing disk may not be readable either.
        with contextlib.suppress(sqlite3.Error):
            connection.rollback()
        if isinstance(error, sqlite3.OperationalError):
            raise _as_not_written(error) from None
        if isinstance(error, sqlite3.IntegrityError):
            raise FileError(
                f"the change doesn't fit what the file holds ({error}); nothing was changed, run `eventdesk check`"
            ) from None
        raise


def is_disk_error(error: sqlite3.OperationalError) -> bool:
    """Return True if the disk is full, fails or is write-protected."""
    return getattr(error, "sqlite_errorcode", 0) & _PRIMARY_CODE in _DISK_ERRORS  # Python's own errors have no code


def _as_not_written(error: sqlite3.OperationalError) -> Exception:
    """Return the error as a NotWrittenError if the disk is the reason."""
    if not is_disk_error(error):
        return error
    return NotWrittenError(f"the file could not be written ({error}); nothing was changed, free some space and retry")
