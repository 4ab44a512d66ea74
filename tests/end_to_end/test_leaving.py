"""However the reviewer ends, it restores the terminal and closes the file; stopped with ctrl+z, it comes back."""

import os
import signal
import sqlite3
import subprocess
import sys
import termios
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from support.builders import ARTICLE, LATER, new_file
from support.terminal import MODES_OUTSIDE, Terminal

from db.store.connection import open_file

ATTRIBUTES = list[int | list[bytes]]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return new_file(tmp_path / "events.db", ARTICLE, LATER)


def review(file: Path) -> list[str]:
    return [sys.executable, "-m", "tui", "review", str(file), "--reviewer", "ana"]


def shell() -> Terminal:
    return Terminal(["bash", "--norc", "--noediting", "-i"], 100, 30, PS1="sh> ")


def is_closed(file: Path) -> bool:
    return not Path(f"{file}-wal").exists()


def until(met: Callable[[], bool], seconds: float = 10.0) -> bool:
    end = time.monotonic() + seconds
    while not met() and time.monotonic() < end:
        time.sleep(0.02)
    return met()


def shell_prints(terminal: Terminal, text: str) -> bool:
    """Return True if the shell prints a text; it reports its jobs before a prompt."""
    terminal.send("\n")
    terminal.settle()
    return text in terminal.text()


def test_a_signal_ends_it_although_nobody_reads_the_terminal(file: Path) -> None:
    with Terminal(review(file), 100, 30) as terminal:
        terminal.wait_for("3 left")
        for _ in range(40):
            terminal.send("?\x1b")  # some 200 KB, more than a terminal buffers
            time.sleep(0.02)
        time.sleep(0.5)
        os.kill(terminal.pid, signal.SIGTERM)
        assert until(lambda: terminal.ended, 10)
        assert terminal.wait_exit() == 128 + signal.SIGTERM


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_it_cleanly(file: Path, number: signal.Signals) -> None:
    with Terminal(review(file), 100, 30) as terminal:
        attributes = termios.tcgetattr(terminal.fd)
        terminal.wait_for("3 left")
        assert termios.tcgetattr(terminal.fd) != attributes
        os.kill(terminal.pid, number)
        assert terminal.wait_exit() == 128 + number
        terminal.settle()
        assert terminal.modes() == MODES_OUTSIDE
        assert termios.tcgetattr(terminal.fd) == attributes
    assert is_closed(file)


def test_a_closed_terminal_ends_it_without_a_signal(file: Path) -> None:
    as_nohup = (
        "import os, signal, sys; signal.signal(signal.SIGHUP, signal.SIG_IGN); os.execv(sys.argv[1], sys.argv[1:])"
    )
    terminal = Terminal([sys.executable, "-c", as_nohup, *review(file)], 100, 30)
    try:
        terminal.wait_for("3 left")
        terminal.send("jkjkjkjkjk" * 20)
        os.close(terminal.fd)
        began = time.monotonic()
        while not terminal.ended:
            assert time.monotonic() - began < 10
            time.sleep(0.02)
        assert time.monotonic() - began < 3
        assert terminal.wait_exit() == 128 + signal.SIGHUP
    finally:
        terminal.kill()
    assert is_closed(file)


def test_ctrl_z_shows_the_shell_and_fg_brings_the_reviewer_back(file: Path) -> None:
    with shell() as terminal:
        terminal.wait_for("sh>")
        attributes = termios.tcgetattr(terminal.fd)
        terminal.send(f"{' '.join(review(file))}\n")
        terminal.wait_for("3 left")
        terminal.send("a\x1a")
        terminal.wait_for("Stopped")
        assert terminal.modes() == MODES_OUTSIDE
        assert termios.tcgetattr(terminal.fd) == attributes
        # The decision is on disk, and nothing locks the file.
        other = sqlite3.connect(file, isolation_level=None, timeout=0)
        assert other.execute("SELECT action FROM decisions").fetchall() == [("confirm",)]
        assert other.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0] == 0
        other.execute("BEGIN EXCLUSIVE")
        other.execute("ROLLBACK")
        other.close()
        terminal.resize(130, 36)
        terminal.clear()
        terminal.send("fg\n")
        shown = ("2 left", "Source", "Fields", "report-1/2")
        terminal.wait_for(lambda screen: len(screen.split("\n")[0]) == 130 and all(text in screen for text in shown))
        terminal.press("a")
        terminal.wait_for("1 left")
        terminal.press("q")
        terminal.wait_for("sh>")
        assert terminal.modes() == MODES_OUTSIDE
    assert is_closed(file)


