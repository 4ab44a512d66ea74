"""Tells whether a file's schema is the one that eventdesk makes: what runs by itself in a file must be ours.

A trigger of somebody else's would act on every decision, and an index can compute. Tables, views and plain indexes
that people add are left alone: nothing of ours reads them.
"""

import hashlib
import re
import sqlite3
from pathlib import Path

from db.errors import FileError

# Of the tables, indexes and triggers that the migrations make; tests/db/test_trust.py says when it is another.
SCHEMA_DIGEST = "d8831ea7c59a08e2a3a23c01ca85ad1313f6ca2f998912410a54e4fac49aed2a"
_SHADOWS = re.compile(r"(documents_fts|field_values_fts)_(data|idx|content|docsize|config)")
_PLAIN_INDEX = re.compile(r"CREATE INDEX [^()]*\([\w\s,\"\[\]`]*\)", re.IGNORECASE)

_TABLES = frozenset(
    "documents events fields evidence decisions decision_events event_types event_type_fields imports field_values"
    " saved_queries presence".split()
)

_Schema = dict[tuple[str, str], str]  # (type, name) → SQL


def refuse_foreign_schema(connection: sqlite3.Connection, path: Path) -> None:
    """Raise FileError where a table is missing or another, or where something of somebody else's could run."""
    found = _schema(connection)
    if _digest(found) != SCHEMA_DIGEST:
        _refuse_difference(found, path)


def refuse_what_runs(connection: sqlite3.Connection, path: Path) -> None:
    """Raise FileError where an older file has a trigger left, or a view or virtual table in the place of a table."""
    for kind, name, sql in connection.execute("SELECT type, name, sql FROM sqlite_schema WHERE sql IS NOT NULL"):
        virtual = kind == "table" and not name.endswith("_fts") and str(sql).upper().startswith("CREATE VIRTUAL")
        if kind == "trigger" or (name in _TABLES and (kind != "table" or virtual)):
            raise FileError(f"{path}: {_foreign(kind, name)}")


def schema_digest(connection: sqlite3.Connection) -> str:
    """A hash of what can matter in a file's schema."""
    return _digest(_schema(connection))


def _digest(schema: _Schema) -> str:
    return hashlib.sha256("\0".join(sorted(schema.values())).encode()).hexdigest()


def _schema(connection: sqlite3.Connection) -> _Schema:
    rows = connection.execute(
        "SELECT type, name, sql FROM sqlite_schema WHERE type <> 'view' AND sql IS NOT NULL"
        " AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND name NOT LIKE '\\_sqlite\\_migrations%' ESCAPE '\\'"
    )
    # What holds a full-text index is written by SQLite, each version in its own way.
    return {(kind, name): str(sql) for kind, name, sql in rows if not (kind == "table" and _SHADOWS.fullmatch(name))}


def _refuse_difference(found: _Schema, path: Path) -> None:
    from db.store.migrations import new_schema

    ours = _schema(new_schema())
    for key in ours.keys() | found.keys():
        kind, name = key
        same = found.get(key) == ours.get(key)
        if same or (kind == "table" and key not in ours) or (kind != "table" and key not in found):
            continue
        if kind == "table" and key not in found:
            raise FileError(f"{path}: has no table {name}; `eventdesk restore {path}` lists its backups")
        if kind == "index" and _PLAIN_INDEX.fullmatch(found[key]):
            continue
        raise FileError(f"{path}: {_foreign(kind, name)}")


def _foreign(kind: str, name: str) -> str:
    return (
        f"the {kind} {name} is not eventdesk's and could change or slow what is written;"
        " drop it with another program, or take the file from a backup"
    )
