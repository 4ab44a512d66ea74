"""The schema's history: each step once, in order, inside one transaction with its record.

Triggers and views are not steps: they are dropped and made again from their files after every migration, since
sqlite-utils' ``transform`` drops the triggers of a table it rebuilds.
"""

import sqlite3
from importlib.resources import files

from sqlite_utils import Database, Migrations

from db.file import SCHEMA_VERSION
from db.lookup_index import index_all

schema = Migrations("eventdesk")


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


def migrate(connection: sqlite3.Connection, application_id: int) -> None:
    """Bring an empty or older file up to this version. Safe when two processes start it at once."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        if version < SCHEMA_VERSION:
            schema.apply(Database(connection, execute_plugins=False))
            _renew_triggers_and_views(connection)
            connection.execute(f"PRAGMA application_id = {application_id:d}")
            connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION:d}")
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _renew_triggers_and_views(connection: sqlite3.Connection) -> None:
    ours = connection.execute("SELECT type, name FROM sqlite_schema WHERE type IN ('trigger', 'view')").fetchall()
    for kind, name in ours:
        connection.execute(f'DROP {kind} "{name}"')
    _run(connection, "triggers.sql")
    _run(connection, "views.sql")


def _run(connection: sqlite3.Connection, script: str) -> None:
    # Not executescript: it commits the open transaction first.
    statement = ""
    for line in files("db").joinpath("schema", script).read_text(encoding="utf-8").splitlines():
        statement += line + "\n"
        if sqlite3.complete_statement(statement):
            connection.execute(statement)
            statement = ""
    if statement.strip():
        raise ValueError(f"{script} ends within a statement")
