"""The reviewer's app: one screen over one file."""

import asyncio
import sqlite3

from textual import events

from db.decisions.review import Review
from db.errors import BusyError, NotWrittenError
from tui.config.prefixes import Capitals
from tui.config.settings import Settings
from tui.review.events_screen import EventsScreen
from tui.review.screen import ReviewScreen
from tui.review.session.housekeeping import Housekeeping
from tui.runtime.app import KeyedApp
from tui.runtime.held_key import HeldKey

_LONGEST_PASTE = 50_000  # characters
_RETRY_AFTER = 0.05  # seconds
_QUERY_WAIT = 2.0  # seconds that a suspension waits for queries, which read the file as it was when they began
_WAITING = "waiting for another process that writes to the file · esc cancels"


class EventdeskApp(KeyedApp):
    """Shows the review screen of a file that is open already."""

    CSS_PATH = "screen.tcss"  # on the app, since Textual loads no style file of an app's first screen

    def __init__(
        self,
        review: Review,
        query: str = "",
        settings: Settings | None = None,
        housekeeping: Housekeeping | None = None,
    ) -> None:
        settings = settings or Settings()
        super().__init__(settings)
        self.review_screen = ReviewScreen(review, query, settings, housekeeping)
        self._capitals = Capitals(settings.keymap)
        self.held_key: HeldKey | None = None
        """None while no keyboard is attached, as in tests."""

    def get_default_screen(self) -> ReviewScreen:
        """The review screen itself: one pushed over Textual's empty screen would be laid out second."""
        return self.review_screen

    def on_mount(self) -> None:
        """Watch for keys that are held down."""
        if not self.is_headless:
            self.held_key = HeldKey()

    def crash_details(self) -> dict[str, object]:
        """What a crash report says of the session: numbers, and names of actions."""
        session = self.review_screen.session
        return {
            **super().crash_details(),
            "events found": len(session.queue),
            "place": session.place,
            "fields of the event": len(session.event.fields) if session.event else 0,
            "characters of the text": len(session.document.source) if session.document else 0,
        }

    def before_suspending(self) -> None:
        """Let queries finish, so that they don't keep the file from what others write meanwhile."""
        for screen in self.screen_stack:
            if isinstance(screen, EventsScreen):
                screen.search.poll(_QUERY_WAIT)

    async def on_event(self, event: events.Event) -> None:
        """Refuse a paste that would take seconds to lay out; it is more likely a mistake than a note."""
        if isinstance(event, events.Paste) and len(event.text) > _LONGEST_PASTE:
            if isinstance(self.screen, EventsScreen):
                why = f"the pasted text has {len(event.text):,} characters; paste at most {_LONGEST_PASTE:,}"
                self.screen.view.say_not_saved(NotWrittenError(why))
            return
        await super().on_event(event)

    async def handle_key(self, event: events.Key) -> None:
        """Handle one key, and repeat it until it can be written while another process writes.

        A key that couldn't be written has changed nothing. The keys behind it wait; escape cancels all of them.
        A key that repeats because it is held down decides nothing.
        """
        held = self.held_key is not None and self.held_key.repeats(event.key, event.time)
        if event.time <= self.cancelled_at:
            return
        screen = self.screen
        if not isinstance(screen, EventsScreen) or self.text_target(event) is not None:
            await super().handle_key(event)
            return
        session, view = screen.session, screen.view
        if (problem := self._capitals.problem(event.key)) or screen.count_key(event.key):
            if problem:
                screen.say_about_keys(problem)
            return
        session.retrying = True
        session.held = held and event.key != "enter"  # which only answers what another key asked
        view.show_waiting("")
        try:
            while True:
                try:
                    await super().handle_key(event)
                    view.show_waiting("")
                    return
                except BusyError as error:
                    if self.cancelled_at > event.time:
                        view.show_waiting(f"not saved: {error}")
                        return
                    self.retrying = True
                    session.review.lock_timeout = 0.0  # the loop here waits instead, and draws meanwhile
                    view.show_waiting(_WAITING)
                    await asyncio.sleep(_RETRY_AFTER)
        except NotWrittenError as error:
            view.say_not_saved(error)
        except sqlite3.Error as error:
            view.say_unreadable(error)
        finally:
            session.end_retrying()
            self.retrying = False
            screen.count_used()
