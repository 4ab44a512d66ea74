"""Opens the file: makes it, migrates it, and refuses what is not ours."""

import contextlib
import os
import sqlite3
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

from db.errors import BusyError, FileError, FileWarning, NotWrittenError
from db.store.trust import refuse_foreign_schema

APPLICATION_ID = 0x6576646B  # "evdk", in the header of the file; the `file` command shows it
SCHEMA_VERSION = 4  # user_version; the number of migrations in db.store.migrations
_CACHE = 8_000  # KiB of pages a connection; SQLite's own 2,000 would read the top of ten million rows again and again
PATIENCE = 10.0  # seconds that a command waits for another process's writing
_OF_DISKS = (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY)
_PRIMARY = 0xFF  # of SQLite's error codes; what is above says more


class _ForLooking(sqlite3.Connection):
    """A connection that writes nothing but temporary tables."""


def open_file(path: Path | str, *, create: bool = False) -> sqlite3.Connection:
    """Open an eventdesk file for reading and writing; every commit is on disk when it returns.

    Where the file or its folder can't be written, it is opened for looking: ``can_write`` tells. The connection is in
    autocommit mode: writers use ``writing``. Raises FileError, and then leaves the file as it was.
    """
    path = Path(path)
    _look_whether_there(path, create)
    looking = not _may_write(path)
    try:
        connection = _connect(path, create, looking)
    except sqlite3.Error as error:
        raise FileError(f"{path}: can't be opened ({error}); check its permissions") from None
    try:
        _prepare(connection, path, looking)
    except sqlite3.OperationalError as error:
        connection.close()
        raise FileError(f"{path}: can't be used ({error}); check that you may read it, and write its folder") from None
    except (sqlite3.DatabaseError, UnicodeDecodeError) as error:  # SQLite quotes damaged bytes as they are
        connection.close()
        raise FileError(
            f"{path}: not an eventdesk file, or damaged ({error}); `eventdesk restore {path}` lists its backups"
        ) from None
    except FileError:
        connection.close()
        raise
    return connection


def _look_whether_there(path: Path, create: bool) -> None:
    try:
        if path.is_dir():
            raise FileError(f"{path}: is a folder, not a file")
        if path.exists():
            return
    except (OSError, ValueError) as error:  # no name that a file can have
        raise FileError(f"{path}: can't be opened ({error})") from None
    if not create:
        raise FileError(f"{path}: no such file; `eventdesk import {path} FILE` makes it")
    if not path.parent.is_dir():
        raise FileError(f"{path}: there is no folder {path.parent}; make it first")


def _may_write(path: Path) -> bool:
    """Whether the file and its folder may be written, or are not there yet."""
    return not path.exists() or (os.access(path, os.W_OK) and os.access(path.parent, os.W_OK))


def _connect(path: Path, create: bool, looking: bool) -> sqlite3.Connection:
    mode = f"mode={'ro' if looking else 'rwc' if create else 'rw'}"
    if looking and not os.access(path.parent, os.W_OK):
        wal = Path(f"{path}-wal")
        if not (wal.exists() and wal.stat().st_size):
            # SQLite can't make the files beside it that it would share with writers; without a -wal there are none.
            mode += "&immutable=1"
    return sqlite3.connect(
        f"file:{quote(str(path))}?{mode}",
        uri=True,
        isolation_level=None,
        timeout=PATIENCE,
        factory=_ForLooking if looking else sqlite3.Connection,
    )


def _prepare(connection: sqlite3.Connection, path: Path, looking: bool) -> None:
    if sys.version_info >= (3, 12):
        connection.setconfig(sqlite3.SQLITE_DBCONFIG_DEFENSIVE, True)
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
    if looking:
        if version < SCHEMA_VERSION:
            raise FileError(f"{path}: made by an older eventdesk, and can't be brought up to date here: copy it first")
        refuse_foreign_schema(connection, path)
        return
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    if version < SCHEMA_VERSION:
        if tables:
            _back_up(connection, path)
        from db.store.migrations import migrate

        migrate(connection, path)
    else:
        refuse_foreign_schema(connection, path)


def _back_up(connection: sqlite3.Connection, path: Path) -> None:
    from db.maintenance.backups import back_up_if_changed

    if said := back_up_if_changed(connection, path, "before-migration"):
        warnings.warn(said, FileWarning, stacklevel=2)


def can_write(connection: sqlite3.Connection) -> bool:
    """Whether the file was opened for writing, and not for looking alone."""
    return not isinstance(connection, _ForLooking)


@contextlib.contextmanager
def writing(connection: sqlite3.Connection, patience: float = PATIENCE) -> Iterator[None]:
    """A write transaction, committed at the end, rolled back on an exception.

    Raises BusyError where another process is still writing after ``patience`` seconds, NotWrittenError where the disk
    takes no more, and FileError where the file was opened for looking. IMMEDIATE, since a transaction that reads first
    and writes then is refused at once when another process has written in between, whatever the timeout.
    """
    if not can_write(connection):
        raise FileError("the file can only be looked at here: it, or its folder, may not be written; copy it first")
    try:
        connection.execute(f"PRAGMA busy_timeout = {patience * 1000:.0f}")
        connection.execute("BEGIN IMMEDIATE")
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & _PRIMARY == sqlite3.SQLITE_BUSY:
            raise BusyError(
                "another process is writing to the file, as an import does; nothing was changed, try again"
            ) from None
        raise _told(error) from None
    finally:
        connection.execute(f"PRAGMA busy_timeout = {PATIENCE * 1000:.0f}")
    try:
        yield
        connection.commit()
    except BaseException as error:
        # SQLite may have rolled back by itself, and a disk that could not be written need not be readable.
        with contextlib.suppress(sqlite3.Error):
            connection.rollback()
        if isinstance(error, sqlite3.OperationalError):
            raise _told(error) from None
        raise


def is_of_disk(error: sqlite3.OperationalError) -> bool:
    """Whether the disk is the reason: full, failing, or not to be written."""
    return error.sqlite_errorcode & _PRIMARY in _OF_DISKS


def _told(error: sqlite3.OperationalError) -> Exception:
    """The same, as what a person can act on where the disk is the reason."""
    if not is_of_disk(error):
        return error
    return NotWrittenError(f"the file could not be written ({error}); nothing was changed, make room and try again")
