"""Builds a new file for an import under a hidden name, without lookup indexes, and puts it in place at the end.

An index that is built at the end is sorted once; kept up to date during a large import, it would be written many times
over. Nobody reads the file before the end, so nothing needs to be safe on disk until then.
"""

import contextlib
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

from db.errors import InputError, NotWrittenError
from db.io.atomic import end_of_links, partial_path, put_in_place, refuse_leftovers, remove_partial, sweep, sync
from db.store.connection import is_disk_error, open_file

# Indexes that the import itself uses.
_NEEDED = ("events_by_external_id", "events_by_merged_into", "events_by_extracted_again", "fields_by_event",
         "decisions_by_event", "decisions_by_reviewer", "decision_events_by_event",
         "earlier_texts_by_document", "earlier_texts_by_event")  # fmt: skip
_CACHE = 32_000  # KiB of pages, and of an index that is sorted in memory


@contextlib.contextmanager
def new_file(path: Path, indexing: Callable[[int, int], None] = lambda *_: None) -> Iterator[sqlite3.Connection]:
    """Open a new file to fill. It appears at ``path`` when the block ends without an exception.

    ``indexing`` is called with the numbers of indexes built and to build. Raises InputError if the file exists by then,
    or the disk is full.
    """
    path = end_of_links(path)
    refuse_leftovers(path)
    sweep(path)
    partial = partial_path(path)
    try:
        connection = open_file(partial, create=True)
        with contextlib.closing(connection):
            connection.execute("PRAGMA journal_mode = MEMORY")
            connection.execute("PRAGMA synchronous = OFF")
            connection.execute(f"PRAGMA cache_size = -{_CACHE}")
            made = connection.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL")
            indexes = [(name, sql) for name, sql in made.fetchall() if name not in _NEEDED]
            for name, _ in indexes:
                connection.execute(f"DROP INDEX {name}")
            yield connection
            for done, (_, sql) in enumerate(indexes):
                indexing(done, len(indexes))
                connection.execute(sql)
            indexing(len(indexes), len(indexes))
        _put_in_place(partial, path)
    except NotWrittenError:
        raise InputError(f"{path}: can't be written: the disk is full; free some space or use another disk") from None
    except sqlite3.OperationalError as error:
        if not is_disk_error(error):
            raise
        raise InputError(f"{path}: can't be written ({error}); free some space or use another disk") from None
    finally:
        remove_partial(partial)


def _put_in_place(partial: Path, path: Path) -> None:
    try:
        with partial.open("rb") as stream:
            sync(stream.fileno())
        refuse_leftovers(path)
        put_in_place(partial, path)
    except FileExistsError:
        raise InputError(f"{path}: was created by another process meanwhile; import again into that file") from None
    except OSError as error:
        raise InputError(f"{path}: can't be written ({error.strerror}); free some space or use another disk") from None
