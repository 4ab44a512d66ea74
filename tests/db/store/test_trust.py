"""A malicious file: none of its SQL runs, and the error says what is wrong with it."""

import contextlib
import sqlite3
from pathlib import Path

import pytest
from support.builders import ARTICLE, event, import_documents

from db.decisions.review import Review
from db.errors import FileError
from db.store.connection import open_file
from db.store.schema import APPLICATION_ID, apply_steps, open_in_memory
from db.store.trust import SCHEMA_DIGEST, schema_digest

_ENDLESS = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n"

HOSTILE = {
    "a trigger on decisions": "CREATE TRIGGER t AFTER INSERT ON decisions BEGIN UPDATE events SET note = 'theirs'; END",
    "a trigger on another table": "CREATE TABLE x (a); CREATE TRIGGER t INSERT ON x BEGIN DELETE FROM fields; END",
    "a trigger without an end": f"CREATE TRIGGER t AFTER UPDATE ON events BEGIN {_ENDLESS}; END",
    "another trigger by our name": (
        "DROP TRIGGER decisions_are_not_deleted; CREATE TRIGGER decisions_are_not_deleted AFTER INSERT ON decisions"
        " BEGIN UPDATE events SET note = 'theirs'; END"
    ),
    "a name with quotes": 'CREATE TRIGGER "a"" b; DROP TABLE events" AFTER INSERT ON decisions BEGIN SELECT 1; END',
    "an index that computes": "CREATE INDEX i ON decisions (hex(zeroblob(100000000)))",
    "an index that refuses": "CREATE UNIQUE INDEX i ON decisions (reviewer)",
    "an index with a condition": "CREATE INDEX i ON decisions (reviewer) WHERE length(reviewer) > 1",
    "another index by our name": "DROP INDEX decisions_by_event; CREATE INDEX decisions_by_event ON decisions (-id)",
    "a view for a table": f"DROP TABLE IF EXISTS saved_queries; CREATE VIEW saved_queries AS {_ENDLESS}",
    "a table with more": "DROP TABLE imports; CREATE TABLE imports (id INTEGER PRIMARY KEY, x AS (hex(zeroblob(9))))",
    "a table without its checks": "DROP TABLE IF EXISTS saved_queries; CREATE TABLE saved_queries (name, query, help)",
}


def test_the_digest_is_that_of_the_migrated_schema() -> None:
    """If this fails, the schema has changed: it needs a migration and then a new digest."""
    assert schema_digest(open_in_memory()) == SCHEMA_DIGEST


@pytest.mark.parametrize("attack", HOSTILE)
@pytest.mark.parametrize("version", [None, 2, 3])
def test_a_foreign_schema_is_refused_and_runs_nothing(tmp_path: Path, attack: str, version: int | None) -> None:
    path = tmp_path / "hostile.db"
    if version is None:
        connection = open_file(path, create=True)
        import_documents(connection, ARTICLE)
    else:
        connection = sqlite3.connect(path, isolation_level=None)
        apply_steps(connection, stop_before={2: "lookup", 3: "presence"}[version])
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {version}")
    with contextlib.closing(connection):
        connection.execute(
            "CREATE TRIGGER IF NOT EXISTS decisions_are_not_deleted BEFORE DELETE ON decisions BEGIN SELECT 1; END"
        )
        for statement in _statements(HOSTILE[attack]):
            connection.execute(statement)
        before = list(connection.execute("SELECT name, sql FROM sqlite_schema ORDER BY 1"))
    if version is not None and attack == "another trigger by our name":
        with contextlib.closing(open_file(path)) as connection:
            assert schema_digest(connection) == SCHEMA_DIGEST  # made anew before anything was written
        return
    with pytest.raises(FileError, match=r"was not made by eventdesk and could|table .* is missing|can't be used"):
        open_file(path)
    with contextlib.closing(sqlite3.connect(path)) as connection:
        assert list(connection.execute("SELECT name, sql FROM sqlite_schema ORDER BY 1")) == before
        (changed,) = connection.execute("SELECT count(*) FROM events WHERE note = 'theirs'").fetchone()
        assert changed == 0


def _statements(script: str) -> list[str]:
    statements, rest = [], ""
    for part in script.split(";"):
        rest += part + ";"
        if sqlite3.complete_statement(rest):
            statements.append(rest)
            rest = ""
    return statements


def test_tables_views_and_indexes_that_people_add_are_accepted(tmp_path: Path) -> None:
    path = tmp_path / "events.db"
    with contextlib.closing(open_file(path, create=True)) as connection:
        import_documents(connection, ARTICLE)
        connection.execute("CREATE TABLE my_notes (event TEXT)")
        connection.execute("CREATE VIEW mine AS SELECT name, count(*) FROM fields GROUP BY 1")
        connection.execute("CREATE INDEX my_index ON fields (value)")
        connection.execute(f"CREATE VIEW endless AS {_ENDLESS}")
        connection.execute("ANALYZE")
    with contextlib.closing(open_file(path)) as connection:
        assert Review(connection, "ana").accept(event(connection)).event.status == "confirmed"


def test_a_file_with_a_missing_index_or_trigger_still_opens(tmp_path: Path) -> None:
    path = tmp_path / "events.db"
    with contextlib.closing(open_file(path, create=True)) as connection:
        connection.execute("DROP INDEX events_by_type")
        connection.execute("DROP TRIGGER decisions_are_not_deleted")
    open_file(path).close()
