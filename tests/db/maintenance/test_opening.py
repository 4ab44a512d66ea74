"""Commands back up an older file before they migrate it."""

from contextlib import closing
from pathlib import Path

import pytest
from support.builders import ARTICLE, create, event, import_documents

from db.decisions.review import Review
from db.errors import FileWarning
from db.maintenance.backups import list_backups
from db.maintenance.check import check
from db.maintenance.opening import open_to_read, open_with_backup
from db.store.schema import APPLICATION_ID, SCHEMA_VERSION, apply_steps
from db.store.sqlite import connect


@pytest.fixture
def old_file(tmp_path: Path) -> Path:
    path = tmp_path / "old.db"
    with closing(connect(path, "rwc")) as connection:
        apply_steps(connection, stop_before="presence")
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute("PRAGMA user_version = 3")
    return path


def test_an_older_file_is_backed_up_and_migrated(old_file: Path) -> None:
    with closing(open_with_backup(old_file)) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (SCHEMA_VERSION,)
    assert [backup.reason for backup in list_backups(old_file)] == ["before-migration"]
    open_with_backup(old_file).close()
    assert len(list_backups(old_file)) == 1


def test_a_backup_that_fails_warns_and_the_file_is_migrated(
    old_file: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "state").write_text("a file, not a folder", encoding="utf-8")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    with pytest.warns(FileWarning, match="no backup made"), closing(open_with_backup(old_file)) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (SCHEMA_VERSION,)


def test_what_is_opened_to_read_is_one_state_while_others_write(tmp_path: Path) -> None:
    path = tmp_path / "war.db"
    with closing(create(path)) as writer:
        import_documents(writer, ARTICLE)
        with closing(open_to_read(path)) as reader:
            found = []
            for finding in check(reader):
                found += finding.problems
                Review(writer, "ana").note(event(writer), finding.name)
            assert found == []
            assert event(reader).revision in (0, 1)  # the first read is what counts
        assert event(writer).revision > 1
