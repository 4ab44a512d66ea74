"""Other reviewers and processes: what they write, and which event each has open."""

import sqlite3

from db.decisions.presence import Presence
from db.query import QueryError
from tui.review.search import Search
from tui.review.session.housekeeping import Housekeeping
from tui.review.session.outcomes import News
from tui.review.session.session import Session
from tui.review.view import View

_POLL = 0.5  # seconds between looks at what others wrote


class Others:
    """Takes in what others write to the file. With ``presence``, it also exchanges which events are open."""

    def __init__(
        self,
        session: Session,
        view: View,
        search: Search,
        presence: Presence | None = None,
        housekeeping: Housekeeping | None = None,
    ) -> None:
        self._session = session
        self._view = view
        self._search = search
        self._presence = presence
        self._housekeeping = housekeeping
        self._restored = False  # True while a question is open on a file that was restored under it
        if presence is not None:
            session.others = presence.others(session.connection)

    def start(self) -> None:
        """Poll from now on."""
        self._view.panes.queue.show_others(self._session.others)
        self._view.panes.set_interval(_POLL, self._poll)

    def stop(self) -> None:
        """Tell others that no event is open here any more."""
        if self._presence is not None:
            self._presence.close()

    def _poll(self) -> None:
        session, view = self._session, self._view
        if self._housekeeping is not None and not view.foot.asking and (message := self._housekeeping.message()):
            view.say(message)
        try:
            if (lost := session.lost()) is not None:
                view.show_lost(lost)
                return
            if self._presence is not None:
                self._presence.announce(session.event.id if session.event else 0)
            if session.changed_elsewhere() or (self._restored and not view.foot.asking):
                self._take_in()
        except sqlite3.Error as error:
            view.say_unreadable(error)

    def _take_in(self) -> None:
        session, view = self._session, self._view
        others = self._presence.others(session.connection) if self._presence is not None else {}
        if others != session.others:
            session.others = others
            view.panes.queue.show_others(others)
            view.show_foot()
        asking = view.foot.asking  # an answer is about the event as it is shown
        match session.take_in_others(keep_event=asking):
            case News.RESTORED if asking:
                self._restored = True
                view.show_notice("the file was restored, so this can no longer be saved · esc shows what it holds now")
            case News.RESTORED:
                self._restored = False
                view.show_notice("")
                self._show_restored()
            case News.DECISIONS if asking:
                view.panes.queue.rows_changed()
                view.show_status()
            case News.DECISIONS:
                view.show_reread()

    def _show_restored(self) -> None:
        query = self._session.queue.query
        try:
            self._search.show_query(query)
        except QueryError as error:  # a saved query or a field that the file doesn't have now
            self._search.show_query("")
            self._view.say(f"the file was restored; your query no longer works: {error}")
        else:
            self._view.say(
                "✗ another program replaced what the file holds; decisions are missing: quit and restore a backup"
                if self._session.replaced
                else "the file was restored to an earlier state; this is what it holds now"
            )
