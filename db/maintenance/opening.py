"""Opens an eventdesk file the way commands do: an older file is backed up before it is migrated."""

import sqlite3
import warnings
from pathlib import Path

from db.errors import FileWarning
from db.store.connection import open_file, why_maybe_old


def open_with_backup(path: Path) -> sqlite3.Connection:
    """Open a file, and back it up first if it has to be migrated. Raises FileError."""
    connection = open_file(path, before_migration=_back_up)
    if warning := why_maybe_old(connection):
        warnings.warn(f"{path}: {warning}", FileWarning, stacklevel=2)
    return connection


def _back_up(connection: sqlite3.Connection, path: Path) -> None:
    from db.maintenance.backups import back_up_if_changed  # slow to import, and rarely needed

    if problem := back_up_if_changed(connection, path, "before-migration"):
        warnings.warn(problem, FileWarning, stacklevel=2)


def open_to_read(path: Path) -> sqlite3.Connection:
    """Open a file like ``open_with_backup``, to read one state of it, whatever others write meanwhile."""
    connection = open_with_backup(path)
    connection.execute("BEGIN")
    return connection
