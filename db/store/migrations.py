"""Migrates a file of an older version to the current schema, in one transaction."""

import sqlite3
from pathlib import Path

from db.store.schema import (
    APPLICATION_ID,
    SCHEMA_VERSION,
    apply_steps,
    drop_triggers_and_views,
    renew_triggers_and_views,
)
from db.store.trust import refuse_foreign_schema


def migrate(connection: sqlite3.Connection, path: Path) -> None:
    """Migrate an empty or older file to the current schema. Safe if two processes start it at once.

    Raises FileError, and changes nothing, if the file's schema is not as eventdesk made it.
    """
    connection.execute("BEGIN IMMEDIATE")
    try:
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        if version < SCHEMA_VERSION:
            drop_triggers_and_views(connection)
            refuse_foreign_schema(connection, path, version)
            apply_steps(connection)
            renew_triggers_and_views(connection)
            refuse_foreign_schema(connection, path)
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID:d}")
            connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION:d}")
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
