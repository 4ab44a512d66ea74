"""Backups: when one is made, what it contains and how many are kept."""

import contextlib
import os
import signal
import sqlite3
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from support.backed_up import File, accept, aged, dump, new_war, reasons
from support.builders import ARTICLE, event, import_documents

from db.errors import FileError
from db.io.private import folder_of
from db.maintenance import backups
from db.maintenance.backups import back_up, back_up_daily, back_up_if_changed, count_rows, list_backups
from db.maintenance.restore import restore
from db.store.connection import open_file
from db.store.schema import apply_steps


@pytest.fixture
def file(tmp_path: Path) -> Iterator[File]:
    with new_war(tmp_path) as made:
        yield made


def test_a_backup_is_private_in_the_state_folder_and_named_after_its_reason(file: File) -> None:
    path, connection = file
    before = os.umask(0)
    try:
        made = back_up(connection, path, "before-import")
    finally:
        os.umask(before)
    folder = folder_of(path)
    assert folder.is_relative_to(os.environ["XDG_STATE_HOME"])
    assert [path.name for path in folder.iterdir()] == [f"{made.made_at:%Y-%m-%dT%H-%M-%SZ}.before-import.db"]
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE(made.path.stat().st_mode) == 0o600
    assert list_backups(path) == [made]
    assert count_rows(made.path) == backups.Counts(events=2, decisions=0)
    assert dump(made.path) == dump(path)


def test_two_files_of_one_name_have_separate_folders(tmp_path: Path) -> None:
    assert folder_of(tmp_path / "a" / "war.db") != folder_of(tmp_path / "b" / "war.db")
    (tmp_path / "link.db").symlink_to(tmp_path / "war.db")
    assert folder_of(tmp_path / "link.db") == folder_of(tmp_path / "war.db")
    assert len(folder_of(tmp_path / ("a" * 250 + ".db")).name) < 60


def test_names_sort_by_age_even_if_the_clock_is_set_back(file: File) -> None:
    path, connection = file
    first = back_up(connection, path, "asked")
    aged(first, timedelta(days=-400))
    accept(connection)
    second = back_up(connection, path, "daily")
    assert reasons(path) == ["daily", "asked"]
    assert second.made_at > datetime.now(UTC) + timedelta(days=399)


@pytest.mark.parametrize("write", ["decide", "import", "types", "query"])
def test_a_backup_is_due_after_any_write_and_only_then(file: File, write: str) -> None:
    path, connection = file
    assert back_up_if_changed(connection, path, "before-import") is None
    assert back_up_if_changed(connection, path, "before-import") is None
    assert reasons(path) == ["before-import"]
    match write:
        case "decide":
            accept(connection)
        case "import":
            import_documents(connection, ARTICLE)  # known already: it leaves no more than its row
        case "types":
            connection.execute("UPDATE event_type_fields SET kind = 'place' WHERE name = 'location'")
        case _:
            connection.execute("INSERT INTO saved_queries VALUES ('big', 'count>40', '')")
    assert back_up_if_changed(connection, path, "before-import") is None
    assert reasons(path) == ["before-import"] * 2


def test_the_daily_backup_is_made_once_a_day_after_a_write(file: File) -> None:
    path, connection = file
    assert back_up_daily(connection, path) is None
    accept(connection)
    assert back_up_daily(connection, path) is None
    assert reasons(path) == ["daily"]
    aged(list_backups(path)[0], timedelta(days=1))
    assert back_up_daily(connection, path) is None
    assert back_up_daily(connection, path) is None
    assert reasons(path) == ["daily", "daily"]
    aged(list_backups(path)[1], timedelta(days=3))
    aged(list_backups(path)[0], timedelta(days=1))
    assert back_up_daily(connection, path) is None
    assert len(list_backups(path)) == 2


def test_the_newest_ten_are_kept_and_always_the_last_before_a_restore(file: File) -> None:
    path, connection = file
    back_up(connection, path, "before-restore")
    for number in range(12):
        connection.execute("INSERT INTO saved_queries VALUES (?, 'a', '')", (f"q{number}",))
        back_up(connection, path, "asked")
    assert reasons(path) == ["asked"] * 9 + ["before-restore"]


def test_fewer_large_backups_are_kept_but_always_the_newest(file: File, monkeypatch: pytest.MonkeyPatch) -> None:
    path, connection = file
    size = back_up(connection, path, "asked").bytes
    monkeypatch.setattr(backups, "MAX_BYTES", 2 * size + 1000)
    for number in range(4):
        connection.execute("INSERT INTO saved_queries VALUES (?, 'a', '')", (f"q{number}",))
        back_up(connection, path, "asked")
    assert len(list_backups(path)) == 2
    monkeypatch.setattr(backups, "MAX_BYTES", 1)
    newest = back_up(connection, path, "daily")
    assert list_backups(path) == [newest]


