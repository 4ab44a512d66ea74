"""The state of a database file: if it is the same as at the last sync, nothing has to be read."""

import json
import os
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from db.errors import InputError

_COUNTER = slice(24, 28)  # of the header: the number of changes, which an older copy has less of
_RECENT = 0.2  # seconds in which a file can change again without another time

FileStat = tuple[int, int, int] | None


@dataclass(frozen=True, slots=True)
class FileState:
    """A database file and its write-ahead log: inode, size and time of change of each, and the number of changes."""

    database: FileStat
    log: FileStat
    counter: int = 0

    @property
    def is_settled(self) -> bool:
        """False if the file changed just now, so that it can change again and keep its time."""
        newest = max((stat[2] for stat in (self.database, self.log) if stat), default=0)
        return abs(time.time_ns() - newest) > _RECENT * 1e9

    def as_json(self) -> str:
        """Return the state as it is stored; without the file if it can change and keep its time."""
        return json.dumps(asdict(self) if self.is_settled else {"counter": self.counter})


def state_of(path: Path) -> FileState:
    """Return the state of a file and its log, in microseconds. Raises InputError if the file is not there."""
    found = _stat(path)
    if found is None:
        raise InputError(f"{path}: no such file; if it was moved, import it again from its new place")
    return FileState(found, _stat(Path(f"{path}-wal")))


def with_counter(state: FileState, path: Path) -> FileState:
    """Return a state with the number of changes in the file's header; no connection to the file may be open."""
    try:
        with path.open("rb") as stream:
            counter = int.from_bytes(stream.read(_COUNTER.stop)[_COUNTER], "big")
    except OSError as error:
        raise InputError(f"{path}: can't be read ({error.strerror}); check its permissions") from None
    return FileState(state.database, state.log, counter)


def stored_state(text: str) -> FileState:
    """Return a stored state; one that no file has if there is none."""
    try:
        loaded = json.loads(text)
        database, log = (tuple(stat) if (stat := loaded.get(name)) else None for name in ("database", "log"))
        counter = int(loaded.get("counter", 0))
    except (ValueError, TypeError, AttributeError):
        return FileState(None, None)
    return FileState(database, log, counter)


def is_same(one: FileState, two: FileState) -> bool:
    """Return True if nothing was written to the file between two states."""
    return one.database is not None and (one.database, one.log) == (two.database, two.log)


def _stat(path: Path) -> FileStat:
    try:
        found = os.stat(path)
    except (OSError, ValueError):
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns
