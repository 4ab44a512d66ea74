"""Earlier texts of documents: kept, and read with the decisions of their time."""

import contextlib
import sqlite3
from pathlib import Path

import pytest
from support.builders import ARTICLE, event, exported, import_documents, problems

from db.decisions.review import Review
from db.maintenance.backups import back_up, list_backups
from db.maintenance.compare import compare
from db.maintenance.opening import open_with_backup
from db.maintenance.repair import repair
from db.maintenance.salvage import salvage
from db.model import Span
from db.store.connection import open_file
from db.store.reading import read_document
from db.store.schema import APPLICATION_ID, apply_steps

_ROW = (
    "INSERT INTO earlier_texts (id, document_id, last_decision, replaced_at, moved, lost, text)"
    " VALUES (1, 1, 0, '2026-01-01T00:00:00Z', 2, 0, 'the text before')"
)


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


def _with_another_text(path: Path) -> str:
    """Make a file whose document got another text between decisions; return its export."""
    with contextlib.closing(open_file(path, create=True)) as connection:
        import_documents(connection, ARTICLE)
        review = Review(connection, "ana")
        start = ARTICLE["text"].index("the north")
        review.correct(event(connection), event(connection).fields[2], "the north", [Span(start, start + 9)])
        back_up(connection, path, "asked")
        import_documents(connection, ARTICLE | {"text": f"Update. {ARTICLE['text']}", "events": []})
        review.undo()
        review.redo()
        assert [finding.problems for finding in compare(connection, path)] == [()]
        assert problems(connection) == []
        return str(exported(connection))


def test_a_file_with_earlier_texts_is_repaired_and_salvaged_completely(tmp_path: Path) -> None:
    path = tmp_path / "war.db"
    content = _with_another_text(path)
    assert salvage(path, tmp_path / "new.db").whole
    repair(path)[0].close()
    for file in (path, tmp_path / "new.db"):
        with contextlib.closing(open_file(file)) as connection:
            assert problems(connection) == []
            assert str(exported(connection)) == content
            assert Review(connection, "ana").undo() is not None


def test_if_an_earlier_text_is_lost_its_spans_do_not_point_at_other_words(tmp_path: Path) -> None:
    path = tmp_path / "war.db"
    _with_another_text(path)
    with contextlib.closing(open_file(path)) as connection:
        (page,) = connection.execute("SELECT rootpage FROM sqlite_schema WHERE name = 'earlier_texts'").fetchone()
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    with path.open("rb+") as stream:
        stream.seek((page - 1) * 4096)
        stream.write(b"\0" * 4096)
    assert not salvage(path, tmp_path / "new.db").whole
    with contextlib.closing(open_file(tmp_path / "new.db")) as connection:
        assert problems(connection) == []
        place = event(connection).fields[2]
        source = read_document(connection, 1).source
        assert (place.value, {source[start:end] for start, end in place.spans}) in (
            ("the north", set()),
            ("the north", {"the north"}),
        )
