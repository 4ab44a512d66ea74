"""The journalist's way: a database of their own, one command and one key to review it, one command to have it back."""

import contextlib
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from support.attacks_database import PLACES, write_attacks
from support.terminal import Terminal

EVENTDESK = [sys.executable, "-m", "tui"]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    write_attacks(tmp_path / "my.db")
    return tmp_path


def dump(path: Path) -> str:
    with contextlib.closing(sqlite3.connect(path)) as connection:
        return "\n".join(
            line for line in connection.iterdump() if "_reviewed" not in line and "_corrections" not in line
        )


def test_a_database_is_reviewed_and_published_with_two_commands_and_few_keys(folder: Path) -> None:
    before, commands = dump(Path("my.db")), 0
    with Terminal([*EVENTDESK, "review", "my.db", "--reviewer", "ana"], columns=80, rows=24) as terminal:
        commands += 1
        screen = terminal.wait_for("all 6 rows can be imported")
        assert "articles.body by attacks.article_id = articles.id" in screen
        assert [f"killed {number}" in screen for number in (21, 22, 23)] == [True] * 3
        assert not Path("my.eventdesk.db").exists()
        terminal.press("enter")
        terminal.wait_for(f"{len(PLACES)} left")
        to_the_first_event = terminal.keys_pressed
        for number in (100, 200, 300):
            terminal.press("l", "e")
            terminal.wait_for("enter save")
            terminal.press("ctrl+u")
            terminal.type(str(number))
            terminal.press("enter", "a")
        terminal.wait_for(f"{len(PLACES) - 3} left")
        terminal.press("q")
        assert terminal.wait_exit() == 0
        keys = terminal.keys_pressed
    subprocess.run([*EVENTDESK, "publish", "my.db"], check=True, capture_output=True)
    commands += 1
    with contextlib.closing(sqlite3.connect("my.db")) as connection:
        rows = connection.execute("SELECT id, killed, place, review_status, reviewer FROM attacks_reviewed").fetchall()
    corrected = [(number + 1, 100 * (number + 1), PLACES[number], "corrected", "ana") for number in range(3)]
    assert rows[:3] == corrected
    assert [row[3] for row in rows[3:]] == ["pending"] * 3
    assert dump(Path("my.db")) == before
    assert (commands, to_the_first_event) == (2, 1)
    assert keys == 1 + 3 * (len("le") + 1 + len("100") + 2) + 1
