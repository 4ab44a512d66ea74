"""A new file made by an import: built aside without the indexes that lookups use, put in its place when it is whole.

Indexes made at the end are sorted once; kept up to date while a million events come in, they would be written many
times over. Nobody reads a file that is not there yet, so nothing has to be safe on disk before the end.
"""

import contextlib
import os
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

from db.errors import InputError, NotWrittenError
from db.io.atomic import partial_path, put_in_place, remove_partial, sweep
from db.store.connection import is_disk_error, open_file

# What an import itself looks things up by.
_KEPT = ("events_by_external_id", "events_by_merged_into", "events_by_extracted_again", "fields_by_event",
         "decisions_by_event", "decisions_by_reviewer", "decision_events_by_event")  # fmt: skip
_CACHE = 128_000  # KiB of pages, and so much of an index is sorted in memory


@contextlib.contextmanager
def new_file(path: Path, indexing: Callable[[int, int], None] = lambda *_: None) -> Iterator[sqlite3.Connection]:
    """A connection to fill; at the end the file is at ``path``, or nothing is where an exception ended it.

    ``indexing`` is told how many indexes of how many are made. Raises InputError when somebody made such a file
    meanwhile, or the disk takes no more.
    """
    sweep(path)
    partial = partial_path(path)
    try:
        connection = open_file(partial, create=True)
        with contextlib.closing(connection):
            connection.execute("PRAGMA journal_mode = MEMORY")
            connection.execute("PRAGMA synchronous = OFF")
            connection.execute(f"PRAGMA cache_size = -{_CACHE}")
            made = connection.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL")
            indexes = [(name, sql) for name, sql in made.fetchall() if name not in _KEPT]
            for name, _ in indexes:
                connection.execute(f"DROP INDEX {name}")
            yield connection
            for done, (_, sql) in enumerate(indexes):
                indexing(done, len(indexes))
                connection.execute(sql)
            indexing(len(indexes), len(indexes))
        _put_in_place(partial, path)
    except NotWrittenError:
        raise InputError(f"{path}: can't be made, there is no room for it; make some, or take another disk") from None
    except sqlite3.OperationalError as error:
        if not is_disk_error(error):
            raise
        raise InputError(f"{path}: can't be made ({error}); make room, or take another disk") from None
    finally:
        remove_partial(partial)


def _put_in_place(partial: Path, path: Path) -> None:
    try:
        with partial.open("rb") as stream:
            os.fsync(stream.fileno())
        put_in_place(partial, path)
    except FileExistsError:
        raise InputError(f"{path}: was made by somebody else meanwhile; import again, into that file") from None
    except OSError as error:
        raise InputError(f"{path}: can't be made ({error.strerror}); make room, or take another disk") from None
