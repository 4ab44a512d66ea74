"""One module opens SQLite files, so that each connection distrusts the file's schema."""

import contextlib
import sqlite3
from pathlib import Path

import pytest

from db.store import sqlite
from db.store.sqlite import connect, connect_alone

_MODULE = Path(sqlite.__file__)
_ROOT = _MODULE.parents[2]


@pytest.mark.parametrize("text", ["sqlite3.connect(", "from sqlite3 import", "trusted_schema"])
def test_no_other_module_connects_to_sqlite(text: str) -> None:
    modules = [path for folder in ("db", "tui") for path in (_ROOT / folder).rglob("*.py")]
    assert len(modules) > 100
    users = {path for path in modules if text in path.read_text(encoding="utf-8") and path != _MODULE}
    assert users == set()


@pytest.mark.parametrize("name", ["plain.db", "a b?c#d%20.db", "über 战争.db"])
def test_a_file_of_any_name_can_be_opened(tmp_path: Path, name: str) -> None:
    connection = connect(tmp_path / name, "rwc")
    connection.execute("CREATE TABLE t (a)")
    assert connection.execute("PRAGMA trusted_schema").fetchone() == (0,)
    connection.close()
    assert [path.name for path in tmp_path.iterdir()] == [name]
    assert connect(tmp_path / name, "ro").execute("SELECT count(*) FROM t").fetchone() == (0,)


def test_reading_alone_makes_no_files_beside_the_file(tmp_path: Path) -> None:
    path = tmp_path / "wal.db"
    connection = connect(path, "rwc")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("CREATE TABLE t (a)")
    connection.close()
    with contextlib.closing(connect_alone(path)) as reader:
        assert reader.execute("SELECT count(*) FROM t").fetchone() == (0,)
        with pytest.raises(sqlite3.OperationalError):
            reader.execute("INSERT INTO t VALUES (1)")
    assert [item.name for item in tmp_path.iterdir()] == ["wal.db"]
