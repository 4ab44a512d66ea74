"""Finds the events of a query: a stretch to begin with, then all, beside whoever waits for them."""

import sqlite3
from array import array
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass, field
from threading import Event

from db.file import open_file
from db.query import Search
from db.query.values import Sql

PAGE = 200  # events of the first stretch, from the first pending one
_BEFORE = 100  # events before it
_SMALL = 2**31  # ids below take four bytes each, with room for those to come
_CHUNK = 4096  # rows taken at once: between two rows the screen may go on, between two chunks the count is told


@dataclass(slots=True)
class Found:
    """Integer ids in order, and for each a byte: 1 where the event is pending. ``from_start``: none comes before."""

    ids: "array[int]" = field(default_factory=lambda: array("I"))
    pending: bytearray = field(default_factory=bytearray)
    from_start: bool = True

    def extend(self, rows: Iterable[tuple[int, int]]) -> None:
        """Add rows of an id and whether it is pending."""
        if pairs := list(rows):
            ids, pending = zip(*pairs, strict=True)
            if max(ids) > _SMALL and self.ids.typecode == "I":
                self.ids = array("q", self.ids)
            self.ids.extend(ids)
            self.pending.extend(pending)


class Finding:
    """One run of a query. ``stretch`` holds once ``begun`` is set, ``all`` once ``ended`` is; None if it is no more.

    ``error`` is what ended it before; a run that was stopped has none, and what it had found counts as all.
    """

    def __init__(self, search: Search, around: int | None = None) -> None:
        """``around``: the integer id of an event to begin with, where the query finds it."""
        self._search = search
        self._around = around
        self.stretch = Found()
        self.all: Found | None = None
        self.begun = Event()
        self.ended = Event()
        self.error: sqlite3.Error | None = None
        self._stopped = False
        self._connection: sqlite3.Connection | None = None

    @property
    def count(self) -> int:
        """How many were found so far."""
        return len(self.all.ids) if self.all is not None else len(self.stretch.ids)

    def run_on(self, file: str) -> None:
        """Run on a connection of its own, as a thread must."""
        try:
            with closing(open_file(file)) as connection:
                self.run(connection)
        except Exception as error:  # told to who waits, whatever it is
            self._end(error if isinstance(error, sqlite3.Error) else sqlite3.OperationalError(str(error)))

    def run(self, connection: sqlite3.Connection) -> None:
        """Run to the end."""
        self._connection = connection
        try:
            whole = self._begin(connection)
            self.begun.set()
            if not whole:
                found = self.all = Found()
                for sql, parameters in self._search.rest:
                    rows = connection.execute(sql, parameters)
                    while not self._stopped and (chunk := rows.fetchmany(_CHUNK)):
                        found.extend(chunk)
        except sqlite3.Error as error:
            self._end(None if self._stopped else error)
        else:
            self._end(None)

    def stop(self) -> None:
        """End the run soon."""
        self._stopped = True
        if self._connection is not None and not self.ended.is_set():
            self._connection.interrupt()

    def _end(self, error: sqlite3.Error | None) -> None:
        self.error = error
        self._connection = None
        self.begun.set()
        self.ended.set()

    def _begin(self, connection: sqlite3.Connection) -> bool:
        """Find the stretch; whether it is all. It holds the wanted event, or else the first pending one."""

        def rows(statement: Sql, limit: int) -> list[tuple[int, int]]:
            sql, parameters = statement
            return connection.execute(f"{sql} LIMIT {limit}", parameters).fetchall()

        def stretch_from(event_id: int) -> list[tuple[int, int]]:
            after = rows(self._search.after(event_id), PAGE)
            if not after or after[0][0] != event_id:
                return []
            before = rows(self._search.before(event_id), _BEFORE)
            self.stretch.from_start = len(before) < _BEFORE
            return [*reversed(before), *after]

        first: list[tuple[int, int]] = []
        for leg in self._search.first:
            first += rows(leg, PAGE - len(first))
            if len(first) >= PAGE:
                break
        whole = len(first) < PAGE
        if not whole and self._search.in_order:
            wanted = stretch_from(self._around) if self._around is not None else []
            if not wanted and not any(pending for _, pending in first):
                wanted = [row for event_id, _ in rows(self._search.pending, 1) for row in stretch_from(event_id)]
            first = wanted or first
        self.stretch.extend(first)
        return whole
