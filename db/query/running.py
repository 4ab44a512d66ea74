"""Runs a query: finds a first page of events at once, then all of them, as a rule in a thread."""

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

PAGE = 100  # events of the first page, from the first pending one
_BEFORE = 50  # events before those
_ROWS = 10 * PAGE  # rows read for a page: sorted by a field, an event comes once for each value of the field
_SMALL = 2**31  # ids below take four bytes each, with room for new ones
_ROOM = 10_000  # ids by which a table of seen ids grows
_PAGE_TIME = 0.2  # seconds to find the page by walking the events; after that, all are found by sets
_STEPS = 10_000  # of SQLite's virtual machine between two looks at the clock: less than a millisecond
_DRAW_TIME = 1.0  # seconds after which the rest is found even if nobody asks for it
_CHUNK = 4096  # rows fetched at once; other threads get their turn and see the count between two chunks


T = TypeVar("T")
_Row = tuple[int, int]  # an integer event id, and 1 if the event is pending, otherwise 0


@dataclass(slots=True)
class Found:
    """Integer event ids in order, and a byte for each: 1 if the event is pending, otherwise 0."""

    ids: "array[int]" = field(default_factory=lambda: array("I"))
    pending: bytearray = field(default_factory=bytearray)
    from_start: bool = True
    """True if no event comes before these."""

    def extend(self, rows: Iterable[_Row], seen: bytearray | None = None) -> None:
        """Add rows. With ``seen``, which has a byte for each id, add only ids that are new to it."""
        if seen is not None:
            new = []
            for row in rows:
                if row[0] >= len(seen):  # other processes have added events
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


class QueryRun:
    """One run of a query.

    It sets ``page_ready`` once ``page`` can be read, and ``finished`` in the end. By then ``all`` holds all events, or
    is None if the page does. Between the two it waits until ``rest_requested`` is set. ``error`` is what ended the run
    early; a cancelled run has no error, and ``all`` is what it found.
    """

    def __init__(self, search: Search, start_at: int | None = None) -> None:
        """``start_at``: the integer id of an event that the page should contain if the query finds it."""
        self._search = search
        self._start_at = start_at
        self.page = Found()
        self.all: Found | None = None
        self.page_ready = Event()
        self.rest_requested = Event()
        self.finished = Event()
        self.error: sqlite3.Error | None = None
        self._cancelled = False
        self._connection: sqlite3.Connection | None = None

    @property
    def count(self) -> int:
        """The number of events found so far."""
        return len(self.all.ids) if self.all is not None else len(self.page.ids)

    def run_in_thread(self, reopen: Callable[[], sqlite3.Connection]) -> None:
        """Run on a connection of this thread, and keep any exception as ``error``."""
        try:
            with closing(reopen()) as connection:
                self.run(connection)
        except Exception as error:
            self._finish(error if isinstance(error, sqlite3.Error) else sqlite3.OperationalError(str(error)))

    def run(self, connection: sqlite3.Connection) -> None:
        """Find the page, then all events."""
        self._connection = connection
        try:
            complete = self._find_page(connection)
            if complete is False:
                self.page_ready.set()
                # Drawing the page comes first: drawing and finding compete for the interpreter.
                self.rest_requested.wait(_DRAW_TIME)
            if not complete:
                self._find_all(connection)
        except sqlite3.Error as error:
            self._finish(None if self._cancelled else error)
        else:
            self._finish(None)

    def cancel(self) -> None:
        """End the run soon, and keep what it found."""
        self._cancelled = True
        self.rest_requested.set()
        if self._connection is not None and not self.finished.is_set():
            with suppress(sqlite3.ProgrammingError):  # the thread has just closed it
                self._connection.interrupt()

    def _finish(self, error: sqlite3.Error | None) -> None:
        self.error = error
        self._connection = None
        self.page_ready.set()
        self.finished.set()

    def _find_page(self, connection: sqlite3.Connection) -> bool | None:
        """Find the page. Return True if it holds all events, and None if finding it takes too long."""
        found = _try_quickly(connection, lambda: self._page(connection))
        if found is None:
            return None
        self.page, complete = found
        return complete

    def _page(self, connection: sqlite3.Connection) -> tuple[Found, bool]:
        """Return a page around the event to start at, or the first pending one, and True if it holds all events."""
        search, page = self._search, Found()
        if search.few:
            page.extend(row for statement in search.first for row in connection.execute(*statement))
            return page, True
        if search.in_order and self._start_at is not None and _rows(connection, search.only(self._start_at), 1):
            return self._page_around(connection, self._start_at), False
        rows, complete = _first_rows(connection, search)
        if not complete and search.in_order and not any(pending for _, pending in rows):
            for event_id, _ in _rows(connection, search.pending, 1):
                return self._page_around(connection, event_id), False
        page.extend(rows)
        return page, complete

    def _page_around(self, connection: sqlite3.Connection, event_id: int) -> Found:
        after = _rows(connection, self._search.after(event_id), PAGE)
        before = _rows(connection, self._search.before(event_id), _BEFORE)
        page = Found(from_start=len(before) < _BEFORE)
        page.extend([*reversed(before), *after])
        return page

    def _find_all(self, connection: sqlite3.Connection) -> None:
        """Find all events. If there is no page yet, the first ones become the page."""
        found = self.all = Found()
        seen = None
        if len(self._search.rest) > 1:
            (highest,) = connection.execute("SELECT coalesce(max(id), 0) FROM events").fetchone()
            seen = bytearray(highest + 1)
        for sql, parameters in self._search.rest:
            if self._cancelled:  # before there was a statement to interrupt
                break
            rows = connection.execute(sql, parameters)
            while not self._cancelled and (chunk := rows.fetchmany(_CHUNK if self.page_ready.is_set() else PAGE)):
                found.extend(chunk, seen)
                if not self.page_ready.is_set() and len(found.ids) >= PAGE:
                    self.page = Found(found.ids[:], found.pending[:])
                    self.page_ready.set()


