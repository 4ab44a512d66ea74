"""Standard streams that are closed, are pipes, or can't hold every character; and names that aren't UTF-8."""

import io
import json
import os
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path

import pytest
from support.builders import problems

from db.store.connection import open_file
from tui.cli import main

DOCUMENT = {
    "id": "d1", "text": "Ж left Łódź — 遗体 🚀.",
    "events": [{"id": "e1", "type": "flight", "fields": [{"name": "place", "value": "Łódź 遗体 🚀"}]}],
}  # fmt: skip


@pytest.fixture
def lines(tmp_path: Path) -> Path:
    path = tmp_path / "a.jsonl"
    path.write_text(json.dumps(DOCUMENT) + "\n", encoding="utf-8")
    return path


@pytest.fixture
def file(tmp_path: Path, lines: Path) -> Path:
    assert main(["import", str(tmp_path / "w.db"), str(lines)]) == 0
    return tmp_path / "w.db"


def printed(monkeypatch: pytest.MonkeyPatch, encoding: str, *words: str) -> bytes:
    output, errors = (io.TextIOWrapper(io.BytesIO(), encoding=encoding) for _ in range(2))
    with monkeypatch.context() as patch:
        patch.setattr(sys, "stdout", output)
        patch.setattr(sys, "stderr", errors)
        assert main(list(words)) in (0, 1)
        errors.flush()
        assert b"crashed" not in errors.buffer.getvalue()  # type: ignore[attr-defined]
        output.flush()
    written: bytes = output.buffer.getvalue()  # type: ignore[attr-defined]
    return written


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252", "utf-16"])
def test_output_that_is_not_utf_8_holds_everything(file: Path, monkeypatch: pytest.MonkeyPatch, encoding: str) -> None:
    commands = (
        "show {} e1",
        "find {} place:*",
        "find {} place:* --csv",
        "check {}",
        "stats {}",
        "log {}",
        "formats",
        "keys",
    )
    for command in commands:
        printed(monkeypatch, encoding, *command.format(file).split())
    for command in ("find {} place:* --json", "find {} place:* --ndjson", "show {} e1 --json"):
        data = json.loads(printed(monkeypatch, encoding, *command.format(file).split()).decode(encoding))
        event = data[0] if isinstance(data, list) else data
        assert event["fields"][0]["value"] == "Łódź 遗体 🚀"


def test_text_that_an_output_cannot_hold_is_escaped(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "\\u0141ód\\u017a \\u9057\\u4f53 \\ud83d\\ude80" in printed(
        monkeypatch, "cp1252", "show", str(file), "e1"
    ).decode("cp1252")


@pytest.mark.parametrize("streams", ["<&- >&- 2>&-", ">&-", "2>&-", "<&-"])
def test_a_command_does_its_work_with_closed_streams(tmp_path: Path, lines: Path, streams: str) -> None:
    command = f"{sys.executable} -m tui import {tmp_path}/new.db {lines} {streams}"
    assert subprocess.run(["sh", "-c", command], check=False).returncode == 0
    with closing(open_file(tmp_path / "new.db")) as connection:
        assert problems(connection) == []
        assert connection.execute("SELECT count(*) FROM events").fetchone() == (1,)


def test_a_closed_standard_input_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", None)
    assert main(["import", str(tmp_path / "new.db"), "-"]) == 2
    assert main(["review", str(tmp_path / "new.db")]) == 2
    assert not (tmp_path / "new.db").exists()


@pytest.mark.parametrize("format", [[], ["--format", "native"]])
def test_a_pipe_is_imported(tmp_path: Path, lines: Path, format: list[str]) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=lambda: pipe.write_bytes(lines.read_bytes()))
    writer.start()
    assert main(["import", str(tmp_path / "new.db"), str(pipe), *format]) == 0
    writer.join()
    with closing(open_file(tmp_path / "new.db")) as connection:
        assert connection.execute("SELECT external_id FROM events").fetchall() == [("e1",)]


