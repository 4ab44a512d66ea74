"""Commands whose system calls fail: what each may leave behind, and what it must report."""

import shutil
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from bench.faulty import WAYS, Faulty, spread
from support.kill_stories import lines_to_import, older, reviewed
from support.killing import content, copy_of, leftovers

from db.decisions.review import Review
from db.maintenance.backups import list_backups
from db.store.connection import open_file
from db.store.reading import read_event

_DONE = (0, 1)  # exit statuses; 1 where lines were refused
_KILLED = -9


@dataclass(frozen=True, slots=True)
class Story:
    """One command: ``begin`` makes the state ``before``; ``outcome`` reads it, and is ``after`` where it was done."""

    name: str
    arguments: list[str]
    begin: Callable[[], None]
    outcome: Callable[[], object]
    before: object
    after: object


@dataclass(slots=True)
class Found:
    """The results of the runs of one command. ``untold``: reported as failed but there, which is harmless."""

    calls: int = 0
    runs: int = 0
    done: int = 0
    told: int = 0
    killed: int = 0
    wrong: list[str] = field(default_factory=list)
    untold: list[str] = field(default_factory=list)


def every_call(faulty: Faulty, story: Story, most: int) -> Found:
    """Have each call of a command fail in each way, or so many of them."""
    found = Found()
    story.begin()
    faulty.disarm()
    status, said = faulty.run(story.arguments)
    found.calls = faulty.calls
    assert status in _DONE, said
    assert found.calls, "this interpreter's SQLite does not call the system's library: its calls can't be counted"
    assert story.outcome() == story.after
    for way in WAYS:
        for call in spread(found.calls, most):
            story.begin()
            faulty.arm(call, way)
            status, said = faulty.run(story.arguments)
            where = f"{way} at call {call} of {found.calls} ({faulty.what})"
            faulty.disarm()
            found.runs += 1
            _judge(faulty, story, found, where, status, said)
    return found


def _judge(faulty: Faulty, story: Story, found: Found, where: str, status: int, said: str) -> None:
    lines = said.splitlines()
    if status == _KILLED:
        found.killed += 1
    elif status in _DONE:
        found.done += 1
    elif status == 2:
        found.told += 1
        # The one before may say that no backup made.
        if not 1 <= len(lines) <= 2 or not all(line.startswith("eventdesk: ") for line in lines):
            found.wrong.append(f"{where}: not reported in one line: {said!r}")
    else:
        found.wrong.append(f"{where}: exit {status}: {said[-300:]!r}")
    try:
        state = story.outcome()
    except Exception as error:  # whatever it is, it is what was looked for
        found.wrong.append(f"{where}: exit {status}, {type(error).__name__}: {error}")
        return
    if state not in (story.before, story.after):
        found.wrong.append(f"{where}: half done, or damaged; exit {status}: {said!r}")
    elif status in _DONE and state != story.after:
        found.wrong.append(f"{where}: ended well, but is not done: {said!r}")
    elif status == 2 and state == story.after != story.before:
        found.untold.append(f"{where}: {said!r}")
    if state == story.before != story.after:
        status, said = faulty.run(story.arguments)
        if status not in _DONE or story.outcome() != story.after:
            found.wrong.append(f"{where}: and then again: exit {status}: {said!r}")
        elif left := leftovers(faulty.work):
            found.wrong.append(f"{where}: after a second time there is {left}")


class _Folder:
    """The folder that all commands work in, and its content before each."""

    def __init__(self, faulty: Faulty) -> None:
        self.faulty = faulty
        self.file, self.new, self.target = (faulty.work / name for name in ("events.db", "new.db", "target"))

    def fresh(self, base: Path) -> None:
        """A copy of a file, and nothing else but the hint that was seen."""
        state = self.faulty.work / "state"
        shutil.rmtree(state, ignore_errors=True)
        (state / "eventdesk").mkdir(parents=True)
        for name in (self.new, self.target):
            for suffix in ("", "-wal", "-shm", "-journal"):
                Path(f"{name}{suffix}").unlink(missing_ok=True)
        copy_of(base, self.faulty.work)

    def story(
        self, name: str, arguments: list[str | Path], outcome: Callable[[], object], before: object, base: Path
    ) -> Story:
        """A command on a copy of ``base``; what it does is found by doing it."""
        words = [str(word) for word in arguments]
        self.fresh(base)
        status, said = self.faulty.run(words)
        assert status in _DONE, said
        return Story(name, words, lambda: self.fresh(base), outcome, before, outcome())

    def there(self, path: Path) -> Callable[[], object]:
        """Return the content of a file, None if it doesn't exist."""
        return lambda: content(path) if path.exists() else None

    def backups(self) -> object:
        """Return the content of all backups."""
        return [content(item.path) for item in list_backups(self.file)]

    def types(self) -> object:
        """The event types, and what is wrong with the file."""
        with closing(open_file(self.file)) as connection:
            return connection.execute("SELECT name, help FROM event_types ORDER BY 1").fetchall(), content(self.file)


def stories(faulty: Faulty) -> list[Story]:
    """All commands that write."""
    here, folder = _Folder(faulty), faulty.folder
    file, new, target = here.file, here.new, here.target
    base, lines = reviewed(folder), lines_to_import(folder, 20)
    now = content(base)
    later, old, wrong, types = (folder / name for name in ("later.db", "old.db", "wrong.db", "types.toml"))
    shutil.copyfile(base, later)
    with closing(open_file(later)) as connection:
        Review(connection, "ben").reject(read_event(connection, 60), "generic")
    shutil.copyfile(later, wrong)
    with closing(open_file(wrong)) as connection:
        connection.execute("UPDATE events SET status = 'unsure' WHERE id = 3")
        connection.execute("UPDATE field_values SET uses = 7")
    older(base, old, 2)
    types.write_text('[attack]\nhelp = "Something new."\n', encoding="utf-8")
    here.fresh(base)
    typed, decided, damaged = here.types(), content(later), content(wrong)

    def exported() -> object:
        return target.read_bytes() if target.exists() else None

    return [
        here.story("import into a file", ["import", file, lines], here.there(file), now, base),
        here.story("import into a new file", ["import", new, lines], here.there(new), None, base),
        here.story("backup", ["backup", file], here.backups, [], base),
        here.story("backup FILE", ["backup", file, target], here.there(target), None, base),
        here.story("export", ["export", file, "--output", target], exported, None, base),
        here.story("migration", ["stats", file], here.there(file), now, old),
        here.story("types", ["types", file, types], here.types, typed, base),
        here.story("restore", ["restore", file, base], here.there(file), decided, later),
        here.story("restore of an older", ["restore", file, old], here.there(file), decided, later),
        here.story("restore of one gone", ["restore", new, base], here.there(new), None, later),
        here.story("check --repair", ["check", file, "--repair"], here.there(file), damaged, wrong),
        here.story("check --salvage", ["check", file, "--salvage", target], here.there(target), None, later),
    ]
