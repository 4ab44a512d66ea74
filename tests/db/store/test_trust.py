"""A malicious file: none of its SQL runs, and the error says what is wrong with it."""

import contextlib
import sqlite3
from pathlib import Path

import pytest
from support.builders import ARTICLE, event, import_documents

from db.decisions.review import Review
from db.errors import FileError
from db.maintenance.repair import repair
from db.store.connection import open_file
from db.store.schema import APPLICATION_ID, apply_steps, open_in_memory
from db.store.trust import SCHEMA_DIGEST, schema_digest

_ENDLESS_X = "WITH RECURSIVE n (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT x FROM n"
_ENDLESS = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n"

MISSING_COLLATION = "of_their_program"
_TRIGGER = "CREATE TRIGGER t AFTER INSERT ON decisions BEGIN UPDATE events SET note = 'theirs'; END"

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
    "a name like that of a migration": "CREATE TRIGGER _sqlite_migrations_x AFTER INSERT ON decisions"
    " BEGIN UPDATE events SET note = 'theirs'; END",
    "a trigger on the table of migrations": "CREATE TRIGGER t AFTER INSERT ON _sqlite_migrations"
    " BEGIN UPDATE events SET note = 'theirs'; END",
    "an index with a name like that of a migration": "CREATE INDEX _sqlite_migrations_x ON decisions (hex(id))",
    "an index that computes on the table of migrations": "CREATE INDEX i ON _sqlite_migrations (hex(name))",
    "a table of migrations that computes": "ALTER TABLE _sqlite_migrations ADD COLUMN x AS (hex(name))",
    "a default that computes": "DROP TABLE _sqlite_migrations; CREATE TABLE _sqlite_migrations"
    " (id INTEGER PRIMARY KEY, migration_set TEXT, name TEXT, applied_at TEXT DEFAULT (hex(zeroblob(9))))",
    "a generated column": "ALTER TABLE documents ADD COLUMN x TEXT AS (upper(text))",
    "a check": "ALTER TABLE documents ADD COLUMN x TEXT CHECK (length(x) > 1)",
    "another virtual table by our name": "DROP TABLE IF EXISTS presence;"
    " CREATE VIRTUAL TABLE presence USING fts5 (process, reviewer, event_id, seen_at)",
    "an index in an order that we lack": f"CREATE INDEX i ON decisions (reviewer COLLATE {MISSING_COLLATION})",
    "a reference that stops a deletion": "CREATE TABLE x (a REFERENCES event_types (name))",
    "a reference without a unique parent": "CREATE TABLE x (a REFERENCES EVENTS (note) ON UPDATE CASCADE)",
}
EDITED = {
    "a trigger with a name of SQLite's": ("trigger", "sqlite_x", "decisions", _TRIGGER.replace(" t ", " sqlite_x ")),
    "a trigger listed as a table": ("table", "my_table", "my_table", _TRIGGER),
    "a trigger listed as a view": ("view", "my_view", "my_view", _TRIGGER),
    "a trigger listed as a table of statistics": ("table", "sqlite_stat1", "sqlite_stat1", _TRIGGER),
    "a trigger listed as the table of migrations": ("table", "_sqlite_migrations_x", "x", _TRIGGER),
    "a trigger after a comment": ("table", "x", "x", f"CREATE /* TABLE */ {_TRIGGER.removeprefix('CREATE ')}"),
    "an index listed as a table": ("table", "my_table", "my_table", "CREATE INDEX i ON decisions (hex(id))"),
}
"""Rows of sqlite_schema that only a program with PRAGMA writable_schema can write."""


def test_the_digest_is_that_of_the_migrated_schema() -> None:
    """If this fails, the schema has changed: it needs a migration and then a new digest."""
    assert schema_digest(open_in_memory()) == SCHEMA_DIGEST


