"""Where something is reviewed: the eventdesk file itself, the desk beside it, or a clear reason why not."""

import contextlib
import os
import sqlite3
from pathlib import Path

import pytest
from support.attacks_database import write_attacks

from db.errors import EventdeskError
from tui.cli import main
from tui.opening import first
from tui.opening.opening import desk_of

LINE = '{"text": "Five people died.", "events": [{"type": "attack", "fields": [{"name": "killed", "value": 5}]}]}\n'


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    write_attacks(tmp_path / "my.db")
    (tmp_path / "events.jsonl").write_text(LINE, encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize(
    ("name", "what"),
    [
        ("my.db", "my.db: is a SQLite database, not an eventdesk file; review it on a terminal, or use:"),
        ("events.jsonl", "events.jsonl: is a file to import, not an eventdesk file; review it on a terminal, or use:"),
        (".", ".: is a folder, not an eventdesk file; review it on a terminal, or use:"),
    ],
)
def test_without_a_terminal_one_line_says_what_to_type(
    folder: Path, name: str, what: str, capsys: pytest.CaptureFixture[str]
) -> None:
    for words in (["review", name], [name]):
        assert main(words) == 2
        said = capsys.readouterr().err
        assert what in said
        assert said.count("\n") == 1
    command = said.partition("use: eventdesk ")[2].split()
    assert command[0] == "import"
    if name == "events.jsonl":
        assert main(command) == 0
        assert desk_of(Path(name), None, None, has_screen=False) == Path(command[1])


def test_a_plain_eventdesk_file_is_opened_as_it_is(folder: Path) -> None:
    assert main(["import", "war.db", "events.jsonl"]) == 0
    assert desk_of(Path("war.db"), None, None, has_screen=True) == Path("war.db")
    with pytest.raises(EventdeskError, match="is opened as it is; --desk names"):
        desk_of(Path("war.db"), Path("x.db"), None, has_screen=True)


@pytest.mark.parametrize("name", ["missing.db", "empty.db", "a.pdf"])
def test_what_can_not_be_imported_gets_the_error_of_every_command(folder: Path, name: str) -> None:
    Path("empty.db").touch()
    Path("a.pdf").write_bytes(b"%PDF-1.7\n")
    assert desk_of(Path(name), None, None, has_screen=True) == Path(name)


def test_a_later_run_opens_the_desk_at_once(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def accept(wanted: first.Wanted) -> bool:
        asked.append((wanted.name, wanted.desk))
        return main(["import", str(wanted.desk), "events.jsonl"]) == 0

    monkeypatch.setattr(first, "import_first", accept)
    for _ in range(2):
        assert desk_of(Path("my.db"), None, None, has_screen=True) == Path("my.eventdesk.db")
    assert asked == [("my.db", Path("my.eventdesk.db"))]


def test_a_file_that_changed_since_its_import_is_reported(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["import", "events.eventdesk.db", "events.jsonl"]) == 0
    desk_of(Path("events.jsonl"), None, None, has_screen=True)
    assert capsys.readouterr().err == ""
    os.utime("events.jsonl", (4e9, 4e9))
    assert desk_of(Path("events.jsonl"), None, None, has_screen=True) == Path("events.eventdesk.db")
    assert "changed since it was imported; import it again with: eventdesk import" in capsys.readouterr().err


def test_a_desk_that_can_not_be_written_names_the_option(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(EventdeskError, match=r"no folder .*; create it, or name another file with --desk FILE"):
        desk_of(Path("my.db"), Path("nowhere/x.db"), None, has_screen=True)
    Path("my.eventdesk.db").write_text("mine", encoding="utf-8")
    with pytest.raises(EventdeskError, match="exists and is not an eventdesk file; name another one with --desk FILE"):
        desk_of(Path("my.db"), None, None, has_screen=True)
    Path("my.eventdesk.db").unlink()
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(EventdeskError, match=r"no permission to write in .*; name a file elsewhere with --desk FILE"):
        desk_of(Path("my.db"), None, None, has_screen=True)


def test_a_database_without_events_is_declined_with_what_was_looked_for(folder: Path) -> None:
    with contextlib.closing(sqlite3.connect("my.db")) as connection:
        connection.executescript("DROP TABLE attacks; DROP TABLE visits")
    with pytest.raises(EventdeskError, match=r"no events.*--texts"):
        desk_of(Path("my.db"), None, None, has_screen=True)
    with contextlib.closing(sqlite3.connect("my.db")) as connection:
        connection.executescript(
            "DROP TABLE articles; CREATE TABLE tracks (id INTEGER PRIMARY KEY, name TEXT);"
            " INSERT INTO tracks VALUES (1, 'Blue')"
        )
    with pytest.raises(EventdeskError, match="no events"):
        desk_of(Path("my.db"), None, None, has_screen=True)
    assert not Path("my.eventdesk.db").exists()
