"""A file from elsewhere is scanned once, before anybody reviews it."""

import contextlib
from pathlib import Path

import pytest
from support.builders import ARTICLE, import_documents

from db.errors import FileError
from db.store.connection import open_file
from db.store.known_files import is_known, remember, scan


def test_a_sound_file_is_known_after_its_scan(tmp_path: Path) -> None:
    path = tmp_path / "events.db"
    with contextlib.closing(open_file(path, create=True)) as connection:
        assert not is_known(connection, path)
        scan(connection, path)
        assert is_known(connection, path)
        assert not is_known(connection, tmp_path / "other" / "events.db")
    with contextlib.closing(open_file(tmp_path / "other.db", create=True)):
        pass
    (tmp_path / "other.db").replace(path)
    with contextlib.closing(open_file(path)) as connection:
        assert not is_known(connection, path)


def test_a_damaged_file_is_refused_with_a_reason_and_stays_unknown(tmp_path: Path) -> None:
    path = tmp_path / "events.db"
    with contextlib.closing(open_file(path, create=True)) as connection:
        import_documents(connection, *(ARTICLE | {"id": f"report-{n}"} for n in range(50)))
        (page,) = connection.execute("SELECT rootpage FROM sqlite_schema WHERE name = 'fields_by_event'").fetchone()
    with path.open("r+b") as stream:
        stream.seek((page - 1) * 4096 + 3)
        stream.write(b"\xff\xff")  # the count of its cells
    with contextlib.closing(open_file(path)) as connection, pytest.raises(FileError, match=r"events\.db: is damaged"):
        scan(connection, path)
    with contextlib.closing(open_file(path)) as connection:
        assert not is_known(connection, path)


def test_a_note_that_cannot_be_written_is_no_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "state").write_text("a file, not a folder")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    with contextlib.closing(open_file(tmp_path / "events.db", create=True)) as connection:
        remember(connection, tmp_path / "events.db")
        assert not is_known(connection, tmp_path / "events.db")
