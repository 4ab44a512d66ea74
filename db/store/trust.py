"""Checks that a file's schema is the one that eventdesk makes, so that no foreign SQL runs when eventdesk writes.

A foreign trigger would act on every decision, and an index can compute. Tables, views and plain indexes that people
add are allowed: eventdesk never reads them.
"""

import hashlib
import re
import sqlite3
from pathlib import Path

from db.errors import FileError
from db.store.schema import open_in_memory

# Of the tables, indexes and triggers of the schema; tests/db/store/test_trust.py fails if it changes.
SCHEMA_DIGEST = "d8831ea7c59a08e2a3a23c01ca85ad1313f6ca2f998912410a54e4fac49aed2a"
_SHADOW_TABLES = re.compile(r"(documents_fts|field_values_fts)_(data|idx|content|docsize|config)")
_PLAIN_INDEX = re.compile(r"CREATE INDEX [^()]*\([\w\s,\"\[\]`]*\)", re.IGNORECASE)

_TABLES = frozenset(
    "documents events fields evidence decisions decision_events event_types event_type_fields imports field_values"
    " saved_queries presence".split()
)

_Schema = dict[tuple[str, str], str]  # (type, name) → SQL


def refuse_foreign_schema(connection: sqlite3.Connection, path: Path) -> None:
    """Raise FileError if a table is missing or altered, or if foreign SQL could run on a write."""
    schema = _schema(connection)
    if _digest(schema) != SCHEMA_DIGEST:
        _refuse_differences(schema, path)


def refuse_triggers(connection: sqlite3.Connection, path: Path) -> None:
    """Raise FileError if an older file, without eventdesk's own triggers, has a trigger, or a view as a table."""
    for kind, name, sql in connection.execute("SELECT type, name, sql FROM sqlite_schema WHERE sql IS NOT NULL"):
        virtual = kind == "table" and not name.endswith("_fts") and str(sql).upper().startswith("CREATE VIRTUAL")
        if kind == "trigger" or (name in _TABLES and (kind != "table" or virtual)):
            raise FileError(f"{path}: {_foreign(kind, name)}")


def schema_digest(connection: sqlite3.Connection) -> str:
    """Return a hash of the parts of a file's schema that can affect eventdesk."""
    return _digest(_schema(connection))


def _digest(schema: _Schema) -> str:
    return hashlib.sha256("\0".join(sorted(schema.values())).encode()).hexdigest()


def _schema(connection: sqlite3.Connection) -> _Schema:
    rows = connection.execute(
        "SELECT type, name, sql FROM sqlite_schema WHERE type <> 'view' AND sql IS NOT NULL"
        " AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND name NOT LIKE '\\_sqlite\\_migrations%' ESCAPE '\\'"
    )
    # Each version of SQLite makes the shadow tables of a full-text index in its own way.
    return {
        (kind, name): str(sql) for kind, name, sql in rows if not (kind == "table" and _SHADOW_TABLES.fullmatch(name))
    }


def _refuse_differences(schema: _Schema, path: Path) -> None:
    expected = _schema(open_in_memory())
    for key in expected.keys() | schema.keys():
        kind, name = key
        if (
            schema.get(key) == expected.get(key)
            or (kind == "table" and key not in expected)
            or (kind != "table" and key not in schema)
        ):
            continue
        if kind == "table" and key not in schema:
            raise FileError(f"{path}: the table {name} is missing; `eventdesk restore {path}` lists the backups")
        if kind == "index" and _PLAIN_INDEX.fullmatch(schema[key]):
            continue
        raise FileError(f"{path}: {_foreign(kind, name)}")


def _foreign(kind: str, name: str) -> str:
    return (
        f"the {kind} {name} was not made by eventdesk and could change or slow down every write;"
        " drop it with another program, or restore a backup"
    )
