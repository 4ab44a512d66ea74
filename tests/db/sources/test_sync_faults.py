"""Sync when a source is locked, moved, replaced or damaged, when two sync at once, and when one is killed."""

import contextlib
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from threading import Thread

import pytest
from support.builders import event, problems
from support.source_tables import event_table
from support.synced import PLAN, ROWS, Desk, desk

from db.decisions.review import Review
from db.errors import InputError
from db.importing.known import KnownEvents
from db.importing.releases.source_rows import SourceRows
from db.importing.report import ImportReport
from db.sources.desks import sources_of
from db.sources.plan import Plan
from db.sources.sync import syncing
from db.sources.sync.syncing import ReplacedError, add_source, sync_source
from db.sources.sync.watching import Watcher
from db.store import sqlite
from db.store.connection import open_file


def _state(made: Desk) -> list[object]:
    return [
        made.connection.execute(f"SELECT * FROM {table} ORDER BY 1").fetchall()
        for table in ("documents", "events", "fields", "evidence", "decisions", "sources", "source_events",
                      "source_blocks", "imports")
    ]  # fmt: skip


def _damaged(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[4096:] = b"\xff" * (len(content) - 4096)
    path.write_bytes(content)


FAULTS = {
    "moved": (lambda path: path.rename(path.with_name("other.db")), "no such file"),
    "no database": (lambda path: path.write_text("hello"), "is not a SQLite database"),
    "empty": (lambda path: path.write_bytes(b""), "is empty"),
    "damaged": (_damaged, "malformed"),
    "a column is gone": ("ALTER TABLE articles RENAME COLUMN body TO text", "the column body of articles"),
    "a table is gone": ("DROP TABLE victims", "the table victims"),
    "another database": ("DELETE FROM events", "lacks 5 of 5 events"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_source_that_cant_be_synced_changes_nothing_and_is_reported_once(tmp_path: Path, fault: str) -> None:
    with desk(tmp_path) as made:
        Review(made.connection, "ana").accept(event(made.connection, "1"))
        before = _state(made)
        do, message = FAULTS[fault]
        made.write(do) if isinstance(do, str) else do(made.path)
        with pytest.raises(InputError, match=message):
            made.sync()
        watcher = Watcher(made.connection, made.file)
        [line] = watcher.look()
        assert message in line
        assert "\n" not in line
        assert [watcher.look(), watcher.look()] == [[], []]
        assert _state(made) == before
        assert problems(made.connection) == []


def test_a_locked_source_is_synced_once_it_is_free(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite.connect, "__kwdefaults__", {**(sqlite.connect.__kwdefaults__ or {}), "timeout": 0.05})
    with desk(tmp_path) as made, contextlib.closing(sqlite3.connect(made.path, isolation_level=None)) as source:
        source.execute("BEGIN EXCLUSIVE")
        source.execute("UPDATE events SET killed = 6 WHERE id = 1")
        watcher = Watcher(made.connection, made.file)
        os.utime(made.path, ns=(1, 1))
        [line] = watcher.look()
        assert "keeps it locked" in line
        assert watcher.look() == []
        source.execute("COMMIT")
        assert watcher.look() == ["1 event changed"]
        assert made.values(1)["killed"] == 6


def test_an_older_copy_is_refused_until_someone_says_that_it_is_right(tmp_path: Path) -> None:
    with desk(tmp_path) as made:
        copy = tmp_path / "copy.db"
        shutil.copy(made.path, copy)
        made.sync("INSERT INTO events VALUES (8, 2, 1, 1, 'm1'); UPDATE events SET killed = 3 WHERE id = 2")
        Review(made.connection, "ana").accept(event(made.connection, "8"))
        before = _state(made)
        shutil.copy(copy, made.path)
        with pytest.raises(ReplacedError, match=r"an older copy: it lacks 1 of 6 events.*--replaced"):
            made.sync()
        assert _state(made) == before
        assert made.sync(replaced=True).gone == 1
        assert (made.gone(), event(made.connection, "8").status) == (["8"], "confirmed")
        assert problems(made.connection) == []


def test_a_database_and_its_desk_can_move_together(tmp_path: Path) -> None:
    with desk(tmp_path) as made:
        made.connection.close()
        # On Linux, also to a path with bytes that aren't UTF-8.
        other = tmp_path / ("file:é%20#?'" + ("\udcff" if sys.platform == "linux" else ""))
        other.mkdir()
        for path in tmp_path.glob("my.*"):
            path.rename(other / path.name)
        moved = Desk(other / "my.db", open_file(other / "my.eventdesk.db"))
        with contextlib.closing(moved.connection):
            assert moved.sync("UPDATE events SET killed = 6 WHERE id = 1").changed == 1
            assert sources_of(moved.connection)[0].absolute_path == str(other / "my.db")


def test_a_new_column_becomes_a_field_and_a_new_plan_reads_everything(tmp_path: Path) -> None:
    with desk(tmp_path) as made:
        made.sync("ALTER TABLE events ADD COLUMN wounded INTEGER DEFAULT 2")
        assert made.values(3)["wounded"] == 2
        add_source(made.connection, made.file, made.path, Plan((event_table(),)))
        made.sync()
        assert (made.report.lines, made.report.updated, made.gone()) == (3, 5, [])


def test_two_reviewers_that_sync_at_once_import_each_change_once(tmp_path: Path) -> None:
    with desk(tmp_path) as made:
        made.write("INSERT INTO events SELECT id + 100, article_id, killed, place, model FROM events")
        results = []

        def sync() -> None:
            with contextlib.closing(open_file(made.file)) as connection:
                [source] = sources_of(connection)
                results.append(sync_source(connection, made.file, source, ImportReport()))

        threads = [Thread(target=sync) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(done.new for done in results) == [0, 0, 5]
        assert made.connection.execute("SELECT count(*) FROM events").fetchone() == (10,)
        assert problems(made.connection) == []


def test_a_sync_in_slices_is_the_same_and_a_stopped_one_is_completed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with desk(tmp_path) as made:
        Review(made.connection, "ana").accept(event(made.connection, "4"))
        made.write("DELETE FROM events WHERE id = 4; UPDATE events SET killed = killed + 1")
        made.write("INSERT INTO articles VALUES (7, 'T', 'x'); INSERT INTO events VALUES (7, 7, 1, 1, 'm1')")
        monkeypatch.setattr("db.sources.reading.slices._FIRST", 1)

        def killed(*_: object) -> None:
            raise KeyboardInterrupt

        with monkeypatch.context() as patch:
            patch.setattr(syncing._Sync, "_store_blocks", killed)
            with pytest.raises(KeyboardInterrupt):
                made.sync(in_slices=True)
        assert made.gone() == []
        done = made.sync(in_slices=True)
        assert (done.gone, made.gone(), made.values(7)["killed"]) == (1, ["4"], 1)
        assert not made.sync()
        assert event(made.connection, "4").status == "confirmed"
        assert problems(made.connection) == []


def test_several_databases_with_the_same_ids_are_reviewed_at_one_desk(tmp_path: Path) -> None:
    with desk(tmp_path) as made:
        second = tmp_path / "second.db"
        with contextlib.closing(sqlite3.connect(second)) as source:
            source.executescript(ROWS)
        added = add_source(made.connection, made.file, second, Plan((event_table(),)))
        sync_source(made.connection, made.file, added, ImportReport())
        ids = {row[0] for row in made.connection.execute("SELECT external_id FROM events")}
        assert ids == {"1", "2", "3", "4", "5", "second:1", "second:2", "second:3", "second:4", "second:5"}


def test_after_a_kill_a_sync_is_whole_or_absent(tmp_path: Path) -> None:
    with desk(tmp_path) as made:
        made.write("INSERT INTO events SELECT NULL, article_id, killed, place, model FROM events, places, places")
        made.connection.close()
        original = made.file.read_bytes()
        code = "import sys; from tui.cli import main; sys.exit(main(['sync', sys.argv[1]]))"
        command = [sys.executable, "-c", code, str(made.file)]
        counts = set()
        for delay in (0.5, None):
            for rest in tmp_path.glob("my.eventdesk.db-*"):
                rest.unlink()
            made.file.write_bytes(original)
            process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            if delay is None:
                assert process.wait(60) == 0
            else:
                time.sleep(delay)
                process.send_signal(signal.SIGKILL)
                process.wait()
            with contextlib.closing(open_file(made.file)) as connection:
                events, linked = (
                    connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
                    for table in ("events", "source_events")
                )
                assert events == linked
                assert problems(connection) == []
                counts.add(events)
        assert counts <= {5, 50}
        assert 50 in counts


@pytest.mark.parametrize("at", [1, 2])
def test_after_a_kill_in_a_first_sync_the_next_one_completes_it(tmp_path: Path, at: int) -> None:
    path = tmp_path / "my.db"
    with contextlib.closing(sqlite3.connect(path)) as source:
        source.executescript(
            ROWS + "WITH n(n) AS (SELECT 10 UNION ALL SELECT n + 1 FROM n WHERE n < 250)"
            " INSERT INTO articles SELECT n, 'T', 'x' || n FROM n; INSERT INTO events SELECT id, id, 1, 1, 'm1'"
            " FROM articles WHERE id > 9;"
        )
    made = Desk(path, open_file(tmp_path / "my.eventdesk.db", create=True))
    with contextlib.closing(made.connection):
        add_source(made.connection, made.file, path, PLAN)
    child = os.fork()
    if child == 0:
        with contextlib.suppress(BaseException):
            _kill_after_slices(made, at)
        os._exit(1)
    assert os.waitpid(child, 0)[1] == signal.SIGKILL
    with contextlib.closing(open_file(made.file)) as made.connection:
        (before,) = made.connection.execute("SELECT count(*) FROM events").fetchone()
        assert 0 < before < 246
        Review(made.connection, "ana").accept(event(made.connection, "1"))
        assert made.sync(in_slices=True).new == 246 - before
        assert not made.sync(replaced=True)
        assert event(made.connection, "1").status == "confirmed"
        assert problems(made.connection) == []


def _kill_after_slices(made: Desk, number: int) -> None:
    """Kill this process in the first sync: after its first slice, or in the second one."""
    done = []

    def kill(*_: object) -> None:
        done.append(1)
        if len(done) >= number:
            os.kill(os.getpid(), signal.SIGKILL)

    with contextlib.closing(open_file(made.file)) as made.connection:
        if number == 1:
            made.sync(in_slices=True, progress=kill)
        finish = SourceRows.finish

        def killed(self: SourceRows, known: KnownEvents, report: ImportReport) -> None:
            kill()
            finish(self, known, report)

        SourceRows.finish = killed  # type: ignore[method-assign]
        made.sync(in_slices=True)
