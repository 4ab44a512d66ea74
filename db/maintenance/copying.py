"""A copy of the file as of now, made while others write."""

import os
import sqlite3
from collections.abc import Callable
from pathlib import Path

from db.errors import FileError
from db.io.atomic import partial_path, put_in_place, refuse_existing, remove_partial, sweep
from db.store.sqlite import connect

Progress = Callable[[int, int], None]

_STEP = 1024  # pages
_COUNTERS = ((24, 28), (40, 44), (92, 100))  # bytes of a header that differ between two copies of the same state
_FORMATS = 18  # where the header tells whether the file needs a -wal beside it, in two bytes


def backup(connection: sqlite3.Connection, target: Path, progress: Progress = lambda *_: None) -> None:
    """Copy the file to ``target``, which must not exist; it is there whole or not at all. Raises FileError.

    ``progress`` counts pages.
    """
    refuse_existing(target, FileError)
    if not target.parent.is_dir():
        raise FileError(f"{target}: there is no folder {target.parent}; make it first")
    sweep(target)
    partial = partial_path(target)
    try:
        copy_pages(connection, partial, progress)
        put_in_place(partial, target)
    except (OSError, sqlite3.Error) as error:
        raise FileError(f"{target}: the backup was not made ({error})") from None
    finally:
        remove_partial(partial)


def copy_pages(
    connection: sqlite3.Connection, partial: Path, progress: Progress = lambda *_: None, mode: int = 0o666
) -> None:
    """Copy one state of the file, page by page as they are, damaged ones too, to a file of one piece, safe on disk.

    Raises OSError where ``partial`` is there or can't be written, sqlite3.Error where the file can't be read.
    """
    descriptor = os.open(partial, os.O_CREAT | os.O_EXCL | os.O_RDWR, mode)
    copy = connect(partial, "rw")

    def step(_: int, left: int, total: int) -> None:
        os.fsync(descriptor)  # one of all at the end would keep those waiting who commit meanwhile
        progress(total - left, total)

    try:
        copy.execute("PRAGMA synchronous = OFF")
        copy.execute("PRAGMA journal_mode = OFF")
        # Within a transaction that reads, the state stays that of now, and those who write meanwhile don't have the
        # copy begin anew. VACUUM INTO would do so too, but takes ten times as long and refuses damaged pages. Which
        # pragma reads the header alone, and no schema that could be damaged.
        connection.execute("BEGIN")
        try:
            connection.execute("PRAGMA user_version").fetchone()
            connection.backup(copy, pages=_STEP, progress=step)
        finally:
            connection.execute("ROLLBACK")
            copy.close()
        if os.fstat(descriptor).st_size:
            # As `PRAGMA journal_mode = DELETE` would, which reads a schema that could be damaged.
            os.lseek(descriptor, _FORMATS, os.SEEK_SET)
            os.write(descriptor, b"\1\1")
        os.fsync(descriptor)
    finally:
        copy.close()
        os.close(descriptor)


def same_state(path: Path, other: Path) -> bool:
    """Whether two copies hold the same state."""
    with path.open("rb") as one, other.open("rb") as two:
        heads = [bytearray(stream.read(100)) for stream in (one, two)]
        for head in heads:
            for start, end in _COUNTERS:
                head[start:end] = bytes(end - start)
        if heads[0] != heads[1]:
            return False
        while block := one.read(1 << 20):
            if block != two.read(1 << 20):
                return False
        return not two.read(1)
