"""Lets a program write to a file that must not change: the writes go to a log that is thrown away."""

import multiprocessing
import os
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path


@contextmanager
def unchanged(file: Path) -> Iterator[Path]:
    """Move a file, to be opened and written by any number of programs, and move it back as it was.

    A reader that looks at the file as it was keeps SQLite from moving the write-ahead log into it, and the log is
    removed at the end. So nothing is copied, however large the file. Raises RuntimeError if it changed.
    """
    before = file.stat()
    with tempfile.TemporaryDirectory(dir=file.parent, prefix="bench-") as folder:
        name = Path(folder) / "events.db"
        file.rename(name)
        context = multiprocessing.get_context("fork")
        ours, theirs = context.Pipe()
        reader = context.Process(target=_read_on, args=(name, theirs, ours), daemon=True)
        reader.start()
        theirs.close()
        ours.recv()
        try:
            yield name
        finally:
            # Killed, not asked to close: the last connection to close would move the log into the file.
            reader.kill()
            reader.join()
            ours.close()
            for end in ("-wal", "-shm"):
                Path(f"{name}{end}").unlink(missing_ok=True)
            name.rename(file)
    after = file.stat()
    if (before.st_mtime_ns, before.st_size) != (after.st_mtime_ns, after.st_size):
        raise RuntimeError(f"{file} was changed while it was measured")


def _read_on(name: Path, told: Connection, other_end: Connection) -> None:
    other_end.close()
    connection = sqlite3.connect(name, isolation_level=None)
    connection.execute("BEGIN")
    connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    told.send(None)
    try:
        told.recv()  # until the one who measures is gone
    except EOFError:
        os._exit(1)
