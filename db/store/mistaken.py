"""Says what a file is that was named in place of an eventdesk file, and how to import it."""

import sqlite3
from pathlib import Path

from db.io.file_kinds import SQLITE, kind_of_file

_DATABASE_SUFFIXES = (".db", ".sqlite", ".sqlite3")
_TABLES_NAMED = 8


def what_it_is(path: Path, error: Exception) -> str:
    """Say what a file is that SQLite can't read, as ``error`` says."""
    kind, is_text = kind_of_file(path)
    restore = f"`eventdesk restore {path}` lists its backups"
    was_ours = f"; if it was one, {restore}" if path.suffix.lower() in _DATABASE_SUFFIXES else ""
    if is_text:
        new = path.with_suffix(".db").name if path.suffix.lower() != ".db" else "NEW.db"
        return (
            f"is a text file, not an eventdesk file; import it first: `eventdesk import {new} {path}`,"
            f" then `eventdesk review {new}`{was_ours}"
        )
    if kind is not None and kind is not SQLITE:
        return f"is {kind.what}, not an eventdesk file; {kind.advice}{was_ours}"
    return f"not an eventdesk file, or damaged ({error}); {restore}"


def how_to_import(path: Path, connection: sqlite3.Connection) -> str:
    """Say how to import a table of another program's database."""
    found = connection.execute(
        "SELECT name FROM sqlite_schema WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite%' LIMIT ?",
        (_TABLES_NAMED + 1,),
    )
    names = [str(name) for (name,) in found]
    table = names[0] if len(names) == 1 else "TABLE"
    listed = f"; its tables: {', '.join(names[:_TABLES_NAMED])}" if len(names) > 1 else ""
    more = " …" if len(names) > _TABLES_NAMED else ""
    return (
        "a SQLite database, but not an eventdesk file;"
        f" import a table of it with `eventdesk import NEW.db sqlite:{path}:{table}`{listed}{more}"
    )
