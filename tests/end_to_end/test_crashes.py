"""A crash restores the terminal and leaves one line and a report, neither of which holds anybody's text."""

import re
import sys
import termios
from pathlib import Path

import pytest
from support.builders import ARTICLE, new_file
from support.terminal import MODES_OUTSIDE, Terminal

from db.store.connection import open_file

TEXTS = ("prisoners", "Lesna", "the north", "report-1", "anastasia", "Red Cross", "events.db")
"""Parts of the document and the fields, the reviewer and the file."""

# Runs in place of `python -m tui`: one action fails, with the event in a local variable and text in the message.
FAILING = """
import sys, threading
from tui import cli
from tui.text.safe import safe
from tui.review.screen import ReviewScreen

def fail(*_):
    text = "Lesna: the Red Cross took 40 prisoners to the north"
    raise {error}

def flag(self):
    event = self.event
    {how}

ReviewScreen.action_flag = flag
sys.exit(cli.main())
"""
WAYS = {
    "key": ("fail(event)", "KeyError(text)"),
    "thread": ("threading.Thread(target=fail).start()", "RuntimeError(text)"),
    "nobody to raise it to": ("class Gone:\n        __del__ = lambda _: safe(event)\n    Gone()", "OSError(text)"),
    "endless recursion": ("flag.again = lambda: flag.again()\n    flag.again()", "OSError(text)"),
}


@pytest.mark.parametrize("way", WAYS)
def test_a_crash_of_any_kind_restores_the_terminal_and_saves_a_report(
    way: str, tmp_path: Path, settings_of_nobody: Path
) -> None:
    file, script = new_file(tmp_path / "events.db", ARTICLE), tmp_path / "failing.py"
    how, error = WAYS[way]
    script.write_text(FAILING.format(how=how, error=error))
    with Terminal([sys.executable, str(script), "review", str(file), "--reviewer", "anastasia"], 200, 30) as terminal:
        attributes = termios.tcgetattr(terminal.fd)
        terminal.wait_for("2 left")
        terminal.press("a")
        terminal.wait_for("1 left")
        terminal.send("!")
        assert terminal.wait_exit() == 70
        terminal.settle()
        assert terminal.modes() == MODES_OUTSIDE
        assert termios.tcgetattr(terminal.fd) == attributes
        *_, after = terminal.raw.decode().rpartition("\x1b[?1006l")

    line = re.fullmatch(
        r"eventdesk crashed \((\w+) in (.+?)\); every decision shown is saved\."
        r" Report \(without your texts\): (.+)\r\n",
        after,
    )
    assert line, after
    kept = Path(line[3])
    assert kept.parent == settings_of_nobody / "state" / "eventdesk" / "crashes"
    assert (kept.stat().st_mode & 0o777, kept.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    report = kept.read_text()
    assert f"\n{line[1]}\n" in report
    assert "screen.accept screen.flag" in report
    assert "size: 200×30" in report
    assert "failing.py:" in report
    assert [text for text in TEXTS if text in report.replace(str(kept), "")] == []
    assert not Path(f"{file}-wal").exists()
    connection = open_file(file)
    assert connection.execute("SELECT count(*) FROM decisions").fetchone() == (1,)
    connection.close()
