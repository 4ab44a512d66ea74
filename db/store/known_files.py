"""Files that were made or looked through here before; any other may be damaged, or made to do harm."""

import contextlib
import sqlite3
from pathlib import Path

from db.errors import FileError
from db.io.private import make_private_folder
from db.io.state_folder import folder_of

SOON = 50_000_000  # bytes of a file that is looked through in less than a second


def is_known(path: Path) -> bool:
    """Whether the file was made or looked through here before. It goes by where the file is."""
    return _note(path).exists()


def know(path: Path) -> None:
    """Take note of a file. Where that can't be written, it will be looked through again."""
    with contextlib.suppress(OSError):
        make_private_folder(folder_of(path))
        _note(path).touch(mode=0o600)


def look_through(connection: sqlite3.Connection, path: Path) -> None:
    """Have SQLite look through all pages of the file. Raises FileError where something is wrong with them."""
    try:
        found = [row[0] for row in connection.execute("PRAGMA quick_check(5)")]
    except sqlite3.DatabaseError as error:
        found = [str(error)]
    if found != ["ok"]:
        what = " · ".join(str(line) for line in found)
        raise FileError(f"{path}: is damaged ({what}); decide nothing in it: `eventdesk check {path}` tells what helps")
    know(path)


def _note(path: Path) -> Path:
    return folder_of(path) / "known"
