"""The schema's history: each step once, in order, inside one transaction with its record.

Triggers and views are not steps: they are dropped and made again from their files after every migration, since
sqlite-utils' ``transform`` drops the triggers of a table it rebuilds.
"""

import re
import sqlite3
from importlib.resources import files
from pathlib import Path

from sqlite_utils import Database, Migrations

from db.store.connection import APPLICATION_ID, SCHEMA_VERSION
from db.store.lookup_index import index_all
from db.store.trust import refuse_foreign_schema, refuse_what_runs

schema = Migrations("eventdesk")
_MADE = re.compile(r"^CREATE (TRIGGER|VIEW) (\w+)", re.MULTILINE)


@schema(name="tables")
def _tables(db: Database) -> None:
    _run(db.conn, "1_tables.sql")


@schema(name="acts")
def _acts(db: Database) -> None:
    _run(db.conn, "2_acts.sql")


@schema(name="lookup")
def _lookup(db: Database) -> None:
    _run(db.conn, "3_lookup.sql")
    index_all(db.conn)


@schema(name="presence")
def _presence(db: Database) -> None:
    _run(db.conn, "4_presence.sql")


def migrate(connection: sqlite3.Connection, path: Path) -> None:
    """Bring an empty or older file up to this version. Safe when two processes start it at once.

    Raises FileError, and changes nothing, where the file's schema is not as eventdesk made it.
    """
    connection.execute("BEGIN IMMEDIATE")
    try:
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        if version < SCHEMA_VERSION:
            _drop_triggers_and_views(connection)
            refuse_what_runs(connection, path)
            schema.apply(Database(connection, execute_plugins=False))
            _run(connection, "triggers.sql")
            _run(connection, "views.sql")
            refuse_foreign_schema(connection, path)
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID:d}")
            connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION:d}")
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def renew_triggers_and_views(connection: sqlite3.Connection) -> None:
    """Make ours as they should be. The caller holds the transaction."""
    _drop_triggers_and_views(connection)
    _run(connection, "triggers.sql")
    _run(connection, "views.sql")


def new_schema() -> sqlite3.Connection:
    """A new file in memory."""
    connection = sqlite3.connect(":memory:", isolation_level=None)
    schema.apply(Database(connection, execute_plugins=False))
    renew_triggers_and_views(connection)
    return connection


def _drop_triggers_and_views(connection: sqlite3.Connection) -> None:
    """Ours alone, by their names: what people added is theirs."""
    for script in ("triggers.sql", "views.sql"):
        for kind, name in _MADE.findall(_text(script)):
            connection.execute(f"DROP {kind} IF EXISTS {name}")


def _text(script: str) -> str:
    return files("db.store").joinpath("sql", script).read_text(encoding="utf-8")


def _run(connection: sqlite3.Connection, script: str) -> None:
    # Not executescript: it commits the open transaction first.
    statement = ""
    for line in _text(script).splitlines():
        statement += line + "\n"
        if sqlite3.complete_statement(statement):
            connection.execute(statement)
            statement = ""
    if statement.strip():
        raise ValueError(f"{script} ends within a statement")
