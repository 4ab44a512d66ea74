"""Who has which event open. A row a running reviewer, told again from time to time, that expires by itself.

It is no part of anybody's judgement, so it costs no wait: written without an fsync, and left out while another
process writes.
"""

import contextlib
import os
import sqlite3
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from time import monotonic

from db.errors import EventdeskError
from db.store.connection import open_file, writing

EXPIRES = 30.0  # seconds after which a reviewer who says nothing is gone
_TOLD_AGAIN = 10.0  # seconds


class Presence:
    """One reviewer's presence in one file, and that of the others."""

    def __init__(self, connection: sqlite3.Connection, reviewer: str) -> None:
        (self._file,) = (row[2] for row in connection.execute("PRAGMA database_list") if row[1] == "main")
        self._reviewer = reviewer
        self._process = os.urandom(8).hex()
        self._connection: sqlite3.Connection | None = None
        self._told: tuple[int, float] = (0, 0.0)

    def tell(self, event_id: int) -> None:
        """Say which event is open, unless that was said lately. Where it can't be written, nothing is said."""
        event, when = self._told
        if event == event_id and monotonic() - when < _TOLD_AGAIN:
            return
        with contextlib.suppress(sqlite3.Error, EventdeskError):
            if self._connection is None:
                # Of its own: what it writes without an fsync must not be a decision.
                self._connection = open_file(self._file)
                self._connection.execute("PRAGMA synchronous = NORMAL")
            with writing(self._connection, timeout=0):
                self._connection.execute("DELETE FROM presence WHERE seen_at < ?", (_before(2 * EXPIRES),))
                self._connection.execute(
                    "INSERT OR REPLACE INTO presence (process, reviewer, event_id, seen_at) VALUES (?, ?, ?, ?)",
                    (self._process, self._reviewer, event_id, _before(0)),
                )
            self._told = (event_id, monotonic())

    def others(self, connection: sqlite3.Connection) -> Mapping[int, tuple[str, ...]]:
        """The reviewers that have an event open, by its integer id, but for this one."""
        found: dict[int, tuple[str, ...]] = {}
        for event_id, reviewer in connection.execute(
            "SELECT event_id, reviewer FROM presence WHERE process <> ? AND seen_at >= ? ORDER BY reviewer",
            (self._process, _before(EXPIRES)),
        ):
            found[event_id] = (*found.get(event_id, ()), reviewer)
        return found

    def leave(self) -> None:
        """Be gone at once."""
        if self._connection is None:
            return
        with contextlib.suppress(sqlite3.Error, EventdeskError), writing(self._connection, timeout=0):
            self._connection.execute("DELETE FROM presence WHERE process = ?", (self._process,))
        self._connection.close()
        self._connection = None


def _before(seconds: float) -> str:
    return (datetime.now(UTC) - timedelta(seconds=seconds)).isoformat(timespec="milliseconds")
