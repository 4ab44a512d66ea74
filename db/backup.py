"""A copy of the file as of now, made while others write."""

import os
import sqlite3
from collections.abc import Callable
from pathlib import Path

from db.errors import FileError


def backup(
    connection: sqlite3.Connection,
    target: Path,
    progress: Callable[[int, int], None] = lambda *_: None,
) -> None:
    """Copy the file to ``target``, which must not exist; it is there whole or not at all. Raises FileError.

    ``progress`` counts pages.
    """
    if target.exists():
        raise FileError(f"{target}: is there already; eventdesk overwrites no file: give another name")
    if not target.parent.is_dir():
        raise FileError(f"{target}: there is no folder {target.parent}; make it first")
    partial = target.with_name(f"{target.name}.{os.getpid()}.partial")
    try:
        copy = sqlite3.connect(partial)
        try:
            connection.backup(copy, pages=4096, progress=lambda _, left, total: progress(total - left, total))
            copy.execute("PRAGMA journal_mode = DELETE")  # one file, with no -wal beside it
        finally:
            copy.close()
        os.link(partial, target)  # unlike a rename, a link never replaces what came there meanwhile
    except (OSError, sqlite3.Error) as error:
        raise FileError(f"{target}: the backup was not made ({error})") from None
    finally:
        partial.unlink(missing_ok=True)
