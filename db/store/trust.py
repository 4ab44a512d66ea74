"""Checks that a file's schema is the one that eventdesk makes, so that no foreign SQL runs when eventdesk writes.

Everything is compared by its exact SQL. Beside it, people may have tables, views and plain indexes of their own:
eventdesk never reads them. A trigger would act on every decision, and an index can compute.
"""

import hashlib
import re
import sqlite3
from contextlib import closing
from pathlib import Path

from db.errors import FileError
from db.store.schema import open_in_memory

# Of everything in the schema but the views; tests/db/store/test_trust.py fails if it changes.
SCHEMA_DIGEST = "ce0b6d2e6a5a46340eeee987733afac123d8c37530ec32baf4a95c0cbf92c7ab"

# SQLite stores each statement with these words first, whatever was typed, and runs it whatever the column `type` says.
_BEGINNINGS = {
    "table": ("CREATE TABLE ", "CREATE VIRTUAL TABLE "),
    "view": ("CREATE VIEW ",),
    "index": ("CREATE INDEX ", "CREATE UNIQUE INDEX "),
    "trigger": ("CREATE TRIGGER ",),
}
# Of SQLite and sqlite-utils: each version writes their SQL in its own way, but never with anything that computes.
_THEIRS = re.compile(r"_sqlite_migrations|(?:documents_fts|field_values_fts)_(?:data|idx|config)")
_PLAIN_TABLE = re.compile(
    r"CREATE TABLE (?!.*\b(?:AS|CHECK|COLLATE|DEFAULT|REFERENCES)\b)[\w\s,\"'\[\]()]+", re.IGNORECASE | re.DOTALL
)
_PLAIN_INDEX = re.compile(
    r"CREATE (?P<unique>UNIQUE )?INDEX [^()]*"
    r"\((?!.*\bCOLLATE\b(?!\W+(?:BINARY|NOCASE|RTRIM)\b))[\w\s,\"\[\]`]*\)",  # a collation may be missing here
    re.IGNORECASE | re.DOTALL,
)
_STATISTICS = {
    "sqlite_stat1": "CREATE TABLE sqlite_stat1(tbl,idx,stat)",
    "sqlite_stat4": "CREATE TABLE sqlite_stat4(tbl,idx,neq,nlt,ndlt,sample)",
}
# Rows that others may refer to: eventdesk never deletes them or changes their keys.
_LASTING = {("documents", "id"), ("documents", "external_id"), ("events", "id"), ("fields", "id"), ("decisions", "id")}

_Schema = dict[tuple[str, str], str]  # (type, name) → SQL


def refuse_foreign_schema(connection: sqlite3.Connection, path: Path, version: int | None = None) -> None:
    """Raise FileError if a table is missing or altered, or if foreign SQL could run on a write.

    ``version``: the schema version to compare with; None is the current one. For an older one, the caller has dropped
    eventdesk's own triggers and views.
    """
    schema = _schema(connection)
    if version is None and _digest(schema) == SCHEMA_DIGEST:
        return
    with closing(open_in_memory(version)) as own:
        expected = _schema(own)
    for (kind, name), sql in schema.items():
        if expected.get((kind, name)) != sql and not _is_persons(kind, name, sql, expected):
            raise FileError(f"{path}: {_foreign(kind, name)}")
    tables = {name for kind, name in expected if kind == "table"}
    if missing := sorted(name for name in tables if ("table", name) not in schema):
        raise FileError(f"{path}: the table {missing[0]} is missing; `eventdesk restore {path}` lists the backups")
    _refuse_references(connection, path, tables)


def schema_digest(connection: sqlite3.Connection) -> str:
    """Return a hash of the parts of a file's schema that can affect eventdesk."""
    return _digest(_schema(connection))


def _digest(schema: _Schema) -> str:
    return hashlib.sha256("\0".join(sorted(schema.values())).encode()).hexdigest()


def _schema(connection: sqlite3.Connection) -> _Schema:
    """Return everything in the schema that must be as eventdesk makes it, or that needs a closer look."""
    schema = {}
    for kind, name, table, sql in connection.execute("SELECT type, name, tbl_name, sql FROM sqlite_schema"):
        text = str(sql)
        if kind == "index" and sql is None:
            continue  # SQLite's own, for a UNIQUE in the SQL of its table
        if _STATISTICS.get(name) == text:
            continue
        if kind == "view" and text.startswith("CREATE VIEW "):
            continue  # if it replaces a table of ours, that table is missing
        if kind == "table" and _THEIRS.fullmatch(name) and _PLAIN_TABLE.fullmatch(text):
            text = f"CREATE TABLE {name}"
        if kind == "index" and table == "_sqlite_migrations" and _PLAIN_INDEX.fullmatch(text):
            continue
        schema[str(kind), str(name)] = text
    return schema


def _is_persons(kind: str, name: str, sql: str, expected: _Schema) -> bool:
    """Return True for a table or a plain index that a person added, which nothing of eventdesk's can run."""
    if not sql.startswith(_BEGINNINGS.get(kind, ())) or name.lower().startswith("sqlite_"):
        return False
    if kind == "table":
        return ("table", name) not in expected and not _THEIRS.fullmatch(name)
    plain = _PLAIN_INDEX.fullmatch(sql) if kind == "index" else None
    return plain is not None and not plain["unique"] and ("index", name) not in expected


def _refuse_references(connection: sqlite3.Connection, path: Path, ours: set[str]) -> None:
    """Refuse foreign keys of people's tables that would stop eventdesk from deleting or updating its own rows."""
    for table, parent, column in connection.execute(
        'SELECT tables.name, lower(keys."table"), lower(coalesce(keys."to", \'id\')) FROM sqlite_schema AS tables,'
        " pragma_foreign_key_list(tables.name) AS keys WHERE tables.type = 'table'"
    ):
        if table not in ours and parent in ours and (parent, column) not in _LASTING:
            raise FileError(
                f"{path}: the table {table} refers to {parent}.{column}, which eventdesk changes;"
                " remove that reference with another program"
            )


def _foreign(kind: str, name: str) -> str:
    return (
        f"the {kind} {name} was not made by eventdesk and could change or slow down every write;"
        " drop it with another program, or restore a backup"
    )
