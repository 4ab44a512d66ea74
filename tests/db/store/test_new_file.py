"""A new file appears complete or not at all, and is then like any other."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from support.builders import ARTICLE, import_documents, problems

from db.errors import InputError
from db.store.connection import open_file
from db.store.new_file import new_file


def schema(connection: sqlite3.Connection) -> set[tuple[str, str, str]]:
    return set(connection.execute("SELECT type, name, sql FROM sqlite_schema"))


def test_a_built_file_equals_one_created_in_place(tmp_path: Path, connection: sqlite3.Connection) -> None:
    steps: list[tuple[int, int]] = []
    with new_file(tmp_path / "new.db", lambda *step: steps.append(step)) as building:
        import_documents(building, ARTICLE)
        assert not (tmp_path / "new.db").exists()
    assert steps[-1][0] == steps[-1][1] == len(steps) - 1 > 10
    with closing(open_file(tmp_path / "new.db")) as built:
        assert schema(built) == schema(connection)
        assert problems(built) == []
        assert built.execute("PRAGMA journal_mode").fetchone()[0] == "wal"
        assert built.execute("SELECT count(*) FROM events").fetchone()[0] == 2
    assert [path.name for path in tmp_path.iterdir() if "partial" in path.name] == []


def test_an_exception_leaves_no_file(tmp_path: Path) -> None:
    def interrupted() -> None:
        with new_file(tmp_path / "new.db") as building:
            import_documents(building, ARTICLE)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert list(tmp_path.iterdir()) == []


def test_a_file_created_meanwhile_is_not_replaced(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="created by another process"), new_file(tmp_path / "new.db"):
        (tmp_path / "new.db").write_text("theirs")
    assert (tmp_path / "new.db").read_text() == "theirs"
    assert [path.name for path in tmp_path.iterdir()] == ["new.db"]
