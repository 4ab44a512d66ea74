"""The identity of a file: a random name that its copies and backups share, and one for each restore of it."""

import hashlib
import os
import sqlite3
from dataclasses import dataclass

_FIRST_IMPORT = "SELECT file, format, started_at FROM imports ORDER BY id LIMIT 1"


@dataclass(frozen=True, slots=True)
class Identity:
    """``file`` names a file and its copies, ``restored`` its last restore, repair or salvage."""

    file: str
    restored: str


def read_identity(connection: sqlite3.Connection) -> Identity | None:
    """Return the identity of a file, or None if it has none. Raises sqlite3.Error.

    A file of an older version gets the same name here as when it is migrated, so that its old backups are known.
    """
    if connection.execute("SELECT 1 FROM sqlite_schema WHERE name = 'identity'").fetchone() is None:
        name = _name_of_older(connection)
        return Identity(name, "") if name else None
    row = connection.execute("SELECT file, restored FROM identity").fetchone()
    return Identity(str(row[0]), str(row[1])) if row else None


def read_restored(connection: sqlite3.Connection) -> str:
    """Return the name of the last restore; empty if the file has none. Raises sqlite3.Error."""
    row = connection.execute("SELECT restored FROM identity").fetchone()
    return str(row[0]) if row else ""


def identify(connection: sqlite3.Connection) -> None:
    """Give a new or an older file its identity. The caller holds the transaction."""
    file = _name_of_older(connection) or _random()
    connection.execute("INSERT INTO identity VALUES (1, ?, ?)", (file, _random()))


def renew_identity(connection: sqlite3.Connection, file: str | None = None) -> None:
    """Name a new restore, of the file named ``file``. The caller holds the transaction."""
    connection.execute("UPDATE identity SET file = coalesce(?, file), restored = ?", (file, _random()))
    if not connection.execute("SELECT 1 FROM identity").fetchone():
        identify(connection)


def _name_of_older(connection: sqlite3.Connection) -> str | None:
    """Return a name made from the first import, which no other file shares; None if nothing was imported."""
    try:
        first = connection.execute(_FIRST_IMPORT).fetchone()
    except sqlite3.OperationalError:  # not an eventdesk file
        return None
    return hashlib.sha256(repr(tuple(first)).encode(errors="replace")).hexdigest()[:32] if first else None


def _random() -> str:
    return os.urandom(16).hex()
