"""What is expected of a database once it was read without a hint."""

import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from sqlite_utils import Database


@dataclass(frozen=True, slots=True)
class Sample:
    """A database of some shape, and what must be read from it.

    write: creates it at a path, which is empty. events: the event tables, each with the number of its events.
    documents: how many documents have an event. types: the types of all events. event: the id of one event.
    fields: values of that event by field; a list for a field that repeats. A field may be named by its group too, as in
    ``victim.age``. text: a part of the text of that event's document, which must also be readable. evidence: the least
    share of that event's values that are found in the text. ignored: other tables, each with a part of the reason.
    declined: parts of the message, if there are no events.
    """

    name: str
    write: Callable[[Path], None]
    events: Mapping[str, int] = field(default_factory=dict)
    documents: int = 0
    types: frozenset[str] = frozenset()
    event: str = ""
    fields: Mapping[str, object] = field(default_factory=dict)
    text: str = ""
    title: str = ""
    evidence: float = 1.0
    ignored: Mapping[str, str] = field(default_factory=dict)
    declined: tuple[str, ...] = ()


@contextmanager
def connected(path: Path) -> Iterator[sqlite3.Connection]:
    """Yield a connection that waits for no disk, and commit at the end."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA synchronous = OFF")
        yield connection
        connection.commit()


def with_sql(path: Path, script: str, **rows: Sequence[Sequence[object]]) -> None:
    """Create a database by a script, then insert the rows of each table."""
    with connected(path) as connection:
        connection.executescript(f"BEGIN; {script}; COMMIT")
        for table, values in rows.items():
            insert(connection, table, values)


def insert(connection: sqlite3.Connection, table: str, rows: Sequence[Sequence[object]]) -> None:
    quoted = table.replace('"', '""')
    marks = ", ".join("?" * len(rows[0]))
    connection.executemany(f'INSERT INTO "{quoted}" VALUES ({marks})', rows)


def with_utils(path: Path, write: Callable[[Database], None]) -> None:
    """Create a database with sqlite-utils."""
    with connected(path) as connection:
        write(Database(connection))
