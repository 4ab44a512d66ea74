"""Background work on an open file: scan it if it is unknown, back it up daily, sync it with the databases that it is a
desk of, and load what the first hints need.
"""

import contextlib
import gc
import sqlite3
import sys
import time
from collections.abc import Callable
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Thread

from db.errors import EventdeskError

_PAUSE = 1.0  # seconds between two looks at the sources
_SWITCH = 0.0005  # seconds after which a key gets its turn while rows are read


class Housekeeping:
    """Scans, backs up and syncs one file in a thread."""

    def __init__(self, path: Path, known: bool, reopen: Callable[[], sqlite3.Connection]) -> None:
        """``known``: the file was scanned on an earlier run. ``reopen`` opens it once more."""
        self._path = path
        self._reopen = reopen
        self._known = known
        self._messages: SimpleQueue[str] = SimpleQueue()

    def start(self) -> None:
        """Start. The thread is a daemon, so that quitting waits for nothing."""
        Thread(target=self._run, daemon=True).start()

    def message(self) -> str | None:
        """Return the next message for the reviewer, if there is one."""
        with contextlib.suppress(Empty):
            return self._messages.get_nowait()
        return None

    def _run(self) -> None:
        from db.io.network import warning
        from db.maintenance.backups import back_up_daily
        from db.store.connection import can_write
        from db.store.known_files import scan

        if why := warning(self._path):
            self._messages.put(f"! {why}")
        try:
            with contextlib.closing(self._reopen()) as connection:
                if not self._known:
                    scan(connection, self._path)
                if can_write(connection) and (problem := back_up_daily(connection, self._path)):
                    self._messages.put(f"! {problem}")
                if can_write(connection):
                    self._sync(connection)
        except EventdeskError as error:
            self._messages.put(f"✗ {error}")

    def _sync(self, connection: sqlite3.Connection) -> None:
        """Import what changes in the sources of the file, as long as it is open."""
        from db.sources.desks import sources_of

        if not sources_of(connection):
            return

        from db.sources.sync.watching import Watcher

        sys.setswitchinterval(_SWITCH)
        watcher = Watcher(connection, self._path)
        while True:
            for message in watcher.look():
                self._messages.put(message)
            time.sleep(_PAUSE)


def warm_up(text: str, language: str | None, *, freeze: bool) -> None:
    """Load in a thread what the first hint letters need. ``freeze``: never collect what is in memory by then."""
    Thread(target=_load, args=(text, language, freeze), daemon=True).start()


def _load(text: str, language: str | None, freeze: bool) -> None:
    from db.suggest import candidates

    candidates.warm_up(text, language)
    if freeze and not gc.get_freeze_count():
        # What is in memory by now stays to the end; collecting it took 20 ms at every twentieth key.
        # Only once: what a lookup holds must still be collected after it is closed.
        gc.freeze()
