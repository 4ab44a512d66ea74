"""Backups: when one is made, what it holds, how many stay, and that a restored one is the file of then."""

import contextlib
import os
import random
import signal
import sqlite3
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from bench import flipped
from builders import ARTICLE, LATER, event, exported, import_documents, problems
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlite_utils import Database

from db import backups, restoring
from db.backups import Backup, back_up, back_up_if_changed, counts, daily, listed
from db.errors import FileError
from db.file import SCHEMA_VERSION, open_file
from db.migrations import schema
from db.restoring import restore
from db.review import Review
from db.state_folder import folder_of

File = tuple[Path, sqlite3.Connection]


@pytest.fixture
def file(tmp_path: Path) -> Iterator[File]:
    path = tmp_path / "war.db"
    with contextlib.closing(open_file(path, create=True)) as connection:
        import_documents(connection, ARTICLE)
        yield path, connection


def accept(connection: sqlite3.Connection, external_id: str = "report-1/1") -> None:
    Review(connection, "ana").accept(event(connection, external_id))


def whys(path: Path) -> list[str]:
    return [backup.why for backup in listed(path)]


def aged(backup: Backup, age: timedelta) -> None:
    """As if the backup had been made earlier."""
    made_at = datetime.now(UTC) - age
    backup.path.rename(backup.path.with_name(f"{made_at:%Y-%m-%dT%H-%M-%SZ}.{backup.why}.db"))


def dump(path: Path) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table."""
    with contextlib.closing(sqlite3.connect(path)) as connection:
        tables = [
            row[0]
            for row in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")
            if not row[0].endswith("_fts")  # what they hold is in other tables
        ]
        return {name: connection.execute(f'SELECT * FROM "{name}"').fetchall() for name in sorted(tables)}


def test_a_backup_is_in_the_state_folder_for_its_owner_alone_and_says_why_it_was_made(file: File) -> None:
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
    assert listed(path) == [made]
    assert counts(made.path) == backups.Counts(events=2, decisions=0)
    assert dump(made.path) == dump(path)


def test_two_files_of_one_name_have_folders_of_their_own(tmp_path: Path) -> None:
    assert folder_of(tmp_path / "a" / "war.db") != folder_of(tmp_path / "b" / "war.db")
    (tmp_path / "link.db").symlink_to(tmp_path / "war.db")
    assert folder_of(tmp_path / "link.db") == folder_of(tmp_path / "war.db")
    assert len(folder_of(tmp_path / ("a" * 250 + ".db")).name) < 60


def test_names_sort_by_age_also_where_the_clock_is_set_back(file: File) -> None:
    path, connection = file
    first = back_up(connection, path, "asked")
    aged(first, timedelta(days=-400))
    accept(connection)
    second = back_up(connection, path, "daily")
    assert whys(path) == ["daily", "asked"]
    assert second.made_at > datetime.now(UTC) + timedelta(days=399)


@pytest.mark.parametrize("write", ["decide", "import", "types", "query"])
def test_a_backup_is_due_after_any_write_and_only_then(file: File, write: str) -> None:
    path, connection = file
    assert back_up_if_changed(connection, path, "before-import") is None
    assert back_up_if_changed(connection, path, "before-import") is None
    assert whys(path) == ["before-import"]
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
    assert whys(path) == ["before-import"] * 2


def test_the_daily_backup_is_made_once_a_day_when_something_was_written(file: File) -> None:
    path, connection = file
    assert daily(path) is None
    accept(connection)
    assert daily(path) is None
    assert whys(path) == ["daily"]
    aged(listed(path)[0], timedelta(days=1))
    assert daily(path) is None
    assert daily(path) is None
    assert whys(path) == ["daily", "daily"]
    aged(listed(path)[1], timedelta(days=3))
    aged(listed(path)[0], timedelta(days=1))
    assert daily(path) is None
    assert len(listed(path)) == 2


def test_the_newest_ten_stay_and_the_newest_before_a_restore_always(file: File) -> None:
    path, connection = file
    back_up(connection, path, "before-restore")
    for number in range(12):
        connection.execute("INSERT INTO saved_queries VALUES (?, 'a', '')", (f"q{number}",))
        back_up(connection, path, "asked")
    assert whys(path) == ["asked"] * 9 + ["before-restore"]


def test_of_large_files_fewer_stay_but_always_the_newest(file: File, monkeypatch: pytest.MonkeyPatch) -> None:
    path, connection = file
    size = back_up(connection, path, "asked").bytes
    monkeypatch.setattr(backups, "KEPT_BYTES", 2 * size + 1000)
    for number in range(4):
        connection.execute("INSERT INTO saved_queries VALUES (?, 'a', '')", (f"q{number}",))
        back_up(connection, path, "asked")
    assert len(listed(path)) == 2
    monkeypatch.setattr(backups, "KEPT_BYTES", 1)
    newest = back_up(connection, path, "daily")
    assert listed(path) == [newest]


def test_on_a_nearly_full_disk_none_is_made_and_a_line_says_so(file: File, monkeypatch: pytest.MonkeyPatch) -> None:
    path, connection = file
    monkeypatch.setattr("shutil.disk_usage", lambda _: os.terminal_size((0, 0)) and type("Usage", (), {"free": 10**7}))
    said = daily(path)
    assert said is not None
    assert "0.0 GB free" in said
    assert back_up_if_changed(connection, path, "before-import") == said
    assert listed(path) == []


def test_where_no_folder_can_be_made_a_line_says_so(
    file: File, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    path, connection = file
    (tmp_path / "state").write_text("a file, no folder", encoding="utf-8")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    assert "no backup was made" in str(daily(path))
    with pytest.raises(FileError, match="no backup was made"):
        back_up(connection, path, "asked")


def test_who_reviews_meanwhile_is_not_kept_waiting_and_does_not_change_the_copy(file: File) -> None:
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
    assert counts(made.path) == backups.Counts(events=2, decisions=0)
    assert event(connection).status == "confirmed"


_KILLED = """
import os, signal, sys
from pathlib import Path
from db.backups import back_up
from db.file import open_file
path = Path(sys.argv[1])
back_up(open_file(path), path, "asked", lambda *_: os.kill(os.getpid(), signal.SIGKILL))
"""


def test_a_killed_backup_is_not_there_and_what_it_left_is_swept_by_the_next(file: File) -> None:
    path, connection = file
    killed = subprocess.run([sys.executable, "-c", _KILLED, str(path)], cwd=Path(__file__).parents[2], check=False)
    assert killed.returncode == -signal.SIGKILL
    (left,) = folder_of(path).iterdir()
    assert left.name.endswith(".partial")
    assert listed(path) == []
    made = back_up(connection, path, "asked")
    assert list(folder_of(path).iterdir()) == [made.path]


def test_what_a_process_of_the_same_number_left_is_swept_and_in_nobodys_way(file: File) -> None:
    path, connection = file
    folder = back_up(connection, path, "asked").path.parent
    for name in ("asked.{}-00.partial", "daily.{}-00.partial-wal", "before-restore.{}-00.older.partial"):
        (folder / name.format(os.getpid())).write_bytes(b"half")
    connection.execute("INSERT INTO saved_queries VALUES ('big', 'count>40', '')")
    back_up(connection, path, "daily")
    assert sorted(item.name.rpartition("Z.")[2] for item in folder.iterdir()) == ["asked.db", "daily.db"]


def test_restoring_gives_the_state_of_the_backup_and_then_the_state_before(file: File) -> None:
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
    assert restored.before == listed(path)[0]
    # The connection that was open all the while goes on, from the restored state.
    assert event(connection).status == "pending"
    again = restore(path, listed(path)[0].path)
    assert dump(path) == now
    assert again.lost == 0
    assert problems(connection) == []
    for _ in range(4):
        restore(path, listed(path)[0].path)
    assert dump(path) == now
    assert whys(path) == ["before-restore"] * 2 + ["asked"]


@settings(max_examples=30)
@given(acts=st.lists(st.sampled_from(["accept", "undo", "import"]), max_size=4), more=st.integers(0, 2))
def test_a_restored_backup_is_the_file_of_then(
    tmp_path_factory: pytest.TempPathFactory, acts: list[str], more: int
) -> None:
    path = tmp_path_factory.mktemp("law") / "war.db"
    with contextlib.closing(open_file(path, create=True)) as connection:
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
        restore(path, listed(path)[0].path)
        assert dump(path) == now


def test_what_is_decided_between_the_backup_and_the_restore_is_in_the_backup(
    file: File, monkeypatch: pytest.MonkeyPatch
) -> None:
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
    assert counts(listed(path)[0].path) == backups.Counts(events=2, decisions=1)


def test_a_restore_that_is_killed_leaves_the_state_before(file: File) -> None:
    path, connection = file
    made = back_up(connection, path, "asked")
    connection.executemany("INSERT INTO imports (file, format, started_at) VALUES (?, '', '')", [("x" * 3000,)] * 4500)
    large = back_up(connection, path, "asked")
    restore(path, made.path)
    before = dump(path)
    script = (
        "import os, signal, sys; from pathlib import Path; from db.restoring import restore\n"
        "kill = lambda *_: os.kill(os.getpid(), signal.SIGKILL)\n"
        "import db.restoring; db.restoring.back_up = lambda *_: None; db.restoring.written_in = lambda _: None\n"
        "restore(Path(sys.argv[1]), Path(sys.argv[2]), kill)"
    )
    connection.close()
    command = [sys.executable, "-c", script, str(path), str(large.path)]
    killed = subprocess.run(command, cwd=Path(__file__).parents[2], check=False)
    assert killed.returncode == -signal.SIGKILL
    assert dump(path) == before


def test_a_file_that_sqlite_can_not_read_is_kept_to_the_byte_and_the_backup_takes_its_place(file: File) -> None:
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


def test_a_file_that_is_gone_comes_back(file: File) -> None:
    path, connection = file
    made = back_up(connection, path, "asked")
    connection.close()
    path.unlink()
    assert restore(path, made.path).before is None
    with contextlib.closing(open_file(path)) as again:
        assert problems(again) == []


def test_what_a_file_that_is_gone_left_beside_it_is_not_removed(file: File) -> None:
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
        ("foreign", "the trigger spy is not eventdesk's"),
        ("itself", "is the file itself"),
    ],
)
def test_what_can_not_be_restored_is_refused_and_the_file_left_alone(
    file: File, tmp_path: Path, bad: str, says: str
) -> None:
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
    assert listed(path) == []


def test_a_backup_of_an_older_schema_is_brought_up_before_it_is_in_the_file(file: File, tmp_path: Path) -> None:
    path, connection = file
    made = back_up(connection, path, "asked")
    with contextlib.closing(sqlite3.connect(made.path, isolation_level=None)) as older:
        older.execute("DROP TABLE presence")
        older.execute(f"PRAGMA user_version = {SCHEMA_VERSION - 1}")
        older.execute("DELETE FROM _sqlite_migrations WHERE name = 'presence'")
    accept(connection)
    before = made.path.read_bytes()
    assert restore(path, made.path).lost == 1
    assert made.path.read_bytes() == before
    assert connection.execute("SELECT count(*) FROM presence").fetchone() == (0,)
    assert problems(connection) == []


def test_a_backup_that_is_just_being_restored_is_not_pruned(file: File) -> None:
    path, connection = file
    for number in range(backups.KEPT):
        connection.execute("INSERT INTO saved_queries VALUES (?, 'a', '')", (f"q{number}",))
        back_up(connection, path, "asked")
    oldest = listed(path)[-1]
    accept(connection)
    restore(path, oldest.path)
    assert connection.execute("SELECT count(*) FROM saved_queries").fetchone() == (1,)
    assert oldest.path.exists()


def test_two_processes_that_back_up_at_once_make_two_whole_files(file: File) -> None:
    path, _ = file

    def make(why: backups.Why) -> None:
        with contextlib.closing(open_file(path)) as connection:
            back_up(connection, path, why)

    threads = [threading.Thread(target=make, args=(why,)) for why in ("asked", "daily")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(whys(path)) == ["asked", "daily"]
    assert all(counts(backup.path) == backups.Counts(2, 0) for backup in listed(path))


def test_whatever_is_damaged_a_restore_brings_the_backup_back(tmp_path: Path) -> None:
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


def test_an_older_file_is_backed_up_as_it_is_before_its_migration(tmp_path: Path) -> None:
    path = tmp_path / "old.db"
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as old:
        schema.apply(Database(old, execute_plugins=False), stop_before="acts")
        assert back_up_if_changed(old, path, "before-migration") is None
        assert back_up_if_changed(old, path, "before-migration") is None
    (made,) = listed(path)
    assert made.why == "before-migration"
    assert dump(made.path) == dump(path)
