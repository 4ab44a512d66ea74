"""Connections to SQLite files of any program. No other module of eventdesk calls ``sqlite3.connect``."""

import os
import shutil
import sqlite3
import time
from collections.abc import Container
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

from db.errors import FileError

# A message of SQLite can quote damaged bytes, and then fails to decode.
SQLITE_ERRORS = (sqlite3.Error, UnicodeDecodeError)
_TRIES = 30
_PAUSE = 0.002  # seconds, more with each try
_READ_VERSION = 19  # offset of the byte of the header that is 2 for a file with a write-ahead log
LOCK_TIMEOUT = 10.0  # seconds that a command waits for another process's write lock
_CHECK_STEPS = 10_000  # of SQLite's virtual machine, between two checks of the time
_MAX_VALUE_BYTES = 64 * 2**20
_ALLOWED = {
    sqlite3.SQLITE_SELECT,
    sqlite3.SQLITE_READ,
    sqlite3.SQLITE_FUNCTION,
    sqlite3.SQLITE_RECURSIVE,
    sqlite3.SQLITE_TRANSACTION,
}
_DENIED_FUNCTIONS = frozenset(("load_extension", "readfile", "writefile", "edit", "fts3_tokenizer", "zeroblob"))

_State = list[tuple[int, int, int] | None]

_NOTHING: dict[None, None] = {}
# Without an adapter, Python 3.11 raises and discards an AttributeError for each None of each row that it writes.
sqlite3.register_adapter(type(None), _NOTHING.get)


def connect(
    path: Path,
    mode: Literal["ro", "rw", "rwc"],
    *,
    immutable: bool = False,
    timeout: float = LOCK_TIMEOUT,
    factory: type[sqlite3.Connection] = sqlite3.Connection,
) -> sqlite3.Connection:
    """Open a file in autocommit mode, without trusting its schema. Raises sqlite3.Error.

    ``immutable`` promises that nobody writes to the file: SQLite then makes no files beside it.
    """
    return _distrusting(f"{path.absolute().as_uri()}?mode={mode}{'&immutable=1' * immutable}", timeout, factory)


def connect_alone(path: Path) -> sqlite3.Connection:
    """Open a file to read it, whoever writes to it meanwhile, and leave no files beside it. Raises sqlite3.Error."""
    if has_wal(path) or not uses_wal(path):
        return connect(path, "ro")
    if not (os.access(path, os.W_OK) and os.access(path.parent, os.W_OK)):
        return connect_read_only(path, "")
    # A read-only connection would not delete the files that SQLite makes for it.
    connection = connect(path, "rw")
    connection.execute("PRAGMA query_only = ON")
    return connection


class Deadline:
    """A progress handler that interrupts a query which returns no row for too many seconds."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.extend()

    def extend(self, seconds: float | None = None) -> None:
        """Start the time anew: that of the deadline, or other ``seconds`` for the next query."""
        self._until = time.monotonic() + (self.seconds if seconds is None else seconds)

    def __call__(self) -> int:
        """Return 1 to interrupt the query."""
        return int(time.monotonic() > self._until)


def connect_other(path: Path, deadline: Deadline, pragmas: Container[str] = ()) -> sqlite3.Connection:
    """Open another program's file, also while it is written to; texts are returned as bytes. Raises sqlite3.Error.

    Only queries are allowed, and the named ``pragmas``.
    """
    connection = connect_alone(path)
    try:
        connection.text_factory = bytes
        connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _MAX_VALUE_BYTES)
        connection.execute("PRAGMA query_only = ON")
        if _schema_uses_json(connection):
            # Some versions of SQLite don't mark these functions as harmless. The authorizer denies those that aren't.
            connection.execute("PRAGMA trusted_schema = ON")
        connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
        connection.set_authorizer(partial(_authorise, pragmas))
        connection.set_progress_handler(deadline, _CHECK_STEPS)
    except BaseException:
        connection.close()
        raise
    return connection


def connect_to_publish(path: Path, timeout: float) -> sqlite3.Connection:
    """Open another program's file to write to it; its foreign keys don't concern what is written. Raises sqlite3.Error.

    No function with side effects can run, since extensions can't be loaded.
    """
    connection = connect(path, "rw", timeout=timeout)
    try:
        connection.execute("PRAGMA foreign_keys = OFF")
        if _schema_uses_json(connection):
            connection.execute("PRAGMA trusted_schema = ON")
        connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    except BaseException:
        connection.close()
        raise
    return connection


def _schema_uses_json(connection: sqlite3.Connection) -> bool:
    """Return True if a view or a generated column may use a JSON function."""
    query = "SELECT 1 FROM sqlite_schema WHERE type IN ('table', 'view') AND (sql LIKE '%json%' OR sql LIKE '%->%')"
    try:
        return connection.execute(query).fetchone() is not None
    except sqlite3.DatabaseError as error:
        if "unsafe use of" in str(error):
            return True
        raise


def what_is_wrong(error: BaseException) -> str:
    """Return in a few words why a file can't be read."""
    message = str(error)
    if "locked" in message or "busy" in message:
        return "another program keeps it locked; try again when that program is done"
    if "malformed" in message or "not a database" in message or isinstance(error, UnicodeDecodeError):
        return f"can't be read as SQLite ({message}); check the file with: sqlite3 FILE 'pragma integrity_check'"
    return f"can't be read as SQLite ({message}); check the file"


