"""Copies a file as it is now, while others write to it."""

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from db.errors import FileError
from db.io.atomic import (
    end_of_links,
    partial_path,
    put_in_place,
    refuse_existing,
    refuse_leftovers,
    remove_partial,
    sweep,
    sync,
)
from db.store.identity import read_restored
from db.store.sqlite import SQLITE_ERRORS, connect, connect_alone

Progress = Callable[[int, int], None]  # called with what is done and the total

_STEP = 1024  # pages
_COUNTERS = ((24, 28), (40, 44), (92, 100))  # bytes of the header that differ between copies of the same state
_FORMATS = 18  # offset of the two header bytes that say if the file has a write-ahead log


def copy_file(connection: sqlite3.Connection, target: Path, progress: Progress = lambda *_: None) -> None:
    """Copy the file to a new one, whole or not at all; ``progress`` counts pages. Raises FileError."""
    target = end_of_links(target)
    refuse_existing(target, FileError)
    refuse_leftovers(target, FileError)
    if not target.parent.is_dir():
        raise FileError(f"{target}: the folder {target.parent} does not exist; create it first")
    sweep(target)
    partial = partial_path(target)
    try:
        copy_pages(connection, partial, progress)
        refuse_leftovers(target, FileError)
        put_in_place(partial, target)
    except (OSError, sqlite3.Error) as error:
        raise FileError(f"{target}: backup failed ({error})") from None
    finally:
        remove_partial(partial)


def copy_pages(
    connection: sqlite3.Connection, partial: Path, progress: Progress = lambda *_: None, mode: int = 0o666
) -> None:
    """Copy one state of the file page by page, damaged pages too, to a single synced file.

    Raises OSError if ``partial`` exists or can't be written, sqlite3.Error if the file can't be read.
    """
    descriptor = os.open(partial, os.O_CREAT | os.O_EXCL | os.O_RDWR, mode)
    copy = connect(partial, "rw")

    def step(_: int, left: int, total: int) -> None:
        sync(descriptor)  # a single sync at the end would block the commits of others
        progress(total - left, total)

    try:
        copy.execute("PRAGMA synchronous = OFF")
        copy.execute("PRAGMA journal_mode = OFF")
        # In a read transaction, writes of others don't restart the copy. VACUUM INTO would do as well, but takes ten
        # times as long and rejects damaged pages. The pragma reads only the header, not a schema that may be damaged.
        connection.execute("BEGIN")
        try:
            connection.execute("PRAGMA user_version").fetchone()
            connection.backup(copy, pages=_STEP, progress=step)
        finally:
            connection.execute("ROLLBACK")
            copy.close()
        if os.fstat(descriptor).st_size:
            # Like `PRAGMA journal_mode = DELETE`, but without reading a schema that may be damaged.
            os.lseek(descriptor, _FORMATS, os.SEEK_SET)
            os.write(descriptor, b"\1\1")
        sync(descriptor)
    finally:
        copy.close()
        os.close(descriptor)


def same_state(path: Path, other: Path) -> bool:
    """Return True if two copies have the same content, but for the names of their last restores."""
    name, other_name = _restored(path), _restored(other)
    with path.open("rb") as one, other.open("rb") as two:
        heads = [bytearray(stream.read(100)) for stream in (one, two)]
        for head in heads:
            for start, end in _COUNTERS:
                head[start:end] = bytes(end - start)
        if heads[0] != heads[1]:
            return False
        while block := one.read(1 << 20):
            if block.replace(name, other_name) != two.read(1 << 20):
                return False
        return not two.read(1)


def _restored(copy: Path) -> bytes:
    try:
        with closing(connect_alone(copy)) as connection:
            return read_restored(connection).encode()
    except SQLITE_ERRORS:
        return b""
