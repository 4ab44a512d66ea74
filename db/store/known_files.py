"""Remembers the files that were created or scanned on this machine; any other may be damaged or malicious."""

import contextlib
import sqlite3
from pathlib import Path

from db.errors import FileError
from db.io.private import folder_of, make_private_folder

SCANNED_AT_ONCE = 50_000_000  # bytes of a file that takes less than a second to scan


def is_known(path: Path) -> bool:
    """Return True if the file at this path was created or scanned here before."""
    return _note(path).exists()


def remember(path: Path) -> None:
    """Remember a file. If the note can't be written, the file will be scanned again."""
    with contextlib.suppress(OSError):
        make_private_folder(folder_of(path))
        _note(path).touch(mode=0o600)


def scan(connection: sqlite3.Connection, path: Path) -> None:
    """Check all pages of the file. Raises FileError if it is damaged."""
    try:
        found = [row[0] for row in connection.execute("PRAGMA quick_check(5)")]
    except sqlite3.DatabaseError as error:
        found = [str(error)]
    if found != ["ok"]:
        damage = " · ".join(str(line) for line in found)
        raise FileError(f"{path}: is damaged ({damage}); don't review it: `eventdesk check {path}` says what helps")
    remember(path)


def _note(path: Path) -> Path:
    return folder_of(path) / "known"