def event_ids(connection: sqlite3.Connection, search: Search) -> Iterator[int]:
    """Yield the integer ids of the events that a query finds, in its order and the first ones at once."""
    quick = None if search.few else _try_quickly(connection, lambda: _first_rows(connection, search))
    first, complete = quick or ([], False)
    yield from (event_id for event_id, _ in first)
    if complete:
        return
    seen = {event_id for event_id, _ in first}
    for sql, parameters in search.rest:
        for event_id, _ in connection.execute(sql, parameters):
            if event_id not in seen:
                if len(search.rest) > 1:
                    seen.add(event_id)
                yield event_id


def _rows(connection: sqlite3.Connection, statement: Sql, limit: int) -> list[_Row]:
    sql, parameters = statement
    return connection.execute(f"{sql} LIMIT {limit}", parameters).fetchall()


def _first_rows(connection: sqlite3.Connection, search: Search) -> tuple[list[_Row], bool]:
    """Return the first rows, at most a page, and True if they are all."""
    first: dict[int, int] = {}
    for sql, parameters in search.first:
        for number, (event_id, pending) in enumerate(connection.execute(f"{sql} LIMIT {_ROWS}", parameters), 1):
            first.setdefault(event_id, pending)
            if len(first) >= PAGE or number == _ROWS:
                return list(first.items()), False
    return list(first.items()), True


def _try_quickly(connection: sqlite3.Connection, work: Callable[[], T]) -> T | None:
    """Return the result of ``work``, or None if its SQL takes longer than a page may take."""
    deadline, is_late = monotonic() + _PAGE_TIME, False

    def interrupt() -> bool:
        nonlocal is_late
        is_late = monotonic() > deadline
        return is_late

    connection.set_progress_handler(interrupt, _STEPS)
    try:
        return work()
    except sqlite3.OperationalError:
        if not is_late:
            raise
        return None
    finally:
        connection.set_progress_handler(None, 0)
