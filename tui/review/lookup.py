"""A lookup: the events of another query, for reading only; escape goes back to the review."""

from collections.abc import Callable

from db.decisions.review import Review
from tui.config.settings import Settings
from tui.review.events_screen import EventsScreen
from tui.review.panes import LookupPanes
from tui.review.session.session import Session
from tui.widgets.foot import Foot

_READ_ONLY = "this is a lookup: esc goes back to the review, r reviews these events"


class LookupScreen(EventsScreen):
    """The panes over the events of another query. The review below stays as it was."""

    def __init__(
        self,
        review: Review,
        query: str,
        settings: Settings,
        around: int | None,
        review_events: Callable[[str, int], None],
    ) -> None:
        """``around``: the integer id of the event to open first. ``review_events`` gets a query and an event's id."""
        session = Session(review, query, around=around)
        panes = LookupPanes(session.queue)
        panes.queue.TITLE = "Lookup"
        super().__init__(session, settings, panes, Foot(), queue_keys="lookup")
        self._around = around
        self._review_events = review_events

    def on_mount(self) -> None:
        """Start the query."""
        self.start(self._around)

    def look_up(self, query: str, around: int | None = None) -> None:
        """Show the events of another query in place of these. Raises QueryError."""
        self.show_query(query, around)

    def action_refuse(self) -> None:
        """Say that nothing is decided in a lookup."""
        self.say(_READ_ONLY)

    action_edit_field = action_refuse  # by enter, a key of the fields in a review too

    def action_leave_lookup(self) -> None:
        """Go back to the queue, and from there to the review."""
        if self.panes.focused == "queue":
            self.app.pop_screen()
        else:
            self.action_go_to("queue")

    def action_quit(self) -> None:
        """Go back to the review, which someone who looks something up does not want to quit."""
        self.app.pop_screen()

    def action_review_found(self) -> None:
        """Review these events, from the open one on."""
        query, event = self.session.queue.query, self.session.event
        self.app.pop_screen()
        self._review_events(query, event.id if event else 0)