@pytest.mark.parametrize("attack", HOSTILE)
@pytest.mark.parametrize("version", [None, 2, 4, 6])
def test_a_foreign_schema_is_refused_and_runs_nothing(tmp_path: Path, attack: str, version: int | None) -> None:
    path = tmp_path / "hostile.db"
    if version is None:
        connection = open_file(path, create=True)
        import_documents(connection, ARTICLE)
    else:
        connection = sqlite3.connect(path, isolation_level=None)
        apply_steps(connection, stop_before={2: "lookup", 4: "identity", 6: "sources"}[version])
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {version}")
    with contextlib.closing(connection):
        connection.execute(
            "CREATE TRIGGER IF NOT EXISTS decisions_are_not_deleted BEFORE DELETE ON decisions BEGIN SELECT 1; END"
        )
        connection.create_collation(MISSING_COLLATION, lambda one, two: (one > two) - (one < two))
        for statement in _statements(HOSTILE[attack]):
            connection.execute(statement)
        before = list(connection.execute("SELECT name, sql FROM sqlite_schema ORDER BY 1"))
    if version is not None and attack == "another trigger by our name":
        with contextlib.closing(open_file(path)) as connection:
            assert schema_digest(connection) == SCHEMA_DIGEST  # made anew before anything was written
        return
    says = r"was not made by eventdesk and could|table .* is missing|can't be used|refers to"
    with pytest.raises(FileError, match=says):
        open_file(path)
    with contextlib.closing(sqlite3.connect(path)) as connection:
        assert list(connection.execute("SELECT name, sql FROM sqlite_schema ORDER BY 1")) == before
        (changed,) = connection.execute("SELECT count(*) FROM events WHERE note = 'theirs'").fetchone()
        assert changed == 0


@pytest.mark.parametrize("attack", EDITED)
def test_an_edited_schema_is_refused(tmp_path: Path, attack: str) -> None:
    path = tmp_path / "hostile.db"
    with contextlib.closing(open_file(path, create=True)) as connection:
        import_documents(connection, ARTICLE)
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA writable_schema = ON")
        connection.execute("INSERT INTO sqlite_schema VALUES (?, ?, ?, 0, ?)", EDITED[attack])
    with pytest.raises(FileError, match=r"was not made by eventdesk|damaged|can't be used"):
        open_file(path)
    with contextlib.suppress(FileError):  # or else the repair drops the trigger
        repair(path)[0].close()
        open_file(path).close()
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA writable_schema = ON")  # otherwise SQLite finds some of them malformed
        assert connection.execute("SELECT count(*) FROM events WHERE note = 'theirs'").fetchone() == (0,)


def test_the_words_of_full_text_indexes_may_not_come_from_a_view(tmp_path: Path) -> None:
    path = tmp_path / "hostile.db"
    with contextlib.closing(open_file(path, create=True)) as connection:
        import_documents(connection, ARTICLE)
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("DROP TABLE documents_fts_idx")
        connection.execute(f"CREATE VIEW documents_fts_idx (segid, term, pgno) AS SELECT x, x, x FROM ({_ENDLESS_X})")
    with pytest.raises(FileError, match="the table documents_fts_idx is missing"):
        open_file(path)


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
        connection.execute('CREATE INDEX "by reviewer mine" ON decisions ("reviewer" COLLATE NOCASE DESC, id)')
        connection.execute("CREATE TABLE marked (event REFERENCES events (id) ON DELETE CASCADE, CHECK (event > 0))")
        connection.execute("CREATE INDEX computing ON marked (event)")
        connection.execute("CREATE VIRTUAL TABLE events_fts USING fts5 (note, content='events', content_rowid='id')")
        connection.execute("ANALYZE")
    with contextlib.closing(open_file(path)) as connection:
        assert Review(connection, "ana").accept(event(connection)).event.status == "confirmed"


def test_a_file_with_a_missing_index_or_trigger_still_opens(tmp_path: Path) -> None:
    path = tmp_path / "events.db"
    with contextlib.closing(open_file(path, create=True)) as connection:
        connection.execute("DROP INDEX events_by_type")
        connection.execute("DROP TRIGGER decisions_are_not_deleted")
    open_file(path).close()
