"""The reviewer's screen: what its keys decide and ask."""

from collections.abc import Callable
from functools import cached_property
from operator import attrgetter
from typing import TYPE_CHECKING

from textual import actions
from textual.binding import Binding

from db.decisions.presence import Presence
from db.decisions.review import Review
from tui.config.settings import Settings
from tui.review import foot as lines
from tui.review.deciding import Deciding
from tui.review.events_screen import EventsScreen
from tui.review.panes import ReviewPanes
from tui.review.session.housekeeping import Housekeeping, warm_up
from tui.review.session.session import Session
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


def _ask(command: str, question: str) -> Callable[["ReviewScreen"], None]:
    """Return an action that asks a question, or says why its command can't be run now."""

    def action(screen: "ReviewScreen") -> None:
        screen.view.message = None
        if why := screen.why_not(command):
            screen.refuse(why)
        else:
            attrgetter(question)(screen.questions)()

    return action


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
        self.select_prompt.times = self.count.times
        self._deciding = Deciding(session, self.view, self.dialogs, self.search, self.moving)
        # Asked by questions (tui.review.host), and done by the object whose job it is.
        self.refuse = self._deciding.refuse
        self.decide = self._deciding.decide
        self.decide_and_go_on = self._deciding.decide_and_go_on
        self.add_event = self._deciding.add_event
        self.show_event = self.moving.to_event
        self.show_document = self.moving.to_document
        self.show_selection = self.view.show_selection
        self.show_foot = self.view.show_foot
        self.select_field = self.view.select_field

    @cached_property
    def questions(self) -> "Questions":
        """Loaded once the first screen is there, or by the first key that asks."""
        from tui.review.questions.all import Questions

        return Questions(self, self.select_prompt)

    def on_mount(self) -> None:
        """Start the query, and what can wait until the first screen is there."""
        self.start()
        self.set_timer(_QUESTIONS_AFTER, lambda: self.questions)
        self.set_timer(_WARM_UP_AFTER, self._warm_up)
        if self._housekeeping is not None:
            self.set_timer(_HOUSEKEEPING_AFTER, self._housekeeping.start)

    def on_source_view_marked(self, message: SourceView.Marked) -> None:
        """Ask what the text marked by the mouse is for."""
        if self.session.event is not None:
            self.questions.selecting.select(message.span)

    def _warm_up(self) -> None:
        if (document := self.session.document) is not None:
            warm_up(document.source, document.language, freeze=not self.app.is_headless)

    # Commands

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

    def action_undo(self) -> None:
        """Undo the last decision and open its event."""
        self._deciding.undo()

    def action_redo(self) -> None:
        """Redo what was undone and open its event."""
        self._deciding.redo()

    # Asking

    action_copy_event = _ask("event.copy", "events.copy")
    action_confirm_field = _ask("field.confirm", "fields.confirm")
    action_remove_field = _ask("field.remove", "fields.remove")
    action_reject = _ask("event.reject", "events.reject")
    action_pick = _ask("field.pick", "fields.pick")
    action_edit_field = _ask("field.edit", "fields.edit")
    action_add_field = _ask("field.add", "fields.add")
    action_add_group = _ask("group.add", "fields.add_group")
    action_remove_group = _ask("group.remove", "fields.remove_group")
    action_move_field = _ask("field.move", "fields.move")
    action_swap_fields = _ask("field.swap", "fields.swap")
    action_select_text = _ask("source.select", "selecting.select")
    action_note = _ask("event.note", "events.note")
    action_new_event = _ask("event.new", "events.new")
    action_split_event = _ask("event.split", "events.split")
    action_merge_event = _ask("event.merge", "events.merge")
    action_set_type = _ask("event.type", "events.set_type")
    action_open_document = _ask("document.open", "events.open_document")
    action_copy = _ask("clipboard.copy", "copying.copy")
    action_look_up_value = _ask("lookup.same", "fields.look_up")
    action_commands = _ask("app.commands", "events.command")
