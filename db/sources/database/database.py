"""Opens a source database to read it: nothing is written, nothing in it runs, and no file appears beside it."""

import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from time import monotonic
from typing import Any

from db.errors import InputError
from db.sources.database.catalogue import Catalogue, read_catalogue
from db.store.sqlite import SQLITE_ERRORS, Deadline, connect_other, what_is_wrong

PRAGMAS = frozenset(("table_list", "table_xinfo", "foreign_key_list", "index_list", "index_info", "index_xinfo"))
_STATE_PRAGMAS = frozenset(("data_version", "schema_version", "page_count", "user_version"))
_QUERY_SECONDS = 60.0  # that a query may take for one row
_SLOW_SECONDS = 1.2  # for all queries together that are not quick
_QUICK_SECONDS = 0.03
_MAGIC = b"SQLite format 3\0"


class Database:
    """An open source database.

    connection: may only query; it returns texts as bytes, since a database may hold texts that aren't UTF-8
    (``decoded`` makes text of them). deadline: interrupts a query that returns no row for a minute; ``extend`` it after
    each row of a long read.
    """

    def __init__(self, path: Path, connection: sqlite3.Connection, deadline: Deadline) -> None:
        self.path = path
        self.connection = connection
        self.deadline = deadline
        self._catalogue: Catalogue | None = None
        self._slow_seconds = _SLOW_SECONDS

    @property
    def catalogue(self) -> Catalogue:
        """The tables and views, read at the first use."""
        if self._catalogue is None:
            self._catalogue = read_catalogue(self)
        return self._catalogue

    def rows(self, query: str, values: Sequence[object] = (), seconds: float = _QUERY_SECONDS) -> list[tuple[Any, ...]]:
        """Return all rows of a query, with texts decoded. Raises InputError, also after so many seconds."""
        self.deadline.extend(seconds)
        try:
            found = self.connection.execute(query, values).fetchall()
        except SQLITE_ERRORS as error:
            raise self.refusal(error) from None
        finally:
            self.deadline.extend()
        return [tuple(map(decoded, row)) for row in found]

    def rows_in_time(self, query: str, values: Sequence[object], seconds: float) -> list[tuple[Any, ...]] | None:
        """Return the rows that a query finds in so many seconds, or None if it fails or finds none in that time.

        Slow queries have less time after others, so that all of them together end soon.
        """
        began = monotonic()
        self.deadline.extend(min(seconds, max(self._slow_seconds, _QUICK_SECONDS)))
        found: list[tuple[Any, ...]] = []
        try:
            found.extend(tuple(map(decoded, row)) for row in self.connection.execute(query, values))
        except SQLITE_ERRORS:
            return found or None
        finally:
            self.deadline.extend()
            if (spent := monotonic() - began) > _QUICK_SECONDS:
                self._slow_seconds -= spent
        return found

    def refusal(self, error: BaseException) -> InputError:
        """Return the error that says why the database can't be read."""
        if str(error) == "interrupted":
            return InputError(f"{self.path}: a query returned no row for {self.deadline.seconds:.0f} seconds")
        return InputError(f"{self.path}: {what_is_wrong(error)}")


@contextmanager
def open_database(path: Path) -> Iterator[Database]:
    """Open any SQLite database to read it. Raises InputError."""
    try:
        with path.open("rb") as stream:
            head = stream.read(len(_MAGIC))
    except OSError as error:
        raise InputError(f"{path}: {(error.strerror or str(error)).lower()}; check the name") from None
    if head != _MAGIC:
        what = "is empty" if not head and not os.path.getsize(path) else "is not a SQLite database"
        raise InputError(f"{path}: {what}; name the file that your program wrote")
    deadline = Deadline(_QUERY_SECONDS)
    try:
        connection = connect_other(path, deadline, PRAGMAS | _STATE_PRAGMAS)
    except (*SQLITE_ERRORS, OSError) as error:
        raise InputError(f"{path}: {what_is_wrong(error)}") from None
    with closing(connection):
        yield Database(path, connection, deadline)


def decoded(cell: Any) -> Any:
    """Return bytes that are UTF-8 as text; anything else stays as it is."""
    if isinstance(cell, bytes):
        try:
            return cell.decode()
        except UnicodeDecodeError:
            return cell
    return cell
