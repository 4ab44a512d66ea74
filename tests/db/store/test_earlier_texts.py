"""Earlier texts of documents: kept, and read with the decisions of their time."""

import contextlib
import sqlite3
from pathlib import Path

import pytest
from support.builders import ARTICLE, import_documents, problems

from db.maintenance.backups import list_backups
from db.maintenance.compare import compare
from db.maintenance.opening import open_with_backup
from db.store.schema import APPLICATION_ID, apply_steps

_ROW = "INSERT INTO earlier_texts VALUES (1, 1, 0, '2026-01-01T00:00:00Z', 2, 0, 'the text before')"


def test_a_file_without_earlier_texts_is_migrated_and_compared_with_its_backup(tmp_path: Path) -> None:
    path = tmp_path / "old.db"
    old = sqlite3.connect(path, isolation_level=None)
    apply_steps(old, stop_before="earlier_texts")
    old.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    old.execute("PRAGMA user_version = 5")
    with contextlib.closing(old):
        import_documents_of_older(old)
    with contextlib.closing(open_with_backup(path)) as connection:
        assert problems(connection) == []
        assert connection.execute("SELECT run, external_id FROM events").fetchall() == [(None, "report-1/1")]
        assert [finding.problems for finding in compare(connection, path)] == [()]
    assert len(list_backups(path)) == 1


def import_documents_of_older(old: sqlite3.Connection) -> None:
    old.executescript(
        "INSERT INTO documents (id, external_id, text) VALUES (1, 'report-1', 'Forty crossed.');"
        "INSERT INTO events (id, document_id, external_id, type, extracted_type)"
        " VALUES (1, 1, 'report-1/1', 'attack', 'attack');"
        "INSERT INTO documents_fts (rowid, title, text) VALUES (1, NULL, 'Forty crossed.');"
    )


@pytest.mark.parametrize(
    "statement",
    ["UPDATE earlier_texts SET text = ''", "DELETE FROM earlier_texts", _ROW.replace("INSERT", "INSERT OR REPLACE")],
)
def test_earlier_texts_are_append_only(connection: sqlite3.Connection, statement: str) -> None:
    import_documents(connection, ARTICLE)
    connection.execute(_ROW)
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        connection.execute(statement)
    assert problems(connection) == []
