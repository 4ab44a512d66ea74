"""Opening files: eventdesk's are opened and migrated, all others are refused and left unchanged."""

import contextlib
import sqlite3
from pathlib import Path

import pytest
from sqlite_utils import Database
from support.builders import ARTICLE, import_documents, problems

from db.decisions.review import Review
from db.errors import FileError
from db.maintenance.copying import copy_file
from db.store.connection import open_file
from db.store.schema import APPLICATION_ID, SCHEMA_VERSION, apply_steps


def test_a_new_file_is_marked_strict_and_durable(connection: sqlite3.Connection) -> None:
    pragmas = ("application_id", "user_version", "journal_mode", "synchronous", "foreign_keys", "trusted_schema")
    found = [connection.execute(f"PRAGMA {name}").fetchone()[0] for name in pragmas]
    assert found == [APPLICATION_ID, SCHEMA_VERSION, "wal", 2, 1, 0]
    database = Database(connection, execute_plugins=False)
    tables = [
        table
        for table in database.tables
        if not table.name.startswith(("documents_fts", "field_values_fts", "_sqlite", "sqlite"))
    ]
    assert len(tables) == 17
    assert all(table.strict for table in tables)


def test_the_schema_version_is_the_number_of_migrations(connection: sqlite3.Connection) -> None:
    assert connection.execute("SELECT count(*) FROM _sqlite_migrations").fetchone() == (SCHEMA_VERSION,)


def test_a_file_of_the_first_schema_is_migrated_with_its_decisions(tmp_path: Path) -> None:
    path = tmp_path / "old.db"
    old = sqlite3.connect(path, isolation_level=None)
    apply_steps(old, stop_before="acts")
    old.executescript(
        """
        INSERT INTO documents (id, external_id, text) VALUES (1, 'report', 'Forty crossed.');
        INSERT INTO events (id, document_id, external_id, extractor, type, status, reviewer, decided_at, revision)
            VALUES (1, 1, 'report/1', 'rules', 'attack', 'confirmed', 'ana', '2025-03-07T10:00:00.000Z', 1);
        INSERT INTO fields (id, event_id, position, name, value, state, extracted_name, extracted_value)
            VALUES (1, 1, 0, 'count', 41, 'confirmed', 'count', 41);
        INSERT INTO decisions (event_id, action, reviewer, decided_at, before, after) VALUES (1, 'confirm', 'ana',
            '2025-03-07T10:00:00.000Z',
            '{"events":{"1":{"status":"pending","reviewer":null,"decided_at":null}},"fields":{"1":{"state":"extracted"}}}',
            '{"events":{"1":{"status":"confirmed","reviewer":"ana","decided_at":"2025-03-07T10:00:00.000Z"}},
              "fields":{"1":{"state":"confirmed"}}}');
        INSERT INTO documents_fts (documents_fts) VALUES ('rebuild');
        """
    )
    old.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    old.execute("PRAGMA user_version = 1")
    old.close()

    with contextlib.closing(open_file(path)) as connection:
        assert problems(connection) == []
        (known,) = connection.execute("SELECT extracted_type FROM events").fetchone()
        assert known == "attack"
        undone = Review(connection, "ana").undo()
        assert undone is not None
        assert (undone.event.status, undone.event.fields[0].state) == ("pending", "extracted")
        assert problems(connection) == []


@pytest.mark.parametrize(
    "view",
    ["current_events", "current_fields", "reviewed_events", "corrections", "progress", "decision_log", "event_sources"],
)
def test_the_views_work_although_the_schema_is_not_trusted(connection: sqlite3.Connection, view: str) -> None:
    import_documents(connection, ARTICLE)
    cursor = connection.execute(f"SELECT * FROM {view}")
    assert len({column[0] for column in cursor.description}) == len(cursor.description)
    assert len(cursor.fetchall()) == {"current_events": 2, "current_fields": 6, "progress": 2, "event_sources": 2}.get(
        view, 0
    )


def test_a_database_of_another_program_is_refused_and_unchanged(tmp_path: Path) -> None:
    other = tmp_path / "other.db"
    connection = sqlite3.connect(other)
    connection.execute("CREATE TABLE notes (id INTEGER)")
    connection.commit()
    connection.close()
    before = other.read_bytes()
    with pytest.raises(FileError, match="but not an eventdesk file"):
        open_file(other, create=True)
    assert other.read_bytes() == before


def test_a_file_that_is_not_a_database_is_refused_and_unchanged(tmp_path: Path) -> None:
    text = tmp_path / "article.txt"
    text.write_text("not a database at all " * 100, encoding="utf-8")
    before = text.read_bytes()
    with pytest.raises(FileError, match="not an eventdesk file"):
        open_file(text, create=True)
    assert text.read_bytes() == before


def test_a_newer_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "newer.db"
    connection = open_file(path, create=True)
    connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    connection.close()
    with pytest.raises(FileError, match="newer eventdesk"):
        open_file(path)


def test_a_users_own_view_survives_a_migration(tmp_path: Path) -> None:
    path = tmp_path / "old.db"
    old = sqlite3.connect(path, isolation_level=None)
    apply_steps(old, stop_before="presence")
    old.execute("CREATE VIEW mine AS SELECT title FROM documents")
    old.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    old.execute("PRAGMA user_version = 3")
    old.close()
    with contextlib.closing(open_file(path)) as connection:
        assert connection.execute("SELECT count(*) FROM mine").fetchone() == (0,)


@pytest.mark.parametrize(
    ("name", "create", "message"), [("no.db", False, "no such file"), ("no/a.db", True, "folder .* does not exist")]
)
def test_a_missing_file_or_folder_is_named(tmp_path: Path, name: str, create: bool, message: str) -> None:
    with pytest.raises(FileError, match=message):
        open_file(tmp_path / name, create=create)
    assert list(tmp_path.iterdir()) == []


def test_a_backup_is_a_complete_file_and_overwrites_nothing(connection: sqlite3.Connection, tmp_path: Path) -> None:
    import_documents(connection, ARTICLE)
    target = tmp_path / "copy.db"
    copy_file(connection, target)
    assert open_file(target).execute("SELECT count(*) FROM events").fetchone() == (2,)
    with pytest.raises(FileError, match="already exists"):
        copy_file(connection, target)
