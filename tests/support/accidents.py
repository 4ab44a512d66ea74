"""Accidents of an open file, and a check that nothing that was shown is lost without a word."""

import os
import random
import re
import shutil
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from db.errors import EventdeskError
from db.maintenance.copying import copy_file
from db.maintenance.restore import restore
from db.store.connection import open_file
from db.store.sqlite import SQLITE_ERRORS, connect
from support.builders import problems
from support.killing import Forked, acts_of_review, look, missing

_SIDES = ("", "-wal", "-shm")
_NOTICED = 1.2  # seconds, by when the screen must have said what happened
_COPY = re.compile(r"eventdesk import \S+\s+(\S+\.rescued(?:-\d+)?\.db)")


@dataclass(slots=True)
class Accidents:
    """The result of many accidents. ``faults`` has one line for each run that lost something or said nothing."""

    runs: int = 0
    said: int = 0
    shown: int = 0
    faults: list[str] = field(default_factory=list)


def _beside(path: Path, name: str) -> Path:
    return path.with_name(name)


def _move(path: Path) -> None:
    path.rename(_beside(path, "moved.db"))


def _move_all(path: Path) -> None:
    for suffix in _SIDES:
        if Path(f"{path}{suffix}").exists():
            Path(f"{path}{suffix}").rename(f"{_beside(path, 'moved.db')}{suffix}")


def _copy_over(path: Path) -> None:
    """What a sync client or an atomic save does: only the file, without its log."""
    shutil.copyfile(path, _beside(path, "copy"))
    _beside(path, "copy").replace(path)


def _copy_all_over(path: Path) -> None:
    for suffix in _SIDES:
        if Path(f"{path}{suffix}").exists():
            shutil.copyfile(f"{path}{suffix}", f"{_beside(path, 'copy')}{suffix}")
            Path(f"{_beside(path, 'copy')}{suffix}").replace(f"{path}{suffix}")


def _conflict(path: Path) -> None:
    """What a sync client does that keeps both: ours gets another name, theirs takes its place."""
    shutil.copyfile(path, _beside(path, "theirs"))
    path.rename(_beside(path, "events (conflicted copy).db"))
    _beside(path, "theirs").rename(path)


def _delete_all(path: Path) -> None:
    for suffix in _SIDES:
        Path(f"{path}{suffix}").unlink(missing_ok=True)


def _replace_folder(path: Path) -> None:
    shutil.copytree(path.parent, path.parent.with_name("theirs"))
    _rename_folder(path)
    path.parent.with_name("theirs").rename(path.parent)


def _overwrite(path: Path) -> None:
    """What `cp` does: the file stays the same, and its content becomes another's."""
    path.write_bytes(b"SQLite format 3\0".ljust(300_000, b"\1"))


def _rename_folder(path: Path) -> None:
    path.parent.rename(path.parent.with_name("renamed"))


def _link(path: Path) -> None:
    os.link(path, _beside(path, "link.db"))


def _restore(path: Path) -> None:
    with closing(connect(path, "ro")) as connection:
        copy_file(connection, _beside(path, "now.db"))
    restore(path, _beside(path, "now.db"))


def _checkpoint(path: Path) -> None:
    with closing(connect(path, "rw")) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


