"""What backup, restore, and check with --repair and --salvage print, and their exit status."""

import contextlib
import json
import os
import sqlite3
from pathlib import Path

import pytest
from support.builders import ARTICLE, LATER, event

from db.decisions.review import Review
from db.maintenance.backups import list_backups
from db.store.connection import open_file
from tui.cli import main


@pytest.fixture
def file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    source = tmp_path / "events.jsonl"
    source.write_text(json.dumps(ARTICLE) + "\n", encoding="utf-8")
    path = tmp_path / "war.db"
    assert main(["import", str(path), str(source)]) == 0
    capsys.readouterr()
    return path


def accept(file: Path) -> None:
    with contextlib.closing(open_file(file)) as connection:
        Review(connection, "ana").accept(event(connection))


def status(file: Path) -> str:
    with contextlib.closing(open_file(file)) as connection:
        return event(connection).status


def damage(file: Path, table: str) -> None:
    with contextlib.closing(sqlite3.connect(file)) as connection:
        (page,) = connection.execute("SELECT rootpage FROM sqlite_schema WHERE name = ?", (table,)).fetchone()
    with file.open("r+b") as stream:
        stream.seek((page - 1) * 4096)
        stream.write(bytes(4096))


def test_a_backup_without_a_name_is_made_only_after_changes(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["backup", str(file), "--list"]) == 1
    assert "has no backups yet" in capsys.readouterr().out
    assert main(["backup", str(file)]) == 0
    (made,) = list_backups(file)
    assert capsys.readouterr().out == f"{made.path}: {made.bytes:,} bytes\n"
    assert main(["backup", str(file)]) == 0
    assert "no changes since backup 1" in capsys.readouterr().out
    assert main(["backup", str(file), "--list"]) == 0
    lines = [line.split("\t") for line in capsys.readouterr().out.splitlines()]
    assert lines[0] == ["number", "made (UTC)", "why", "bytes", "events", "decisions"]
    assert lines[1] == ["1", f"{made.made_at:%Y-%m-%d %H:%M:%S}", "requested", str(made.bytes), "2", "0"]


