"""A key held down on a terminal."""

import sys
import time
from contextlib import closing
from pathlib import Path

from support.builders import ARTICLE, new_file
from support.terminal import Terminal

from db.store.connection import open_file

REPEAT = 0.033  # seconds


def test_a_held_accept_accepts_one_event_more(tmp_path: Path) -> None:
    more = [{"id": f"d{number}", "text": "On Friday.", "events": [{"type": "march"}]} for number in range(9)]
    file = new_file(tmp_path / "events.db", ARTICLE, *more)
    with Terminal([sys.executable, "-m", "tui", "review", str(file), "--reviewer", "ana"], 100, 30) as terminal:
        terminal.wait_for("11 left")
        terminal.press("a")
        terminal.wait_for("10 left")
        time.sleep(0.25)
        for _ in range(12):
            terminal.send("a")
            time.sleep(REPEAT)
        terminal.wait_for("the key is held down")
        terminal.press("q")
        assert terminal.wait_exit() == 0
    with closing(open_file(file)) as connection:
        assert connection.execute("SELECT count(*) FROM decisions").fetchone()[0] in (
            2,
            3,
        )  # on a busy machine, two may arrive at once
