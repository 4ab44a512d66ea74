"""Who has which event open: one row for each running reviewer, renewed now and then, that expires.

It is not part of anybody's judgement, so it must not cost time: rows are written without an fsync, and not at all
while another process writes.
"""

import contextlib
import os
import sqlite3
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from time import monotonic

from db.errors import EventdeskError
from db.store.connection import can_write, reopener, writing
from db.store.valid.fetching import decoded

EXPIRES = 30.0  # seconds without a renewal after which a reviewer counts as gone; and ahead of now, as clocks differ
_RENEW_AFTER = 10.0  # seconds
_MOST_OTHERS = 100  # rows that are read; more were not made by reviewers


class Presence:
    """One reviewer's presence in one file, and that of the others."""

    def __init__(self, connection: sqlite3.Connection, reviewer: str) -> None:
        self._writable = can_write(connection)
        self._reopen = reopener(connection)
        self._reviewer = reviewer
        self._process = os.urandom(8).hex()
        self._connection: sqlite3.Connection | None = None
        self._announced: tuple[int, float] = (0, 0.0)

    def announce(self, event_id: int) -> None:
        """Store which event is open, unless that was done lately. Does nothing if the file can't be written now."""
        event, when = self._announced
        if not self._writable or (event == event_id and monotonic() - when < _RENEW_AFTER):
            return
        with contextlib.suppress(sqlite3.Error, EventdeskError):
            if self._connection is None:
                # A separate connection, because decisions must not be written without an fsync.
                self._connection = self._reopen()
                self._connection.execute("PRAGMA synchronous = NORMAL")
            with writing(self._connection, timeout=0):
                self._connection.execute(
                    "DELETE FROM presence WHERE seen_at NOT BETWEEN ? AND ?", (_ago(2 * EXPIRES), _ago(-2 * EXPIRES))
                )
                self._connection.execute(
                    "INSERT OR REPLACE INTO presence (process, reviewer, event_id, seen_at) VALUES (?, ?, ?, ?)",
                    (self._process, self._reviewer, event_id, _ago(0)),
                )
            self._announced = (event_id, monotonic())

    def others(self, connection: sqlite3.Connection) -> Mapping[int, tuple[str, ...]]:
        """Return the other reviewers that have an event open, by its integer id."""
        found: dict[int, tuple[str, ...]] = {}
        for event_id, reviewer in decoded(
            connection,
            "SELECT event_id, reviewer FROM presence WHERE process <> ? AND seen_at BETWEEN ? AND ? LIMIT ?",
            2,
            (self._process, _ago(EXPIRES), _ago(-EXPIRES), _MOST_OTHERS),
        ):
            if type(event_id) is int and type(reviewer) is str:
                found[event_id] = (*found.get(event_id, ()), reviewer)
        return {event_id: tuple(sorted(reviewers)) for event_id, reviewers in found.items()}

    def close(self) -> None:
        """Remove this reviewer's row."""
        if self._connection is None:
            return
        with contextlib.suppress(sqlite3.Error, EventdeskError), writing(self._connection, timeout=0):
            self._connection.execute("DELETE FROM presence WHERE process = ?", (self._process,))
        self._connection.close()
        self._connection = None


def _ago(seconds: float) -> str:
    return (datetime.now(UTC) - timedelta(seconds=seconds)).isoformat(timespec="milliseconds")
