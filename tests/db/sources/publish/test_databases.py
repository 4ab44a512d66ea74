"""publish to a database: whole or absent, only its own tables, and only what changed."""

import os
import signal
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.publishing import Desk, database_desk
from support.source_tables import event_table, mapped

from db.decisions.review import Review
from db.errors import FileError, InputError
from db.formats.tables.mapping.mapping import DocumentColumns, EventColumns, Mapping
from db.sources.plan import EventTable
from db.sources.publish import publishing
from db.sources.publish.tables import publishing as tables
from db.sources.publish.tables.writing import Writer
from tui.cli import main

SCRIPT = """
    CREATE TABLE articles (id INTEGER PRIMARY KEY, title TEXT, body TEXT);
    INSERT INTO articles VALUES (1, 'First', 'Five people died in Kyiv on Monday.'), (2, 'Second', 'Calm in Lviv.');
    CREATE TABLE events (id INTEGER PRIMARY KEY, article_id INTEGER REFERENCES articles, kind TEXT NOT NULL,
        killed INTEGER, location TEXT);
    INSERT INTO events VALUES (1, 2, 'attack', NULL, 'Lviv'), (2, 1, 'attack', 5, 'Kyiv'), (3, 1, 'strike', 7, 'Kyiv');
    CREATE TABLE audit (what TEXT);
    CREATE TRIGGER added AFTER INSERT ON events BEGIN INSERT INTO audit VALUES ('event'); END;
    PRAGMA user_version = 7;
"""


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """A database, of which one event is corrected and accepted."""
    desk = database_desk(tmp_path / "my.db", SCRIPT, event_table(mapping=mapped(type="kind")))
    desk.correct("2", "killed", 6)
    Review(desk.connection, "ana").accept(desk.event("2"))
    return desk


def backups(desk: Desk) -> list[str]:
    return sorted(path.name for path in desk.path.parent.iterdir() if "before-publish" in path.name)


CELLS = st.one_of(
    st.none(), st.integers(-(2**40), 2**40), st.floats(allow_nan=False, allow_infinity=False, width=32),
    st.text(st.sampled_from("abc é\n0,;'\""), max_size=5), st.binary(max_size=3),
)  # fmt: skip
TYPES = st.sampled_from(["INTEGER", "TEXT", "REAL", "NUMERIC", "VARCHAR(9)", "", "BLOB"])


@settings(max_examples=8)
@given(
    st.lists(TYPES, min_size=2, max_size=2),
    st.lists(st.tuples(CELLS, CELLS), min_size=1, max_size=4),
    st.lists(st.tuples(st.integers(0, 3), st.sampled_from([5, "new", 2.5])), max_size=3),
)
def test_corrected_cells_are_written_and_all_others_keep_value_and_storage_class(
    tmp_path_factory: pytest.TempPathFactory,
    types: list[str],
    rows: list[tuple[Any, Any]],
    edits: list[tuple[int, Any]],
) -> None:
    path = tmp_path_factory.mktemp("any") / "my.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"CREATE TABLE e (id INTEGER PRIMARY KEY, body TEXT, a {types[0]}, b {types[1]})")
        connection.executemany("INSERT INTO e (body, a, b) VALUES ('Text', ?, ?)", rows)
        connection.commit()
    mapping = Mapping(document=DocumentColumns(text=("body",)), event=EventColumns(constant_type="e"), missing=())
    desk = database_desk(path, "", EventTable("e", ("id",), mapping))
    expected: dict[int, Any] = {}
    for at, value in edits:
        if at < len(rows) and any(field.name == "a" for field in desk.event(str(at + 1)).fields):
            desk.correct(str(at + 1), "a", value)
            expected[at + 1] = value
    before = desk.dump()
    desk.publish()
    assert desk.dump() == before
    columns = "id, typeof(a), a, typeof(b), b"
    own = desk.rows(f"SELECT {columns} FROM e ORDER BY id")
    new = desk.rows(f"SELECT {columns} FROM e_reviewed ORDER BY id")
    for was, now in zip(own, new, strict=True):
        if was[0] not in expected:
            assert now == was
        else:
            assert now[3:] == was[3:]
            wanted = expected[was[0]]
            assert now[2] == wanted or str(now[2]) in (str(wanted), str(float(wanted)))
    assert not desk.publish().has_changes