def test_typed_text_is_still_there_after_ctrl_z_and_fg(file: Path) -> None:
    with shell() as terminal:
        terminal.send(f"{' '.join(review(file))}\n")
        terminal.wait_for("3 left")
        terminal.press("n")
        terminal.type("half a no")
        terminal.press("ctrl+z")
        terminal.wait_for("Stopped")
        terminal.clear()
        terminal.send("fg\n")
        terminal.wait_for("half a no")
        terminal.type("te")
        terminal.press("enter")
        terminal.press("q")
        terminal.wait_for("sh>")
    connection = open_file(file)
    assert connection.execute("SELECT note FROM events WHERE note IS NOT NULL").fetchall() == [("half a note",)]
    connection.close()


def test_it_stops_as_one_job_with_the_process_that_started_it(file: Path) -> None:
    with shell() as terminal:  # as `uv run` waits
        terminal.send(f"sh -c '{' '.join(review(file))}; exit 7'\n")
        terminal.wait_for("3 left")
        terminal.press("ctrl+z")
        terminal.wait_for("Stopped")
        terminal.clear()
        terminal.send("bg\n")
        terminal.wait_for("&")
        terminal.wait_for("sh>")
        # A background job must not touch the terminal: it stops again.
        terminal.clear()
        assert until(lambda: shell_prints(terminal, "Stopped"))
        terminal.clear()
        terminal.send("fg\n")
        terminal.wait_for("3 left")
        terminal.press("q")
        terminal.wait_for("sh>")
        terminal.send("echo status $?\n")
        terminal.wait_for("status 7")


def test_a_stopped_job_ends_cleanly_when_killed(file: Path) -> None:
    with shell() as terminal:
        terminal.send(f"{' '.join(review(file))}\n")
        terminal.wait_for("3 left")
        terminal.press("ctrl+z")
        terminal.wait_for("Stopped")
        terminal.send("kill %1\n")
        assert until(lambda: is_closed(file))
        assert until(lambda: shell_prints(terminal, "Exit 143"))
        assert terminal.modes() == MODES_OUTSIDE
    assert is_closed(file)


def test_ctrl_z_without_a_shell_says_so_and_goes_on(file: Path) -> None:
    with Terminal(review(file), 100, 30) as terminal:  # leads its session, as in a window without a shell
        terminal.wait_for("3 left")
        terminal.press("ctrl+z")
        terminal.wait_for("no shell started this window")
        terminal.press("a")
        terminal.wait_for("2 left")


def test_it_repaints_after_being_stopped_from_outside(file: Path) -> None:
    with Terminal(review(file), 100, 30) as terminal:
        terminal.wait_for("3 left")
        os.kill(terminal.pid, signal.SIGSTOP)
        assert until(lambda: "T (stopped)" in Path(f"/proc/{terminal.pid}/status").read_text())
        terminal.clear()
        os.kill(terminal.pid, signal.SIGCONT)
        terminal.wait_for("3 left")
        terminal.press("j")  # one reader reads it, once
        terminal.wait_for("2/3")
        terminal.press("q")
        assert terminal.wait_exit() == 0


ODD_BYTES = (
    b"\xff", b"\xc3(", b"\x00", b"\x1b[999;999;999999999z", b"\x1b[M\xff\xff\xff", b"\x1b[O", b"\x1b[I",
    b"\x1b[999999999999999999999u", b"\x1b[:200~",
)  # fmt: skip


def test_invalid_bytes_do_not_end_it(file: Path) -> None:
    with Terminal(review(file), 100, 30) as terminal:
        terminal.wait_for("3 left")
        for odd in ODD_BYTES:
            os.write(terminal.fd, odd)
            terminal.settle()
        terminal.send("\x1b\x1b\x1b")
        terminal.settle(quiet=0.4)
        terminal.send("a")
        terminal.wait_for("2 left")


SLOW_EXPORT = """
import sys, time
from tui import cli
from tui.commands import exports

def documents(*_, **__):
    yield {}
    print("growing", flush=True)
    time.sleep(60)

exports.export_documents = documents
sys.exit(cli.main())
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_command_ended_by_a_signal_leaves_no_partial_file(file: Path, number: signal.Signals) -> None:
    folder = file.parent / "out"
    folder.mkdir()
    command = [sys.executable, "-c", SLOW_EXPORT, "export", str(file), "--output", str(folder / "gold.jsonl")]

    def accept_signals() -> None:
        """A shell makes its background jobs ignore ctrl+c, and the tests may run as one."""
        for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(name, signal.SIG_DFL)

    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True, preexec_fn=accept_signals) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "growing\n"
        assert len(list(folder.iterdir())) == 1
        process.send_signal(number)
        _, said = process.communicate(timeout=20)
    assert (process.returncode, said) == (128 + number, "eventdesk: stopped\n")
    assert list(folder.iterdir()) == []
    assert is_closed(file)
