"""Restore: the file equals the backup, its former content is backed up, and nothing is restored in part."""

import contextlib
import random
import signal
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from bench import flipped
from hypothesis import given, settings
from hypothesis import strategies as st
from support.backed_up import File, accept, dump, new_war, reasons
from support.builders import ARTICLE, LATER, create, event, exported, import_documents, problems
from support.kill_stories import older

from db.decisions.review import Review
from db.errors import FileError
from db.maintenance import backups
from db.maintenance import restore as restoring
from db.maintenance.backups import Backup, back_up, count_rows, list_backups
from db.maintenance.restore import restore
from db.store.connection import open_file
from db.store.schema import SCHEMA_VERSION


@pytest.fixture
def file(tmp_path: Path) -> Iterator[File]:
    with new_war(tmp_path) as made:
        yield made


def test_a_restore_and_the_restore_of_the_state_before_it(file: File) -> None:
    path, connection = file
    made = back_up(connection, path, "asked")
    then = dump(path)
    accept(connection)
    accept(connection, "report-1/2")
    import_documents(connection, LATER)
    now = dump(path)
    restored = restore(path, made.path)
    assert dump(path) == then
    assert (restored.lost, restored.counts.events, restored.readable) == (2, 2, True)
    assert restored.before == list_backups(path)[0]
    # The connection that was open all the while goes on, from the restored state.
    assert event(connection).status == "pending"
    again = restore(path, list_backups(path)[0].path)
    assert dump(path) == now
    assert again.lost == 0
    assert problems(connection) == []
    for _ in range(4):
        restore(path, list_backups(path)[0].path)
    assert dump(path) == now
    assert reasons(path) == ["before-restore"] * 2 + ["asked"]


@settings(max_examples=30)
@given(acts=st.lists(st.sampled_from(["accept", "undo", "import"]), max_size=4), more=st.integers(0, 2))
def test_a_restored_file_equals_the_backup(
    tmp_path_factory: pytest.TempPathFactory, acts: list[str], more: int
) -> None:
    path = tmp_path_factory.mktemp("law") / "war.db"
    with contextlib.closing(create(path)) as connection:
        import_documents(connection, ARTICLE)
        review = Review(connection, "ana")
        act = {
            "accept": lambda: review.accept(event(connection)),
            "undo": review.undo,
            "import": lambda: import_documents(connection, LATER),
        }
        for name in acts:
            act[name]()
        made = back_up(connection, path, "asked")
        then, lines = dump(path), exported(connection)
        for _ in range(more):
            act["accept"]()
        now = dump(path)
        assert restore(path, made.path).lost == more
        assert (dump(path), exported(connection)) == (then, lines)
        restore(path, list_backups(path)[0].path)
        assert dump(path) == now


def test_a_decision_made_during_the_restore_is_in_the_new_backup(file: File, monkeypatch: pytest.MonkeyPatch) -> None:
    path, connection = file
    made = back_up(connection, path, "asked")

    def and_decide(*arguments: Any) -> Backup:
        backup = back_up(*arguments)
        if event(connection).status == "pending":
            accept(connection)
        return backup

    monkeypatch.setattr(restoring, "back_up", and_decide)
    assert restore(path, made.path).lost == 1
    assert event(connection).status == "pending"
    assert count_rows(list_backups(path)[0].path) == backups.Counts(events=2, decisions=1)


def test_a_killed_restore_leaves_the_file_unchanged(file: File) -> None:
    path, connection = file
    made = back_up(connection, path, "asked")
    connection.executemany("INSERT INTO imports (file, format, started_at) VALUES (?, '', '')", [("x" * 3000,)] * 4500)
    large = back_up(connection, path, "asked")
    restore(path, made.path)
    before = dump(path)
    script = (
        "import os, signal, sys; from pathlib import Path; from db.maintenance.restore import restore\n"
        "kill = lambda *_: os.kill(os.getpid(), signal.SIGKILL)\n"
        "from db.maintenance import restore as restoring\n"
        "restoring.back_up = lambda *_: None; restoring.backup_fingerprint = lambda _: None\n"
        "restore(Path(sys.argv[1]), Path(sys.argv[2]), kill)"
    )
    connection.close()
    command = [sys.executable, "-c", script, str(path), str(large.path)]
    killed = subprocess.run(command, cwd=Path(__file__).parents[3], check=False)
    assert killed.returncode == -signal.SIGKILL
    assert dump(path) == before


