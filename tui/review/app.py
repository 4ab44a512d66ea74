"""The reviewer's app: one screen over one file."""

import asyncio
import sqlite3

from textual import events

from db.decisions.review import Review
from db.errors import BusyError, NotWrittenError
from tui.config.settings import Settings
from tui.review.desk import Desk
from tui.review.housekeeping import LookingAfter
from tui.review.screen import ReviewScreen
from tui.review.searching import Searching
from tui.runtime.app import KeyedApp

_AGAIN = 0.05  # seconds between two tries to write
_SEARCH = 2.0  # seconds that a suspension waits for queries, each of which reads the file as it was when it began


class EventdeskApp(KeyedApp):
    """Opens the review screen on a file that is open already."""

    CSS_PATH = "screen.tcss"  # of the app, since Textual reads no style file of an app's first screen

    def __init__(
        self,
        review: Review,
        query: str = "",
        settings: Settings | None = None,
        looking_after: LookingAfter | None = None,
    ) -> None:
        settings = settings or Settings()
        super().__init__(settings)
        self.review_screen = ReviewScreen(review, query, settings, looking_after)

    def get_default_screen(self) -> ReviewScreen:
        """The reviewer, at once: a screen pushed over Textual's empty one would be laid out second."""
        return self.review_screen

    def crash_details(self) -> dict[str, object]:
        """What a report tells of the session: numbers, and names of actions."""
        desk = self.review_screen
        return {
            **super().crash_details(),
            "events found": len(desk.queue),
            "place": desk.place,
            "fields of the event": len(desk.event.fields) if desk.event else 0,
            "characters of the text": len(desk.document.source) if desk.document else 0,
        }

    def before_suspending(self) -> None:
        """Have queries see what others write meanwhile."""
        for screen in self.screen_stack:
            if isinstance(screen, Searching):
                screen.look_for_found(_SEARCH)

    async def handle_key(self, event: events.Key) -> None:
        """Act on one key. One that can't be written while another process writes comes again until it can be.

        Nothing was changed by it until then, and the keys behind it wait in their order; escape gives all of them up.
        """
        if event.time <= self.cancelled_at:
            return
        screen = self.screen
        if not isinstance(screen, Desk) or self.text_target(event) is not None:
            await super().handle_key(event)
            return
        screen.retried = True
        screen.show_waiting("")
        try:
            while True:
                try:
                    await super().handle_key(event)
                    screen.show_waiting("")
                    return
                except BusyError as error:
                    if self.cancelled_at > event.time:
                        screen.show_waiting(f"not taken: {error}")
                        return
                    self.retrying = True
                    screen.show_waiting("waiting for another process that writes to the file · esc gives up")
                    await asyncio.sleep(_AGAIN)
        except NotWrittenError as error:
            screen.say_not_taken(error)
        except sqlite3.Error as error:
            screen.say_unreadable(error)
        finally:
            screen.retried = self.retrying = False
