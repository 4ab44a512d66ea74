"""The reviewer's screen: what its keys decide and ask."""

from functools import cached_property
from typing import TYPE_CHECKING

from textual import actions
from textual.binding import Binding

from db.decisions.presence import Presence
from db.decisions.review import Review
from db.model import Span
from tui.config import bindings as keys
from tui.config.settings import Settings
from tui.review import foot as lines
from tui.review.deciding import Deciding
from tui.review.events_screen import EventsScreen
from tui.review.panes import ReviewPanes
from tui.review.session.housekeeping import Housekeeping, warm_up
from tui.review.session.session import Session
from tui.text.looks import REASON_KEYS
from tui.widgets.bar import Hint
from tui.widgets.clipboard import copy
from tui.widgets.foot import Foot
from tui.widgets.select import SelectPrompt
from tui.widgets.source import SourceView

if TYPE_CHECKING:
    from tui.review.questions.all import Questions

_QUESTIONS_AFTER = 0.1  # seconds, so that the first screen comes first
_WARM_UP_AFTER = 0.2
_HOUSEKEEPING_AFTER = 2.0  # so that the first keys come first
_NEED_EVENT = ("event.", "field.", "group.", "source.select", "lookup.same", "lookup.near")
_NEED_DOCUMENT = ("event.new", "clipboard.copy")
_ALWAYS = ("event.next", "event.previous", "event.skip")


