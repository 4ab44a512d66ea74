"""The events that a query finds, in order: what a reviewer goes through. Holds ids; rows are read when seen."""

import sqlite3
from array import array
from collections.abc import Iterator

from db.deciding import Change
from db.event_types import read_event_types
from db.model import Event, Status
from db.query import Compiled, compile_query, parse
from db.reading import QueueRow, read_queue_rows

_FROM = "FROM events JOIN documents ON documents.id = events.document_id WHERE events.live AND"
_LOOK_AHEAD = 500


class Queue:
    """The ids that a query found. It stays as found when decisions change what the query would find now."""

    def __init__(self, connection: sqlite3.Connection, query: str = "") -> None:
        """Run the query. Raises QueryError."""
        self._connection = connection
        self.query = query
        compiled = compile_query(parse(query))
        self.ids: array[int] = array("q", event_ids(connection, compiled))
        self.pending = self._count_pending(compiled)
        self._headlines = {name: event_type.headline for name, event_type in read_event_types(connection).items()}

    def __len__(self) -> int:
        return len(self.ids)

    def rows(self, start: int, stop: int) -> list[QueueRow]:
        """The rows of places ``[start, stop)``."""
        return read_queue_rows(self._connection, self.ids[start:stop], self._headlines)

    def place(self, event_id: int) -> int | None:
        """Where an event is, or None."""
        try:
            return self.ids.index(event_id)
        except ValueError:
            return None

    def next_pending(self, place: int) -> int | None:
        """The next place after ``place`` with a pending event, from the top after the end; None if none is left."""
        for stretch in (range(place + 1, len(self.ids)), range(min(place, len(self.ids)))):
            for start in range(stretch.start, stretch.stop, _LOOK_AHEAD):
                stop = min(start + _LOOK_AHEAD, stretch.stop)
                pending = self._pending_among(self.ids[start:stop])
                for number in range(start, stop):
                    if self.ids[number] in pending:
                        return number
        return None

    def take_in(self, change: Change) -> None:
        """Keep the ids and the count of pending events after a decision.

        An event that a person made comes after the last one of its document, whatever the query; one that was undone
        goes.
        """
        for before, after in change.touched:
            place = self.place(after.id)
            if after.live and place is None and not before.live:
                self.ids.insert(self._end_of(after), after.id)
                self.pending += after.status == "pending"
            elif place is not None and not after.live:
                del self.ids[place]
                self.pending -= before.status == "pending"
            elif place is not None:
                self.pending += (after.status == "pending") - (before.status == "pending")

    def _end_of(self, event: Event) -> int:
        rows = self._connection.execute("SELECT id FROM events WHERE document_id = ?", (event.document_id,))
        places = [place for (event_id,) in rows if (place := self.place(event_id)) is not None]
        return max(places, default=len(self.ids) - 1) + 1

    def recount(self) -> None:
        """Count the pending events again, after others wrote."""
        self.pending = self._count_pending(compile_query(parse(self.query)))

    def _pending_among(self, ids: "array[int]") -> set[int]:
        marks = ",".join("?" * len(ids))
        status: Status = "pending"
        rows = self._connection.execute(f"SELECT id FROM events WHERE id IN ({marks}) AND status = ?", (*ids, status))
        return {row[0] for row in rows}

    def _count_pending(self, compiled: Compiled) -> int:
        count: int = self._connection.execute(
            f"SELECT count(*) {_FROM} ({compiled.where}) AND events.status = 'pending'", compiled.parameters
        ).fetchone()[0]
        return count


def event_ids(connection: sqlite3.Connection, compiled: Compiled) -> Iterator[int]:
    """Integer ids of the events that a compiled query finds, in its order."""
    rows = connection.execute(
        f"SELECT events.id {_FROM} ({compiled.where}) ORDER BY {compiled.order_by}",
        (*compiled.parameters, *compiled.order_parameters),
    )
    return (row[0] for row in rows)
