"""What is done for a file beside the screen: it is looked through where it is not known, and backed up once a day."""

import contextlib
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Thread

from db.errors import EventdeskError


class LookingAfter:
    """Looks after one file in a thread. ``told`` gives what a person should know of it, one thing at a time."""

    def __init__(self, path: Path, known: bool) -> None:
        self._path = path
        self._known = known
        self._told: SimpleQueue[str] = SimpleQueue()

    def begin(self) -> None:
        """Begin; a daemon, so that leaving waits for nothing."""
        Thread(target=self._run, daemon=True).start()

    def told(self) -> str | None:
        """Something that was not told yet."""
        with contextlib.suppress(Empty):
            return self._told.get_nowait()
        return None

    def _run(self) -> None:
        from db.io.network import warning
        from db.maintenance.backups import daily
        from db.store.connection import can_write, open_file
        from db.store.known_files import look_through

        if why := warning(self._path):
            self._told.put(f"! {why}")
        try:
            with contextlib.closing(open_file(self._path)) as connection:
                if not self._known:
                    look_through(connection, self._path)
                if not can_write(connection):
                    return
        except EventdeskError as error:
            self._told.put(f"✗ {error}")
            return
        if said := daily(self._path):
            self._told.put(f"! {said}")
