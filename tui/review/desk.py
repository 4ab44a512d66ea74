"""What the review screen shows: three panes over one queue, kept in step, and the foot."""

import gc
import sqlite3
from collections.abc import Mapping
from threading import Thread

from textual.app import ComposeResult
from textual.containers import Container
from textual.content import Content
from textual.timer import Timer

from db.decisions.journal import KEY_LOCK_TIMEOUT
from db.decisions.review import Review
from db.errors import NotWrittenError
from db.event_types import EventType, FieldType
from db.model import Document, Event
from db.query.queue import Queue
from db.store.connection import can_write
from db.store.event_types import read_event_types
from db.store.reading import read_document, read_event
from tui.config.settings import Settings
from tui.review import foot
from tui.review.prefetch import Prefetch
from tui.runtime.screen import BaseScreen, SingleLayout
from tui.text.safe import safe
from tui.widgets.bar import Bar, Hint
from tui.widgets.fields import FieldsView
from tui.widgets.foot import Foot
from tui.widgets.pane import Pane
from tui.widgets.queue import QueueView
from tui.widgets.select import SelectPrompt
from tui.widgets.source import SourceView

PANES = ("queue", "source", "fields")
_NARROW = 64  # columns below which one pane is shown at a time
_WIDE = 150  # columns from which the panes are side by side
_SHORT = 32  # rows below which the queue has few
_WARM_UP_AFTER = 0.2  # seconds, so that the first screen comes first
_IDLE = 0.02  # seconds after a key, by when what it led to is painted


class Panes(SingleLayout, Container):
    """The three panes."""


