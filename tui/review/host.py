"""What questions may ask of the screen that they are asked on. No question knows the screen itself."""

from collections.abc import Callable
from typing import Protocol

from textual.binding import Binding

from db.model import Change, Event
from tui.config.settings import Settings
from tui.review.panes import Panes
from tui.review.session.session import Session
from tui.widgets.dialogs import Dialogs


class QueryHost(Protocol):
    """A screen of events, whose query and place can be changed."""

    session: Session
    settings: Settings
    dialogs: Dialogs
    panes: Panes

    def say(self, text: str, style: str = "bold") -> None:
        """Show a message at the foot until the next key."""

    def show_place(self, place: int) -> None:
        """Open the event at a place of the queue."""

    def show_query(self, query: str, around: int | None = None) -> None:
        """Show the events of another query. Raises QueryError."""

    def when_complete(self, then: Callable[[], None]) -> None:
        """Call ``then`` once the query has found all events."""

    def look_up(self, query: str, around: int | None = None) -> None:
        """Show the events of a query in a lookup. Raises QueryError."""


class Host(QueryHost, Protocol):
    """A screen on which the open event is decided."""

    def decide(self, act: Callable[[Event], Change], then: Callable[[Change], None] | None = None) -> str | None:
        """Decide about the open event, and call ``then``. Return why it was refused, or None."""

    def decide_and_go_on(self, act: Callable[[Event], Change]) -> str | None:
        """Decide about the open event, and open the next pending one. Return why it was refused, or None."""

    def add_event(self, act: Callable[[], Change]) -> str | None:
        """Add an event and open it. Return why it was refused, or None."""

    def show_event(self, event_id: int) -> None:
        """Open an event of the queue."""

    def show_document(self, document_id: int) -> None:
        """Show a document that has no event in the queue."""

    def show_selection(self) -> None:
        """Mark the evidence of the selected field, and show the foot."""

    def show_foot(self) -> None:
        """Show the foot again, after the focus has moved."""

    def select_field(self, place: int) -> None:
        """Move the cursor to a field."""

    def why_not(self, id_: str) -> str:
        """Return why a command can't be run now, or an empty text."""

    def run(self, binding: Binding) -> None:
        """Run a command."""

    def copy(self, text: str) -> None:
        """Copy a text to the clipboard."""
