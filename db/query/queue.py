"""The events that a query finds, in order: what a reviewer goes through. Holds ids; rows are read when seen."""

import sqlite3
import sys
from array import array
from collections.abc import Container
from threading import Thread

from db.decisions.journal import Change
from db.model import Event
from db.query import compile_query, parse
from db.query.running import Finding
from db.store.event_types import read_event_types
from db.store.reading import QueueRow, read_queue_rows

_NEAR = 50  # places beside one: undo goes back to the event before
_FEW_CHANGED = 20  # events looked for one by one; more in one pass over all


class Queue:
    """The ids that a query found. It stays as found when decisions change what the query would find now.

    With ``beside`` they are looked for in a thread: ``begin`` gives a stretch of them to start with, and ``ids``
    and places are of that stretch until ``complete``.
    """

    def __init__(
        self, connection: sqlite3.Connection, query: str = "", *, beside: bool = False, around: int | None = None
    ) -> None:
        """Run the query, and where it finds the event ``around``, begin there. Raises QueryError."""
        self._connection = connection
        self.query = query
        self._headlines = {name: event_type.headline for name, event_type in read_event_types(connection).items()}
        (self._seen,) = connection.execute("SELECT coalesce(max(id), 0) FROM decisions").fetchone()
        self._finding = Finding(compile_query(connection, parse(query)), around)
        self.ids: array[int] = array("I")
        self._pending = bytearray()  # a byte an event: 1 where it is pending
        self.pending = 0
        self.complete = False
        self.from_start = True
        self._changes: list[Change] = []
        if not beside:
            self.go_on()
            self._finding.run(connection)
            self.begin()
            self.finish()
        else:
            (file,) = (row[2] for row in connection.execute("PRAGMA database_list") if row[1] == "main")
            Thread(target=self._finding.run_on, args=(file,), daemon=True).start()

    def begin(self, timeout: float | None = None) -> bool:
        """Take in the first stretch; whether it came within ``timeout`` seconds. Raises sqlite3.Error."""
        if not self._finding.begun.wait(timeout):
            return False
        stretch, error = self._finding.stretch, self._finding.error
        if error is not None and not stretch.ids:
            raise error
        if not self.ids and not self.complete:
            self.ids, self._pending, self.from_start = stretch.ids, stretch.pending, stretch.from_start
            self.pending = self._pending.count(1)
        if error is None:  # else what was found so far is of use, and finish tells the error
            self.finish(0)
        return True

    def finish(self, timeout: float | None = None) -> int | None:
        """Take in all that was found, and give by how much places moved; None where it did not come in time.

        Raises sqlite3.Error.
        """
        if timeout != 0:
            self._finding.wanted.set()
        if not self._finding.ended.wait(timeout):
            return None
        if self.complete:
            return 0
        if self._finding.error is not None:
            raise self._finding.error
        self.complete = True
        moved = 0
        found = self._finding.all
        if found is not None:
            moved = self._merge(found.ids, found.pending)
        for change in self._changes:
            self._mark(change)
        self._changes.clear()
        self.pending = self._pending.count(1)
        return moved

    def go_on(self) -> None:
        """Look for all of them from now on."""
        self._finding.wanted.set()

    def stop(self) -> None:
        """Look for no more: what was found so far stays."""
        self._finding.stop()

    @property
    def count_so_far(self) -> int:
        """How many events were found yet."""
        return max(len(self.ids), self._finding.count)

    def _merge(self, ids: "array[int]", pending: bytearray) -> int:
        """Put the stretch that was shown into its place among all; it stays as it was shown."""
        size = len(self.ids)
        place = 0 if self.from_start else _index(ids, self.ids[0]) if size else None
        if place is not None and ids[place : place + size] == self.ids:
            pending[place : place + size] = self._pending
        else:  # somebody decided in between, and all that the query finds now is another
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
        """The rows of places ``[start, stop)``."""
        return read_queue_rows(self._connection, self.ids[start:stop], self._headlines)

    def place(self, event_id: int, near: int = 0) -> int | None:
        """Where an event is, or None; at once where it is ``near``."""
        first = max(0, near - _NEAR)
        beside = self.ids[first : near + _NEAR]
        if event_id in beside:
            return first + beside.index(event_id)
        return _index(self.ids, event_id)

    def next_pending(self, place: int, avoiding: Container[int] = ()) -> int | None:
        """The next place after ``place`` with a pending event, from the top after the end; None if none is left.

        One of ``avoiding``, integer ids of events, only where there is no other.
        """
        avoided = None
        for start, stop in ((place + 1, len(self.ids)), (0, min(max(place, 0), len(self.ids)))):
            while (found := self._pending.find(1, start, stop)) >= 0:
                row = self._connection.execute("SELECT status FROM events WHERE id = ?", (self.ids[found],)).fetchone()
                if row and row[0] == "pending":
                    if self.ids[found] not in avoiding:
                        return found
                    avoided = found if avoided is None else avoided
                    start = found + 1
                    continue
                self._set_pending(found, False)  # somebody else decided
                start = found + 1
        return avoided

    def take_in(self, change: Change, near: int = 0) -> None:
        """Keep the ids and the count of pending events after a decision, probably about the event ``near``.

        An event that a person made comes after the last one of its document, whatever the query; one that was undone
        goes.
        """
        if not self.complete:
            self._changes.append(change)
        for before, after in change.touched:
            place = self.place(after.id, near)
            if after.live and place is None and not before.live:
                place = self._end_of(after)
                self.ids.insert(place, after.id)
                self._pending.insert(place, 0)
                self._set_pending(place, after.status == "pending")
            elif place is not None and not after.live:
                self._set_pending(place, False)
                del self.ids[place], self._pending[place]
            elif place is not None:
                self._set_pending(place, after.status == "pending")

    def take_in_others(self) -> None:
        """Keep the count of pending events after decisions of others."""
        changed = dict(
            self._connection.execute(
                "SELECT events.id, events.status = 'pending' FROM events WHERE id IN (SELECT event_id FROM decisions"
                " WHERE id > :seen UNION SELECT event_id FROM decision_events WHERE decision_id > :seen)",
                {"seen": self._seen},
            )
        )
        (self._seen,) = self._connection.execute("SELECT coalesce(max(id), 0) FROM decisions").fetchone()
        if len(changed) <= _FEW_CHANGED:
            places = [(place, pending) for id_, pending in changed.items() if (place := self.place(id_)) is not None]
        else:
            places = [(place, changed[id_]) for place, id_ in enumerate(self.ids) if id_ in changed]
        for place, pending in places:
            self._set_pending(place, bool(pending))

    def _mark(self, change: Change) -> None:
        for _, after in change.touched:
            if (place := self.place(after.id)) is not None:
                self._pending[place] = after.status == "pending"

    def _set_pending(self, place: int, pending: bool) -> None:
        self.pending += pending - self._pending[place]
        self._pending[place] = pending

    def _end_of(self, event: Event) -> int:
        rows = self._connection.execute("SELECT id FROM events WHERE live AND document_id = ?", (event.document_id,))
        places = [place for (event_id,) in rows if (place := self.place(event_id)) is not None]
        return max(places, default=len(self.ids) - 1) + 1


def _index(ids: "array[int]", event_id: int) -> int | None:
    """As ``array.index``, which makes an object of each number before, ten times as fast."""
    if event_id.bit_length() > 8 * ids.itemsize:
        return None
    raw, wanted, size = ids.tobytes(), event_id.to_bytes(ids.itemsize, sys.byteorder), ids.itemsize
    at = raw.find(wanted)
    while at >= 0:
        if at % size == 0:
            return at // size
        at = raw.find(wanted, at + 1)
    return None
