"""The reviewer: the queue of events, the source and the fields, and what keys do to them."""

import sqlite3
from collections.abc import Callable

from textual.app import ComposeResult
from textual.containers import Container, Vertical
from textual.content import Content
from textual.screen import Screen

from db.errors import EventdeskError
from db.event_types import EventType, read_event_types
from db.model import Document, Event
from db.queue import Queue
from db.reading import read_document, read_event
from db.review import Change, Review
from tui import foot
from tui.asking import Asking
from tui.looks import REASON_KEYS, shown
from tui.safe_text import safe
from tui.widgets.bar import Bar
from tui.widgets.fields import FieldsView
from tui.widgets.prompt import KeyPrompt, TextPrompt
from tui.widgets.queue import QueueView
from tui.widgets.source import SourceView

_PANES = ("queue", "source", "fields")
_LOOK_FOR_OTHERS = 1.0  # seconds between looks for what other processes decided


class ReviewScreen(Screen[None]):
    """Three panes over one queue. ``self.event`` is the event as shown: every act is checked against it."""

    HORIZONTAL_BREAKPOINTS = [(0, "-stacked"), (150, "-columns")]  # noqa: RUF012 (as Textual declares it)
    VERTICAL_BREAKPOINTS = [(0, "-short"), (32, "-tall")]  # noqa: RUF012
    AUTO_FOCUS = "#queue"

    def __init__(self, review: Review, query: str) -> None:
        super().__init__()
        self.review = review
        self.connection: sqlite3.Connection = review.connection
        self.queue = Queue(self.connection, query)
        self.types = read_event_types(self.connection)
        self.event: Event | None = None
        self.document: Document | None = None
        self.place = 0
        self._asking = Asking(self)
        self.refusal = ""
        self._message: Content | None = None
        self._seen_version = self._data_version()

    def compose(self) -> ComposeResult:
        """Three panes and the foot."""
        with Container(id="panes"):
            yield QueueView(self.queue, id="queue")
            yield SourceView(id="source")
            yield FieldsView(id="fields")
        with Vertical(id="foot"):
            yield Bar("detail")
            yield KeyPrompt("key-prompt")
            yield TextPrompt("text-prompt")
            yield Bar("status")
            yield Bar("hints")

    def on_mount(self) -> None:
        """Start at the first pending event."""
        first = self.queue.next_pending(-1)
        self.show_place(first if first is not None else 0)
        self.set_interval(_LOOK_FOR_OTHERS, self._look_for_others)

    # What is shown

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

    def show_place(self, place: int) -> None:
        """Show the event at a place of the queue."""
        if not len(self.queue):
            self.event = self.document = None
        else:
            self.place = max(0, min(place, len(self.queue) - 1))
            self.event = read_event(self.connection, self.queue.ids[self.place])
            if self.document is None or self.document.id != self.event.document_id:
                self.document = read_document(self.connection, self.event.document_id)
        self.queue_view.move_to(self.place)
        self.source_view.show_document(self.document)
        self.fields_view.show_event(self.event, self.event_type)
        self.show_selection()

    def show_selection(self) -> None:
        """Mark the evidence, that of the selected field most, and say what there is to say."""
        fields = self.event.live_fields if self.event else ()
        selected = self.fields_view.selected
        self.source_view.show_evidence(
            [span for field in fields for span in field.spans], selected.spans if selected else ()
        )
        self.show_foot()

    def show_foot(self) -> None:
        """The line about what is selected, the status line and the hints."""
        pane = self.focused.id if self.focused is not None and self.focused.id in _PANES else "queue"
        self.query_one("#detail", Bar).show(self._message or self._about_selection(pane))
        last = self.review.last()
        self.query_one("#status", Bar).show(foot.status(self.queue, self.place, last, self.review.reviewer))
        self.query_one("#hints", Bar).show(foot.hints(pane or "queue"))

    def say(self, text: str, style: str = "bold") -> None:
        """Say something in the line above the status until the next key."""
        self._message = Content.assemble((f" {safe(text)}", style))
        self.show_foot()

    def _about_selection(self, pane: str | None) -> Content:
        if self.event is None:
            return Content("")
        field = self.fields_view.selected
        if pane != "fields" or field is None:
            return foot.about_event(self.event)
        return foot.about_field(field, self.event_type.field(field.name))

    # Moving

    def action_next_event(self) -> None:
        """Go to the next event."""
        self._go(self.place + 1)

    def action_previous_event(self) -> None:
        """Go to the previous event."""
        self._go(self.place - 1)

    def action_first_event(self) -> None:
        """Go to the first event."""
        self._go(0)

    def action_last_event(self) -> None:
        """Go to the last event."""
        self._go(len(self.queue) - 1)

    def action_queue_page(self, direction: int) -> None:
        """Go a page of events on."""
        self._go(self.place + direction * max(1, self.queue_view.size.height - 1))

    def _go(self, place: int) -> None:
        self._message = None
        self.show_place(place)

    def action_go_to(self, pane: str) -> None:
        """Give a pane the focus."""
        self._message = None
        self.set_focus(self.query_one(f"#{pane}"))
        self.show_foot()

    def action_next_pane(self, direction: int) -> None:
        """Give the next pane the focus."""
        here = self.focused.id if self.focused else "queue"
        place = _PANES.index(here) if here in _PANES else 0
        self.action_go_to(_PANES[(place + direction) % len(_PANES)])

    def action_next_field(self, step: int) -> None:
        """Go to another field."""
        self._select(self.fields_view.cursor + step)

    def action_end_field(self, direction: int) -> None:
        """Go to the first or the last field."""
        self._select(0 if direction < 0 else self.fields_view.count - 1)

    def _select(self, place: int) -> None:
        self._message = None
        self.fields_view.move_to(place)
        self.show_selection()

    def action_source_lines(self, step: int) -> None:
        """Scroll the source by lines."""
        self.source_view.jump(self.source_view.scroll_offset.y + step)

    def action_source_page(self, direction: int) -> None:
        """Scroll the source by half a page."""
        half = max(1, self.source_view.scrollable_content_region.height // 2)
        self.source_view.jump(self.source_view.scroll_offset.y + direction * half)

    def action_source_end(self, direction: int) -> None:
        """Scroll to the top or the bottom of the source."""
        self.source_view.jump(0 if direction < 0 else self.source_view.line_count())

    def on_descendant_focus(self) -> None:
        """A click may have changed the pane, and with it the keys that help."""
        self.show_foot()

    def on_queue_view_picked(self, message: QueueView.Picked) -> None:
        """The mouse chose an event."""
        self._go(message.place)

    def on_fields_view_picked(self, message: FieldsView.Picked) -> None:
        """The mouse chose a field."""
        self._select(message.place)

    # Deciding

    def decide(self, act: Callable[[Event], Change]) -> Change | None:
        """Do one act on the event shown; None when it was not taken: the screen and ``refusal`` say why."""
        if self.event is None:
            self._refuse("there is no event here to decide about")
            return None
        event = self.event
        return self.take_in(lambda: act(event))

    def take_in(self, act: Callable[[], Change | None]) -> Change | None:
        """Show what a decision changed. It is on disk before anything of it is shown."""
        self._message = None
        try:
            change = act()
        except EventdeskError as error:
            self.reread()
            self._refuse(str(error))
            return None
        except sqlite3.Error as error:
            self._refuse(f"not taken: the file could not be written ({error}); nothing was changed, try again")
            return None
        if change is None:
            return None
        self._seen_version = self._data_version()
        self.queue.take_in(change)
        self.queue_view.rows_changed()
        if self.event is not None and change.event.id == self.event.id:
            self.event = change.event
            self.fields_view.show_event(self.event, self.event_type)
            self.show_selection()
        return change

    def _refuse(self, why: str) -> None:
        self.refusal = why
        self.say(f"✗ {why}")

    def action_accept(self) -> None:
        """Accept the event and go on."""
        if self.decide(self.review.accept):
            self.go_on()

    def action_flag(self) -> None:
        """Mark it unsure and go on."""
        if self.decide(self.review.flag):
            self.go_on()

    def action_reject(self) -> None:
        """Ask for the reason, reject and go on."""
        self._asking.reject(REASON_KEYS)

    def action_skip(self) -> None:
        """Go to the next pending event."""
        self._message = None
        self.go_on()

    def go_on(self) -> None:
        """Show the next pending event; stay and say so when none is left."""
        place = self.queue.next_pending(self.place)
        if place is None:
            self.show_selection()
            self.say("no other pending event in this query; / changes the query, u undoes", "bold")
        else:
            self.show_place(place)

    def action_confirm_field(self) -> None:
        """Confirm the selected field and go to the next."""
        field = self.fields_view.selected
        if field is not None and self.decide(lambda event: self.review.confirm_field(event, field)):
            self._select(self.fields_view.cursor + 1)

    def action_remove_field(self) -> None:
        """Remove the selected field."""
        field = self.fields_view.selected
        if field is not None and self.decide(lambda event: self.review.remove(event, field)):
            self.say(f"removed {field.name} {shown(field.value)}; u brings it back", "")

    def action_undo(self) -> None:
        """Undo the last decision and show its event."""
        self._turn(self.review.undo, "nothing of yours to undo in this file")

    def action_redo(self) -> None:
        """Redo what was undone and show its event."""
        self._turn(self.review.redo, "nothing to redo: a new decision ends what was undone")

    def _turn(self, turn: Callable[[], Change | None], nothing: str) -> None:
        change = self.take_in(turn)
        if change is None:
            if self._message is None:
                self.say(nothing)
            return
        place = self.queue.place(change.event.id)
        if place is not None and place != self.place:
            self.show_place(place)
        if change.decision.field_id is not None and place is not None:
            self.fields_view.move_to(self.fields_view.place_of(change.decision.field_id) or self.fields_view.cursor)
            self.show_selection()
        outside = "" if place is not None else f" (event {change.event.external_id}, which this query does not show)"
        target = change.decision.target_id
        self.say(f"{change.decision.action} of decision {target}{outside}", "")

    # Questions

    def action_edit_field(self) -> None:
        """Edit the selected field's value."""
        self._asking.edit()

    def action_add_field(self) -> None:
        """Add a field."""
        self._asking.add()

    def action_move_field(self) -> None:
        """Move the selected field to another name."""
        self._asking.move()

    def action_note(self) -> None:
        """Write a note."""
        self._asking.note(self.focused is self.fields_view)

    def action_query(self) -> None:
        """Change the query."""
        self._asking.query()

    def show_queue(self, query: str) -> None:
        """Run another query and show what it finds; the event shown stays if it is there. Raises QueryError."""
        queue = Queue(self.connection, query)
        place = queue.place(self.event.id) if self.event else None
        self.queue = queue
        self.queue_view.show_queue(queue)
        if place is None:
            place = queue.next_pending(-1) or 0
        self.show_place(place)

    def action_help(self) -> None:
        """Show the keys."""
        from tui.screens.help import HelpScreen

        self.app.push_screen(HelpScreen())

    def action_commands(self) -> None:
        """Open the command palette."""
        self.app.action_command_palette()

    def action_quit(self) -> None:
        """Leave; every decision is on disk."""
        self.app.exit()

    # Others

    def reread(self) -> None:
        """Read again what is shown, after somebody else wrote."""
        self._seen_version = self._data_version()
        self.queue.recount()
        self.queue_view.rows_changed()
        if self.event is not None:
            self.event = read_event(self.connection, self.event.id)
            self.fields_view.show_event(self.event, self.event_type)
        self.show_selection()

    def _look_for_others(self) -> None:
        asked = self.query_one(TextPrompt).display or self.query_one(KeyPrompt).display
        if not asked and self._data_version() != self._seen_version:
            self.reread()

    def _data_version(self) -> int:
        """A number that changes when another process writes the file."""
        version: int = self.connection.execute("PRAGMA data_version").fetchone()[0]
        return version
