"""Queries that run in the background: the first events are shown at once, and what needs all of them waits."""

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic

from textual.timer import Timer

from db.query.queue import Queue
from tui.review.session.session import Session
from tui.review.view import View
from tui.widgets.dialogs import Dialogs

QUERY_WAIT = 0.5  # seconds that keys wait for a query before the screen says so
_TYPING = 0.5  # seconds between the keys of someone who types
_POLL = 0.05  # seconds between polls for results


@dataclass(frozen=True, slots=True)
class _Wait:
    """Something that waits for a query.

    ``ready`` gets the seconds that it may take, and returns True once ``done`` can be called; or else ``stopped`` is.
    """

    queue: Queue
    ready: Callable[[float], bool]
    done: Callable[[], None]
    stopped: Callable[[], None]


class Search:
    """Runs the session's query, and other queries in its place."""

    def __init__(self, session: Session, view: View, dialogs: Dialogs) -> None:
        self._session = session
        self._view = view
        self._dialogs = dialogs
        self._prompt = view.foot.key_prompt
        self._timer: Timer | None = None
        self._wait: _Wait | None = None
        self._asking = False  # True while the wait is shown as a question, which escape stops

    def start(self, around: int | None) -> None:
        """Show the first event of the query, or the event ``around``."""
        self._timer = self._view.panes.set_interval(_POLL, self.poll)
        self._begin(self._session.queue, around)

    def stop(self) -> None:
        """Cancel what nobody will see."""
        self._session.queue.cancel()
        if self._wait is not None:
            self._wait.queue.cancel()

    def show_query(self, query: str, around: int | None = None) -> None:
        """Run another query and show its events, from the event ``around`` or the open one if it is among them.

        Raises QueryError.
        """
        event = self._session.event
        around = around or (event.id if event else None)
        self._begin(self._session.new_queue(query, around), around)

    def when_complete(self, then: Callable[[], None]) -> None:
        """Call ``then`` once the query has found all events, unless the reviewer stops it with escape."""

        def stopped() -> None:
            self.poll(QUERY_WAIT)
            self._view.say(f"stopped; showing the first {len(self._session.queue):,} matches")

        self._begin_wait(_Wait(self._session.queue, self._take_in, then, stopped))

    def poll(self, patience: float = 0) -> None:
        """Take in what the query has found, within ``patience`` seconds."""
        if self._wait is not None:
            if not self._finish_wait(0) and self._wait is not None:
                self._prompt.reword(_progress(self._wait.queue))
            return
        try:
            if self._take_in(patience):
                self._pause()
        except sqlite3.Error as error:
            self._pause()
            self._view.say_unreadable(error)

    def leave_question(self) -> None:
        """Close any question because the mouse went to a pane: its answer would be about another event or field."""
        if self._asking:
            self._stop_wait()
        self._dialogs.abandon()

    def _begin(self, queue: Queue, event_id: int | None) -> None:
        session, view = self._session, self._view

        def found() -> None:
            if queue is not session.queue:
                session.queue.cancel()
                session.queue = queue
                view.panes.queue.show_queue(queue)
            self._resume()
            self._show_first(event_id)
            view.panes.call_after_refresh(queue.find_rest)

        def stopped() -> None:
            if queue is session.queue:  # there is no other queue to go back to
                self._resume()
                view.show_place(0)
            view.say("stopped; / changes the query")

        self._begin_wait(_Wait(queue, queue.wait_for_page, found, stopped))

    def _show_first(self, event_id: int | None) -> None:
        session, view = self._session, self._view
        place = session.first_place(event_id)
        view.show_place(place or 0)
        if place is None and not session.queue.complete:
            self.when_complete(lambda: view.show_place(session.first_place(None) or 0))

    def _begin_wait(self, wait: _Wait) -> None:
        if self._wait is not None:
            self._wait.queue.cancel()
        self._wait = wait
        if not self._finish_wait(QUERY_WAIT):
            self._asking = True
            self._dialogs.key(_progress(wait.queue), {}, lambda _: None, on_cancel=self._stop_wait, cancel="stop")
            self._resume()

    def _finish_wait(self, patience: float) -> bool:
        """Return True if nothing waits any more."""
        wait = self._wait
        if wait is None:
            return True
        failure = None
        try:
            # For someone who types on without looking, keys must not start to act in the middle of it.
            if not wait.ready(patience) or (self._asking and monotonic() - self._prompt.ignored_at < _TYPING):
                return False
        except sqlite3.Error as error:
            failure = error
        self._wait = None
        if self._asking:
            self._asking = False
            self._prompt.display = False
            self._dialogs.close()
        if failure is None:
            wait.done()
        else:
            wait.stopped()
            self._pause()
            self._view.say_unreadable(failure)
        return True

    def _stop_wait(self) -> None:
        wait, self._wait, self._asking = self._wait, None, False
        if wait is not None:
            wait.queue.cancel()
            wait.stopped()

    def _take_in(self, patience: float) -> bool:
        """Take in what was found, and return True if that is all. Raises sqlite3.Error."""
        session = self._session
        if session.queue.complete:
            return True
        moved = session.queue.wait_for_all(patience)
        if moved is None:
            return False
        session.place += moved
        self._view.panes.queue.places_moved(moved)
        self._view.show_foot()
        return True

    def _resume(self) -> None:
        if self._timer is not None:
            self._timer.resume()

    def _pause(self) -> None:
        if self._timer is not None:
            self._timer.pause()


def _progress(queue: Queue) -> str:
    return f"Searching: {queue.found_so_far:,} events so far"
