"""Queries that run beside the screen: the first events are shown at once, and what needs all of them waits."""

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic

from textual.timer import Timer

from db.decisions.review import Review
from db.query.queue import Queue
from tui.config.settings import Settings
from tui.review.desk import Desk
from tui.widgets.dialogs import Dialogs
from tui.widgets.key_prompt import KeyPrompt

QUERY_WAIT = 0.5  # seconds that keys wait for a query before the screen says so
_TYPING = 0.5  # seconds between the keys of one who types
_LOOK = 0.05  # seconds between looks for what was found


@dataclass(frozen=True, slots=True)
class _Waiting:
    """What is waited for: ``ready`` is given the seconds that it may take, then ``done`` or ``stopped`` follows."""

    queue: Queue
    ready: Callable[[float], bool]
    done: Callable[[], None]
    stopped: Callable[[], None]


class Searching(Desk):
    """Runs the queue's query, and other queries in its place."""

    _looking: Timer

    def __init__(self, review: Review, query: str, settings: Settings, *, around: int | None = None) -> None:
        super().__init__(review, query, settings, around=around)
        self.asking = Dialogs(self.foot, self, "queue")
        self._waiting: _Waiting | None = None
        self._asked = False

    def on_mount(self) -> None:
        """Show the first event of the query, or say that it is looked for."""
        self._looking = self.set_interval(_LOOK, self.look_for_found)
        self._begin(self.queue, self.around)

    def on_unmount(self) -> None:
        """Look for nothing that nobody will see."""
        self.queue.cancel()
        if self._waiting is not None:
            self._waiting.queue.cancel()

    def show_queue(self, query: str, around: int | None = None) -> None:
        """Run another query and show what it finds; the event shown, or the one to be ``around``, stays if it is there.

        Raises QueryError.
        """
        around = around or (self.event.id if self.event else None)
        self._begin(Queue(self.connection, query, in_background=True, start_at=around), around)

    def _begin(self, queue: Queue, event_id: int | None) -> None:
        def shown() -> None:
            if queue is not self.queue:
                self.queue.cancel()
                self.queue = queue
                self.queue_view.show_queue(queue)
            self._looking.resume()
            self._show_first(event_id)
            self.call_after_refresh(queue.find_rest)

        def stopped() -> None:
            if queue is self.queue:  # there is no other to go back to
                self._looking.resume()
                self.show_place(0)
            self.say("stopped; / asks for something else")

        self._wait(_Waiting(queue, queue.wait_for_page, shown, stopped))

    def _show_first(self, event_id: int | None) -> None:
        place = self.queue.place(event_id) if event_id is not None else None
        if place is None:
            place = self.queue.next_pending(-1, self.others)
        self.show_place(place or 0)
        if place is None and not self.queue.complete:
            self.when_all_found(lambda: self.show_place(self.queue.next_pending(-1) or 0))

    def when_all_found(self, then: Callable[[], None]) -> None:
        """Do what needs all events of the query: now, or soon, or once they are found and nobody pressed escape."""

        def stopped() -> None:
            self.look_for_found(QUERY_WAIT)
            self.say(f"stopped: the first {len(self.queue):,} that were found are here")

        self._wait(_Waiting(self.queue, self._take_in_found, then, stopped))

    def _wait(self, waiting: _Waiting) -> None:
        if self._waiting is not None:
            self._waiting.queue.cancel()
        self._waiting = waiting
        if not self._go_on_waiting(QUERY_WAIT):
            self._asked = True
            self.asking.key(
                _found_so_far(waiting.queue), {}, lambda _: None, on_cancel=self._stop_waiting, cancel="stop"
            )
            self._looking.resume()

    def _go_on_waiting(self, patience: float) -> bool:
        """Whether nothing is waited for any more."""
        waiting = self._waiting
        if waiting is None:
            return True
        error = None
        try:
            # Who types on without looking must not find in the middle of it that keys act again.
            if not waiting.ready(patience) or (self._asked and self._typed_lately()):
                return False
        except sqlite3.Error as caught:
            error = caught
        self._waiting = None
        if self._asked:
            self._asked = False
            self.query_one(KeyPrompt).display = False
            self.asking.close()
        if error is None:
            waiting.done()
        else:
            waiting.stopped()
            self._looking.pause()
            self.say_unreadable(error)
        return True

    def _typed_lately(self) -> bool:
        return monotonic() - self.query_one(KeyPrompt).ignored_at < _TYPING

    def leave_question(self) -> None:
        """Leave any question because the mouse went to a pane: the answer would be about another event or field."""
        if self._asked:
            self._stop_waiting()
        self.asking.abandon()

    def _stop_waiting(self) -> None:
        waiting, self._waiting, self._asked = self._waiting, None, False
        if waiting is not None:
            waiting.queue.cancel()
            waiting.stopped()

    def _take_in_found(self, patience: float) -> bool:
        """Take in what was found since; whether it is all. Raises sqlite3.Error."""
        if self.queue.complete:
            return True
        moved = self.queue.wait_for_all(patience)
        if moved is None:
            return False
        self.place += moved
        self.queue_view.places_moved(moved)
        self.show_foot()
        return True

    def look_for_found(self, patience: float = 0) -> None:
        """Take in what was found since, if that is soon."""
        if self._waiting is not None:
            if not self._go_on_waiting(0) and self._waiting is not None:
                self.query_one(KeyPrompt).reword(_found_so_far(self._waiting.queue))
            return
        try:
            if self._take_in_found(patience):
                self._looking.pause()
        except sqlite3.Error as error:
            self._looking.pause()
            self.say_unreadable(error)


def _found_so_far(queue: Queue) -> str:
    return f"Finding events: {queue.found_so_far:,} so far"