class Desk(BaseScreen):
    """The panes and what they show. ``event`` is the event as shown: every act is checked against it."""

    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (_NARROW, "-stacked"), (_WIDE, "-columns")]  # noqa: RUF012 (as Textual declares it)
    VERTICAL_BREAKPOINTS = [(0, "-short"), (_SHORT, "-tall")]  # noqa: RUF012
    AUTO_FOCUS = "#queue"

    def __init__(self, review: Review, query: str, settings: Settings, *, around: int | None = None) -> None:
        """``around``: the integer id of an event to begin with, where the query finds it."""
        super().__init__()
        self.settings = settings
        self.review = review
        self.connection: sqlite3.Connection = review.connection
        self.queue = Queue(self.connection, query, in_background=True, start_at=around)
        self.around = around
        self.types = read_event_types(self.connection)
        self.event: Event | None = None
        self.document: Document | None = None
        self.place = 0
        self.others: Mapping[int, tuple[str, ...]] = {}  # reviewers that have an event open, by its integer id
        self.retried = False  # whether a key that can't be written yet comes again
        self.waiting = ""  # what a key waits for
        self.message: Content | None = None
        self.pane = "queue"
        self.foot = Foot(
            above=[Hint("hint", foot.first_hint(settings.keymap))], prompts=[SelectPrompt("select-prompt")]
        )
        self._narrow = False
        self._queue_hidden = False
        self._prefetch = Prefetch(self.connection, lambda document: self.source_view.prepare(document))
        self._idle: Timer | None = None

    def compose(self) -> ComposeResult:
        """Three panes and the foot."""
        with Panes(id="panes"):
            yield QueueView(self.queue, id="queue")
            yield SourceView(id="source")
            yield FieldsView(id="fields")
        yield self.foot

    def on_mount(self) -> None:
        """Greet who is here for the first time."""
        self.query_one(Hint).display = self.settings.first_run()
        self.set_timer(_WARM_UP_AFTER, self._warm_up)

    def _warm_up(self) -> None:
        """Load beside the screen what the first hint letters need; a daemon, so that leaving never waits for it."""
        if self.document is not None:
            about = (self.document.source, self.document.language, not self.app.is_headless)
            Thread(target=_load, args=about, daemon=True).start()

    @property
    def queue_view(self) -> QueueView:
        """The list of events."""
        return self.query_one(QueueView)

    @property
    def source_view(self) -> SourceView:
        """The source text."""
        return self.query_one(SourceView)

    @property
    def fields_view(self) -> FieldsView:
        """The fields."""
        return self.query_one(FieldsView)

    @property
    def event_type(self) -> EventType:
        """The type of the event shown."""
        name = self.event.type if self.event else ""
        return self.types.get(name, EventType(name))

    @property
    def field_types(self) -> tuple[FieldType, ...]:
        """The fields of the event's type, then those that only other types have."""
        own = self.event_type.fields
        names = {item.name for item in own}
        others = {item.name: item for other in self.types.values() for item in other.fields if item.name not in names}
        return (*own, *others.values())

    def field_type(self, name: str) -> FieldType:
        """The field of that name, as the event's type has it or else another; text where none has."""
        types = (self.event_type, *self.types.values())
        return next((item for one in types for item in one.fields if item.name == name), FieldType(name))

    def show_place(self, place: int) -> None:
        """Show the event at a place of the queue."""
        if not len(self.queue):
            self.event = self.document = None
        else:
            self.place = max(0, min(place, len(self.queue) - 1))
            self._read(self.queue.ids[self.place])
        self.queue_view.move_to(self.place)
        self._show_text()
        self._prefetch_beside()

    def _read(self, event_id: int) -> None:
        try:
            event = read_event(self.connection, event_id)
        except KeyError:  # an older state of the file was restored, and the queue will be made anew from it
            self.event = self.document = None
            return
        if self.document is None or self.document.id != event.document_id:
            self.document = self._prefetch.document(event.document_id)
        self.event = event

    def _prefetch_beside(self) -> None:
        """Once no key comes, have the next and the previous event's documents ready."""
        beside = [place for place in (self.place + 1, self.place - 1) if 0 <= place < len(self.queue)]
        self._prefetch.begin(self.document, [self.queue.ids[place] for place in beside])
        if self._idle is None:
            self._idle = self.set_interval(_IDLE, self._prefetch_some)
        self._idle.reset()

    def _prefetch_some(self) -> None:
        try:
            more = self._prefetch.work()
        except sqlite3.Error:
            more = False  # who goes there is told
        if not more and self._idle is not None:
            self._idle.pause()

    def show_document(self, document_id: int) -> None:
        """Show a document of which the queue has no event; the queue stays where it is."""
        self.event, self.document = None, read_document(self.connection, document_id)
        self._show_text()
        self.show_pane("source")

    def _show_text(self) -> None:
        self.source_view.show_document(self.document)
        self._show_fields()
        self.show_selection()

    def _show_fields(self) -> None:
        self.fields_view.show_event(self.event, self.event_type, self.document.source if self.document else "")

    def show_event(self, event_id: int) -> None:
        """Show an event of the queue."""
        place = self.queue.place(event_id, self.place)
        if place is not None:
            self.queue_view.lines_changed()
            self.show_place(place)

    def show_pane(self, pane: str) -> None:
        """In a narrow terminal, show this pane alone; else all of them."""
        self.pane = pane
        was, self._narrow = self._narrow, self.size.width < _NARROW
        for name in PANES if self._narrow or was else ():
            widget = self.query_one(f"#{name}", Pane)
            widget.show_tabs(PANES if self._narrow else ())
            if self._narrow:
                widget.display = name == pane
            else:
                widget.styles.inline.clear_rule("display")  # what the style sheet says holds again
                widget.refresh(layout=True)

    def on_resize(self) -> None:
        """Show one pane or all, and the hints that there is room for."""
        self.show_pane(self.pane)
        self.show_foot()

    def make_room(self, wanted: bool) -> None:
        """In a short terminal, take the queue away while something is asked about the panes below it.

        By inline styles: a class on the screen would have every rule of every widget applied again, at each question.
        """
        hidden = wanted and self.size.height < _SHORT and _NARROW <= self.size.width < _WIDE
        if hidden == self._queue_hidden:
            return
        self._queue_hidden = hidden
        panes, queue = self.query_one("#panes").styles.inline, self.queue_view.styles.inline
        if hidden:
            queue.display = "none"
            panes.grid_size_rows, panes.grid_rows = 1, "1fr"
        else:
            for styles, rule in ((queue, "display"), (panes, "grid_size_rows"), (panes, "grid_rows")):
                styles.clear_rule(rule)
            # Of a child: the arrangement that is thrown away is that of a widget's ancestors.
            self.queue_view.refresh(layout=True)

    def dialog_opened(self, room: bool) -> None:
        """Make room for a question."""
        self.make_room(room)

    def dialog_closed(self) -> None:
        """Show the panes as before a question."""
        self.make_room(False)
        self.clear_labels()

    def clear_labels(self) -> None:
        """Take the hint letters off the panes."""
        self.source_view.show_labels({})
        self.fields_view.show_labels({})

    def show_selection(self) -> None:
        """Mark the evidence, that of the selected field most, and say what there is to say."""
        fields = self.event.live_fields if self.event else ()
        selected = self.fields_view.selected
        self.source_view.show_evidence(
            [span for field in fields for span in field.spans], selected.spans if selected else ()
        )
        self.show_foot()

    def select(self, place: int) -> None:
        """Put the cursor on a field."""
        self.fields_view.move_to(place)
        self.show_selection()

    def show_foot(self) -> None:
        """The line about what is selected, the status line and the hints."""
        focused = self.focused.id if self.focused is not None else None
        pane = focused if focused in PANES else "select" if focused == "select-prompt" else "queue"
        self.query_one("#detail", Bar).show(self.message or self._about_selection(pane))
        self.show_status()
        self.query_one("#hints", Bar).show(foot.hints(self.hint_keys(pane), self.settings.keymap, self.size.width))

    def show_waiting(self, what: str) -> None:
        """Say in the status line what a key waits for; empty where it does not any more."""
        if self.waiting != what:
            self.waiting = what
            self.review.lock_timeout = 0.0 if what else KEY_LOCK_TIMEOUT
            self.show_status()

    def show_status(self) -> None:
        """Where one is; or what a key waits for."""
        if self.waiting:
            status = Content.styled(f" {self.waiting} ", "bold reverse")
        else:
            may_write = can_write(self.connection)
            status = foot.status(self.queue, self.place, self.review.last(), self.review.reviewer, may_write)
        self.query_one("#status", Bar).show(status)

    def hint_keys(self, pane: str) -> str:
        """Which keys are told at the foot: those of a pane, unless there is nothing that they could act on."""
        return "nothing" if self.event is None and pane != "select" else pane

    def say_unreadable(self, error: sqlite3.Error) -> None:
        """Say that what was wanted could not be read; what is shown stays."""
        self.say(f"✗ the file could not be read ({error}); `eventdesk check` tells more")

    def say_not_taken(self, error: NotWrittenError) -> None:
        """Say why a key was not taken: beside its question, where there is one."""
        if self.asked:
            self.show_waiting(f"not taken: {error}")
        else:
            self.show_waiting("")
            self.say(f"✗ not taken: {error}")

    def say(self, text: str, style: str = "bold") -> None:
        """Say something in the line above the status until the next key."""
        self.message = Content.assemble((f" {safe(text)}", style))
        self.show_foot()

    def _about_selection(self, pane: str | None) -> Content:
        if self.event is None:
            return Content(" no event was extracted from this document; N makes one" if self.document else "")
        field = self.fields_view.selected
        if pane != "fields" or field is None:
            return foot.about_event(self.event, self.others.get(self.event.id, ()))
        return foot.about_field(field, self.field_type(field.name))

    def on_queue_view_picked(self, message: QueueView.Picked) -> None:
        """The mouse chose an event."""
        self.message = None
        self.show_place(message.place)

    def on_fields_view_picked(self, message: FieldsView.Picked) -> None:
        """The mouse chose a field."""
        self.message = None
        self.select(message.place)

    @property
    def asked(self) -> bool:
        """Whether a question is open, or text is being selected."""
        return self.foot.asking


def _load(text: str, language: str | None, for_good: bool) -> None:
    from db.suggest.candidates import warm_up

    warm_up(text, language)
    if for_good and not gc.get_freeze_count():
        # What is there by now stays to the end; looking through all of it again took 20 ms of every twentieth key.
        # Once: what a lookup holds must still be collected after it was left.
        gc.freeze()
