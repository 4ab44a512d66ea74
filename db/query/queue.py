"""The queue of events that a query finds, in order, for a reviewer to go through."""

import sqlite3
import sys
from array import array
from collections.abc import Container
from dataclasses import replace
from threading import Thread

from db.grounding.missing import MissingValues
from db.model import Change, Event
from db.query import compile_query, parse
from db.query.running import QueryRun
from db.store.connection import reopener
from db.store.event_types import read_event_types
from db.store.reading import QueueRow, read_queue_rows

_NEAR = 50  # places to look at around an expected one: undo goes back to the event before
_FEW_CHANGED = 20  # events located one by one; for more, one pass over the queue is faster


class Queue:
    """The integer ids of the events that a query found; rows are read when they are shown.

    The queue stays as it was found, even if decisions change what the query would find now. With ``in_background``, a
    thread finds the events: ``wait_for_page`` gives a page to start with, and ``ids`` and places are those of the page
    until the queue is ``complete``.
    """

    def __init__(
        self,
        connection: sqlite3.Connection,
        query: str = "",
        *,
        in_background: bool = False,
        start_at: int | None = None,
        missing: MissingValues | None = None,
    ) -> None:
        """Run the query. If it finds the event ``start_at``, the page contains it. Raises QueryError."""
        self._connection = connection
        self.query = query
        self._missing = missing or MissingValues(connection)
        self._headlines = {name: event_type.headline for name, event_type in read_event_types(connection).items()}
        self._last_decision = _last_decision(connection)
        self._run = QueryRun(compile_query(connection, parse(query)), start_at)
        self.ids: array[int] = array("I")
        self._pending = bytearray()  # one byte for each event: 1 if it is pending
        self.pending = 0
        self.complete = False
        self.from_start = True
        self._changes: list[Change] = []  # made before the queue was complete
        if in_background:
            Thread(target=self._run.run_in_thread, args=(reopener(connection),), daemon=True).start()
        else:
            self.find_rest()
            self._run.run(connection)
            self.wait_for_page()
            self.wait_for_all()

    def wait_for_page(self, timeout: float | None = None) -> bool:
        """Wait for the first page. Return False if it isn't found within ``timeout`` seconds. Raises sqlite3.Error."""
        if not self._run.page_ready.wait(timeout):
            return False
        page, error = self._run.page, self._run.error
        if error is not None and not page.ids:
            raise error
        if not self.ids and not self.complete:
            self.ids, self._pending, self.from_start = page.ids, page.pending, page.from_start
            self.pending = self._pending.count(1)
        if error is None:  # otherwise the page is still of use, and wait_for_all raises the error
            self.wait_for_all(0)
        return True

    def wait_for_all(self, timeout: float | None = None) -> int | None:
        """Wait for all events. Return how many places those of the page moved down, or None after the timeout.

        Raises sqlite3.Error.
        """
        if timeout != 0:
            self.find_rest()
        if not self._run.finished.wait(timeout):
            return None
        if self.complete:
            return 0
        if self._run.error is not None:
            raise self._run.error
        self.complete = True
        found = self._run.all
        moved = 0 if found is None else self._merge(found.ids, found.pending)
        for change in self._changes:
            for _, after in change.touched:
                if (place := self.place(after.id)) is not None:
                    self._pending[place] = after.status == "pending"
        self._changes.clear()
        self.pending = self._pending.count(1)
        return moved

    def find_rest(self) -> None:
        """Start finding all events, now that the page is shown."""
        self._run.rest_requested.set()

    def cancel(self) -> None:
        """Cancel the search, and keep what it found."""
        self._run.cancel()

    @property
    def found_so_far(self) -> int:
        """The number of events found so far."""
        return max(len(self.ids), self._run.count)

    def _merge(self, ids: "array[int]", pending: bytearray) -> int:
        """Put the page, as it is shown, in its place among all events. Return that place."""
        size = len(self.ids)
        place = 0 if self.from_start else _index(ids, self.ids[0]) if size else None
        if place is not None and ids[place : place + size] == self.ids:
            pending[place : place + size] = self._pending
        else:  # decisions in the meantime changed what the query finds
            shown = set(self.ids)
            place = 0 if self.from_start else next((n for n, id_ in enumerate(ids) if id_ in shown), len(ids))
            others = [n for n, id_ in enumerate(ids) if id_ not in shown]
            ids = array(ids.typecode, [ids[n] for n in others])
            pending = bytearray(pending[n] for n in others)
            ids[place:place] = self.ids
            pending[place:place] = self._pending
        self.ids, self._pending = ids, pending
        return place

    def __len__(self) -> int:
        return len(self.ids)

    def rows(self, start: int, stop: int) -> list[QueueRow]:
        """Return the rows of the places ``[start, stop)``."""
        rows = read_queue_rows(self._connection, self.ids[start:stop], self._headlines)
        weak = self._missing.events([row.id for row in rows if row.status == "pending"])
        return [replace(row, weak=True) if row.id in weak else row for row in rows]

    def place(self, event_id: int, near: int = 0) -> int | None:
        """Return the place of an event, or None. It is found fastest around the place ``near``."""
        first = max(0, near - _NEAR)
        around = self.ids[first : near + _NEAR]
        if event_id in around:
            return first + around.index(event_id)
        return _index(self.ids, event_id)

    def next_pending(self, place: int, avoid: Container[int] = ()) -> int | None:
        """Return the next place after ``place`` with a pending event, or None. After the end comes the first place.

        Events with ids in ``avoid`` count only if no other event is pending.
        """
        avoided = None
        for start, stop in ((place + 1, len(self.ids)), (0, min(max(place, 0), len(self.ids)))):
            while (found := self._pending.find(1, start, stop)) >= 0:
                start = found + 1
                row = self._connection.execute("SELECT status FROM events WHERE id = ?", (self.ids[found],)).fetchone()
                if not row or row[0] != "pending":  # another process decided
                    self._set_pending(found, False)
                elif self.ids[found] not in avoid:
                    return found
                elif avoided is None:
                    avoided = found
        return avoided

    def apply(self, change: Change, near: int = 0) -> None:
        """Update the queue after a decision, probably on the event at the place ``near``.

        An event that a person added comes after the last event of its document, whatever the query. If adding it is
        undone, it leaves the queue.
        """
        if not self.complete:
            self._changes.append(change)
        for before, after in change.touched:
            place = self.place(after.id, near)
            if after.live and place is None and not before.live:
                place = self._end_of_document(after)
                self.ids.insert(place, after.id)
                self._pending.insert(place, 0)
                self._set_pending(place, after.status == "pending")
            elif place is not None and not after.live:
                self._set_pending(place, False)
                del self.ids[place], self._pending[place]
            elif place is not None:
                self._set_pending(place, after.status == "pending")

    def refresh(self) -> None:
        """Update which events are pending after decisions of other processes."""
        changed = dict(
            self._connection.execute(
                "SELECT events.id, events.status = 'pending' FROM events WHERE id IN (SELECT event_id FROM decisions"
                " WHERE id > :last UNION SELECT event_id FROM decision_events WHERE decision_id > :last)",
                {"last": self._last_decision},
            )
        )
        self._last_decision = _last_decision(self._connection)
        if len(changed) <= _FEW_CHANGED:
            places = [(place, pending) for id_, pending in changed.items() if (place := self.place(id_)) is not None]
        else:
            places = [(place, changed[id_]) for place, id_ in enumerate(self.ids) if id_ in changed]
        for place, pending in places:
            self._set_pending(place, bool(pending))

    def _set_pending(self, place: int, pending: bool) -> None:
        self.pending += pending - self._pending[place]
        self._pending[place] = pending

    def _end_of_document(self, event: Event) -> int:
        rows = self._connection.execute("SELECT id FROM events WHERE live AND document_id = ?", (event.document_id,))
        places = [place for (event_id,) in rows if (place := self.place(event_id)) is not None]
        return max(places, default=len(self.ids) - 1) + 1


def _last_decision(connection: sqlite3.Connection) -> int:
    """Return the id of the last decision in the file, or 0."""
    last: int = connection.execute("SELECT coalesce(max(id), 0) FROM decisions").fetchone()[0]
    return last


def _index(ids: "array[int]", event_id: int) -> int | None:
    """Return the index of an id, or None. Unlike ``array.index``, this makes no object of each number: 10x faster."""
    if event_id.bit_length() > 8 * ids.itemsize:
        return None
    raw, pattern, size = ids.tobytes(), event_id.to_bytes(ids.itemsize, sys.byteorder), ids.itemsize
    at = raw.find(pattern)
    while at >= 0:
        if at % size == 0:
            return at // size
        at = raw.find(pattern, at + 1)
    return None
