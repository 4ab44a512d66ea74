"""Remembers the files that were created or scanned on this machine; any other may be damaged or malicious."""

import contextlib
import sqlite3
from pathlib import Path

from db.errors import FileError
from db.io.private import folder_of, write_private
from db.store.identity import read_identity

SCANNED_AT_ONCE = 50_000_000  # bytes of a file that takes less than a second to scan


def is_known(connection: sqlite3.Connection, path: Path) -> bool:
    """Return True if the file was created or scanned here before, and not another one at the same path."""
    with contextlib.suppress(OSError):
        return _note(path).read_bytes() == _name(connection) != b""
    return False


def remember(connection: sqlite3.Connection, path: Path) -> None:
    """Remember a file. If the note can't be written, the file will be scanned again."""
    with contextlib.suppress(OSError):
        write_private(_note(path), _name(connection))


def _name(connection: sqlite3.Connection) -> bytes:
    identity = read_identity(connection)
    return identity.file.encode(errors="replace") if identity else b""


def scan(connection: sqlite3.Connection, path: Path) -> None:
    """Check all pages of the file. Raises FileError if it is damaged."""
    try:
        found = [row[0] for row in connection.execute("PRAGMA quick_check(5)")]
    except sqlite3.DatabaseError as error:
        found = [str(error)]
    if found != ["ok"]:
        damage = " · ".join(str(line) for line in found)
        raise FileError(f"{path}: is damaged ({damage}); don't review it: `eventdesk check {path}` says what helps")
    remember(connection, path)


def _note(path: Path) -> Path:
    return folder_of(path) / "known"
