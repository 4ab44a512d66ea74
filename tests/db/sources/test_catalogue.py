"""The catalogue of a database: tables, keys, links, sizes and samples, whatever else is going on in the file."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from db.errors import InputError
from db.sources.database.database import open_database
from db.sources.proposing.propose import propose

SCHEMA = """
CREATE TABLE "odd ""name" (a TEXT, b INT, c, PRIMARY KEY (a, b)) WITHOUT ROWID;
CREATE TABLE papers (id INTEGER PRIMARY KEY, url VARCHAR(40) UNIQUE NOT NULL, body TEXT);
CREATE TABLE events (
  rowid TEXT, paper INT REFERENCES papers, x TEXT, y INT, FOREIGN KEY (x, y) REFERENCES "odd ""name"
);
CREATE UNIQUE INDEX both ON events (x, y);
CREATE UNIQUE INDEX some ON events (y) WHERE y > 3;
CREATE VIEW together AS SELECT url, x FROM papers JOIN events ON paper = papers.id;
CREATE VIEW broken AS SELECT no_such FROM gone;
CREATE VIRTUAL TABLE found USING fts5(body, content='papers');
"""


def _database(folder: Path, script: str = SCHEMA) -> Path:
    path = folder / "my.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(script)
    return path


def test_tables_have_their_columns_keys_and_links(tmp_path: Path) -> None:
    with open_database(_database(tmp_path)) as database:
        tables = {table.name: table for table in database.catalogue.tables}
    assert "broken" not in tables
    assert tables["found"].kind == "virtual"
    assert tables["found_data"].kind == "shadow"
    assert tables['odd "name'].key == ("a", "b")
    assert tables['odd "name'].rowid is None
    papers, events = tables["papers"], tables["events"]
    assert [(column.name, column.declared, column.required) for column in papers.columns][1] == (
        "url",
        "VARCHAR(40)",
        True,
    )
    assert papers.is_unique(("url",))
    assert events.rowid == "_rowid_"
    assert [(key.columns, key.table, key.to) for key in events.foreign_keys] == [
        (("paper",), "papers", ("id",)),
        (("x", "y"), 'odd "name', ("a", "b")),
    ]
    assert events.unique == (("x", "y"),)
    assert not events.is_unique(("y",))


def test_sizes_are_exact_for_small_tables_and_close_for_large_ones(tmp_path: Path) -> None:
    path = _database(
        tmp_path,
        "CREATE TABLE small (a); CREATE TABLE large (id INTEGER PRIMARY KEY, a);"
        "CREATE TABLE gaps (id INTEGER PRIMARY KEY)",
    )
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA synchronous = OFF")
        connection.executemany("INSERT INTO small VALUES (?)", ((n,) for n in range(7)))
        connection.executemany("INSERT INTO large VALUES (?, 'x')", ((n,) for n in range(30_000)))
        connection.executemany("INSERT INTO gaps VALUES (?)", ((n * 1_000_003,) for n in range(20_000)))
        connection.commit()
    with open_database(path) as database:
        sizes = {table.name: table.size for table in database.catalogue.tables}
        large = database.catalogue.named("LARGE")
        assert large is not None
        numbers = [row[0] for row in large.sample]
    assert sizes["small"] == 7
    assert 27_000 < sizes["large"] < 33_000
    assert 18_000 < sizes["gaps"] < 22_000
    assert len(numbers) == 200
    assert numbers[0] < 10
    assert numbers[-1] > 28_000  # the sample is from the whole length of the table


def test_nothing_in_the_file_runs_or_is_written(tmp_path: Path) -> None:
    path = _database(tmp_path)
    before = path.read_bytes()
    with open_database(path) as database:
        for statement in ("DELETE FROM papers", "CREATE TABLE t (a)", "PRAGMA user_version = 3", "ATTACH 'x.db' AS x"):
            with pytest.raises(sqlite3.Error):
                database.connection.execute(statement)
        assert database.rows("PRAGMA data_version")
        assert [len(table.sample) for table in database.catalogue.tables]
    assert path.read_bytes() == before
    assert [item.name for item in tmp_path.iterdir()] == ["my.db"]


def test_a_database_is_read_while_it_is_written(tmp_path: Path) -> None:
    path = _database(tmp_path, "PRAGMA journal_mode = WAL; CREATE TABLE events (a); INSERT INTO events VALUES (1)")
    with closing(sqlite3.connect(path, isolation_level=None)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        writer.execute("INSERT INTO events VALUES (2)")
        with open_database(path) as database:
            assert database.catalogue.tables[0].sample == ((1,),)
        writer.execute("COMMIT")
    with open_database(path) as database:
        assert database.catalogue.tables[0].size == 2
    assert [item.name for item in tmp_path.iterdir()] == ["my.db"]


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"", "is empty"),
        (b"id,type\n", "is not a SQLite database"),
        (b"SQLite format 3\0" + b"x" * 200, "check the file"),
    ],
)
def test_a_file_that_is_no_database(content: bytes, what: str, tmp_path: Path) -> None:
    path = tmp_path / "my.db"
    path.write_bytes(content)
    with pytest.raises(InputError, match=what), open_database(path):
        pass
    with pytest.raises(InputError, match="no such file"), open_database(tmp_path / "gone.db"):
        pass


def test_texts_that_are_no_utf_8_and_views_that_take_long(tmp_path: Path) -> None:
    endless = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) AS number FROM n"
    path = _database(tmp_path, f"CREATE TABLE events (a TEXT, b BLOB); CREATE VIEW slow AS {endless};")
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("INSERT INTO events VALUES (CAST(X'e9' AS TEXT), X'61ff')")
        connection.commit()
    with open_database(path) as database:
        events, slow = database.catalogue.tables
        assert events.sample == ((b"\xe9", b"a\xff"),)
        assert slow.sample == ()
        assert slow.size == 0


def test_a_view_that_sqlite_cannot_read_is_named_in_the_plan(tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(
            "CREATE TABLE events (id INTEGER PRIMARY KEY, type TEXT, killed INTEGER, report TEXT);"
            "INSERT INTO events VALUES (1, 'attack', 2, 'Two were killed at Brod on Monday.');"
            "CREATE VIEW broken AS SELECT * FROM gone;"
        )
    with open_database(path) as database:
        assert propose(database).ignored["broken"] == "SQLite can't read it"