class ReviewScreen(EventsScreen):
    """Reviews the events of a query."""

    def __init__(
        self, review: Review, query: str, settings: Settings, housekeeping: Housekeeping | None = None
    ) -> None:
        session = Session(review, query)
        hint = Hint("hint", lines.first_hint(settings.keymap))
        self.select_prompt = SelectPrompt("select-prompt")
        hint.display = settings.first_run()
        foot = Foot(introduction=hint, prompts=[self.select_prompt])
        presence = Presence(session.connection, review.reviewer)
        panes = ReviewPanes(session.queue)
        super().__init__(session, settings, panes, foot, presence=presence, housekeeping=housekeeping)
        self._housekeeping = housekeeping
        self._deciding = Deciding(session, self.view, self.dialogs, self.search, self.moving)
        # Asked by questions (tui.review.host), and done by the object whose job it is.
        self.decide = self._deciding.decide
        self.decide_and_go_on = self._deciding.decide_and_go_on
        self.add_event = self._deciding.add_event
        self.show_event = self.moving.to_event
        self.show_document = self.moving.to_document
        self.show_selection = self.view.show_selection
        self.show_foot = self.view.show_foot
        self.select_field = self.view.select_field

    @cached_property
    def _questions(self) -> "Questions":
        """Loaded once the first screen is there, or by the first key that asks."""
        from tui.review.questions.all import Questions

        return Questions(self, self.select_prompt)

    def on_mount(self) -> None:
        """Start the query, and what can wait until the first screen is there."""
        self.start()
        self.set_timer(_QUESTIONS_AFTER, lambda: self._questions)
        self.set_timer(_WARM_UP_AFTER, self._warm_up)
        if self._housekeeping is not None:
            self.set_timer(_HOUSEKEEPING_AFTER, self._housekeeping.start)

    def on_source_view_marked(self, message: SourceView.Marked) -> None:
        """Ask what the text marked by the mouse is for."""
        if self.session.event is not None:
            self._questions.selecting.select(message.span)

    def _warm_up(self) -> None:
        if (document := self.session.document) is not None:
            warm_up(document.source, document.language, freeze=not self.app.is_headless)

    # Commands

    def commands(self, pane: str) -> list[Binding]:
        """Return the commands of a pane."""
        return keys.commands(pane)

    def run(self, binding: Binding) -> None:
        """Run a command."""
        _namespace, name, arguments = actions.parse(binding.action)
        getattr(self, f"action_{name}")(*arguments)

    def why_not(self, id_: str) -> str:
        """Return why a command can't be run now, or an empty text."""
        event, document = self.session.event, self.session.document
        if id_ in _NEED_DOCUMENT:
            return "" if document else "no document is open"
        if id_.startswith(_NEED_EVENT) and id_ not in _ALWAYS:
            if event is None:
                return "no event is open"
            if id_.startswith(("field.", "lookup.same")) and id_ != "field.add" and not event.live_fields:
                return "this event has no fields"
            if id_ == "source.select" and not (document and document.source):
                return "this document has no text"
            if id_ in ("group.remove", "event.split") and not any(field.group for field in event.live_fields):
                return "this event has no groups"
        if id_ == "history.undo" and self.session.last is None:
            return "you have nothing to undo in this file"
        return ""

    def _can(self, id_: str) -> bool:
        self.view.message = None
        if why := self.why_not(id_):
            self._deciding.refuse(why)
        return not why

    def copy(self, text: str) -> None:
        """Copy a text to the clipboard."""
        copy(self.app, text)

    def look_up(self, query: str, around: int | None = None) -> None:
        """Show the events of a query in a lookup over this screen. Raises QueryError."""
        from tui.review.lookup import LookupScreen

        self.app.push_screen(LookupScreen(self.session.review, query, self.settings, around, self.show_query))

    # Deciding

    def action_accept(self) -> None:
        """Accept the event and go on."""
        self._deciding.decide_and_go_on(self.session.review.accept)

    def action_flag(self) -> None:
        """Mark the event as unsure and go on."""
        self._deciding.decide_and_go_on(self.session.review.flag)

    def action_skip(self) -> None:
        """Go to the next pending event."""
        self.view.message = None
        self._deciding.go_on()

    def action_copy_event(self) -> None:
        """Copy the event and open the copy."""
        self._questions.events.copy()

    def action_undo(self) -> None:
        """Undo the last decision and open its event."""
        self._deciding.undo()

    def action_redo(self) -> None:
        """Redo what was undone and open its event."""
        self._deciding.redo()

    def action_confirm_field(self) -> None:
        """Confirm a field; from the fields, go to the next."""
        if self._can("field.confirm"):
            self._questions.fields.confirm()

    def action_remove_field(self) -> None:
        """Remove a field."""
        if self._can("field.remove"):
            self._questions.fields.remove()

    # Asking

    def action_reject(self) -> None:
        """Ask for the reason, reject the event and go on."""
        if self._can("event.reject"):
            self._questions.events.reject(REASON_KEYS)

    def action_pick(self) -> None:
        """Pick a field's value from the text."""
        if self._can("field.pick"):
            self._questions.fields.pick()

    def action_edit_field(self) -> None:
        """Edit a field's value."""
        if self._can("field.edit"):
            self._questions.fields.edit()

    def action_add_field(self) -> None:
        """Add a field."""
        if self._can("field.add"):
            self._questions.fields.add()

    def action_add_group(self) -> None:
        """Add a group of fields."""
        if self._can("group.add"):
            self._questions.fields.add_group()

    def action_remove_group(self) -> None:
        """Remove a group of fields."""
        if self._can("group.remove"):
            self._questions.fields.remove_group()

    def action_move_field(self) -> None:
        """Move a field to another name or group."""
        if self._can("field.move"):
            self._questions.fields.move()

    def action_swap_fields(self) -> None:
        """Swap two values of a group."""
        if self._can("field.swap"):
            self._questions.fields.swap()

    def action_select_text(self) -> None:
        """Select text with the keyboard."""
        if self._can("source.select"):
            field = self.panes.fields.selected
            start = field.spans[0].start if field and field.spans else self.panes.source.first_in_view
            self._questions.selecting.select(Span(start, start))

    def action_note(self) -> None:
        """Write a note."""
        if self._can("event.note"):
            self._questions.events.note(self.panes.focused == "fields")

    def action_new_event(self) -> None:
        """Add an event."""
        if self._can("event.new"):
            self._questions.events.new()

    def action_split_event(self) -> None:
        """Split groups off into an event of their own."""
        if self._can("event.split"):
            self._questions.events.split()

    def action_merge_event(self) -> None:
        """Merge the event into one that it duplicates."""
        if self._can("event.merge"):
            self._questions.events.merge()

    def action_set_type(self) -> None:
        """Change the event's type."""
        if self._can("event.type"):
            self._questions.events.set_type()

    def action_open_document(self) -> None:
        """Open a document without events."""
        self._questions.events.open_document()

    def action_copy(self) -> None:
        """Copy something to the clipboard."""
        if self._can("clipboard.copy"):
            self._questions.copying.copy()

    def action_look_up_value(self) -> None:
        """Look up events with the value of a field."""
        if self._can("lookup.same"):
            self._questions.fields.which("Look up", self.queries.look_up_value)

    def action_commands(self) -> None:
        """Find a command by name."""
        self._questions.events.command(self.panes.focused or "queue")
