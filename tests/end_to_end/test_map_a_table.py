"""An unknown table is mapped by keys in a real terminal, and imported with the mapping."""

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from support.terminal import Terminal

EVENTDESK = [sys.executable, "-m", "tui"]

EVENTS = """Headline;Report;Day;Kind of event;Killed;Actors;Link
Clash at Brod;Twenty-five soldiers of the Army were killed at Brod.;03/05/2024;clash;25;Army;https://example.org/1
Shelling of Lesna;Shells fell on Lesna. Dozens died.;14/05/2024;shelling;~30;Army, Border Guard;https://example.org/2
"""


@pytest.fixture
def table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "events.csv"
    path.write_text(EVENTS, encoding="utf-8")
    return path


def run(*arguments: str) -> str:
    return subprocess.run([*EVENTDESK, *arguments], check=True, capture_output=True, text=True).stdout


def test_a_table_is_mapped_by_keys_and_imported_by_the_command_shown(table: Path) -> None:
    with Terminal([*EVENTDESK, "map", "events.csv"], columns=100, rows=30) as terminal:
        terminal.wait_for("all 2 rows can be imported")
        terminal.press("j", "d", "j", "j", "y", "j", "n")
        terminal.type("dead")
        terminal.press("enter", "e", "i", "j", "s")
        terminal.type(",")
        terminal.press("enter", "g")
        terminal.type("side")
        terminal.press("enter", "J")
        screen = terminal.wait_for("Border Guard  not found")
        assert "── side" in screen
        assert re.search(r"dead +about 30  number", screen)
        terminal.press("W")
        terminal.wait_for("Save the mapping as a new file")
        terminal.send("\r")
        assert terminal.wait_exit() == 0
        terminal.settle()
        after = terminal.raw.rpartition(b"\x1b[?1049l")[2].decode()
        assert "eventdesk import DB events.csv --mapping mapping.toml\r\n" in after
    run("import", "events.db", "events.csv", "--mapping", "mapping.toml")
    first, second = json.loads(run("find", "events.db", "", "--json"))
    assert (first["type"], second["type"]) == ("clash", "shelling")
    told = [(item["name"], item.get("group"), item["value"]) for item in second["fields"]]
    assert ("dead", None, 30) in told
    assert ("Day", None, "2024-05-14") in told
    assert [item for item in told if item[1]] == [("Actors", "side", "Army"), ("Actors", "side", "Border Guard")]
    (army,) = [item for item in first["fields"] if item["name"] == "Actors"]
    assert len(army["spans"]) == 1


def test_keys_typed_in_one_burst_work_like_single_keys(table: Path) -> None:
    with Terminal([*EVENTDESK, "map", "events.csv", "--output", "made.toml"], columns=80, rows=24) as terminal:
        terminal.wait_for("started from a guess")
        terminal.send("jdjjyjndead\reijTevent\rW")
        assert terminal.wait_exit() == 0
    made = Path("made.toml").read_text(encoding="utf-8")
    assert '{ name = "dead", column = "Killed", kind = "integer" }' in made
    assert 'text = "Report"' in made
    assert 'type = "Kind of event"' in made


def test_a_signal_restores_the_terminal_and_writes_nothing(table: Path) -> None:
    with Terminal([*EVENTDESK, "map", "events.csv"], columns=80, rows=24) as terminal:
        terminal.wait_for("started from a guess")
        terminal.press("j", "d")
        os.kill(terminal.pid, signal.SIGTERM)
        assert terminal.wait_exit() == 128 + signal.SIGTERM
        terminal.settle()
        assert b"\x1b[?1049l" in terminal.raw
    assert sorted(path.name for path in table.parent.iterdir()) == ["events.csv"]
