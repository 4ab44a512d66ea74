"""A crowd on one file: reviewers on ptys and others without a screen, on so few events that they conflict.

Every decision that was reported as saved must be in the file at the end.
"""

import json
import random
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread

from db.decisions.review import Review
from db.errors import BusyError, ConflictError
from db.model import Event
from db.store.connection import open_file
from db.store.reading import read_event
from support.builders import problems
from support.terminal import Terminal

_LOCKED = re.compile(rb"is locked|another process|Traceback|could not be written|can.t read")
_CONFLICT = "someone else decided first"
_TAKEN = re.compile(r"u undoes: ")
_SEEN_FOR = 0.02  # seconds that a reviewer without a screen looks at an event before it decides


@dataclass(slots=True)
class Outcome:
    """The results of a crowd. ``decisions``: ids returned as saved. ``waited``: how often the file was busy."""

    decisions: list[int] = field(default_factory=list)
    refused: int = 0
    chosen: dict[str, int] = field(default_factory=lambda: {"t": 0, "m": 0})
    waited: int = 0
    keys: int = 0
    locked: list[str] = field(default_factory=list)
    slowest: float = 0.0  # seconds of one decision, without a screen


def decide_for(file: str, reviewer: str, seconds: float, seed: int) -> None:
    """Decide without a screen in a process of its own, and write the outcome to standard output as JSON."""
    outcome, chance = Outcome(), random.Random(seed)
    with closing(open_file(file)) as connection:
        review = Review(connection, reviewer)
        ids = [row[0] for row in connection.execute("SELECT id FROM events")]
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            event = read_event(connection, chance.choice(ids))
            time.sleep(chance.random() * _SEEN_FOR)
            began = time.monotonic()
            try:
                outcome.decisions += _decide(review, event, chance)
            except ConflictError:
                outcome.refused += 1
            except BusyError:
                outcome.waited += 1
            outcome.slowest = max(outcome.slowest, time.monotonic() - began)
    json.dump([outcome.decisions, outcome.refused, outcome.waited, outcome.slowest], sys.stdout)


def _decide(review: Review, event: Event, chance: random.Random) -> list[int]:
    act = chance.choice(("accept", "reject", "note", "correct", "undo", "redo"))
    if act == "undo" or act == "redo":
        change = review.undo() if act == "undo" else review.redo()
        return [change.decision.id] if change else []
    if act == "accept":
        return [review.accept(event).decision.id]
    if act == "note":
        return [review.note(event, f"{review.reviewer} {chance.random()}").decision.id]
    if act == "correct" and event.live_fields:
        return [review.correct(event, event.live_fields[0], f"value {chance.random()}", []).decision.id]
    return [review.reject(event, "generic").decision.id]


def crowd(file: Path, on_ptys: int, without: int, seconds: float, seed: int = 1) -> Outcome:
    """Review for some seconds and return the outcome. Assert that no decision is lost."""
    outcome = Outcome()
    script = f"import sys; sys.path[:0] = {sys.path!r}; from support.crowd import decide_for; decide_for"
    with ExitStack() as stack:
        terminals = [
            stack.enter_context(
                Terminal([sys.executable, "-m", "tui", "review", str(file), "--reviewer", f"pty{n}"], 100, 30)
            )
            for n in range(on_ptys)
        ]
        for terminal in terminals:
            terminal.wait_for(" left", timeout=60)
        others = [
            subprocess.Popen(
                [sys.executable, "-c", f"{script}({str(file)!r}, 'other{n}', {seconds}, {seed + n})"],
                stdout=subprocess.PIPE,
                text=True,
            )
            for n in range(without)
        ]
        threads = [
            Thread(target=_type_for, args=(terminal, seconds, random.Random(seed + 100 + n), outcome))
            for n, terminal in enumerate(terminals)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for other in others:
            output, _ = other.communicate(timeout=60)
            decisions, refused, waited, slowest = json.loads(output)
            outcome.decisions += decisions
            outcome.refused += refused
            outcome.waited += waited
            outcome.slowest = max(outcome.slowest, slowest)
        for terminal in terminals:
            for _ in range(3):
                terminal.press("escape")
            terminal.press("q")
            assert terminal.wait_exit(60) == 0
            outcome.locked += [match.decode() for match in _LOCKED.findall(bytes(terminal.raw))]
    _assert_nothing_lost(file, outcome)
    return outcome


def _type_for(terminal: Terminal, seconds: float, chance: random.Random, outcome: Outcome) -> None:
    """Type fast on events that others decide about too."""
    end = time.monotonic() + seconds
    for keys in _keys(chance):
        if time.monotonic() > end:
            return
        for key in keys:
            terminal.press(key)
            outcome.keys += 1
            while _CONFLICT in (screen := terminal.text()):
                assert "keep theirs" in screen, screen
                assert "save mine:" in screen, screen
                choice = chance.choice("tm")
                outcome.chosen[choice] += 1
                terminal.press(choice)
                terminal.settle()


def _keys(chance: random.Random) -> Iterator[list[str]]:
    while True:
        yield chance.choice(
            (
                ["a"], ["x", "g"], ["g", "a"], ["g", "x", "h"], ["!"], ["u"], ["j"], ["k"],
                ["l", "e", *f"v{chance.randrange(99)}", "enter", "enter", "escape", "h"],
                ["n", *f"n{chance.randrange(99)}", "enter"],
            )
        )  # fmt: skip


def _assert_nothing_lost(file: Path, outcome: Outcome) -> None:
    with closing(open_file(file)) as connection:
        assert problems(connection) == []
        ids = {row[0] for row in connection.execute("SELECT id FROM decisions")}
        assert set(outcome.decisions) <= ids, "a decision reported as saved is not in the file"
        assert len(outcome.decisions) == len(set(outcome.decisions)), "one decision was reported twice"
    assert outcome.locked == [], outcome.locked
