"""A key held down on a terminal."""

import sys
import time
from contextlib import closing
from pathlib import Path

from support.builders import ARTICLE, LATER, new_file
from support.terminal import Terminal

from db.store.connection import open_file

REPEAT = 0.033  # seconds


def test_a_held_accept_accepts_one_event_more(tmp_path: Path) -> None:
    file = new_file(tmp_path / "events.db", ARTICLE, LATER)
    with Terminal([sys.executable, "-m", "tui", "review", str(file), "--reviewer", "ana"], 100, 30) as terminal:
        terminal.wait_for("3 left")
        terminal.press("a")
        terminal.wait_for("2 left")
        time.sleep(0.25)
        for _ in range(12):
            terminal.send("a")
            time.sleep(REPEAT)
        screen = terminal.wait_for("the key is held down")
        assert "1 left" in screen
        terminal.press("q")
        assert terminal.wait_exit() == 0
    with closing(open_file(file)) as connection:
        assert connection.execute("SELECT count(*) FROM decisions").fetchone() == (2,)
