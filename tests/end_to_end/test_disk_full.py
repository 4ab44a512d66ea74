"""A full disk: one line says so, typed text is kept, and the same key works once there is room."""

import errno
import os
import resource
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from support.builders import problems
from support.killing import content, leftovers
from support.terminal import Terminal

from db.demo import make_demo
from db.store.connection import open_file
from tui.cli import main

EVENTDESK = [sys.executable, "-m", "tui"]
_SMALL = 1_000_000  # bytes for a demo file and a little more


def review(file: Path) -> Terminal:
    return Terminal([*EVENTDESK, "review", str(file), "--reviewer", "ana"], 120, 30)


def decided(file: Path) -> list[tuple[str, str]]:
    with closing(open_file(file)) as connection:
        assert problems(connection) == []
        return connection.execute("SELECT action, after FROM decisions ORDER BY id").fetchall()


def work_through(terminal: Terminal, file: Path, fill: Callable[[], None], make_room: Callable[[], None]) -> None:
    """Decide while there is room, while there is none, and when there is room again."""
    terminal.wait_for("82 left")
    terminal.press("a")
    terminal.wait_for("81 left")
    fill()
    terminal.press("a")
    terminal.wait_for("not saved: the file could not be written")
    assert "81 left" in terminal.text()
    terminal.press("j")
    terminal.wait_for(" 3/82 ")  # moving still works
    terminal.press("n")
    terminal.type("kept though full")
    terminal.press("enter")
    screen = terminal.wait_for("not saved: the file could not be written")
    assert "kept though full" in screen
    assert "Note on this event" in screen
    assert len(decided_while_open(file)) == 1
    make_room()
    terminal.press("enter")
    terminal.wait_for("# kept though full")
    terminal.press("a")
    terminal.wait_for("80 left")
    terminal.press("u", "u")
    terminal.wait_for("81 left")
    terminal.press("q")
    assert terminal.wait_exit() == 0
    actions = [action for action, _ in decided(file)]
    assert actions == ["confirm", "note", "confirm", "undo", "undo"]


def decided_while_open(file: Path) -> list[tuple[int]]:
    with closing(open_file(file)) as connection:
        return connection.execute("SELECT id FROM decisions").fetchall()


def test_the_reviewer_survives_a_limit_on_the_size_of_files(tmp_path: Path) -> None:
    file = tmp_path / "demo.db"
    make_demo(file).close()
    with review(file) as terminal:
        _, hard = resource.prlimit(terminal.pid, resource.RLIMIT_FSIZE)
        work_through(
            terminal,
            file,
            lambda: resource.prlimit(terminal.pid, resource.RLIMIT_FSIZE, (4096, hard)) and None,
            lambda: resource.prlimit(terminal.pid, resource.RLIMIT_FSIZE, (hard, hard)) and None,
        )


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A small disk to fill; skips the test if mounting is not allowed."""
    disk = tmp_path / "disk"
    disk.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={_SMALL * 2}", "tmpfs", str(disk)]
    try:
        subprocess.run(command, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("a small disk needs the right to mount one")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


def test_the_reviewer_survives_a_full_disk(small_disk: Path) -> None:
    file, filler = small_disk / "demo.db", small_disk / "filler"
    make_demo(file).close()

    def fill() -> None:
        with filler.open("wb", buffering=0) as stream:
            try:
                while True:
                    stream.write(bytes(4096))
            except OSError:
                pass

    with review(file) as terminal:
        work_through(terminal, file, fill, filler.unlink)


@pytest.mark.parametrize("command", ["import into a file", "import into a new file", "export", "backup", "backup FILE"])
def test_a_command_without_room_changes_nothing(tmp_path: Path, command: str) -> None:
    file, lines, target = tmp_path / "demo.db", tmp_path / "lines.jsonl", tmp_path / "target"
    make_demo(file).close()
    before = content(file)
    with closing(open_file(file)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    demo = (Path(__file__).parents[2] / "db" / "demo" / "demo.jsonl").read_text(encoding="utf-8")
    lines.write_text(demo.replace('"id": "demo-', '"id": "again-'), encoding="utf-8")
    arguments = {
        "import into a file": ["import", str(file), str(lines)],
        "import into a new file": ["import", str(target), str(lines)],
        "export": ["export", str(file), "--output", str(target)],
        "backup": ["backup", str(file)],
        "backup FILE": ["backup", str(file), str(target)],
    }[command]
    ended = subprocess.run(
        [*EVENTDESK, *arguments],
        capture_output=True,
        text=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, resource.RLIM_INFINITY)),
        env=os.environ | {"PYTHONDONTWRITEBYTECODE": "1"},
    )
    assert ended.returncode == 2, ended.stderr
    said = [line for line in ended.stderr.splitlines() if not line.startswith("eventdesk: no backup made")]
    assert len(said) == 1, ended.stderr
    assert said[0].startswith("eventdesk: ")
    assert not target.exists()
    assert leftovers(tmp_path) == []
    assert content(file) == before
    again = subprocess.run([*EVENTDESK, *arguments], capture_output=True, text=True)
    assert again.returncode == 0, again.stderr


def failing(number: int) -> Callable[..., None]:
    def fail(*_: object, **__: object) -> None:
        raise OSError(number, os.strerror(number))

    return fail


def arguments_that_make(target: Path, file: Path) -> list[list[str]]:
    lines = file.with_name("lines.jsonl")
    lines.write_text('{"id": "d", "text": "t", "events": []}\n', encoding="utf-8")
    return [
        ["import", str(target), str(lines)],
        ["export", str(file), "--output", str(target)],
        ["backup", str(file), str(target)],
    ]


def test_a_file_system_without_hard_links_gets_complete_files_and_none_is_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file, target = tmp_path / "demo.db", tmp_path / "target"
    make_demo(file).close()
    monkeypatch.setattr(os, "link", failing(errno.EPERM))
    for arguments in arguments_that_make(target, file)[1:]:
        assert main(arguments) == 0
        whole = target.read_bytes()
        assert whole
        assert main(arguments) == 2
        assert "already exists" in capsys.readouterr().err
        assert target.read_bytes() == whole
        target.unlink()
    assert main(arguments_that_make(target, file)[0]) == 0
    assert content(target)
    assert leftovers(tmp_path) == []


def test_a_failing_disk_is_reported_in_one_line_and_partial_files_are_removed_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file, target = tmp_path / "demo.db", tmp_path / "target"
    make_demo(file).close()
    for arguments in arguments_that_make(target, file):
        with monkeypatch.context() as broken:
            broken.setattr(os, "fsync", failing(errno.EIO))
            broken.setattr(Path, "unlink", failing(errno.EROFS))
            assert main(arguments) == 2
        said = capsys.readouterr().err.splitlines()
        assert len(said) == 1
        assert "Input/output error" in said[0]
        assert not target.exists()
        assert leftovers(tmp_path)
        monkeypatch.setattr("db.io.atomic._TOKENS", {})  # as if it were another process
        assert main(arguments) == 0
        assert leftovers(tmp_path) == []
        target.unlink()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
@pytest.mark.parametrize("command", ["find", "export", "stats", "check", "types", "backup"])
def test_a_full_output_is_reported_in_one_line(tmp_path: Path, command: str) -> None:
    file = tmp_path / "demo.db"
    make_demo(file).close()
    with open("/dev/full", "wb") as full:
        ended = subprocess.run([*EVENTDESK, command, str(file)], stdout=full, stderr=subprocess.PIPE, text=True)
    assert ended.returncode == 2, ended.stderr
    assert ended.stderr == "eventdesk: the output: can't be written (No space left on device); free some space\n"