def test_a_publication_is_whole_or_absent_when_the_process_is_killed(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = desk.dump()
    with closing(sqlite3.connect(desk.path)) as connection:
        wal = connection.execute("PRAGMA journal_mode = WAL").fetchone()
    assert wal == ("wal",)
    child = os.fork()
    if child == 0:  # the last statements before the commit
        monkeypatch.setattr(Writer, "write_corrections", lambda *_: os.kill(os.getpid(), signal.SIGKILL))
        try:
            desk.publish()
        finally:
            os._exit(1)
    assert os.waitpid(child, 0)[1] == signal.SIGKILL
    assert desk.rows("SELECT name FROM sqlite_schema WHERE name LIKE '%\\_reviewed' ESCAPE '\\'") == []
    assert desk.rows("PRAGMA integrity_check") == [("ok",)]
    desk.publish()
    assert len(desk.rows("SELECT * FROM events_reviewed")) == 3
    assert [line for line in desk.dump() if "wal" not in line] == [line for line in before if "delete" not in line]
    assert desk.rows("PRAGMA journal_mode") == [("wal",)]


def test_an_upsert_writes_only_changed_rows_and_readers_see_no_gap(desk: Desk) -> None:
    report = desk.publish()
    assert report.rows == {"events_reviewed": 3, "events_corrections": 1}
    assert backups(desk) == ["my.before-publish.db"]
    assert report.backup is not None
    with closing(sqlite3.connect(report.backup)) as connection:
        assert connection.execute("SELECT count(*) FROM sqlite_schema WHERE name LIKE '%reviewed'").fetchone() == (0,)
    numbers = desk.rows("SELECT rowid, id FROM events_reviewed")
    with closing(sqlite3.connect(desk.path)) as writer:
        writer.execute("UPDATE events SET location = 'Lutsk' WHERE id = 1")
        writer.execute("DELETE FROM events WHERE id = 3")
        writer.execute("INSERT INTO events VALUES (4, 1, 'strike', 1, 'Kyiv')")
        writer.commit()
    desk.sync()
    Review(desk.connection, "ana").flag(desk.event("4"))
    report = desk.publish()
    assert (report.rows, report.removed) == ({"events_reviewed": 2}, {"events_reviewed": 1})
    assert report.backup is None
    assert backups(desk) == ["my.before-publish.db"]
    assert desk.rows("SELECT rowid, id FROM events_reviewed WHERE id < 3") == numbers[:2]
    found = desk.rows("SELECT id, location, killed, review_status FROM events_reviewed")
    assert found == [(1, "Lutsk", None, "pending"), (2, "Kyiv", 6, "corrected"), (4, "Kyiv", 1, "unsure")]
    assert desk.rows("SELECT * FROM audit") == [("event",)]  # of the insert above; ours fire nobody's trigger


def test_a_rehearsal_says_what_would_change_and_changes_nothing(desk: Desk) -> None:
    content = desk.path.read_bytes()
    report = desk.publish(rehearsal=True)
    assert report.rows == {"events_reviewed": 3, "events_corrections": 1}
    assert report.changes == ['events 2: killed "5" → "6"']
    assert desk.path.read_bytes() == content
    assert backups(desk) == []


def test_it_waits_shortly_for_another_writer_and_then_says_so(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "_WAIT", 0.05)
    with closing(sqlite3.connect(desk.path, isolation_level=None)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        with pytest.raises(FileError, match="another program is writing to it; nothing was published"):
            desk.publish()
    assert backups(desk) == []
    assert desk.publish().has_changes


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write to every file")
def test_a_read_only_database_is_refused(desk: Desk) -> None:
    desk.path.chmod(0o444)
    with pytest.raises(FileError, match="can't be written; nothing was published"):
        desk.publish()


@pytest.mark.parametrize(
    ("script", "problem"),
    [
        ("CREATE TABLE events_reviewed (id)", "there is a table events_reviewed that eventdesk didn't make"),
        ("CREATE VIEW events_corrections AS SELECT 1", "there is a view events_corrections that eventdesk didn't make"),
        ("ALTER TABLE events ADD review_status TEXT", "has a column review_status, which events_reviewed needs"),
        ("DELETE FROM events", "has none of the 1 decided events: it is another database, or an older copy"),
        ("ALTER TABLE events RENAME TO incidents", "table events is gone; run eventdesk sync first"),
    ],
)
def test_what_is_not_as_expected_is_refused_and_nothing_changes(desk: Desk, script: str, problem: str) -> None:
    with closing(sqlite3.connect(desk.path)) as connection:
        connection.executescript(script)
    content = desk.path.read_bytes()
    with pytest.raises(InputError, match=problem):
        desk.publish()
    assert desk.path.read_bytes() == content
    assert backups(desk) == []


def test_events_whose_rows_are_gone_are_named_and_block_nothing(desk: Desk) -> None:
    for delete, synced in (("id = 1", True), ("id = 2", False), ("id < 9", True)):
        with closing(sqlite3.connect(desk.path)) as connection:
            connection.execute(f"DELETE FROM events WHERE {delete}")
            connection.execute("INSERT INTO events VALUES (9, 1, 'attack', 5, 'Kyiv')")
            connection.commit()
        if synced:
            desk.sync()
        report = desk.publish()
        note = "events: decided events whose rows are gone, which stay in the desk: 1 (2)"
        assert report.notes == ([] if delete == "id = 1" else [note])
        assert desk.rows("SELECT count(*) FROM events_reviewed") == desk.rows("SELECT count(*) FROM events")
        with closing(sqlite3.connect(desk.path)) as connection, connection:
            connection.execute("DELETE FROM events WHERE id = 9")
    assert desk.event("2").status == "corrected"


def test_a_table_may_have_many_columns(tmp_path: Path) -> None:
    columns = ", ".join(f"c{number} INT" for number in range(700))
    script = f"CREATE TABLE events (id INTEGER PRIMARY KEY, body TEXT, {columns}); INSERT INTO events (id) VALUES (1)"
    mapping = Mapping(document=DocumentColumns(text=("body",)), event=EventColumns(constant_type="e"), missing=())
    desk = database_desk(tmp_path / "my.db", script, EventTable("events", ("id",), mapping))
    desk.add("1", "c690", 7)
    desk.publish()
    assert desk.rows("SELECT c690, c1 FROM events_reviewed") == [(7, None)]
    assert not desk.publish().has_changes


def test_tables_are_made_again_if_the_columns_of_the_source_changed(desk: Desk) -> None:
    desk.publish()
    with closing(sqlite3.connect(desk.path)) as connection:
        connection.executescript("ALTER TABLE events ADD source TEXT; UPDATE events SET source = 'wire'")
    desk.publish()
    assert desk.rows("SELECT DISTINCT source FROM events_reviewed") == [("wire",)]
    assert desk.rows("SELECT killed FROM events_reviewed WHERE id = 2") == [(6,)]


def test_the_command_finds_the_desk_of_a_database(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    file = str(desk.path)
    assert main(["publish", file, "--dry-run"]) == 0
    assert 'events 2: killed "5" → "6"' in capsys.readouterr().out
    assert main(["publish", file]) == 0
    out = capsys.readouterr().out
    assert "events_reviewed: 3 rows changed" in out
    assert "my.before-publish.db" in out
    assert main(["publish", str(desk.path.with_name("my.eventdesk.db"))]) == 0
    assert "nothing to publish" in capsys.readouterr().out
    other = desk.path.with_name("other.db")
    other.write_bytes(desk.path.read_bytes())
    assert main(["publish", str(other)]) == 2
    assert "has not been reviewed" in capsys.readouterr().err
    assert main(["publish", str(desk.path.with_name("my.eventdesk.db")), "--into", str(other)]) == 2
    assert "is not the database that my.eventdesk.db was synced with" in capsys.readouterr().err


def test_only_plans_that_say_so_are_published_at_the_end_of_a_session(desk: Desk) -> None:
    file = desk.path.with_name("my.eventdesk.db")
    assert publishing.publish_on_quit(desk.connection, file) == []
    desk.connection.execute("UPDATE sources SET plan = '[publish]' || char(10) || 'on_quit = true' || char(10) || plan")
    ((path, report),) = publishing.publish_on_quit(desk.connection, file)
    assert path.samefile(desk.path)
    assert report.rows["events_reviewed"] == 3
    assert desk.connection.execute("SELECT published_at IS NOT NULL FROM sources").fetchone() == (1,)
