"""A lookup: other events, looked at without leaving the place. Nothing is decided here."""

from collections.abc import Callable

from db.decisions.review import Review
from tui.config.settings import Settings
from tui.review.moving import Moving

_ONLY_LOOKING = "this is a lookup: esc goes back to where you decide, r reviews what was found"


class LookupScreen(Moving):
    """The panes over the events of another query; escape goes back, to a screen that stayed as it was."""

    def __init__(
        self, review: Review, query: str, settings: Settings, look_at: int | None, taken: Callable[[str, int], None]
    ) -> None:
        """``look_at``: the integer id of an event to begin with. ``taken`` gets a query to review, and an event."""
        super().__init__(review, query, settings, around=look_at)
        self._taken = taken

    def on_mount(self) -> None:
        """Say that this is a lookup."""
        self.queue_view.TITLE = "Lookup"

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002 (Textual's call)
        """Keys that decide mean nothing here; they say so."""
        if hasattr(self, f"action_{action}"):
            return True
        self.say(_ONLY_LOOKING)
        return False

    def hint_keys(self, pane: str) -> str:
        """The keys told at the foot."""
        return "lookup" if pane == "queue" else super().hint_keys(pane)

    def action_leave_lookup(self) -> None:
        """Go back."""
        self.app.pop_screen()

    def action_quit(self) -> None:
        """Go back: nobody who looks something up wants to leave the review."""
        self.app.pop_screen()

    def action_review_found(self) -> None:
        """Review what was found, from the event shown on."""
        query, event = self.queue.query, self.event
        self.app.pop_screen()
        self._taken(query, event.id if event else 0)

    def look_up(self, query: str, look_at: int | None = None) -> None:
        """Look up something else in its place. Raises QueryError."""
        self.show_queue(query, look_at)
