"""eventdesk uses no network and starts no program. Only serve listens, on loopback."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from support.builders import ARTICLE, LATER
from support.serving import read_until, serving, websocket
from support.terminal import Terminal

from tui.cli import main

ROOT = Path(__file__).parents[2]
# Python loads it at the start of every process that has its folder on PYTHONPATH.
HOOK = """
import json, os, sys
_log = os.open(os.environ["EVENTDESK_TEST_LOG"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
_SEEN = ("socket.connect", "socket.bind", "socket.getaddrinfo", "socket.gethostby", "socket.sendto", "socket.sendmsg",
         "subprocess.Popen", "os.exec", "os.posix_spawn", "os.system", "os.spawn", "webbrowser.open", "urllib.Request")

def _record(event, arguments):
    if event.startswith(_SEEN):
        os.write(_log, (json.dumps([event, [str(item) for item in arguments]]) + "\\n").encode())

sys.addaudithook(_record)
"""
Calls = list[list[Any]]


@pytest.fixture
def log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The log of connections and started programs of every process from now on."""
    folder = tmp_path / "hook"
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(HOOK)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(folder), str(ROOT)]))
    monkeypatch.setenv("EVENTDESK_TEST_LOG", str(tmp_path / "log"))
    return tmp_path / "log"


@pytest.fixture
def lines(tmp_path: Path) -> Path:
    path = tmp_path / "events.jsonl"
    path.write_text("".join(json.dumps(document) + "\n" for document in (ARTICLE, LATER)))
    return path


def calls(log: Path) -> Calls:
    return [json.loads(line) for line in log.read_text().splitlines()]


def python(code: str, *arguments: str) -> str:
    done = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_log_records_connections_and_started_programs(log: Path) -> None:
    python(
        "import socket, subprocess\n"
        "listener = socket.create_server(('127.0.0.1', 0))\n"
        "socket.create_connection(listener.getsockname())\n"
        "subprocess.run(['true'])"
    )
    assert {event for event, _ in calls(log)} >= {"socket.bind", "socket.connect", "subprocess.Popen"}


def test_no_command_connects_or_starts_a_program(log: Path, lines: Path, tmp_path: Path) -> None:
    file = str(tmp_path / "events.db")
    commands = [
        ["import", file, str(lines)], ["import", file, str(lines)], ["find", file, "count>=40"],
        ["find", file, "--group-by", "type"], ["find", file, "prisoners", "--csv"],
        ["queries", file, "north", "recipient:*north"], ["queries", file], ["show", file, "report-1/1"], ["log", file],
        ["stats", file], ["check", file], ["types", file], ["types", file, "--toml"], ["keys"], ["export", file],
        ["export", file, "--output", str(tmp_path / "out.jsonl")], ["backup", file, str(tmp_path / "copy.db")],
        ["show", file, "none"], ["find", file, "type:("],
    ]  # fmt: skip
    said = python(
        "import json, sys\nfrom tui.cli import main\n"
        "for command in json.loads(sys.argv[1]):\n    print('\\n≡', command[0], main(command))\n"
        "from tui.runtime import crash\ncrash.save_report(KeyError('x'), 'find')",
        json.dumps(commands),
    )
    done = [line.split()[1:] for line in said.splitlines() if line.startswith("≡")]
    assert [name for name, _ in done] == [command[0] for command in commands]
    assert [int(status) for _, status in done[-2:]] == [2, 2]
    assert {int(status) for _, status in done[:-2]} <= {0, 1}
    assert calls(log) == []


def test_a_review_starts_a_program_only_to_copy(log: Path, lines: Path, tmp_path: Path) -> None:
    file = tmp_path / "events.db"
    assert main(["import", str(file), str(lines)]) == 0
    with Terminal([sys.executable, "-m", "tui", "review", str(file), "--reviewer", "ana"], 100, 30) as terminal:
        terminal.wait_for("3 left")
        terminal.press("f", "escape")
        terminal.send("a%\x1b")
        terminal.wait_for("2 left")
        terminal.press("escape", "?", "escape")
        terminal.send("/prisoners\r")
        terminal.wait_for("left of “prisoners”")
        terminal.press("x", "h", "u")
        assert calls(log) == []
        terminal.press("y")
        terminal.wait_for("citation")
        terminal.press("c")
        terminal.wait_for("copied")
        terminal.press("q")
        assert terminal.wait_exit() == 0
    assert [event for event, _ in calls(log) if event != "subprocess.Popen"] == []


def test_serve_listens_on_loopback_alone_and_starts_reviewers_alone(log: Path, lines: Path, tmp_path: Path) -> None:
    file = tmp_path / "events.db"
    assert main(["import", str(file), str(lines)]) == 0
    with serving(file) as address:
        read_until(b"Lesna", websocket(address))
    sockets = [arguments for event, arguments in calls(log) if event.startswith("socket.")]
    assert [address for _, address in sockets] == ["('127.0.0.1', 0)"]
    programs = [arguments for event, arguments in calls(log) if not event.startswith("socket.")]
    assert programs
    assert all(f"{sys.executable} -P -m tui review " in str(arguments) for arguments in programs), programs
