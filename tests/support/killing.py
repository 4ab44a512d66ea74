"""Kills eventdesk at random moments and checks the file: nothing shown is lost, nothing is half done.

The processes are forked from this one, which has imported everything, so a few hundred a minute can be killed.
"""

import importlib
import json
import os
import pkgutil
import random
import re
import shutil
import signal
import sys
import time
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path

from db.describe import describe
from db.exporting import export_documents
from db.store.connection import open_file
from db.store.reading import read_decision
from support.builders import problems
from support.terminal import Terminal

_STATUS = re.compile(r"^ \d+/\d+ +(?P<left>\d+) left(?: +u undoes: (?P<last>.*?))? {2,}ana *$", re.MULTILINE)
_SIDES = ("", "-wal", "-shm")
_BURST = 6  # acts at most, before a kill
_TYPED_FOR = 0.4  # seconds at most from the first key to the kill


@dataclass(slots=True)
class Toll:
    """The result of many kills. ``lost``, ``halves`` and ``unsound`` hold one line a fault."""

    kills: int = 0
    finished: int = 0  # before the kill
    shown: int = 0  # states shown on a screen
    lost: list[str] = field(default_factory=list)
    halves: list[str] = field(default_factory=list)
    unsound: list[str] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def faults(self) -> list[str]:
        """Every fault."""
        return [*self.lost, *self.halves, *self.unsound]


def preload() -> None:
    """Import all of eventdesk, so that forked processes start at once."""
    for package in ("db", "tui"):
        path = importlib.import_module(package).__path__
        for module in pkgutil.walk_packages(path, f"{package}."):
            if not module.name.endswith(("__main__", ".serve.site", "commands.serve")):
                importlib.import_module(module.name)


class Forked(Terminal):
    """A terminal with eventdesk on it, forked instead of started."""

    def _become(self, command: list[str], environment: dict[str, str]) -> None:
        os.environ |= environment
        _run(command)


def _run(arguments: list[str]) -> None:
    """Run a command in this forked process and exit."""
    from tui.cli import main

    # pytest has replaced the streams.
    sys.stdin = sys.__stdin__ = open(0, closefd=False)  # noqa: SIM115 (open until the process ends)
    sys.stdout = sys.__stdout__ = open(1, "w", closefd=False)  # noqa: SIM115
    sys.stderr = sys.__stderr__ = open(2, "w", closefd=False)  # noqa: SIM115
    os._exit(main(arguments))


def run_and_kill(arguments: list[str], after: float | None) -> int | None:
    """Run a command in a forked process. Return its exit status, or None if it was killed after ``after`` seconds."""
    pid = os.fork()
    if pid == 0:
        try:
            null = os.open(os.devnull, os.O_RDWR)
            for descriptor in (0, 1, 2):
                os.dup2(null, descriptor)
            _run(arguments)
        finally:
            os._exit(127)
    if after is not None:
        time.sleep(after)
        os.kill(pid, signal.SIGKILL)
    status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    return None if status == -signal.SIGKILL else status


def copy_of(base: Path, folder: Path) -> Path:
    """Replace ``events.db`` in a folder by a copy of a closed file."""
    target = folder / "events.db"
    for suffix in _SIDES:
        Path(f"{target}{suffix}").unlink(missing_ok=True)
    shutil.copyfile(base, target)
    return target


def content(file: Path) -> list[str]:
    """Return the export of a file and the problems that `check` finds."""
    with closing(open_file(file)) as connection:
        return [
            *map(json.dumps, export_documents(connection)),
            *(f"check: {problem}" for problem in problems(connection)),
        ]


# Commands


def kill_command(
    arguments: list[str],
    begin: Callable[[], None],
    outcomes: list[object],
    outcome: Callable[[], object],
    kills: int,
    chance: random.Random,
    toll: Toll,
) -> None:
    """Kill a command at random moments of its run; afterwards ``outcome()`` must be one of ``outcomes``."""
    began = time.monotonic()
    runs = []
    for _ in range(2):  # the first takes longer, as it reads the modules
        begin()
        start = time.monotonic()
        run_and_kill(arguments, None)
        runs.append(time.monotonic() - start)
    whole = min(runs)
    for _ in range(kills):
        begin()
        toll.finished += run_and_kill(arguments, chance.random() * whole * 1.05) is not None
        toll.kills += 1
        try:
            found = outcome()
        except Exception as error:  # any exception is a fault to report
            toll.unsound.append(f"{' '.join(arguments[:1])}: {type(error).__name__}: {error}")
            continue
        if found not in outcomes:
            toll.halves.append(f"{' '.join(arguments[:1])}: neither the state before nor the state after")
    toll.seconds += time.monotonic() - began


