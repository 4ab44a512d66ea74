"""The three panes of a screen of events: side by side, stacked, or one at a time, as the terminal is wide."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container

from db.query.queue import Queue
from tui.config import bindings as keys
from tui.runtime.screen import SingleLayout
from tui.widgets.fields import FieldsView
from tui.widgets.pane import Pane
from tui.widgets.queue import QueueView
from tui.widgets.source import SourceView

PANES = ("queue", "source", "fields")
NARROW = 64  # columns below which one pane is shown at a time
WIDE = 150  # columns from which the panes are side by side
SHORT = 32  # rows below which the queue has few


class Panes(SingleLayout, Container):
    """The queue, the source and the fields. Which is in view alone, in a narrow terminal, is ``current``."""

    def __init__(self, queue: Queue) -> None:
        super().__init__(id="panes")
        self.queue = QueueView(queue, id="queue")
        self.source = SourceView(id="source")
        self.fields = FieldsView(id="fields")
        self.by_name: dict[str, Pane] = {"queue": self.queue, "source": self.source, "fields": self.fields}
        self.current = "queue"
        self._narrow = False
        self._queue_hidden = False

    def compose(self) -> ComposeResult:
        """The three panes."""
        yield from self.by_name.values()

    @property
    def focused(self) -> str | None:
        """The name of the pane that has the focus."""
        # Not has_focus, which a message sets: keys typed ahead of it would find the pane before.
        focused = self.screen.focused
        return focused.id if focused is not None and focused.id in PANES else None

    def show(self, name: str) -> None:
        """Show this pane alone in a narrow terminal, and all of them in a wider one."""
        self.current = name
        was_narrow, self._narrow = self._narrow, self.screen.size.width < NARROW
        for other, pane in self.by_name.items() if self._narrow or was_narrow else ():
            pane.show_tabs(PANES if self._narrow else ())
            if self._narrow:
                pane.display = other == name
            else:
                pane.styles.inline.clear_rule("display")  # so that the style sheet's rule applies again
                pane.refresh(layout=True)

    def focus_on(self, name: str) -> None:
        """Show a pane and give it the focus."""
        self.show(name)
        self.screen.set_focus(self.by_name[name])

    def make_room(self, needed: bool) -> None:
        """In a short terminal, hide the queue while a question is asked about the panes below it.

        By inline styles: a class on the screen would apply every style rule to every widget again.
        """
        size = self.screen.size
        hidden = needed and size.height < SHORT and NARROW <= size.width < WIDE
        if hidden == self._queue_hidden:
            return
        self._queue_hidden = hidden
        panes, queue = self.styles.inline, self.queue.styles.inline
        if hidden:
            queue.display = "none"
            panes.grid_size_rows, panes.grid_rows = 1, "1fr"
        else:
            for styles, rule in ((queue, "display"), (panes, "grid_size_rows"), (panes, "grid_rows")):
                styles.clear_rule(rule)
            # On a child: a refresh throws away the arrangement of a widget's ancestors.
            self.queue.refresh(layout=True)

    def clear_labels(self) -> None:
        """Remove the hint letters from the panes."""
        self.source.show_labels({})
        self.fields.show_labels({})


class ReviewPanes(Panes):
    """The panes of a review."""

    BINDINGS: ClassVar[list[BindingType]] = [*keys.EVERYWHERE]


class LookupPanes(Panes):
    """The panes of a lookup."""

    BINDINGS: ClassVar[list[BindingType]] = [*keys.IN_LOOKUP]