def test_an_unreadable_file_is_kept_byte_by_byte_and_replaced(file: File) -> None:
    path, connection = file
    made = back_up(connection, path, "asked")
    then = dump(made.path)
    accept(connection)
    wal = Path(f"{path}-wal").read_bytes()
    content = b"\0" * 4096 + path.read_bytes()[4096:]
    connection.close()
    path.write_bytes(content)
    Path(f"{path}-wal").write_bytes(b"\0" + wal[1:])  # of no use to SQLite, which would then not see the damage mended
    path.chmod(0o640)
    restored = restore(path, made.path)
    assert restored.before is not None
    assert (restored.readable, restored.lost) == (False, None)
    assert restored.before.path.read_bytes() == content
    assert Path(f"{restored.before.path}-wal").read_bytes() == b"\0" + wal[1:]
    assert not Path(f"{path}-wal").exists()
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert dump(path) == then


def test_a_missing_file_is_restored(file: File) -> None:
    path, connection = file
    made = back_up(connection, path, "asked")
    connection.close()
    path.unlink()
    assert restore(path, made.path).before is None
    with contextlib.closing(open_file(path)) as again:
        assert problems(again) == []


def test_the_write_ahead_log_of_a_missing_file_is_not_removed(file: File) -> None:
    path, connection = file
    made = back_up(connection, path, "asked")
    connection.close()
    path.unlink()
    Path(f"{path}-wal").write_bytes(b"decisions")
    with pytest.raises(FileError, match="move it to another folder first"):
        restore(path, made.path)
    assert Path(f"{path}-wal").read_bytes() == b"decisions"


@pytest.mark.parametrize(
    ("bad", "says"),
    [
        ("absent", "no such file"),
        ("text", "can't be restored"),
        ("other", "not an eventdesk file"),
        ("newer", "newer eventdesk"),
        ("damaged", "is damaged"),
        ("foreign", "the trigger spy was not made by eventdesk"),
        ("itself", "is the file itself"),
    ],
)
def test_an_unusable_backup_is_refused_and_the_file_unchanged(file: File, tmp_path: Path, bad: str, says: str) -> None:
    path, connection = file
    backup = path if bad == "itself" else tmp_path / "backup.db"
    if bad == "text":
        backup.write_text("nothing " * 1000, encoding="utf-8")
    elif bad == "other":
        sqlite3.connect(backup).execute("CREATE TABLE notes (id)").connection.close()
    elif bad not in ("absent", "itself"):
        back_up(connection, path, "asked").path.rename(backup)
        with contextlib.closing(sqlite3.connect(backup, isolation_level=None)) as changed:
            if bad == "newer":
                changed.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
            elif bad == "foreign":
                changed.execute("CREATE TRIGGER spy AFTER INSERT ON decisions BEGIN DELETE FROM events; END")
            else:
                (page,) = changed.execute("SELECT rootpage FROM sqlite_schema WHERE name = 'decisions'").fetchone()
        if bad == "damaged":
            content = bytearray(backup.read_bytes())
            content[(page - 1) * 4096 : page * 4096] = b"\x77" * 4096
            backup.write_bytes(content)
    before = dump(path)
    with pytest.raises(FileError, match=says):
        restore(path, backup)
    assert dump(path) == before
    assert list_backups(path) == []


def test_a_backup_of_an_older_schema_is_migrated_before_it_is_restored(file: File, tmp_path: Path) -> None:
    path, connection = file
    made = older(back_up(connection, path, "asked").path, tmp_path / "older.db", 4)
    accept(connection)
    before = made.read_bytes()
    assert restore(path, made).lost == 1
    assert made.read_bytes() == before
    assert connection.execute("SELECT count(*) FROM identity").fetchone() == (1,)
    assert problems(connection) == []


def test_a_restore_works_on_any_damaged_file(tmp_path: Path) -> None:
    path = tmp_path / "war.db"
    flipped.make(path, documents=5)
    with contextlib.closing(open_file(path)) as connection:
        made = back_up(connection, path, "daily")
    content, then = path.read_bytes(), flipped.dump(path)
    kept = 0
    for seed in range(60):
        what, bad = flipped.damaged(content, random.Random(seed))
        path.write_bytes(bad)
        restored = restore(path, made.path)
        kept += not restored.readable
        assert restored.before is not None, what
        assert flipped.dump(path) == then, what
        with contextlib.closing(open_file(path)) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",), what
    assert kept > 3  # those of which SQLite could not even read the first page
