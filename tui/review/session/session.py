"""A review session over one file: its queue, the event that is open, and what the reviewer does with it."""

import sqlite3
from collections.abc import Callable, Mapping
from contextlib import suppress

from db.decisions.journal import KEY_LOCK_TIMEOUT, has_decision, newest_decision
from db.decisions.review import Review
from db.describe import describe
from db.errors import ConflictError, DamagedRowError, EventdeskError, GoneError, NotWrittenError
from db.event_types import EventType, FieldType
from db.grounding.missing import MissingValues
from db.model import Change, Decision, Document, Event
from db.query.queue import Queue
from db.store.connection import can_write, place_of
from db.store.event_types import read_event_types
from db.store.identity import read_restored
from db.store.place import Lost
from db.store.reading import read_decision, read_event
from tui.review.session.outcomes import Conflict, News, Outcome, Refused, Saved, Step
from tui.review.session.prefetch import Prefetch


class Session:
    """One queue of one file, and the event open in it. Every decision is checked against ``event`` as it was read."""

    def __init__(self, review: Review, query: str = "", *, around: int | None = None) -> None:
        """Start the query. ``around``: the integer id of the event to open if the query finds it. Raises QueryError."""
        self.review = review
        self.connection: sqlite3.Connection = review.connection
        review.skip_unchanged = True  # a key pressed twice is one decision
        self.missing = MissingValues(self.connection)
        self.queue = self.new_queue(query, around)
        self.event: Event | None = None
        self.document: Document | None = None
        self.place = 0
        self.damage = ""
        """Why the event at this place can't be opened, or what else in the file is damaged, until it was shown."""
        self.types = read_event_types(self.connection, self._note_damage)
        self.others: Mapping[int, tuple[str, ...]] = {}
        """The other reviewers that have an event open, by its integer id."""
        self.retrying = False
        """True while the caller repeats a key that can't be saved yet: then NotWrittenError is raised to it."""
        self.held = False
        """True while the caller handles the repeat of a key that is held down: it decides about nothing."""
        self.replaced = False
        """True if another program has put other content into the file, without the decisions made here."""
        self.writable = can_write(self.connection)
        if (place := place_of(self.connection)) is not None:
            place.watch_pages()
        self.prefetch = Prefetch(self.connection)
        self._last: Decision | None = None
        self._last_known = False
        self._version = self._data_version()
        self._newest = self._read_newest()

    # The queue, and the event open in it

    def new_queue(self, query: str, around: int | None = None) -> Queue:
        """Start a query in a thread. Raises QueryError."""
        return Queue(self.connection, query, in_background=True, start_at=around, missing=self.missing)

    def go_to(self, place: int) -> None:
        """Open the event at a place of the queue, or at its nearest end."""
        if not len(self.queue):
            self.event = self.document = None
            return
        self.place = max(0, min(place, len(self.queue) - 1))
        self._read(self.queue.ids[self.place])

    def go_on(self) -> Step:
        """Open the next pending event, from the top again after the last."""
        place = self.queue.next_pending(self.place, self.others)
        if not self.queue.complete and (place is None or place <= self.place):
            return Step.SEARCHING
        if place is None:
            return Step.NONE_LEFT
        self.go_to(place)
        return Step.MOVED

    def first_place(self, event_id: int | None) -> int | None:
        """The place to begin at: that of an event, or else of the first pending one; None if there is neither."""
        place = self.queue.place(event_id) if event_id is not None else None
        return self.queue.next_pending(-1, self.others) if place is None else place

    def open_document(self, document_id: int) -> None:
        """Open a document that has no event in the queue; the place in the queue stays."""
        self.event, self.document = None, self.prefetch.open(document_id, self.document)

    def neighbours(self) -> list[int]:
        """The integer ids of the next and the previous event."""
        places = (self.place + 1, self.place - 1)
        return [self.queue.ids[place] for place in places if 0 <= place < len(self.queue)]

    def place_of(self, event_id: int) -> int | None:
        """The place of an event in the queue."""
        return self.queue.place(event_id, self.place)

    def is_open(self, place: int) -> bool:
        """Return True if the event at a place of the queue is the one that is open."""
        return place == self.place and self.event is not None and self.event.id == self.queue.ids[place]

    def _read(self, event_id: int) -> None:
        try:
            event = read_event(self.connection, event_id)
            self.document = self.prefetch.open(event.document_id, self.document)
        except DamagedRowError as error:  # or an earlier state was restored, and the query will soon run again
            self.event = self.document = None
            self.damage = str(error)
            return
        self.event = event

    # Types

    @property
    def event_type(self) -> EventType:
        """The type of the open event."""
        name = self.event.type if self.event else ""
        return self.types.get(name, EventType(name))

    @property
    def field_types(self) -> tuple[FieldType, ...]:
        """The fields of the event's type, then those that only other types have."""
        own = self.event_type.fields
        names = {item.name for item in own}
        others = {item.name: item for other in self.types.values() for item in other.fields if item.name not in names}
        return (*own, *others.values())

    def field_type(self, name: str) -> FieldType:
        """The field of that name in the event's type, or else in another type; text if no type has it."""
        types = (self.event_type, *self.types.values())
        return next((item for one in types for item in one.fields if item.name == name), FieldType(name))

    # Deciding

    def decide(self, act: Callable[[Event], Change]) -> Outcome:
        """Save one decision about the open event. Raises NotWrittenError while ``retrying``."""
        if self.event is None:
            return Refused("no event is open")
        event = self.event
        return self.save(lambda: act(event))

    def save(self, act: Callable[[], Change]) -> Outcome:
        """Save one decision and take in what it changed. Raises NotWrittenError while ``retrying``."""
        outcome = self._save(act)
        assert outcome is not None
        return outcome

    def undo(self) -> Outcome:
        """Undo the reviewer's last decision. Raises NotWrittenError while ``retrying``."""
        return self._save(self.review.undo) or Refused("you have nothing to undo in this file")

    def redo(self) -> Outcome:
        """Redo what was undone last. Raises NotWrittenError while ``retrying``."""
        return self._save(self.review.redo) or Refused("nothing to redo: a new decision clears what was undone")

    def describe_turn(self, change: Change) -> str:
        """Say what an undo or a redo did, and to which event if it isn't in the queue."""
        done = "undone" if change.decision.action == "undo" else "redone"
        target = read_decision(self.connection, change.decision.target_id or 0)
        outside = change.event.live and all(self.place_of(event.id) is None for _, event in change.touched)
        where = f" (event {change.event.external_id}, not in this query)" if outside else ""
        return f"{done}: {describe(target)}{where}"

    @property
    def last(self) -> Decision | None:
        """The decision that undo would take back, read once until someone decides."""
        if not self._last_known:
            self._last, self._last_known = None, True
            with suppress(DamagedRowError):  # undo says what is wrong
                self._last = self.review.last()
        return self._last

    def save_query(self, name: str) -> str | None:
        """Save the query under a name. Return why that can't be. Raises NotWrittenError while ``retrying``."""
        from db.query.saved import save_query

        try:
            save_query(self.connection, name, self.queue.query, timeout=self.review.lock_timeout)
        except EventdeskError as error:
            if self.retrying and isinstance(error, NotWrittenError):
                raise
            return str(error)
        return None

    def end_retrying(self) -> None:
        """The caller repeats no key any more."""
        self.retrying = self.held = False
        self.review.lock_timeout = KEY_LOCK_TIMEOUT

    def _save(self, act: Callable[[], Change | None]) -> Outcome | None:
        if self.held:
            raise NotWrittenError("the key is held down; check your last decision, u undoes it")
        self.review.restored = self._newest[2]  # a lookup shares the review, and takes in a restore at another moment
        try:
            change = act()
        except NotWrittenError as error:
            if self.retrying:
                raise
            return Refused(f"not saved: {error}")
        except DamagedRowError as error:
            return Refused(f"not saved: {error}; run `eventdesk check` for details")
        except GoneError as error:
            self.lost()
            return Refused(f"not saved: {error}")
        except EventdeskError as error:
            self.reread()
            if isinstance(error, ConflictError) and error.mine:
                return Conflict(error.theirs, error.mine)
            return Refused(str(error), reread=True)
        except sqlite3.Error as error:
            return Refused(f"not saved: can't read the file ({error}); nothing was changed")
        return None if change is None else self._take_in(change)

    def _take_in(self, change: Change) -> Saved:
        if not change.touched:
            return Saved(change, resized=False)
        decision = change.decision
        if decision.id == self._newest[0] + 1:  # or else someone's decision before it is still to be taken in
            self._newest = (decision.id, *self._newest[1:])
        self._last, self._last_known = decision, decision.action not in ("undo", "redo")
        if decision.action == "add" and decision.field_id is None:
            self.prefetch.forget()  # an import may have changed the text before the event was there
        before = len(self.queue)
        self.queue.apply(change, self.place)
        for _, event in change.touched:
            if self.event is not None and event.id == self.event.id:
                self.event = event
        return Saved(change, len(self.queue) != before)

    # Other processes

    def lost(self) -> Lost | None:
        """Return what happened to the file, after saving a copy of it; None if it is still there."""
        place = place_of(self.connection)
        if place is None or not place.is_suspect():
            return None
        from db.maintenance.rescue import rescue

        return rescue(self.connection)

    def changed_elsewhere(self) -> bool:
        """Return True if another connection has written to the file since the last call."""
        version = self._data_version()
        if version == self._version:
            return False
        self._version, self._last_known = version, False
        return True

    def take_in_others(self, *, keep_event: bool) -> News:
        """Take in the decisions and imports of others. ``keep_event``: leave the open event as it was read.

        A restored file is only reported: its queue must be searched again, and until it is taken in with ``keep_event``
        False, no decision is saved.
        """
        newest, before = self._read_newest(), self._newest
        self.replaced = newest[2] == before[2] and not has_decision(self.connection, self.review.newest)
        restored = self.replaced or newest[2] != before[2] or newest[0] < before[0] or newest[1] < before[1]
        if newest != before:
            self.prefetch.forget()
        if restored and keep_event:
            return News.RESTORED  # not taken in yet, so that no answer is saved for another event
        self._newest = newest
        if restored:
            self.review.newest = newest_decision(self.connection)
            return News.RESTORED
        if newest == before:
            return News.NOTHING
        if keep_event:
            self.queue.refresh()
        else:
            self.reread()
        return News.DECISIONS

    def reread(self) -> None:
        """Read the open event and the queue's counts again, after someone else wrote."""
        self.prefetch.forget()
        self._last_known = False
        self.queue.refresh()
        if self.event is not None:
            self._read(self.event.id)
        elif self.document is not None:
            self.open_document(self.document.id)

    def _note_damage(self, error: DamagedRowError) -> None:
        self.damage = str(error)

    def _data_version(self) -> int:
        """A number that changes when another connection, of this process or not, writes to the file."""
        version: int = self.connection.execute("PRAGMA data_version").fetchone()[0]
        return version

    def _read_newest(self) -> tuple[int, int, str]:
        """The ids of the newest decision and the newest import, and the name of the last restore."""
        row = self.connection.execute(
            "SELECT coalesce((SELECT max(id) FROM decisions), 0), coalesce((SELECT max(id) FROM imports), 0)"
        ).fetchone()
        return (row[0], row[1], read_restored(self.connection))
