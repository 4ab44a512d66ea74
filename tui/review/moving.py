"""Moving through the events, the panes and the fields."""

from collections.abc import Callable

from tui.review.panes import PANES
from tui.review.search import Search
from tui.review.session.session import Session
from tui.review.view import View


class Moving:
    """Moves in one screen. Every move clears the message at the foot."""

    def __init__(self, session: Session, view: View, search: Search) -> None:
        self._session = session
        self._view = view
        self._panes = view.panes
        self._search = search

    # Through the queue

    def by(self, step: int) -> None:
        """Go some events on, or back."""
        self._to(lambda: self._session.place + step)

    def by_pages(self, pages: int) -> None:
        """Go some pages of the queue on, or back."""
        self.by(pages * max(1, self._panes.queue.size.height - 1))

    def to_first(self) -> None:
        """Go to the first event."""
        queue = self._session.queue
        self._to(lambda: 0 if queue.from_start or queue.complete else -1)

    def to_last(self) -> None:
        """Go to the last event."""
        queue = self._session.queue
        self._to(lambda: len(queue) - (1 if queue.complete else 0))

    def to_number(self, number: int) -> None:
        """Go to the event of a number, from 1; to the last one if there are fewer."""
        self._view.message = None
        self._search.when_complete(lambda: self._view.show_place(number - 1))

    def to_event(self, event_id: int) -> None:
        """Go to an event of the queue that may have just got there."""
        if (place := self._session.place_of(event_id)) is not None:
            self._panes.queue.lines_changed()
            self._view.show_place(place)

    def _to(self, target: Callable[[], int]) -> None:
        """Go to a place; outside the part of the queue that is known so far, once all events are found."""
        self._view.message = None
        queue, place = self._session.queue, target()
        known = (place >= 0 or queue.from_start) and place < len(queue)
        if known or queue.complete:
            self._view.show_place(place)
        else:
            self._search.when_complete(lambda: self._view.show_place(target()))

    # Through panes and fields

    def to_pane(self, pane: str) -> None:
        """Give a pane the focus."""
        self._view.message = None
        self._panes.focus_on(pane)
        self._view.show_foot()

    def by_panes(self, step: int) -> None:
        """Give the next or the previous pane the focus."""
        self.to_pane(PANES[(PANES.index(self._panes.focused or "queue") + step) % len(PANES)])

    def by_fields(self, step: int) -> None:
        """Go some fields on, or back."""
        self.to_field(self._panes.fields.cursor + step)

    def to_end_field(self, direction: int) -> None:
        """Go to the first or the last field."""
        self.to_field(0 if direction < 0 else self._panes.fields.count - 1)

    def to_field(self, place: int) -> None:
        """Go to a field."""
        self._view.message = None
        self._view.select_field(place)

    def to_document(self, document_id: int) -> None:
        """Show a document that has no event in the queue; the place in the queue stays."""
        self._session.open_document(document_id)
        self._view.show_document()
        self._panes.show("source")
