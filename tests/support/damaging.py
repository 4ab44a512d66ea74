"""Damages single values of a file: whatever type, JSON or SQL, in any column, in spite of the schema."""

import json
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from db.decisions.review import Review
from db.io.types_toml import parse_event_types
from db.model import Span
from db.query.saved import save_query
from db.store.connection import open_file, writing
from db.store.event_types import declare
from db.store.reading import find_event_ids, read_event
from support.builders import ARTICLE, LATER, import_documents

_SQL = "note = (SELECT group_concat(text) FROM documents), reason_text"
_NOT_UTF8 = "CAST(x'61ff62' AS TEXT)"

VALUES: dict[str, str] = {
    "an integer": "7",
    "a huge integer": "9223372036854775807",
    "a negative integer": "-1",
    "a number": "2.5",
    "infinity": "9e999",
    "nothing": "NULL",
    "an empty text": "''",
    "a text": "'junk'",
    "bytes": "x'00ff'",
    "text that is not UTF-8": _NOT_UTF8,
    "a NUL character": "'a' || char(0) || 'b'",
    "control characters": "'a' || char(27) || '[2J' || char(10) || 'b'",
    "SQL": "'x''; DROP TABLE events; --'",
    "null": "'null'",
    "a JSON array": "'[1, {\"a\": null}]'",
    "a JSON object": '\'{"a": [1], "events": 5, "fields": {"x": 1}}\'',
    "JSON with infinity": '\'{"events": {"1": {"note": 1e999}}}\'',
    "cut JSON": '\'{"events": {"1": \'',
    "deep JSON": f"'{'[' * 900}{']' * 900}'",
    "very deep JSON": f"'{'[' * 100_000}'",
    "a deep BLOB": f"CAST('{'[' * 900}{']' * 900}' AS BLOB)",
    "a patch with SQL": "'" + json.dumps({"events": {"1": {_SQL: "x"}}}) + "'",
    "a patch of other rows": "'" + json.dumps({"events": {"999": {}}, "fields": {"998": {"state": "removed"}}}) + "'",
    "a patch with junk": "'" + json.dumps({"events": {"1": {"status": 5}}, "fields": {"1": {"spans": [[9, 1]]}}}) + "'",
    "a patch with a huge span": "'" + json.dumps({"fields": {"1": {"spans": [[0, 2**40]]}}}) + "'",
    "a query of itself": "'@deep or @big'",
    "a wrong query": "'((killed>='",
    "a time ahead of now": "'2999-01-01T00:00:00.000+00:00'",
    "a huge text": "replace(hex(zeroblob(2500000)), '00', 'ab ')",
    "a huge line": "hex(zeroblob(4000000))",
    "many spans": "'" + json.dumps({"fields": {"1": {"spans": [[n, n + 1] for n in range(20_000)]}}}) + "'",
}


class Damage(NamedTuple):
    """One damaged value: of the first or the last row of a table."""

    table: str
    column: str
    value: str
    last: bool = False


def reviewed_file(path: Path) -> None:
    """Make a file that has rows in every table: events with decisions of two people, types, queries, presence."""
    with closing(open_file(path, create=True)) as connection:
        import_documents(connection, {**ARTICLE, "kept": [1]}, LATER)
        with writing(connection):
            toml = '[protest]\nheadline = ["size"]\n[protest.fields.size]\nkind = "choice"\nchoices = ["few", "many"]\n'
            declare(connection, parse_event_types(toml, "types.toml"))
        ana, ben = Review(connection, "ana"), Review(connection, "ben")

        def stored(external_id: str) -> "object":
            return read_event(connection, find_event_ids(connection, external_id)[0])

        event = ana.accept(stored("report-1/1")).event  # type: ignore[arg-type]
        event = ana.correct(event, event.live_fields[1], 41, [Span(10, 12)]).event
        ana.note(event, "from the title", event.live_fields[2])
        ben.reject(stored("report-1/2"), "other", "too small")  # type: ignore[arg-type]
        added = ben.add_event(event.document_id, "protest").event
        added = ben.add(added, "size", None, {"from": 1}, []).event
        ben.undo()
        ana.merge(stored("report-2/1"), stored("report-1/1"))  # type: ignore[arg-type]
        ana.undo()
        save_query(connection, "big", "total>=40", "large ones")
        save_query(connection, "deep", "@big or lesna", "")
        connection.execute("INSERT INTO presence VALUES ('feed', 'bob', 2, '2025-01-01T00:00:00.000+00:00')")


def columns(path: Path) -> list[tuple[str, str]]:
    """Return the tables of eventdesk with each of their columns."""
    with closing(sqlite3.connect(path)) as connection:
        tables = connection.execute(
            "SELECT name FROM sqlite_schema WHERE type = 'table' AND sql LIKE '%STRICT%' OR name = 'sqlite_sequence'"
        ).fetchall()
        return [
            (table, row[1])
            for (table,) in tables
            for row in connection.execute(f"SELECT * FROM pragma_table_info('{table}')")
        ]


def every_damage(path: Path) -> Iterator[Damage]:
    """Yield each value in each column of a file."""
    for table, column in columns(path):
        for value in VALUES:
            for last in (False, True):
                yield Damage(table, column, value, last)


def damage(path: Path, what: Damage) -> bool:
    """Write a value, whatever the schema says of it. Return False if SQLite can't hold it there."""
    schema = _schema(path)
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA writable_schema = ON")
        connection.execute("DELETE FROM sqlite_schema WHERE type = 'trigger'")
        connection.execute(
            "UPDATE sqlite_schema SET sql = ? WHERE name = ?", (_lenient(schema[what.table]), what.table)
        )
    try:
        with closing(sqlite3.connect(path, isolation_level=None)) as connection:
            connection.execute("PRAGMA ignore_check_constraints = ON")
            end = "max" if what.last else "min"
            key = "rowid" if "WITHOUT ROWID" not in schema[what.table] else _key(connection, what.table)
            connection.execute(
                f"UPDATE {what.table} SET {what.column} = {VALUES[what.value]}"
                f" WHERE {key} = (SELECT {end}({key}) FROM {what.table})"
            )
    except sqlite3.Error:
        return False
    finally:
        with closing(sqlite3.connect(path, isolation_level=None)) as connection:
            connection.execute("PRAGMA writable_schema = ON")
            connection.execute("UPDATE sqlite_schema SET sql = ? WHERE name = ?", (schema[what.table], what.table))
        with closing(sqlite3.connect(path, isolation_level=None)) as connection:
            for sql in schema.values():
                if sql.startswith("CREATE TRIGGER"):
                    connection.execute(sql)
    return True


def _schema(path: Path) -> dict[str, str]:
    with closing(sqlite3.connect(path)) as connection:
        return dict(connection.execute("SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL"))


def _lenient(sql: str) -> str:
    """Return the SQL of a table that takes any value in any column, except as its integer key."""
    sql = re.sub(r"\bINTEGER PRIMARY KEY", "\0", sql).replace("NOT NULL", "")
    sql = re.sub(r"\b(TEXT|INTEGER|REAL|ANY)\b", "BLOB", sql).replace("\0", "INTEGER PRIMARY KEY")
    sql = re.sub(r"STRICT, WITHOUT ROWID", "WITHOUT ROWID", sql)
    return re.sub(r"\)\s*STRICT$", ")", sql)


def _key(connection: sqlite3.Connection, table: str) -> str:
    return str(connection.execute(f"SELECT name FROM pragma_table_info('{table}') WHERE pk = 1").fetchone()[0])
