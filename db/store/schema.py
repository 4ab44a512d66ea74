"""The schema that eventdesk gives its files: the steps that made it, in order, and the current triggers and views.

Triggers and views are not steps. They are dropped and made again after every migration, because sqlite-utils'
``transform`` drops the triggers of each table that it rebuilds.
"""

import re
import sqlite3
from collections.abc import Callable
from importlib.resources import files
from typing import TYPE_CHECKING

from db.model import APPLICATION_ID as APPLICATION_ID
from db.store.identity import identify
from db.store.lookup_index import index_all
from db.store.sqlite import connect_in_memory

if TYPE_CHECKING:
    from sqlite_utils import Database

SCHEMA_VERSION = 7  # user_version: the number of steps
_CREATED = re.compile(r"^CREATE (TRIGGER|VIEW) (\w+)", re.MULTILINE)


def _tables(db: "Database") -> None:
    _run(db.conn, "1_tables.sql")


def _acts(db: "Database") -> None:
    _run(db.conn, "2_acts.sql")


def _lookup(db: "Database") -> None:
    _run(db.conn, "3_lookup.sql")
    index_all(db.conn)


def _presence(db: "Database") -> None:
    _run(db.conn, "4_presence.sql")


def _identity(db: "Database") -> None:
    _run(db.conn, "5_identity.sql")
    identify(db.conn)


def _earlier_texts(db: "Database") -> None:
    _run(db.conn, "6_earlier_texts.sql")
    index_all(db.conn)  # what texts are folded to has changed


def _sources(db: "Database") -> None:
    _run(db.conn, "7_sources.sql")


_STEPS = (_tables, _acts, _lookup, _presence, _identity, _earlier_texts, _sources)


def apply_steps(connection: sqlite3.Connection, *, stop_before: str | None = None) -> None:
    """Apply the steps that a file lacks, each recorded in ``_sqlite_migrations``. The caller holds the transaction."""
    from sqlite_utils import Database, Migrations  # slow to import, and a current file needs no step

    steps = Migrations("eventdesk")
    for step in _STEPS:
        steps(name=_name(step))(step)
    steps.apply(Database(connection, execute_plugins=False), stop_before=stop_before)


def _name(step: Callable[["Database"], None]) -> str:
    return step.__name__.removeprefix("_")


def renew_triggers_and_views(connection: sqlite3.Connection) -> None:
    """Replace eventdesk's triggers and views by those of this version. The caller holds the transaction."""
    drop_triggers_and_views(connection)
    _run(connection, "triggers.sql")
    _run(connection, "views.sql")


def drop_triggers_and_views(connection: sqlite3.Connection) -> None:
    """Drop eventdesk's triggers and views, by their names, and leave those that people added."""
    for script in ("triggers.sql", "views.sql"):
        for kind, name in _CREATED.findall(_text(script)):
            connection.execute(f"DROP {kind} IF EXISTS {name}")


def open_in_memory(version: int | None = None) -> sqlite3.Connection:
    """Open an empty eventdesk database in memory: of the current schema, or of an older one without its triggers."""
    connection = connect_in_memory()
    if version is None:
        apply_steps(connection)
        renew_triggers_and_views(connection)
    elif version > 0:
        apply_steps(connection, stop_before=_name(_STEPS[version]))
    return connection


def _text(script: str) -> str:
    return files("db.store").joinpath("sql", script).read_text(encoding="utf-8")


def _run(connection: sqlite3.Connection, script: str) -> None:
    # executescript would commit the open transaction first.
    statement = ""
    for line in _text(script).splitlines():
        statement += line + "\n"
        if sqlite3.complete_statement(statement):
            connection.execute(statement)
            statement = ""
    if statement.strip():
        raise ValueError(f"{script} ends within a statement")