# The reviewer


def kill_reviewer(
    file: Path,
    acts: Callable[[random.Random, str], str],
    chance: random.Random,
    toll: Toll,
    left: Callable[[], Path] | None = None,
) -> None:
    """Type for a moment, kill, and check that every state the screen had shown is in the file.

    ``left`` returns the file to check if it is another one.
    """
    began = time.monotonic()
    states: list[tuple[int, str]] = []
    with Forked(["review", str(file), "--reviewer", "ana"], 200, 30) as terminal:
        terminal.wait_for(" left")
        _note(terminal, states)
        for number in range(chance.randint(1, _BURST)):
            terminal.send(acts(chance, f"t{toll.kills}-{number}"))
            if chance.random() < 0.3:
                look(terminal, chance.random() * _TYPED_FOR / 3, states)
        look(terminal, chance.random() * _TYPED_FOR, states)
        os.kill(terminal.pid, signal.SIGKILL)
        look(terminal, 0.02, states)  # output written before the kill
    toll.kills += 1
    toll.shown += len(states)
    then = left() if left else file
    try:
        with closing(open_file(then)) as connection:
            toll.unsound += [f"check: {problem}" for problem in problems(connection)]
            toll.lost += [f"shown, but not in the file: {state}" for state in missing(then, states)]
    except Exception as error:  # any exception is a fault to report
        toll.unsound.append(f"review: {type(error).__name__}: {error}")
    toll.seconds += time.monotonic() - began


def look(terminal: Terminal, seconds: float, states: list[tuple[int, str]]) -> None:
    """Watch a terminal for some seconds and record the states in its status line."""
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        if terminal.read(min(left, 0.005)):
            _note(terminal, states)


def _note(terminal: Terminal, states: list[tuple[int, str]]) -> None:
    if not terminal.mid_frame and (status := _STATUS.search(terminal.text())):
        state = (int(status["left"]), status["last"] or "")
        if not states or states[-1] != state:
            states.append(state)


def missing(file: Path, states: list[tuple[int, str]]) -> list[tuple[int, str]]:
    """Return the shown states that the file never had: how many events were pending, and what undo would undo."""
    with closing(open_file(file)) as connection:
        statuses = {row[0]: "pending" for row in connection.execute("SELECT id FROM events WHERE extracted_type <> ''")}
        ids = connection.execute("SELECT id FROM decisions ORDER BY id").fetchall()
        decisions = [read_decision(connection, row[0]) for row in ids]
    pending, stack, undone = len(statuses), [], 0
    states_had = {(pending, "")}
    for decision in decisions:
        for event_id, columns in decision.after.events.items():
            if "status" in columns:
                pending += (columns["status"] == "pending") - (statuses[event_id] == "pending")
                statuses[event_id] = str(columns["status"])
        if decision.action == "undo":
            undone += 1
        elif decision.action == "redo":
            undone -= 1
        else:
            del stack[len(stack) - undone :]
            stack.append(describe(decision))
            undone = 0
        done = stack[: len(stack) - undone]
        states_had.add((pending, done[-1] if done else ""))
    return [state for state in states if state not in states_had]


def acts_of_review(chance: random.Random, token: str) -> str:
    """Return the keys of one random act: accept, reject, correct, note, undo and so on."""
    acts = ["a", "!", "u", "u\x12", "xg", f"xo{token}\r", f"n{token}\r", f"le{token}\r\r\x1b[Ah", "l.h", "ldh", "lsh"]
    return chance.choice([*acts, "M\r\r\x1b\x1bh", "jja", f"jn{token}\ra"])


def acts_of_undo(chance: random.Random, token: str) -> str:
    """Return the keys of undo or redo, or of an act to undo."""
    return chance.choice(["u", "u", "uu", "\x12", "\x12\x12", "a", f"n{token}\r", "u\x12u"])


def leftovers(folder: Path) -> list[str]:
    """Return the names of partial files in a folder."""
    with suppress(FileNotFoundError):
        return sorted(path.name for path in folder.iterdir() if "partial" in path.name)
    return []
