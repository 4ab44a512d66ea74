"""Decisions in the reviewer whose system calls fail: what must be on the screen and in the file afterwards."""

import random
import re
import shutil
import sqlite3
import time
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from bench.faulty import WAYS, Faulty, spread
from support.builders import import_documents, problems
from support.killing import Forked, acts_of_review, look, missing

from db.demo import make_demo
from db.store.connection import open_file

_WAYS = ("disk full once", "disk full from there", "I/O error once", "half a write, then full")
_NOT_SAVED = "not saved"
_PATIENCE = 4.0  # seconds
_WHEN = re.compile(r'"decided_at":"[^"]*"')
_TEXT = "On Friday 40 prisoners crossed at Lesna, 25 to the north and 15 to the south, said the Red Cross at Lesna."


@dataclass(frozen=True, slots=True)
class Act:
    """Keys that lead to a decision, and the one that decides. ``typed`` must not be lost by it.

    ``prepared``: how many decisions the first keys make.
    """

    name: str
    before: tuple[str, ...]
    key: str
    typed: str = ""
    prepared: int = 0


ACTS = (
    Act("accept", (), "a"),
    Act("unsure", (), "!"),
    Act("reject", ("x",), "g"),
    Act("reject with words", ("x", "o", "because so"), "\r", "because so"),
    Act("note", ("n", "some words"), "\r", "some words"),
    Act("note of a field", ("l", "n", "some words"), "\r", "some words"),
    Act("confirm", ("l",), "."),
    Act("remove", ("l",), "d"),
    Act("typed value", ("l", "j", "j", "e", "Nowhere"), "\r", "Nowhere"),
    Act("typed value that stands twice", ("l", "j", "j", "e", "the", "\r"), "\r", "Where is “the”?"),
    Act("typed value without evidence", ("l", "j", "j", "e", "the", "\r"), "o", "Where is “the”?"),
    Act("hint", ("l", "j", "f"), "a"),
    Act("new field", ("o", "mediator", "\r", "\r", "\r", "Somebody"), "\r", "Somebody"),
    Act("new name", ("l", "m", "brandnew", "\r"), "\r", "brandnew"),
    Act("selected text", ("l", "j", "j", "v", "w", "v", "w"), "\r"),
    Act("swap", ("l", "j", "j", "j"), "s"),
    Act("remove group", ("D",), "1"),
    Act("new event", ("N", "uprising", "\r"), "\r", "uprising"),
    Act("type", ("t", "uprising", "\r"), "\r", "uprising"),
    Act("copy", (), "C"),
    Act("split", ("S", "1"), "\r"),
    Act("merge", ("M", "\r"), "\r"),
    Act("undo", ("n", "before", "\r"), "u", prepared=1),
    Act("redo", ("n", "before", "\r", "u"), "\x12", prepared=2),
    Act("saved query", ("/", "type:prisoner_exchange", "\r", "w", "mine"), "\r", "mine"),
)


@dataclass(slots=True)
class Pressed:
    """The results of one kind of decision. ``lost``: the screen lost the prompt or the typed text."""

    runs: int = 0
    taken: int = 0
    told: int = 0
    wrong: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)


def base_of_keys(folder: Path) -> Path:
    """Three events alike, with values that stand once, twice and nowhere."""
    values = [("date", "2025-02-28", 3), ("total", 40, 10), ("location", "Lesna", 34)]
    fields = [{"name": name, "value": value, "spans": [[at, at + 2]]} for name, value, at in values]
    group = [("giver", "the north", 47), ("recipient", "the south", 67), ("count", 25, 41)]
    fields += [
        {"name": name, "value": value, "group": "transfer:1", "spans": [[at, at + 2]]} for name, value, at in group
    ]
    events = [[{"id": f"report-{n}/1", "type": "prisoner_exchange", "fields": fields}] for n in (1, 2, 3)]
    base = folder / "keys.db"
    with closing(open_file(base, create=True)) as connection:
        import_documents(
            connection,
            *(
                {"id": f"report-{n}", "text": _TEXT, "published": "2025-03-01", "events": its}
                for n, its in enumerate(events, 1)
            ),
        )
    return base


def every_key(faulty: Faulty, act: Act, base: Path, most: int) -> Pressed:
    """Have calls of one kind of decision fail, then give the key again that decides it."""
    pressed = Pressed()
    calls, meant = _press(faulty, act, base, None, pressed)
    for way in _WAYS:
        for call in spread(calls, most):
            _, there = _press(faulty, act, base, (call, way), pressed)
            if there not in (meant, meant[:-1]):
                pressed.lost.append(f"{act.name}: {way} at call {call}: {there[-1:]} instead of {meant[-1:]}")
    return pressed