ACCIDENTS: dict[str, Callable[[Path], None]] = {
    "move": _move,
    "move with its log": _move_all,
    "replace": _copy_over,
    "replace with its log": _copy_all_over,
    "conflicted copy": _conflict,
    "delete": lambda path: path.unlink(),
    "delete with its log": _delete_all,
    "delete the log": lambda path: Path(f"{path}-wal").unlink(missing_ok=True),
    "empty": lambda path: os.truncate(path, 0),
    "cut off": lambda path: os.truncate(path, path.stat().st_size // 2),
    "overwrite": _overwrite,
    "replace the folder": _replace_folder,
    "delete the folder": lambda path: shutil.rmtree(path.parent),
    "rename the folder": _rename_folder,
    "hard link": _link,
    "restore": _restore,
}
HARMLESS = ("rename the folder", "hard link", "restore")
_DESTROYED = ("empty", "cut off", "overwrite")  # what was on the disk is gone; only the word is left
STATES = ("at rest", "in a question", "writing", "import", "export")


def run(name: str, state: str, log: bool, base: Path, folder: Path, chance: random.Random, result: Accidents) -> None:
    """Let one accident happen to a copy of ``base`` in an empty folder. ``log``: the newest part is in the log."""
    (folder / "data").mkdir()
    path = folder / "data" / "events.db"
    shutil.copyfile(base, path)
    result.runs += 1
    what = f"{name}, {state}, {'with' if log else 'without'} log"
    if state in ("import", "export"):
        fault = _command(name, state, path, chance, result)
    else:
        fault = _reviewer(name, state, log, path, chance, result)
    if fault is not None:
        result.faults.append(f"{what}: {fault}")


def _reviewer(name: str, state: str, log: bool, path: Path, chance: random.Random, result: Accidents) -> str | None:
    states: list[tuple[int, str]] = []
    with Forked(["review", str(path), "--reviewer", "ana"], 200, 30) as terminal:
        terminal.wait_for(" left")
        for number in range(chance.randint(1, 3)):
            terminal.send(acts_of_review(chance, f"t{number}"))
            look(terminal, 0.2, states)
        if not log:
            _checkpoint(path)
        if state == "in a question":
            terminal.press("n")
            terminal.send("a note")
            look(terminal, 0.1, states)
        if state == "writing":
            for number in range(3):
                terminal.send(acts_of_review(chance, f"w{number}"))
            look(terminal, chance.random() * 0.1, states)
        ACCIDENTS[name](path)
        terminal.send("" if state == "in a question" else acts_of_review(chance, "after"))
        look(terminal, _NOTICED, states)
        terminal.press("escape", "escape")
        look(terminal, 0.1, states)
        terminal.press("h", "q")
        try:
            terminal.wait_exit(10)
        except AssertionError as error:
            return str(error)
        while terminal.read(0.05):
            pass
        status, output = terminal.wait_exit(), terminal.raw.decode(errors="replace")
    result.shown += len(states)
    output = output[output.rfind("\x1b[?1049l") :]
    current = path.parent.with_name("renamed") / path.name if name == "rename the folder" else path
    if status == 0:
        return _fault(current, states, name)
    if status != 2 or "while it was open" not in " ".join(output.split()):
        return f"exit status {status}: {output.strip()[-300:]}"
    result.said += 1
    if name in HARMLESS:
        return f"stopped for nothing: {output.strip()[-300:]}"
    if name not in _DESTROYED:
        found = _COPY.search(output.replace("\r\n", "\n"))
        if found is None:
            return f"no copy named: {output.strip()[-300:]}"
        if fault := _fault(Path(found[1]), states, name):
            return f"the copy: {fault}"
        if current.exists() and name != "delete the log" and (fault := _fault(current, [], name)):
            return f"what is at the path now: {fault}"
    return None


def _fault(path: Path, states: list[tuple[int, str]], name: str) -> str | None:
    try:
        if lost := [] if name == "restore" else missing(path, states):
            return f"shown, but not in {path.name}: {lost}"
        with closing(open_file(path)) as connection:
            return "; ".join(problems(connection)) or None
    except (EventdeskError, *SQLITE_ERRORS) as error:
        return f"{type(error).__name__}: {error}"


def _command(name: str, state: str, path: Path, chance: random.Random, result: Accidents) -> str | None:
    """An import or export either says that the file went, or its result is where it said."""
    source, output = path.parent.with_name("more.jsonl"), path.parent.with_name("out.jsonl")
    more = (
        '{"id": "more-%d", "text": "Two fell.", "events": [{"type": "attack", "fields": [{"name": "a", "value": 2}]}]}'
    )
    source.write_text("\n".join(more % number for number in range(2000)), encoding="utf-8")
    words = ["import", str(path), str(source)] if state == "import" else ["export", str(path), "--output", str(output)]
    with Forked(words, 200, 30) as terminal:
        look(terminal, chance.random() * (0.8 if state == "import" else 0.2), [])
        done = terminal.ended
        ACCIDENTS[name](path)
        terminal.wait_exit()
        while terminal.read(0.05):
            pass
        status, said = terminal.wait_exit(), " ".join(terminal.raw.decode(errors="replace").split())
    result.said += status != 0
    if status not in (0, 2) or (status == 2 and "eventdesk: " not in said):
        return f"exit status {status}: {said[-300:]}"
    if state == "export":
        return None if output.exists() == (status == 0) else f"exit status {status}, output {output.exists()}: {said}"
    if done or status == 2 or name in _DESTROYED or name == "restore":
        return None
    current = path.parent.with_name("renamed") / path.name if name == "rename the folder" else path
    if not current.exists():
        return f"imported into a file that is gone: {said}"
    with closing(open_file(current)) as connection:
        (count,) = connection.execute("SELECT count(*) FROM documents WHERE external_id LIKE 'more-%'").fetchone()
    return None if count == 2000 else f"exit 0 with {count} of 2000 documents: {said}"