@pytest.mark.parametrize("name", [b"text.txt", b"page.html", b"a.jsonl", b"a.csv", b"a.ann"])
def test_file_names_that_are_not_utf_8(tmp_path: Path, name: bytes, capsys: pytest.CaptureFixture[str]) -> None:
    """In a folder, as an argument, in an error message and in JSON."""
    folder = os.fsencode(tmp_path) + b"/\x8f"
    os.mkdir(folder)
    content = {b"a.jsonl": json.dumps(DOCUMENT).encode() + b"\n{bad", b"a.csv": b"id,type\n1,flight\n", b"a.ann": b""}
    path = folder + b"/\x8f" + name
    Path(os.fsdecode(path)).write_bytes(content.get(name, b"<p>Some text of a page, long enough to be one.</p>"))
    Path(os.fsdecode(folder + b"/\x8fa.txt")).write_bytes(b"A text.")
    for number, source in enumerate((folder, path)):
        database = os.fsdecode(folder + b"/%d\x8f.db" % number)
        status = main(["import", database, os.fsdecode(source)])
        assert status in (0, 1, 2)
        if status < 2:
            assert main(["find", database, "text", "--json"]) in (0, 1)
            assert main(["export", database, "--output", f"{database}.jsonl"]) == 0
    output = capsys.readouterr()
    assert "crashed" not in output.err
    (output.out + output.err).encode()
    if name in (b"text.txt", b"a.jsonl"):
        assert Path(os.fsdecode(folder + b"/1\x8f.db")).exists()


@pytest.mark.parametrize("name", [":memory:", "file:x?mode=memory", "file::memory:", "a%b#c?.db"])
def test_a_database_is_a_file_whatever_its_name(
    tmp_path: Path, lines: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["import", name, str(lines)]) == 0
    assert (tmp_path / name).stat().st_size
    assert main(["find", name, "place:*"]) == 0


@pytest.mark.parametrize("name", ["", " ", "\t", "a\x1b[1m", "a\u202eb", "x" * 101, "\udc8f"])
def test_a_reviewer_has_a_visible_name(file: Path, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["review", str(file), "--reviewer", name])
    assert capsys.readouterr().err.count("\n") == 1


def test_blanks_around_a_reviewers_name_make_no_second_person() -> None:
    from tui.arguments import reviewer

    assert reviewer(" ana \t b ") == "ana b"
    assert reviewer("Ánα 遗") == "Ánα 遗"


WITHOUT = """
import asyncio, os, signal, subprocess, sys, tempfile
import platformdirs.unix, pyperclip, textual.app, textual.drivers.web_driver  # those of this platform
for name in ("SIGHUP", "SIGCONT", "SIGTSTP", "SIGKILL"): delattr(signal, name)
for name in ("getuid", "geteuid", "getpgrp", "killpg", "tcgetpgrp"): delattr(os, name)
for name in ("fcntl", "termios", "tty", "pwd", "grp", "resource"): sys.modules[name] = None
import importlib, pkgutil, db, tui
for package in (db, tui):
    for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
        if module.name not in ("tui.__main__", "tui.runtime.driver", "tui.serve.site"):
            importlib.import_module(module.name)
from tui.cli import main
sys.exit(main(sys.argv[1:]))
"""


def test_windows_has_no_signals_and_modules_of_posix(tmp_path: Path, lines: Path) -> None:
    """All modules can be imported without them, but the driver for a POSIX terminal, and a command runs."""
    command = [sys.executable, "-c", WITHOUT, "import", str(tmp_path / "new.db"), str(lines)]
    ran = subprocess.run(command, check=False, capture_output=True, text=True)
    assert (ran.returncode, ran.stderr) == (0, "")


@pytest.mark.parametrize("home", ["/dev/null"])
def test_no_state_folder_is_no_error(
    tmp_path: Path, lines: Path, monkeypatch: pytest.MonkeyPatch, home: str, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("HOME", "XDG_STATE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME"):
        monkeypatch.setenv(name, home)
    file = str(tmp_path / "new.db")
    assert main(["import", file, str(lines)]) == 0
    assert main(["import", file, str(lines)]) == 0
    assert main(["find", file, "place:*"]) == 0
    assert main(["check", file]) == 0
    assert main(["backup", file]) == 2  # it can't be kept there
    assert "crashed" not in capsys.readouterr().err
