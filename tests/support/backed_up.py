"""A file to back up and restore, and its content."""

import contextlib
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from db.decisions.review import Review
from db.maintenance.backups import Backup, list_backups
from support.builders import ARTICLE, create, event, import_documents

File = tuple[Path, sqlite3.Connection]


@contextlib.contextmanager
def new_war(folder: Path) -> Iterator[File]:
    """Create a file with one report; return its path and a connection."""
    path = folder / "war.db"
    with contextlib.closing(create(path)) as connection:
        import_documents(connection, ARTICLE)
        yield path, connection


def accept(connection: sqlite3.Connection, external_id: str = "report-1/1") -> None:
    Review(connection, "ana").accept(event(connection, external_id))


def reasons(path: Path) -> list[str]:
    return [backup.reason for backup in list_backups(path)]


def aged(backup: Backup, age: timedelta) -> None:
    """Rename a backup as if it had been made earlier."""
    made_at = datetime.now(UTC) - age
    backup.path.rename(backup.path.with_name(f"{made_at:%Y-%m-%dT%H-%M-%SZ}.{backup.reason}.db"))


def dump(path: Path) -> dict[str, list[tuple[object, ...]]]:
    """Return every row of every table, but not the name of the last restore, which is new each time."""
    with contextlib.closing(sqlite3.connect(path)) as connection:
        tables = [
            row[0]
            for row in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")
            if not row[0].endswith("_fts")  # the index of other tables
        ]
        columns = {name: "file" if name == "identity" else "*" for name in sorted(tables)}
        return {name: connection.execute(f'SELECT {what} FROM "{name}"').fetchall() for name, what in columns.items()}
