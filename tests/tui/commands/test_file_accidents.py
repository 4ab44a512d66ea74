"""Commands whose file is not what it was: links, leftovers of a file that is gone, empty and read-only files."""

import contextlib
import json
import os
import shutil
import sqlite3
from pathlib import Path

import pytest
from support.builders import ARTICLE, LATER, event, import_documents

from db.decisions.review import Review
from db.errors import FileError
from db.importing import importing
from db.maintenance.backups import list_backups
from db.store.connection import open_file
from tui.cli import main
from tui.commands.review import refuse_lost


@pytest.fixture
def source(tmp_path: Path) -> Path:
    source = tmp_path / "events.jsonl"
    source.write_text(json.dumps(ARTICLE) + "\n", encoding="utf-8")
    return source


@pytest.fixture
def file(tmp_path: Path, source: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    path = tmp_path / "war.db"
    assert main(["import", str(path), str(source)]) == 0
    capsys.readouterr()
    return path


@pytest.mark.parametrize("suffix", ["-wal", "-journal"])
@pytest.mark.parametrize(
    "command", ["import NEW SOURCE", "backup FILE NEW", "check FILE --salvage NEW", "restore NEW FILE"]
)
def test_no_new_file_is_made_beside_what_is_left_of_another(
    tmp_path: Path, file: Path, source: Path, capsys: pytest.CaptureFixture[str], command: str, suffix: str
) -> None:
    new, left = tmp_path / "new.db", tmp_path / f"new.db{suffix}"
    left.write_bytes(b"left")
    words = {"NEW": str(new), "FILE": str(file), "SOURCE": str(source)}
    assert main([words.get(word, word) for word in command.split()]) == 2
    assert f"{left}: belongs to a file that is gone" in capsys.readouterr().err
    assert not new.exists()
    assert left.read_bytes() == b"left"


@pytest.mark.parametrize(
    "command",
    ["import LINK SOURCE", "backup FILE LINK", "check FILE --salvage LINK", "restore LINK FILE",
     "export FILE --output LINK", "export FILE --format brat --output LINK", "import FILE BAD --refused LINK"],
)  # fmt: skip
def test_a_link_stays_and_what_it_points_to_is_written(tmp_path: Path, file: Path, source: Path, command: str) -> None:
    link, target, bad = tmp_path / "link", tmp_path / "there" / "target", tmp_path / "bad.jsonl"
    target.parent.mkdir()
    link.symlink_to(target)
    bad.write_text('{"id": 7}\n', encoding="utf-8")
    words = {"LINK": str(link), "FILE": str(file), "SOURCE": str(source), "BAD": str(bad)}
    assert main([words.get(word, word) for word in command.split()]) in (0, 1)
    assert link.is_symlink()
    assert target.exists()
    assert not target.is_symlink()
    assert main([words.get(word, word) for word in command.split()]) == (0 if command.split()[1] == "LINK" else 2)


def test_a_damaged_file_behind_a_link_is_restored_in_its_place(
    tmp_path: Path, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["backup", str(file)]) == 0
    link = tmp_path / "link.db"
    file.write_bytes(b"\0" * 8192)
    link.symlink_to(file)
    assert main(["restore", str(link), "1"]) == 0
    assert link.is_symlink()
    with contextlib.closing(open_file(file)) as connection:
        assert event(connection).status == "pending"


def test_an_empty_file_is_not_sound(file: Path, source: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["backup", str(file)]) == 0
    file.write_bytes(b"")
    for command in (["check"], ["find"], ["import", str(source)], ["export"], ["check", "--repair"]):
        assert main([command[0], str(file), *command[1:], *(["x"] if command == ["find"] else [])]) == 2, command
        assert f"{file}: is empty; `eventdesk restore {file}` lists its backups" in capsys.readouterr().err
    assert file.stat().st_size == 0
    assert main(["restore", str(file), "1"]) == 0
    assert main(["check", str(file)]) == 0


@pytest.mark.parametrize(
    "command", ["import FILE SOURCE", "types FILE TYPES", "queries FILE big killed>9", "check FILE --repair"]
)
def test_a_file_that_is_only_read_is_not_backed_up_first(
    tmp_path: Path, file: Path, source: Path, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    os.link(file, tmp_path / "link.db")
    (tmp_path / "types.toml").write_text('[a]\nhelp = "b"\n', encoding="utf-8")
    words = {"FILE": str(file), "SOURCE": str(source), "TYPES": str(tmp_path / "types.toml")}
    assert main([words.get(word, word) for word in command.split()]) == 2
    assert "read-only: the file has another name (a hard link)" in capsys.readouterr().err
    assert list_backups(file) == []
    assert main(["review", str(file)]) == 2
    assert "hard link" in capsys.readouterr().err
    assert main(["find", str(file), "type:protest"]) == 0
    assert "hard link" in capsys.readouterr().err


def test_an_import_into_a_file_that_is_replaced_meanwhile_says_so(
    tmp_path: Path, file: Path, source: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def replace(_: sqlite3.Connection) -> None:
        shutil.copyfile(file, tmp_path / "copy.db")
        (tmp_path / "copy.db").replace(file)

    source.write_text(json.dumps(LATER) + "\n", encoding="utf-8")
    monkeypatch.setattr(importing, "link_duplicates", lambda connection, *_: replace(connection))
    assert main(["import", str(file), str(source)]) == 2
    assert "was replaced by another file while it was open; nothing was changed" in capsys.readouterr().err
    assert main(["check", str(file)]) == 0


def test_the_decisions_of_a_rescued_copy_are_imported(
    tmp_path: Path, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What the reviewer says at its end is what helps."""
    with contextlib.closing(open_file(file)) as connection:
        Review(connection, "ana").accept(event(connection))
        shutil.copyfile(file, tmp_path / "copy.db")
        (tmp_path / "copy.db").replace(file)
        with pytest.raises(FileError, match="was replaced by another file while it was open") as refused:
            refuse_lost(connection)
    assert main(["check", str(file)]) == 0
    words = str(refused.value).partition("eventdesk ")[2].split()
    assert words == ["import", str(file), str(tmp_path / "war.rescued.db")]
    assert main(words) == 0
    with contextlib.closing(open_file(file)) as connection:
        assert (event(connection).status, event(connection).reviewer) == ("confirmed", "ana")
    assert main(["check", str(file)]) == 0
    assert main(["import", str(file), str(file)]) == 2
    assert "is the file to import into" in capsys.readouterr().err


def test_an_eventdesk_file_is_imported_as_its_export(tmp_path: Path, file: Path) -> None:
    with contextlib.closing(open_file(file)) as connection:
        import_documents(connection, LATER)
        Review(connection, "ana").reject(event(connection), "generic")
    new = tmp_path / "new.db"
    assert main(["import", str(new), str(file)]) == 0
    with contextlib.closing(open_file(new)) as connection:
        assert event(connection).reason == "generic"
        assert event(connection, "report-2/1").status == "pending"
