"""Opening databases whose schema computes something."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from db.errors import InputError
from db.sources.database.database import open_database


@pytest.mark.parametrize(
    "schema",
    [
        "CREATE TABLE t (d TEXT, x AS (json_extract(d, '$.a')))",
        "CREATE TABLE t (d TEXT, x GENERATED ALWAYS AS (d ->> 'a') STORED)",
        "CREATE TABLE s (d TEXT); CREATE VIEW t AS SELECT d, json_extract(d, '$.a') AS x FROM s",
        "CREATE TABLE s (d TEXT); CREATE VIEW t AS SELECT d, value AS x FROM s, json_each(d)",
    ],
)
def test_columns_and_views_may_compute_from_json(schema: str, tmp_path: Path) -> None:
    path = tmp_path / "my.db"
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.executescript(schema)
        table = "s" if "VIEW" in schema else "t"
        connection.execute(f"INSERT INTO {table} (d) VALUES (?)", ('{"a": 7}',))
    with open_database(path) as database:
        assert [row[-1] for row in database.rows("SELECT * FROM t")] == [7]


def test_a_schema_with_json_still_runs_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "my.db"
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.executescript("CREATE VIEW t AS SELECT load_extension('x') AS x, json('{}') AS y")
    with open_database(path) as database, pytest.raises(InputError):
        database.rows("SELECT * FROM t")