def test_a_nearly_full_disk_gets_no_backup_but_a_warning(file: File, monkeypatch: pytest.MonkeyPatch) -> None:
    path, connection = file
    monkeypatch.setattr("shutil.disk_usage", lambda _: os.terminal_size((0, 0)) and type("Usage", (), {"free": 10**7}))
    said = back_up_daily(connection, path)
    assert said is not None
    assert "0.0 GB free" in said
    assert back_up_if_changed(connection, path, "before-import") == said
    assert list_backups(path) == []


def test_a_line_reports_that_the_folder_can_not_be_made(
    file: File, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    path, connection = file
    (tmp_path / "state").write_text("a file, no folder", encoding="utf-8")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    assert "no backup made" in str(back_up_daily(connection, path))
    with pytest.raises(FileError, match="be written"):
        back_up(connection, path, "asked")


def test_a_reviewer_can_write_during_a_backup_without_changing_it(file: File) -> None:
    path, connection = file
    connection.executemany("INSERT INTO imports (file, format, started_at) VALUES (?, '', '')", [("x" * 3000,)] * 4500)
    decided = []

    def decide(done: int, total: int) -> None:
        if not decided:
            with contextlib.closing(open_file(path)) as other:
                accept(other)
        decided.append((done, total))

    made = back_up(connection, path, "daily", decide)
    assert [done for done, _ in decided] == sorted({done for done, _ in decided})  # no step was made again
    assert len(decided) > 2
    assert decided[-1][0] == decided[-1][1]
    assert count_rows(made.path) == backups.Counts(events=2, decisions=0)
    assert event(connection).status == "confirmed"


_KILLED = """
import os, signal, sys
from pathlib import Path
from db.maintenance.backups import back_up
from db.store.connection import open_file
path = Path(sys.argv[1])
back_up(open_file(path), path, "asked", lambda *_: os.kill(os.getpid(), signal.SIGKILL))
"""


def test_a_killed_backup_is_absent_and_the_next_one_cleans_up(file: File) -> None:
    path, connection = file
    killed = subprocess.run([sys.executable, "-c", _KILLED, str(path)], cwd=Path(__file__).parents[3], check=False)
    assert killed.returncode == -signal.SIGKILL
    (left,) = folder_of(path).iterdir()
    assert left.name.endswith(".partial")
    assert list_backups(path) == []
    made = back_up(connection, path, "asked")
    assert list(folder_of(path).iterdir()) == [made.path]


def test_partial_files_of_a_process_with_the_same_id_are_removed(file: File) -> None:
    path, connection = file
    folder = back_up(connection, path, "asked").path.parent
    for name in ("asked.{}-00.partial", "daily.{}-00.partial-wal", "before-restore.{}-00.older.partial"):
        (folder / name.format(os.getpid())).write_bytes(b"half")
    connection.execute("INSERT INTO saved_queries VALUES ('big', 'count>40', '')")
    back_up(connection, path, "daily")
    assert sorted(item.name.rpartition("Z.")[2] for item in folder.iterdir()) == ["asked.db", "daily.db"]


def test_a_backup_is_not_deleted_while_it_is_restored(file: File) -> None:
    path, connection = file
    for number in range(backups.MAX_BACKUPS):
        connection.execute("INSERT INTO saved_queries VALUES (?, 'a', '')", (f"q{number}",))
        back_up(connection, path, "asked")
    oldest = list_backups(path)[-1]
    accept(connection)
    restore(path, oldest.path)
    assert connection.execute("SELECT count(*) FROM saved_queries").fetchone() == (1,)
    assert oldest.path.exists()


def test_two_backups_at_once_are_both_whole(file: File) -> None:
    path, _ = file

    def make(reason: backups.BackupReason) -> None:
        with contextlib.closing(open_file(path)) as connection:
            back_up(connection, path, reason)

    threads = [threading.Thread(target=make, args=(reason,)) for reason in ("asked", "daily")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(reasons(path)) == ["asked", "daily"]
    assert all(count_rows(backup.path) == backups.Counts(2, 0) for backup in list_backups(path))


def test_an_older_file_is_backed_up_before_its_migration(tmp_path: Path) -> None:
    path = tmp_path / "old.db"
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as old:
        apply_steps(old, stop_before="acts")
        assert back_up_if_changed(old, path, "before-migration") is None
        assert back_up_if_changed(old, path, "before-migration") is None
    (made,) = list_backups(path)
    assert made.reason == "before-migration"
    assert dump(made.path) == dump(path)
