"""Connections to SQLite files of any program. No other module of eventdesk calls ``sqlite3.connect``."""

import sqlite3
from pathlib import Path
from typing import Literal

# A message of SQLite can quote damaged bytes, and then fails to decode.
SQLITE_ERRORS = (sqlite3.Error, UnicodeDecodeError)
LOCK_TIMEOUT = 10.0  # seconds that a command waits for another process's write lock


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
    """Open a file read-only and, unless it has a write-ahead log, make no files beside it. Raises sqlite3.Error."""
    return connect(path, "ro", immutable=not has_wal(path))


def connect_in_memory() -> sqlite3.Connection:
    """Open an empty database in memory, in autocommit mode."""
    return _distrusting(":memory:", LOCK_TIMEOUT, sqlite3.Connection)


def has_wal(path: Path) -> bool:
    """Return True if there is a write-ahead log beside the file that holds anything."""
    wal = Path(f"{path}-wal")
    return wal.exists() and wal.stat().st_size > 0


def _distrusting(name: str, timeout: float, factory: type[sqlite3.Connection]) -> sqlite3.Connection:
    connection = sqlite3.connect(name, uri=True, isolation_level=None, timeout=timeout, factory=factory)
    # Functions with side effects can't be called from the file's own views, triggers and indexes.
    connection.execute("PRAGMA trusted_schema = OFF")
    return connection
