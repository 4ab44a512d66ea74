"""Random keys in bursts, while the terminal is resized and stopped: the reviewer works on, and the file stays sound.

tests/bench/soak.py presses a hundred thousand of them at a person's pace.
"""

import os
import random
import subprocess
import sys
import time
from pathlib import Path

from support.builders import problems
from support.terminal import KEYS, Terminal

from db.demo import make_demo
from db.store.connection import open_file

PRESSED = [
    *"aaxxhdbgno!  jjjkkkgGlllhh..dmou//JKffeesvvwwOODDNCSMtny\x12\x04\x15123:?eytaaax%*rw\x06\x07",
    *KEYS.values(),
    *["\x1b"] * 6,  # close the questions that most keys open
    *["\x1b\x1b\x1b"] * 4,  # leave a lookup
    *["\x1b[O", "\x1b[I"] * 2,  # the window loses the focus and gets it back
    "\r",
    "757",
    "2025-02-14",
    "遗",
    "é",
]
BURSTS = 25
KEYS_IN_A_BURST = 20
OTHER = Path(__file__).parents[1] / "bench" / "other_writer.py"


def test_random_keys_leave_the_reviewer_working_and_the_file_sound(tmp_path: Path) -> None:
    file = tmp_path / "demo.db"
    make_demo(file).close()
    chance = random.Random(7)
    other = subprocess.Popen(
        [sys.executable, str(OTHER), str(file), "0.3"],
        stdin=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[1])},
    )
    # If keys reach the shell, it finds no program to run.
    with other, Terminal(["/bin/bash", "--norc", "--noediting", "-i"], 100, 30, PATH="", PS1="sh> ") as terminal:
        terminal.send(f"{sys.executable} -m tui review {file} --reviewer ana\n")
        terminal.wait_for(" left")
        for burst in range(BURSTS):
            terminal.send("".join(chance.choice(PRESSED) for _ in range(KEYS_IN_A_BURST)))
            terminal.settle(quiet=0.05)
            if burst % 10 == 9:
                terminal.resize(chance.randint(30, 180), chance.randint(12, 50))
            if burst % 20 == 19:
                terminal.press("ctrl+z")
                terminal.wait_for("Stopped")
                terminal.send("fg\n")
                terminal.wait_for(lambda screen: " left" in screen and "sh>" not in screen)
            assert "sh>" not in terminal.text(), terminal.text()
        for _ in range(4):
            terminal.press("escape")
        terminal.resize(100, 30)
        terminal.wait_for(" left")
        terminal.press("q")
        terminal.wait_for("sh>")
        terminal.send("echo status $?\n")
        terminal.wait_for("status 0")
        other.communicate("stop\n", timeout=20)
    assert other.returncode == 0
    connection = open_file(file)
    assert problems(connection) == []
    by = dict(connection.execute("SELECT reviewer, count(*) FROM decisions GROUP BY reviewer"))
    assert by["ana"] > 10
    assert by["bo"] > 3
    connection.close()


def test_escape_right_before_another_key_is_two_keys(tmp_path: Path) -> None:
    file = tmp_path / "demo.db"
    make_demo(file).close()
    with Terminal([sys.executable, "-m", "tui", "review", str(file), "--reviewer", "ana"], 100, 30) as terminal:
        terminal.wait_for("82 left")
        for keys in ("nnot this\x1b\r", "nnor this\x1b\x7f", "nnor that\x1bj"):
            terminal.send(keys)
            terminal.settle(quiet=0.3)
        terminal.send("na note\x1b")
        time.sleep(0.03)  # the next key comes in another piece, before the reviewer knows what the escape is
        terminal.send("\r")
        terminal.settle(quiet=0.3)
        terminal.press("escape", "q")
        assert terminal.wait_exit() == 0
    connection = open_file(file)
    assert connection.execute("SELECT count(*) FROM decisions").fetchone() == (0,)
    connection.close()