def _authorise(pragmas: Container[str], action: int, first: str | None, second: str | None, *_: str | None) -> int:
    if action == sqlite3.SQLITE_PRAGMA:
        return sqlite3.SQLITE_OK if (first or "").lower() in pragmas else sqlite3.SQLITE_DENY
    if action == sqlite3.SQLITE_UPDATE and first == "sqlite_master":
        return sqlite3.SQLITE_OK  # asked when a virtual table is opened; the connection can't write
    if action not in _ALLOWED:
        return sqlite3.SQLITE_DENY
    if action == sqlite3.SQLITE_FUNCTION and (second or first or "").lower() in _DENIED_FUNCTIONS:
        return sqlite3.SQLITE_DENY
    return sqlite3.SQLITE_OK


def connect_in_memory() -> sqlite3.Connection:
    """Open an empty database in memory, in autocommit mode."""
    return _distrusting(":memory:", LOCK_TIMEOUT, sqlite3.Connection)


def connect_temporary() -> sqlite3.Connection:
    """Open an empty temporary database, in autocommit mode: in memory as long as it is small, then in a file."""
    return _distrusting("", LOCK_TIMEOUT, sqlite3.Connection)


def has_wal(path: Path) -> bool:
    """Return True if there is a write-ahead log beside the file that holds anything."""
    wal = Path(f"{os.path.realpath(path)}-wal")  # SQLite follows links first
    return wal.exists() and wal.stat().st_size > 0


def uses_wal(path: Path) -> bool:
    """Return True if the file is written through a write-ahead log. Raises sqlite3.Error."""
    try:
        with path.open("rb") as stream:
            stream.seek(_READ_VERSION)
            return stream.read(1) == b"\2"
    except OSError as error:
        raise sqlite3.OperationalError(f"unable to open database file: {error.strerror}") from None


class ReadOnlyConnection(sqlite3.Connection):
    """A connection that writes nothing but temporary tables. ``why`` it is one, and the file that it reads."""

    why = ""
    file = Path()
    immutable = False
    copied: TemporaryDirectory[str] | None = None

    def close(self) -> None:
        """Close it, and delete the copy that it read."""
        super().close()
        if self.copied is not None:
            self.copied.cleanup()


def connect_read_only(path: Path, why: str) -> ReadOnlyConnection:
    """Open a file that others may write to meanwhile. Raises FileError and sqlite3.Error.

    SQLite can only read along with a writer if it may make, or finds, the files that both share. Otherwise a private
    copy of one state is read, unless nobody can write to the disk.
    """
    if not has_wal(path) and _is_on_read_only_disk(path):
        return reopen(path, why, immutable=True)
    for number in range(_TRIES):
        time.sleep(number * _PAUSE)
        if (connection := _connect_along(path, why) or _connect_to_copy(path, why)) is not None:
            return connection
    raise FileError(f"{path}: is opened and closed all the time, so that it can't be read; try again later")


def reopen(file: Path, why: str, *, immutable: bool = False) -> ReadOnlyConnection:
    """Open a file, or the copy that another connection reads. Raises sqlite3.Error."""
    connection = connect(file, "ro", immutable=immutable, factory=ReadOnlyConnection)
    assert isinstance(connection, ReadOnlyConnection)
    connection.why, connection.file, connection.immutable = why, file, immutable
    return connection


def _connect_along(path: Path, why: str) -> ReadOnlyConnection | None:
    """Open a file that SQLite can read along with writers; None if it can't."""
    if not _is_shared(path):
        return None
    connection = reopen(path, why)
    try:
        connection.execute("PRAGMA user_version").fetchone()  # from now on, no writer removes what is shared
    except sqlite3.OperationalError:  # a writer opens or closes the file at this moment
        connection.close()
        return None
    return connection


def _connect_to_copy(path: Path, why: str) -> ReadOnlyConnection | None:
    folder = TemporaryDirectory(prefix="eventdesk-")
    copy = Path(folder.name) / path.name
    try:
        if not _copy(path, copy):
            folder.cleanup()
            return None
        connection = reopen(copy, why, immutable=True)
    except OSError as error:
        raise FileError(f"{path}: can't be copied to read it ({error.strerror}); set TMPDIR to a larger disk") from None
    connection.copied = folder
    return connection


def _is_shared(path: Path) -> bool:
    """Return True if SQLite can read the file along with writers, and makes no files for it."""
    if os.stat(path).st_nlink > 1:  # a writer under another name uses other files
        return False
    return not uses_wal(path) or all(Path(f"{path.resolve()}{suffix}").exists() for suffix in ("-wal", "-shm"))


def _is_on_read_only_disk(path: Path) -> bool:
    return hasattr(os, "statvfs") and bool(os.statvfs(path).f_flag & os.ST_RDONLY)


def _copy(path: Path, copy: Path) -> bool:
    """Copy a file and its write-ahead log, and apply the log. Return False if they changed meanwhile."""
    log = Path(f"{path.resolve()}-wal")
    before = _state(path, log)
    try:
        shutil.copyfile(path, copy)
        if before[1]:
            shutil.copyfile(log, f"{copy}-wal")
    except FileNotFoundError:
        return False
    if _state(path, log) != before:
        return False
    os.chmod(copy, 0o600)
    connection = connect(copy, "rw")
    try:
        connection.execute("PRAGMA journal_mode = DELETE")
    finally:
        connection.close()
    return True


def _state(*paths: Path) -> _State:
    found: _State = []
    for path in paths:
        try:
            stat = os.stat(path)
        except FileNotFoundError:
            found.append(None)
        else:
            found.append((stat.st_ino, stat.st_size, stat.st_mtime_ns) if stat.st_size else None)
    return found


def _distrusting(name: str, timeout: float, factory: type[sqlite3.Connection]) -> sqlite3.Connection:
    connection = sqlite3.connect(name, uri=True, isolation_level=None, timeout=timeout, factory=factory)
    # Functions with side effects can't be called from the file's own views, triggers and indexes.
    connection.execute("PRAGMA trusted_schema = OFF")
    return connection