def _press(
    faulty: Faulty, act: Act, base: Path, fault: tuple[int, str] | None, pressed: Pressed
) -> tuple[int, list[tuple[str, str]]]:
    """Decide once in a reviewer of its own; how many calls that made, and what is in the file then."""
    file = faulty.work / "keys.db"
    faulty.disarm()
    for suffix in ("", "-wal", "-shm"):
        Path(f"{file}{suffix}").unlink(missing_ok=True)
    shutil.copyfile(base, file)
    pressed.runs += 1
    with Forked(["review", str(file), "--reviewer", "ana"], 120, 40) as terminal:
        terminal.wait_for("3 left")
        for keys in act.before:
            terminal.send(keys)
            terminal.settle(quiet=0.04)
        terminal.wait_for(lambda _: len(written(file)) == act.prepared)
        before = act.prepared
        faulty.disarm()
        if fault is not None:
            faulty.arm(*fault)
        terminal.send(act.key)
        taken, screen = _wait(terminal, file, before)
        calls = faulty.calls
        where = f"{act.name}: {fault[1]} at call {fault[0]} ({faulty.what})" if fault else f"{act.name}, nothing failed"
        faulty.disarm()
        if taken:
            pressed.taken += 1
            if _NOT_SAVED in screen:
                pressed.wrong.append(f"{where}: taken, but said to be not saved: {_foot(screen)}")
        elif fault is None:
            pressed.wrong.append(f"{where}: not saved: {_foot(screen)}")
        else:
            _give_again(terminal, act, file, before, where, screen, pressed)
        _leave(terminal, where, pressed)
    try:
        with closing(open_file(file)) as connection:
            pressed.wrong += [f"{where}: check: {problem}" for problem in problems(connection)]
    except Exception as error:  # whatever it is, it is what was looked for
        pressed.wrong.append(f"{where}: {error}")
    return calls, written(file)


def _give_again(terminal: Forked, act: Act, file: Path, before: int, where: str, screen: str, pressed: Pressed) -> None:
    pressed.told += 1
    if _NOT_SAVED not in screen:
        pressed.wrong.append(f"{where}: not reported: {_foot(screen)}")
    if act.typed not in screen:
        pressed.lost.append(f"{where}: what was typed is gone: {_foot(screen)}")
    terminal.send(act.key)
    taken, screen = _wait(terminal, file, before, again=True)
    if not taken:
        pressed.lost.append(f"{where}: the same key does not take it: {_foot(screen)}")


def _wait(terminal: Forked, file: Path, before: int, again: bool = False) -> tuple[bool, str]:
    """Return True if a decision was saved, once that is clear, and the screen. ``again``: one was rejected before."""
    end = time.monotonic() + (_PATIENCE / 3 if again else _PATIENCE)
    while True:
        terminal.settle(quiet=0.03)
        screen = terminal.text()
        if len(written(file)) > before:
            terminal.settle(quiet=0.05)
            return True, terminal.text()
        if (_NOT_SAVED in screen and not again) or terminal.ended or time.monotonic() > end:
            return False, screen


def _leave(terminal: Forked, where: str, pressed: Pressed) -> None:
    if terminal.ended:
        pressed.wrong.append(f"{where}: it ended: {terminal.text()[-300:]}")
        return
    terminal.send("\x1b\x1b\x1b")
    terminal.settle(quiet=0.15)
    terminal.send("q")
    try:
        if (status := terminal.wait_exit(5)) != 0:
            pressed.wrong.append(f"{where}: it ended with {status}: {terminal.text()[-300:]}")
    except AssertionError:
        pressed.wrong.append(f"{where}: it does not leave: {_foot(terminal.text())}")


def written(file: Path) -> list[tuple[str, str]]:
    """The decisions and the saved queries, each as what it is and what it says, but for when."""
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as connection:
        rows = connection.execute("SELECT action, after FROM decisions ORDER BY id").fetchall()
        rows += connection.execute("SELECT name, query FROM saved_queries").fetchall()
    return [(what, _WHEN.sub("", says)) for what, says in rows]


def _foot(screen: str) -> str:
    return " / ".join(line.strip() for line in screen.splitlines()[-8:] if line.strip())[-420:]


def bursts(faulty: Faulty, many: int, chance: random.Random) -> tuple[int, int, int, list[str]]:
    """Type while writes fail at times. Return failed calls, reported errors, states shown, and problems."""
    file = faulty.work / "bursts.db"
    make_demo(file).close()
    states: list[tuple[int, str]] = []
    wrong: list[str] = []
    hits = refused = 0
    faulty.disarm()
    with Forked(["review", str(file), "--reviewer", "ana"], 200, 30) as terminal:
        terminal.wait_for("82 left")
        for burst in range(many):
            faulty.arm(chance.randint(1, 12), chance.choice([way for way in WAYS if way != "killed"]))
            for number in range(3):
                terminal.send(acts_of_review(chance, f"f{burst}-{number}"))
                look(terminal, 0.15, states)
            hits += faulty.hits
            faulty.disarm()
            refused += _NOT_SAVED in terminal.text()
            for _ in range(3):
                terminal.press("escape")
            look(terminal, 0.05, states)
            if terminal.ended:
                return hits, refused, len(states), [f"it ended: {terminal.text()}"]
        terminal.send("jn")
        terminal.send("at the end\r")
        terminal.wait_for("# at the end")
        terminal.press("q")
        terminal.wait_exit()
    with closing(open_file(file)) as connection:
        wrong += [f"check: {problem}" for problem in problems(connection)]
    wrong += [f"shown, but not in the file: {state}" for state in missing(file, states)]
    return hits, refused, len(states), wrong if hits else [*wrong, "no call failed"]
