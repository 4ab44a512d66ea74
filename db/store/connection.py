"""Opens an eventdesk file: creates it, migrates it, and rejects a file that is not eventdesk's."""

import contextlib
import os
import sqlite3
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from db.errors import BusyError, FileError, GoneError, NotWrittenError
from db.io.atomic import sweep
from db.io.file_kinds import how_to_review, what_it_is
from db.store.place import Place
from db.store.schema import APPLICATION_ID, SCHEMA_VERSION
from db.store.sqlite import LOCK_TIMEOUT, SQLITE_ERRORS, ReadOnlyConnection, connect, connect_read_only, reopen
from db.store.trust import refuse_foreign_schema

_CACHE = 8_000  # KiB of pages; with SQLite's default 2,000, the inner pages of ten million rows would be reread often
_DISK_ERRORS = (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY)
_PRIMARY_CODE = 0xFF  # bits of SQLite's error code; the higher ones give the detail

BeforeMigration = Callable[[sqlite3.Connection, Path], None]


_EMPTY = "is empty; `eventdesk restore {path}` lists its backups, or delete it and import again"
_NO_PERMISSION = "no write permission on the file or its folder; copy it elsewhere to edit it"
_HARD_LINK = (
    "the file has another name (a hard link), and what is decided under one is lost under the other;"
    " delete the other name, or copy the file"
)


class _Writable(sqlite3.Connection):
    """A connection that knows where its file is."""

    place: Place | None = None


def open_file(
    path: Path | str, *, create: bool = False, before_migration: BeforeMigration = lambda *_: None
) -> sqlite3.Connection:
    """Open an eventdesk file, read-only if the file or its folder is not writable (see ``can_write``).

    The connection is in autocommit mode, and a commit returns when the data is on disk: write with ``writing``.
    ``before_migration`` is called before an older file is migrated. Raises FileError and leaves the file unchanged.
    """
    path = Path(path)
    check_path(path, create)
    try:
        why = _why_read_only(path)
        connection = connect_read_only(path, why) if why else _connect(path, create)
    except (OSError, sqlite3.Error) as error:
        raise FileError(f"{path}: can't be opened ({error}); check its permissions") from None
    try:
        _configure(connection)
        _check_and_migrate(connection, path, bool(why), create, before_migration)
    except sqlite3.OperationalError as error:
        connection.close()
        raise FileError(f"{path}: can't be used ({error}); check the permissions of the file and its folder") from None
    except (sqlite3.DatabaseError, UnicodeDecodeError) as error:  # SQLite's message can quote damaged bytes
        connection.close()
        raise FileError(f"{path}: {what_it_is(path, error)}") from None
    except FileError:
        connection.close()
        raise
    if not create and (place := place_of(connection)) is not None:
        place.watch_log()
    return connection


def check_path(path: Path, create: bool = False) -> None:
    """Raise FileError if there is no file at the path, or none that holds anything."""
    try:
        if path.is_dir():
            raise FileError(f"{path}: is a folder, not a file")
        if path.exists() and not path.is_file():
            raise FileError(f"{path}: is a pipe or a device, not a file; name an eventdesk file")
        if path.exists():
            # Opened by SQLite, it would become an empty database, and lose the write-ahead log beside it.
            if path.is_file() and not path.stat().st_size and not create:
                raise FileError(f"{path}: {_EMPTY.format(path=path)}")
            return
    except (OSError, ValueError) as error:  # not a possible file name
        raise FileError(f"{path}: can't be opened ({error})") from None
    if not create:
        raise FileError(f"{path}: no such file; create it with `eventdesk import {path} FILE`")
    if not path.parent.is_dir():
        raise FileError(f"{path}: the folder {path.parent} does not exist; create it first")


def reopener(connection: sqlite3.Connection) -> Callable[[], sqlite3.Connection]:
    """Return a function that opens the file of a connection once more, for another thread to do.

    It raises FileError, or GoneError if the path names another file by now.
    """
    if isinstance(connection, ReadOnlyConnection):
        file, why, immutable = connection.file, connection.why, connection.immutable
        return lambda: reopen(file, why, immutable=immutable)
    if isinstance(connection, _Writable) and (place := connection.place) is not None:

        def reopened() -> sqlite3.Connection:
            if problem := place.problem():
                raise GoneError(f"{place.path} {problem}")
            return open_file(place.current())

        return reopened
    (file_name,) = (row[2] for row in connection.execute("PRAGMA database_list") if row[1] == "main")
    return lambda: open_file(file_name)


def _why_read_only(path: Path) -> str:
    """Return why a file is opened only to read it; empty if it can be written, or doesn't exist."""
    if not path.is_file():
        return ""
    if path.stat().st_nlink > 1:
        sweep(path.resolve())  # a process that was killed while it gave a new file its name
        if path.stat().st_nlink > 1:
            return _HARD_LINK
    return "" if os.access(path, os.W_OK) and os.access(path.resolve().parent, os.W_OK) else _NO_PERMISSION


