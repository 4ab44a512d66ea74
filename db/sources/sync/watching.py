"""Watches the sources of a desk while it is reviewed, and syncs what changed."""

import sqlite3
from pathlib import Path

from db.errors import EventdeskError, InputError
from db.importing.report import ImportReport
from db.sources.desks import StoredSource, sources_of
from db.sources.sync.state import FileState, is_same, state_of
from db.sources.sync.syncing import Synced, sync_source
from db.store.sqlite import SQLITE_ERRORS


class Watcher:
    """Syncs each source whose file changed since the last look; a look at unchanged files takes microseconds."""

    def __init__(self, connection: sqlite3.Connection, desk: Path) -> None:
        self._connection = connection
        self._desk = desk
        self._seen: dict[int, FileState] = {}
        self._said: dict[int, str] = {}

    def look(self) -> list[str]:
        """Sync what changed; return a line for each source with news. A problem is in one line, and only once."""
        found = [self._look_at(source) for source in sources_of(self._connection)]
        return [line for line in found if line]

    def _look_at(self, source: StoredSource) -> str:
        path = source.find(self._desk)
        try:
            state = state_of(path)
            if (seen := self._seen.get(source.id)) is not None and is_same(seen, state):
                return ""
            done = sync_source(self._connection, self._desk, source, ImportReport(), in_slices=True)
        except (EventdeskError, *SQLITE_ERRORS) as error:
            said = self._said.get(source.id)
            self._said[source.id] = str(error)
            if isinstance(error, InputError) and "locked" not in str(error):
                self._note(source, path)  # nothing will be different until the file is
            return f"! {error}" if said != str(error) else ""
        self._said.pop(source.id, None)
        if state.is_settled:
            self._seen[source.id] = state
        return words_of(done)

    def _note(self, source: StoredSource, path: Path) -> None:
        try:
            state = state_of(path)
        except InputError:
            return
        if state.is_settled:
            self._seen[source.id] = state


def words_of(done: Synced) -> str:
    """Return in a few words what a sync did; an empty text if nothing changed."""
    parts = [
        f"{number:,} {what if number == 1 else plural}"
        for number, what, plural in (
            (done.new, "new event", "new events"),
            (done.changed, "event changed", "events changed"),
            (done.new_texts, "new text", "new texts"),
            (done.gone, "event gone", "events gone"),
            (done.returned, "event back", "events back"),
        )
        if number
    ]
    return ", ".join(parts)