def test_an_import_backs_up_an_existing_file_first(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    later = tmp_path / "later.jsonl"
    later.write_text(json.dumps(LATER) + "\n", encoding="utf-8")
    assert main(["import", str(file), str(later), str(later)]) == 0
    assert [backup.reason for backup in list_backups(file)] == ["before-import"]
    with contextlib.closing(sqlite3.connect(list_backups(file)[0].path)) as copy:
        assert copy.execute("SELECT count(*) FROM documents").fetchone() == (1,)
    assert capsys.readouterr().err == ""


def test_an_import_warns_and_goes_on_if_no_backup_can_be_made(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    later = tmp_path / "later.jsonl"
    later.write_text(json.dumps(LATER) + "\n", encoding="utf-8")
    (tmp_path / "state").write_text("", encoding="utf-8")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    assert main(["import", str(file), str(later)]) == 0
    said = capsys.readouterr()
    assert "1 new document" in said.out
    assert said.err.startswith("eventdesk: no backup made")
    assert said.err.count("\n") == 1


def test_loading_types_backs_the_file_up_once_a_day(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["types", str(file), "--toml"])
    toml = tmp_path / "types.toml"
    toml.write_text(capsys.readouterr().out, encoding="utf-8")
    for _ in range(2):
        assert main(["types", str(file), str(toml)]) == 0
    assert [backup.reason for backup in list_backups(file)] == ["daily"]


def test_a_restore_prints_what_is_not_included_and_how_to_undo_it(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["backup", str(file)])
    accept(file)
    capsys.readouterr()
    assert main(["restore", str(file), "1"]) == 0
    said = capsys.readouterr().out
    assert said.count("\n") == 1
    assert f"{file} restored from backup 1 of " in said
    undo = f"to undo: eventdesk restore {file} 1"
    assert f"requested: 2 events, 0 decisions; 1 later decision not included; {undo}" in said
    assert status(file) == "pending"
    assert main(["restore", str(file), "1"]) == 0
    assert f"2 events, 1 decision; {undo}" in capsys.readouterr().out
    assert status(file) == "confirmed"


def test_a_restore_without_a_backup_lists_them(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["backup", str(file)])
    capsys.readouterr()
    assert main(["restore", str(file)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[-1] == f"to restore one: eventdesk restore {file} NUMBER"
    assert len(lines) == 3


def test_a_file_is_restored_from_a_copy_by_its_file_name(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    copy = file.with_name("monday.db")
    assert main(["backup", str(file), str(copy)]) == 0
    accept(file)
    assert main(["restore", str(file), str(copy)]) == 0
    assert f"restored from {copy}: 2 events" in capsys.readouterr().out
    assert status(file) == "pending"


@pytest.mark.parametrize(
    ("backup", "says"),
    [("7", "no backup 7, there are 0"), ("0", "no backup 0"), ("monday.db", "monday.db: no such file")],
)
def test_a_missing_backup_is_an_error_of_one_line(
    file: Path, backup: str, says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["restore", str(file), backup]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert says in said.err
    assert said.err.count("\n") == 1


def test_a_damaged_file_is_kept_and_its_path_printed(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["backup", str(file)])
    file.write_bytes(b"\0" * 100 + file.read_bytes()[100:])
    capsys.readouterr()
    assert main(["restore", str(file), "1"]) == 0
    assert f"the damaged file is kept as {list_backups(file)[0].path}" in capsys.readouterr().out
    assert status(file) == "pending"


def test_a_repair_rebuilds_what_is_derived_and_counts_the_problems(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    accept(file)
    with contextlib.closing(open_file(file)) as connection:
        connection.execute("UPDATE events SET status = 'unsure'")
        connection.execute("DROP TRIGGER decisions_are_not_deleted")
    assert main(["check", str(file)]) == 1
    assert "with --repair" in capsys.readouterr().out
    assert main(["check", str(file), "--repair"]) == 0
    (backup,) = list_backups(file)
    assert capsys.readouterr().out.endswith(f"3 problems repaired, 0 left; the file before the repair: {backup.path}\n")
    assert main(["check", str(file)]) == 0
    assert status(file) == "confirmed"


def test_problems_left_after_a_repair_are_printed(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    accept(file)
    with contextlib.closing(open_file(file)) as connection:
        connection.execute("DROP TRIGGER decisions_are_not_updated")
        connection.execute("UPDATE decisions SET after = 'nothing'")
    assert main(["check", str(file), "--repair"]) == 1
    said = capsys.readouterr().out
    assert "1 problem repaired, 2 left" in said  # the row, and the event that it is about
    assert "--salvage NEW" in said


def test_a_salvage_prints_a_table_and_the_events_with_lost_data(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    accept(file)
    damage(file, "fields")
    assert main(["check", str(file)]) == 1
    assert main(["check", str(file), "--repair"]) == 2
    assert "--salvage NEW" in capsys.readouterr().err
    new = file.with_name("saved.db")
    assert main(["check", str(file), "--salvage", str(new)]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split("\t") == ["table", "rows saved", "rows lost", "rows saved in part"]
    assert "fields\t5\t1\t5" in lines  # those that were accepted are in the decision
    assert "    report-1/2 (fields)" in lines
    assert lines[-1] == f"{new}: everything readable was saved; {file} is unchanged"
    assert status(new) == "confirmed"
    assert main(["check", str(new)]) == 0


def test_a_salvage_of_a_sound_file_exits_0(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", str(file), "--salvage", str(file.with_name("saved.db"))]) == 0
    assert "everything was saved" in capsys.readouterr().out
    assert main(["check", str(file), "--salvage", str(file)]) == 2
    assert "already exists" in capsys.readouterr().err


def test_a_check_compares_with_a_backup(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["backup", str(file)])
    with contextlib.closing(open_file(file)) as connection:
        connection.execute("UPDATE documents SET text = replace(text, 'Friday', 'FRIDAY')")
    capsys.readouterr()
    assert main(["check", str(file)]) == 1
    assert "documents row 1 differs from backup 1: one of the two is damaged" in capsys.readouterr().out


def test_tests_write_nothing_into_the_state_folder_of_the_user(file: Path) -> None:
    main(["backup", str(file)])
    assert list_backups(file)[0].path.is_relative_to(os.environ["XDG_STATE_HOME"])
    assert not Path(os.environ["XDG_STATE_HOME"]).is_relative_to(Path.home() / ".local")


def test_after_a_damaged_file_is_restored_the_check_succeeds(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["backup", str(file)])
    damage(file, "fields")
    assert main(["check", str(file)]) == 1
    assert main(["restore", str(file), "1"]) == 0
    capsys.readouterr()
    assert main(["check", str(file)]) == 0
    assert "✓ equal to backup 2: 0 decisions" in capsys.readouterr().out


def test_a_backup_of_another_file_at_the_same_path_is_restored_only_by_its_name(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["backup", str(file)]) == 0
    for suffix in ("", "-wal", "-shm"):
        Path(f"{file}{suffix}").unlink(missing_ok=True)
    assert main(["import", str(file), str(tmp_path / "events.jsonl")]) == 0
    capsys.readouterr()
    assert main(["restore", str(file)]) == 0
    assert "requested, of another file" in capsys.readouterr().out
    assert main(["check", str(file)]) == 0
    assert main(["restore", str(file), "1"]) == 2
    error = capsys.readouterr().err
    assert "backup 1 is of another file" in error
    assert main(["restore", str(file), error.split()[-1]]) == 0
    assert f"to undo: eventdesk restore {file} {list_backups(file)[0].path}" in capsys.readouterr().out