def _connect(path: Path, create: bool) -> sqlite3.Connection:
    before = Place(path) if path.exists() else None
    connection = connect(path, "rwc" if create else "rw", factory=_Writable)
    assert isinstance(connection, _Writable)
    connection.place = before or Place(path)
    if problem := connection.place.problem():
        connection.close()
        raise FileError(f"{path}: {problem} while it was being opened; try again")
    return connection


def _configure(connection: sqlite3.Connection) -> None:
    if sys.version_info >= (3, 12):
        connection.setconfig(sqlite3.SQLITE_DBCONFIG_DEFENSIVE, True)
    connection.execute("PRAGMA cell_size_check = ON")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute(f"PRAGMA cache_size = -{_CACHE}")


def _check_and_migrate(
    connection: sqlite3.Connection, path: Path, read_only: bool, create: bool, before_migration: BeforeMigration
) -> None:
    (application_id,) = connection.execute("PRAGMA application_id").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    (objects,) = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    if application_id != APPLICATION_ID and objects:
        raise FileError(f"{path}: {how_to_review(path)}")
    if not objects and not create:
        raise FileError(f"{path}: {_EMPTY.format(path=path)}")
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


def is_eventdesk_file(path: Path) -> bool:
    """Return True if a file says in its header that it is eventdesk's."""
    try:
        if not path.is_file():  # a pipe can be read only once
            return False
        with path.open("rb") as stream:
            return stream.read(72)[68:] == APPLICATION_ID.to_bytes(4, "big")
    except (OSError, ValueError):
        return False


def can_write(connection: sqlite3.Connection) -> bool:
    """Return False if the file was opened read-only."""
    return not isinstance(connection, ReadOnlyConnection)


def place_of(connection: sqlite3.Connection) -> Place | None:
    """Return where the file of a writable connection is."""
    return connection.place if isinstance(connection, _Writable) else None


def what_happened(connection: sqlite3.Connection) -> str | None:
    """Say what happened to a file since it was opened to write; None if it is still there and whole."""
    place = place_of(connection)
    if place is None or (problem := place.problem()) is not None:
        return None if place is None else problem
    if place.shrunk or place.overwritten:
        what = "was cut off by another program" if place.shrunk else "was overwritten by another program"
        try:
            with contextlib.closing(connect(place.current(), "ro")) as fresh:  # which has read nothing before
                if fresh.execute("PRAGMA quick_check(1)").fetchone() != ("ok",):
                    return what
        except SQLITE_ERRORS:
            return what
        place.accept()
    return None


def refuse_hard_link(path: Path) -> None:
    """Raise FileError if a file has several names."""
    if _why_read_only(path) == _HARD_LINK:
        raise FileError(f"{path}: {_HARD_LINK}")


def why_maybe_old(connection: sqlite3.Connection) -> str | None:
    """Say why the newest decisions may be missing in what a connection reads; None if they aren't."""
    linked = isinstance(connection, ReadOnlyConnection) and connection.why == _HARD_LINK
    return f"read-only: {_HARD_LINK}" if linked else None


def refuse_unwritable(path: Path) -> None:
    """Raise FileError if a file can only be read."""
    if why := _why_read_only(path):
        raise FileError(f"{path}: read-only: {why}")


def refuse_read_only(connection: sqlite3.Connection) -> None:
    """Raise FileError if the file was opened read-only."""
    if isinstance(connection, ReadOnlyConnection):
        raise FileError(f"read-only: {connection.why}")


@contextlib.contextmanager
def writing(connection: sqlite3.Connection, timeout: float = LOCK_TIMEOUT) -> Iterator[None]:
    """Run the block in a write transaction: commit at the end, roll back on an exception.

    Raises BusyError if another process is still writing after ``timeout`` seconds, NotWrittenError if the disk is full
    or fails, GoneError if the path names another file by now, and FileError if the file was opened read-only. The
    transaction is IMMEDIATE, because SQLite refuses one that reads first and writes later, whatever the timeout, if
    another process has written in between.
    """
    refuse_read_only(connection)
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
        _refuse_gone(connection)
        yield
        _refuse_gone(connection)
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


def _refuse_gone(connection: sqlite3.Connection) -> None:
    if problem := what_happened(connection):
        raise GoneError(f"the file {problem} while it was open; nothing was changed")


def is_disk_error(error: sqlite3.OperationalError) -> bool:
    """Return True if the disk is full, fails or is write-protected."""
    return getattr(error, "sqlite_errorcode", 0) & _PRIMARY_CODE in _DISK_ERRORS  # Python's own errors have no code


def _as_not_written(error: sqlite3.OperationalError) -> Exception:
    """Return the error as a NotWrittenError if the disk is the reason."""
    if not is_disk_error(error):
        return error
    return NotWrittenError(f"the file could not be written ({error}); nothing was changed, free some space and retry")
