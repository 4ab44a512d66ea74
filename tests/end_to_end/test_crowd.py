"""Several processes review one file at once: nobody sees a lock, and no saved decision is lost."""

import sys
from pathlib import Path

from support.crowd import crowd
from support.terminal import Terminal

from db.demo import make_demo
from db.store.connection import open_file

SECONDS = 10


def test_five_processes_lose_no_decision_and_see_no_lock(tmp_path: Path) -> None:
    make_demo(tmp_path / "demo.db").close()
    outcome = crowd(tmp_path / "demo.db", on_ptys=2, without=3, seconds=SECONDS)
    assert outcome.waited == 0
    assert len(outcome.decisions) > 50
    assert outcome.refused > 0
    with open_file(tmp_path / "demo.db") as connection:
        (by_keys,) = connection.execute("SELECT count(*) FROM decisions WHERE reviewer LIKE 'pty%'").fetchone()
    assert by_keys > 5


def test_two_reviewers_start_on_different_events(tmp_path: Path) -> None:
    make_demo(tmp_path / "demo.db").close()
    command = [sys.executable, "-m", "tui", "review", str(tmp_path / "demo.db"), "--reviewer"]
    with Terminal([*command, "ana"], 100, 30) as ana:
        ana.wait_for(" 1/82 ")
        connection = open_file(tmp_path / "demo.db")
        while not connection.execute("SELECT count(*) FROM presence").fetchone()[0]:
            ana.settle()
        connection.close()
        with Terminal([*command, "ben"], 100, 30) as ben:
            ben.wait_for(lambda screen: "·@" in screen and " 2/82 " in screen)
            ben.press("k")
            ben.wait_for("ana has it open too")
            ben.press("a")
            ana.wait_for("81 left")
            ana.wait_for("confirmed by ben")
