"""Finds the events of a query: a stretch to begin with, then all, beside whoever waits for them."""

import sqlite3
from array import array
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass, field
from threading import Event
from time import monotonic
from typing import TypeVar

from db.query import Search
from db.query.values import Sql
from db.store.connection import open_file

PAGE = 100  # events of the first stretch, from the first pending one
_ROWS = 10 * PAGE  # read for a page: sorted by a field, an event comes as often as it has the field
_BEFORE = 50  # events before it
_SMALL = 2**31  # ids below take four bytes each, with room for those to come
_ROOM = 10_000  # ids taken note of at once
_SOON = 0.2  # seconds for a page, by walking; then all are found by sets, and the page with them
_STEPS = 10_000  # of SQLite's machine between two looks at the clock: less than a millisecond
_DRAWN = 1.0  # seconds after which the rest is looked for even if nobody wants it yet
_CHUNK = 4096  # rows taken at once: between two rows the screen may go on, between two chunks the count is told


T = TypeVar("T")


@dataclass(slots=True)
class Found:
    """Integer ids in order, and for each a byte: 1 where the event is pending. ``from_start``: none comes before."""

    ids: "array[int]" = field(default_factory=lambda: array("I"))
    pending: bytearray = field(default_factory=bytearray)
    from_start: bool = True

    def extend(self, rows: Iterable[tuple[int, int]], seen: bytearray | None = None) -> None:
        """Add rows of an id and whether it is pending; those not ``seen``, a byte an id, where that is given."""
        if seen is not None:
            new = []
            for row in rows:
                if row[0] >= len(seen):  # others have added events meanwhile
                    seen.extend(bytes(row[0] + _ROOM - len(seen)))
                if not seen[row[0]]:
                    seen[row[0]] = 1
                    new.append(row)
            rows = new
        if pairs := list(rows):
            ids, pending = zip(*pairs, strict=True)
            if max(ids) > _SMALL and self.ids.typecode == "I":
                self.ids = array("q", self.ids)
            self.ids.extend(ids)
            self.pending.extend(pending)


class Finding:
    """One run of a query. ``stretch`` holds once ``begun`` is set, ``all`` once ``ended`` is; None if it is no more.

    Whoever sets ``wanted`` has it go on from the stretch. ``error`` is what ended it before; a run that was stopped
    has none, and what it had found counts as all.
    """

    def __init__(self, search: Search, around: int | None = None) -> None:
        """``around``: the integer id of an event to begin with, where the query finds it."""
        self._search = search
        self._around = around
        self.stretch = Found()
        self.all: Found | None = None
        self.begun = Event()
        self.ended = Event()
        self.wanted = Event()
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
            begun = self._begin(connection)
            if begun is not None:
                self.begun.set()
            if not begun:
                # The first page is drawn before the rest is looked for: both want the interpreter.
                self.wanted.wait(_DRAWN if begun is not None else 0)
                self._find_all(connection)
        except sqlite3.Error as error:
            self._end(None if self._stopped else error)
        else:
            self._end(None)

    def _find_all(self, connection: sqlite3.Connection) -> None:
        found = self.all = Found()
        if not self.begun.is_set():
            self.stretch = Found()
        seen = None
        if len(self._search.rest) > 1:
            (highest,) = connection.execute("SELECT coalesce(max(id), 0) FROM events").fetchone()
            seen = bytearray(highest + 1)
        for sql, parameters in self._search.rest:
            if self._stopped:  # before there was a statement to interrupt
                break
            rows = connection.execute(sql, parameters)
            while not self._stopped and (chunk := rows.fetchmany(_CHUNK if self.begun.is_set() else PAGE)):
                found.extend(chunk, seen)
                if not self.begun.is_set() and len(found.ids) >= PAGE:
                    self.stretch = Found(found.ids[:], found.pending[:])
                    self.begun.set()

    def stop(self) -> None:
        """End the run soon."""
        self._stopped = True
        self.wanted.set()
        if self._connection is not None and not self.ended.is_set():
            with suppress(sqlite3.ProgrammingError):  # it has ended just now
                self._connection.interrupt()

    def _end(self, error: sqlite3.Error | None) -> None:
        self.error = error
        self._connection = None
        self.begun.set()
        self.ended.set()

    def _begin(self, connection: sqlite3.Connection) -> bool | None:
        """Find the stretch; whether it is all, or None where it is not soon found.

        It holds the wanted event, or else the first pending one.
        """

        def rows(statement: Sql, limit: int) -> list[tuple[int, int]]:
            sql, parameters = statement
            return connection.execute(f"{sql} LIMIT {limit}", parameters).fetchall()

        def stretch_from(event_id: int) -> list[tuple[int, int]]:
            after = rows(self._search.after(event_id), PAGE)
            before = rows(self._search.before(event_id), _BEFORE)
            self.stretch.from_start = len(before) < _BEFORE
            return [*reversed(before), *after]

        def begin() -> bool:
            if self._search.few:
                self.stretch.extend([row for leg in self._search.first for row in connection.execute(*leg)])
                return True
            if self._search.in_order and self._around is not None and rows(self._search.only(self._around), 1):
                self.stretch.extend(stretch_from(self._around))
                return False
            first, whole = _first_rows(connection, self._search)
            if not whole and self._search.in_order and not any(pending for _, pending in first):
                pending = rows(self._search.pending, 1)
                first = stretch_from(pending[0][0]) if pending else first
            self.stretch.extend(first)
            return whole

        return _soon(connection, begin)


def event_ids(connection: sqlite3.Connection, search: Search) -> Iterator[int]:
    """Integer ids of the events that a query finds, in its order: the first ones at once."""
    begun = None if search.few else _soon(connection, lambda: _first_rows(connection, search))
    first, whole = begun or ([], False)
    yield from (event_id for event_id, _ in first)
    if whole:
        return
    seen = {event_id for event_id, _ in first}
    for sql, parameters in search.rest:
        for event_id, _ in connection.execute(sql, parameters):
            if event_id not in seen:
                if len(search.rest) > 1:
                    seen.add(event_id)
                yield event_id


def _first_rows(connection: sqlite3.Connection, search: Search) -> tuple[list[tuple[int, int]], bool]:
    """The first rows of an id and whether it is pending, at most a page; whether they are all."""
    first: dict[int, int] = {}
    for sql, parameters in search.first:
        for number, (event_id, pending) in enumerate(connection.execute(f"{sql} LIMIT {_ROWS}", parameters), 1):
            first.setdefault(event_id, pending)
            if len(first) >= PAGE or number == _ROWS:
                return list(first.items()), False
    return list(first.items()), True


def _soon(connection: sqlite3.Connection, work: Callable[[], T]) -> T | None:
    """What work gives, or None where it takes longer than a page may."""
    end, late = monotonic() + _SOON, False

    def over() -> bool:
        nonlocal late
        late = monotonic() > end
        return late

    connection.set_progress_handler(over, _STEPS)
    try:
        return work()
    except sqlite3.OperationalError:
        if not late:
            raise
        return None
    finally:
        connection.set_progress_handler(None, 0)
