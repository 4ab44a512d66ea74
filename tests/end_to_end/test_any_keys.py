"""Any keys in any order, in bursts, with resizes: the reviewer goes on and the file holds."""

import random
import sys
from pathlib import Path

from builders import problems
from terminal import KEYS, Terminal

from db.file import open_file
from tui.commands.review import make_demo

PRESSED = [
    *"aaxxhdbgno!  jjjkkkgGlllhh..dmou//JKffeesvvwwOODDNCSMtny\x12\x04\x15123:?eytaaax%*rw\x06\x07",
    *KEYS.values(),
    *["\x1b"] * 6,  # out of the questions that most of these open
    *["\x1b\x1b\x1b"] * 4,  # out of a lookup
    "\r",
    "757",
    "2025-02-14",
    "遗",
    "é",
]
BURSTS = 60
KEYS_IN_A_BURST = 20


def test_any_keys_leave_a_reviewer_that_works_and_a_file_that_holds(tmp_path: Path) -> None:
    make_demo(tmp_path / "demo.db").close()
    chance = random.Random(7)
    command = [sys.executable, "-m", "tui", "review", str(tmp_path / "demo.db"), "--reviewer", "ana"]
    with Terminal(command, 100, 30) as terminal:
        terminal.wait_for("82 left")
        for burst in range(BURSTS):
            terminal.send("".join(chance.choice(PRESSED) for _ in range(KEYS_IN_A_BURST)))
            terminal.settle(quiet=0.05)
            if burst % 10 == 9:
                terminal.resize(chance.randint(30, 180), chance.randint(12, 50))
            assert not terminal.ended, terminal.text()
        for _ in range(4):
            terminal.press("escape")
        terminal.resize(100, 30)
        terminal.wait_for(" left")
        terminal.press("q")
        assert terminal.wait_exit() == 0
    connection = open_file(tmp_path / "demo.db")
    assert problems(connection) == []
    assert connection.execute("SELECT count(*) FROM decisions").fetchone()[0] > 10
    connection.close()
