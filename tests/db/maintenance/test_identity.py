"""The identity of a file: another file with the same path or row numbers is not mistaken for it."""

import contextlib
import shutil
import sqlite3
from datetime import timedelta
from pathlib import Path

import pytest
from support.backed_up import accept, aged, reasons
from support.builders import ARTICLE, event, import_documents, problems

from db.decisions.review import Review
from db.errors import ConflictError
from db.maintenance import backups
from db.maintenance.backups import back_up, back_up_if_changed, identity_of, list_backups, same_as_newest
from db.maintenance.compare import compare
from db.maintenance.repair import repair
from db.maintenance.restore import restore
from db.maintenance.salvage import salvage
from db.store.connection import open_file
from db.store.identity import read_identity
from db.store.schema import APPLICATION_ID, apply_steps

MENDED = {**ARTICLE, "text": f"{ARTICLE['text']} Mended."}


def new(path: Path, article: object) -> sqlite3.Connection:
    """Create a file of its own; ``support.builders.create`` makes copies of one."""
    connection = open_file(path, create=True)
    import_documents(connection, article)
    return connection


def removed(path: Path) -> None:
    for suffix in ("", "-wal", "-shm"):
        Path(f"{path}{suffix}").unlink(missing_ok=True)


def older(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None)
    apply_steps(connection, stop_before="identity")
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.execute("PRAGMA user_version = 4")
    return connection


def test_a_new_file_at_the_same_path_has_no_use_for_the_backups_of_the_old_one(tmp_path: Path) -> None:
    path = tmp_path / "war.db"
    with contextlib.closing(new(path, ARTICLE)) as connection:
        back_up(connection, path, "daily")
    removed(path)
    with contextlib.closing(new(path, MENDED)) as connection:
        assert [(item.name, item.checked, item.problems) for item in compare(connection, path)] == [
            ("not compared: of another file that was here before", 1, ())
        ]
        assert same_as_newest(connection, path) is None
        assert backups.back_up_daily(connection, path) is None
        assert reasons(path) == ["daily", "daily"]


def test_the_newest_backup_of_the_old_file_is_never_deleted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backups, "MAX_BACKUPS", 3)
    path = tmp_path / "war.db"
    with contextlib.closing(new(path, ARTICLE)) as connection:
        for days in (3, 2):
            aged(back_up(connection, path, "asked"), timedelta(days))
            accept(connection)
    removed(path)
    with contextlib.closing(new(path, MENDED)) as connection:
        for _ in range(4):
            accept(connection)
            back_up(connection, path, "asked")
        identity = read_identity(connection)
    assert [backups.is_of(backup, identity) for backup in list_backups(path)] == [True, True, False]


def test_a_restore_followed_by_as_many_decisions_is_backed_up(tmp_path: Path) -> None:
    path = tmp_path / "war.db"
    with contextlib.closing(new(path, ARTICLE)) as connection:
        made = back_up(connection, path, "asked")
        accept(connection)
        newest = back_up(connection, path, "asked")
        restore(path, made.path)
    with contextlib.closing(open_file(path)) as connection:
        Review(connection, "ana", lambda: "2025-01-01T00:00:00.000Z").accept(event(connection, "report-1/2"))
        assert same_as_newest(connection, path) is None
        assert back_up_if_changed(connection, path, "daily") is None
    assert list_backups(path)[0].path != newest.path


def test_a_copy_that_was_reviewed_apart_and_moved_back_is_backed_up(tmp_path: Path) -> None:
    path, copy = tmp_path / "war.db", tmp_path / "copy.db"
    new(path, ARTICLE).close()
    shutil.copyfile(path, copy)
    for reviewed, day in ((path, 1), (copy, 2)):
        with contextlib.closing(open_file(reviewed)) as connection:
            Review(connection, "ana", lambda day=day: f"2025-01-0{day}T00:00:00.000Z").accept(event(connection))
            if reviewed == path:
                back_up(connection, path, "asked")
    copy.replace(path)
    with contextlib.closing(open_file(path)) as connection:
        assert same_as_newest(connection, path) is None
        assert problems(connection) == []
        assert [item.problems for item in compare(connection, path)] == [()]


def test_a_decision_about_the_event_that_a_restored_file_has_in_its_place_is_refused(tmp_path: Path) -> None:
    path, other = tmp_path / "war.db", tmp_path / "other.db"
    new(other, MENDED).close()
    with contextlib.closing(new(path, ARTICLE)) as connection:
        review, shown = Review(connection, "ana"), event(connection)
        restored = restore(path, other)
        assert not restored.same
        with pytest.raises(ConflictError, match="restored"):
            review.accept(shown)
        with pytest.raises(ConflictError, match="restored"):
            review.undo()


def test_copies_share_the_name_of_the_file_and_each_restore_has_its_own(tmp_path: Path) -> None:
    path, saved = tmp_path / "war.db", tmp_path / "saved.db"
    with contextlib.closing(new(path, ARTICLE)) as connection:
        made = back_up(connection, path, "asked")
        identities = [identity_of(path), identity_of(made.path)]
        assert identities[0] == identities[1]
        restore(path, made.path)
        identities.append(read_identity(connection))
        restore(path, made.path)
        identities.append(read_identity(connection))
    repair(path)[0].close()
    salvage(path, saved)
    identities += [identity_of(path), identity_of(saved)]
    assert len({identity.file for identity in identities if identity}) == 1
    assert len({identity.restored for identity in identities if identity}) == len(identities) - 1


def test_an_older_file_keeps_its_backups_when_it_is_migrated(tmp_path: Path) -> None:
    path = tmp_path / "war.db"
    with contextlib.closing(older(path)) as old:
        old.execute("INSERT INTO imports (file, format, started_at) VALUES ('a.jsonl', 'native', '2025-01-01T00:00')")
        back_up(old, path, "before-migration")
    with contextlib.closing(older(tmp_path / "other.db")) as old:
        old.execute("INSERT INTO imports (file, format, started_at) VALUES ('a.jsonl', 'native', '2025-01-01T00:01')")
    (made,) = list_backups(path)
    open_file(path).close()
    open_file(tmp_path / "other.db").close()
    assert backups.is_of(made, identity_of(path))
    assert not backups.is_of(made, identity_of(tmp_path / "other.db"))
