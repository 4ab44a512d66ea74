"""The reviewer: what its keys do."""

import sqlite3
from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING

from textual.binding import Binding

from db.decisions.review import Change, Review
from db.describe import describe
from db.errors import ConflictError, EventdeskError, NotWrittenError
from db.model import Event, Field, Span
from db.store.reading import read_decision
from tui.config import bindings as keys
from tui.config.settings import Settings
from tui.review.desk import PANES
from tui.review.housekeeping import LookingAfter
from tui.review.moving import Moving
from tui.review.searching import QUERY_WAIT
from tui.text.looks import REASON_KEYS, shown
from tui.widgets.bar import Hint
from tui.widgets.source import SourceView

if TYPE_CHECKING:
    from tui.review.questions.all import Questions

_READY_AFTER = 0.1  # seconds, so that the first screen comes first
_LOOK_AFTER = 2.0  # seconds, so that the first keys come first
_NEEDS_EVENT = ("event.", "field.", "group.", "source.select", "lookup.same", "lookup.near")
_NEEDS_DOCUMENT_ALONE = ("event.new", "clipboard.copy")


class ReviewScreen(Moving):
    """The actions of ``tui.config.bindings``: deciding and asking."""

    PRESENT = True

    def __init__(
        self, review: Review, query: str, settings: Settings, looking_after: LookingAfter | None = None
    ) -> None:
        super().__init__(review, query, settings)
        self._looking_after = looking_after
        self.refusal: str | None = None

    @cached_property
    def _asks(self) -> "Questions":
        """Made once the first screen is there, or by the first key that asks."""
        from tui.review.questions.all import Questions

        return Questions(self)

    def on_mount(self) -> None:
        """Have the questions ready before somebody asks, and then have the file looked after."""
        self.set_timer(_READY_AFTER, lambda: self._asks)
        if self._looking_after is not None:
            self.set_timer(_LOOK_AFTER, self._looking_after.begin)

    def on_descendant_focus(self) -> None:
        """A click may have changed the pane: the keys that help are others then, and a question is left."""
        if self.focused is not None and self.focused.id in PANES:
            self.leave_question()
            self.show_pane(self.focused.id)
        self.show_foot()

    def on_source_view_marked(self, message: SourceView.Marked) -> None:
        """The mouse marked text."""
        if self.event is not None:
            self._asks.marking.select(message.span)

    # What can be done

    def commands(self, pane: str) -> list[Binding]:
        """The bindings of a pane."""
        return [item for item in keys.commands(pane) if hasattr(self, f"action_{item.action[7:].partition('(')[0]}")]

    def why_not(self, id_: str) -> str:
        """Why something can't be done now; empty where it can."""
        if id_ in _NEEDS_DOCUMENT_ALONE:
            return "" if self.document else "no document is shown"
        if id_.startswith(_NEEDS_EVENT) and id_ not in ("event.next", "event.previous", "event.skip"):
            if self.event is None:
                return "no event is shown"
            if id_.startswith(("field.", "lookup.same")) and id_ != "field.add" and not self.event.live_fields:
                return "this event has no fields"
            if id_ == "source.select" and not (self.document and self.document.source):
                return "this document has no text"
            if id_ in ("group.remove", "event.split") and not any(field.group for field in self.event.live_fields):
                return "this event has no groups"
        if id_ == "history.undo" and self.review.last() is None:
            return "nothing of yours to undo in this file"
        return ""

    def _can(self, id_: str) -> bool:
        self.message = None
        if why := self.why_not(id_):
            self._refuse(why)
        return not why

    # Deciding

    def decide(self, act: Callable[[Event], Change], then: Callable[[Change], None] = lambda _: None) -> Change | None:
        """Do one act on the event shown, and ``then`` what comes after it.

        None when it was not taken: the screen and ``refusal`` say why. Where somebody else was first, ``refusal`` is
        None, and who wins is asked: ``then`` may follow later. Raises NotWrittenError for the app, which
        has a key again that met another process.
        """
        if self.event is None:
            self._refuse("there is no event here to decide about")
            return None
        event = self.event
        try:
            change = self.take_in(lambda: act(event))
        except ConflictError as error:
            self._ask_whose(error, act, then)
            return None
        if change is not None:
            then(change)
        return change

    def _ask_whose(
        self, conflict: ConflictError, act: Callable[[Event], Change], then: Callable[[Change], None]
    ) -> None:
        """Show both decisions, the other's and the one that was refused, and have one key choose."""

        def answered(key: str) -> None:
            if key == "m":
                self.decide(act, then)
            else:
                self.show_selection()

        self.refusal = None
        answers = {"t": f"theirs stays: {conflict.theirs}", "m": f"mine: {conflict.mine}"}
        self.asking.key("Not taken: somebody was first.", answers, answered, cancel="look first")

    def take_in(self, act: Callable[[], Change | None]) -> Change | None:
        """Show what a decision changed. It is on disk before anything of it is shown.

        Raises ConflictError where there is something to choose.
        """
        self.message = None
        try:
            change = act()
        except NotWrittenError as error:
            if self.retried:
                raise
            self._refuse(f"not taken: {error}")
            return None
        except EventdeskError as error:
            self.reread()
            if isinstance(error, ConflictError) and error.mine:
                raise
            self._refuse(str(error))
            return None
        except sqlite3.Error as error:
            self._refuse(f"not taken: the file could not be read ({error}); nothing was changed")
            return None
        if change is None:
            return None
        self.own_decision(change.decision.id)
        self.query_one(Hint).display = False
        before = len(self.queue)
        self.queue.apply(change, self.place)
        if len(self.queue) != before:
            self.queue_view.rows_changed()
            self.queue_view.lines_changed()
        for _, event in change.touched:
            if (place := self.queue.place(event.id, self.place)) is not None:
                self.queue_view.row_changed(place)
        here = {event.id: event for _, event in change.touched}
        if self.event is not None and self.event.id in here:
            self.event = here[self.event.id]
            self._show_fields()
            self.show_selection()
        return change

    def _refuse(self, why: str) -> None:
        self.refusal = why
        self.say(f"✗ {why}")

    def action_accept(self) -> None:
        """Accept the event and go on."""
        self.decide(self.review.accept, lambda _: self.go_on())

    def action_flag(self) -> None:
        """Mark it unsure and go on."""
        self.decide(self.review.flag, lambda _: self.go_on())

    def action_skip(self) -> None:
        """Go to the next pending event."""
        self.message = None
        self.go_on()

    def go_on(self) -> None:
        """Show the next pending event; stay and say so when none is left."""
        place = self.queue.next_pending(self.place, self.others)
        if not self.queue.complete and (place is None or place <= self.place):
            self.when_all_found(self.go_on)
        elif place is None:
            self.show_selection()
            self.say("no other pending event in this query; / changes the query, u undoes", "bold")
        else:
            self.show_place(place)

    def action_copy_event(self) -> None:
        """Copy the event and show the copy."""

        def copied(change: Change) -> None:
            self.show_event(change.event.id)
            self.say("a copy of the event; u takes it back", "")

        self.decide(self.review.copy, copied)

    def action_undo(self) -> None:
        """Undo the last decision and show its event."""
        self._turn(self.review.undo, "nothing of yours to undo in this file")

    def action_redo(self) -> None:
        """Redo what was undone and show its event."""
        self._turn(self.review.redo, "nothing to redo: a new decision ends what was undone")

    def _turn(self, turn: Callable[[], Change | None], nothing: str) -> None:
        change = self.take_in(turn)
        if change is None:
            if self.message is None:
                self.say(nothing)
            return
        self.look_for_found(QUERY_WAIT)
        places = [place for _, event in change.touched if (place := self.queue.place(event.id, self.place)) is not None]
        if places:
            if places[0] != self.place or self.event is None or self.event.id != self.queue.ids[places[0]]:
                self.show_place(places[0])
            if change.decision.field_id is not None:
                self.fields_view.move_to(self.fields_view.place_of(change.decision.field_id) or self.fields_view.cursor)
                self.show_selection()
        elif change.event.live:
            pass
        else:
            self.show_place(self.place)
        outside = "" if places or not change.event.live else f" (event {change.event.external_id}, not in this query)"
        target = read_decision(self.connection, change.decision.target_id or 0)
        done = "undone" if change.decision.action == "undo" else "done again"
        self.say(f"{done}: {describe(target)}{outside}", "")

    def action_confirm_field(self) -> None:
        """Confirm a field; from the fields, go to the next."""

        def confirm(field: Field) -> None:
            self.decide(
                lambda event: self.review.confirm_field(event, field),
                lambda _: self.select(self.fields_view.cursor + 1),
            )

        if self._can("field.confirm"):
            self._asks.fields.which("Confirm", confirm)

    def action_remove_field(self) -> None:
        """Remove a field."""

        def remove(field: Field) -> None:
            removed = f"removed {field.name} {shown(field.value)}; u brings it back"
            self.decide(lambda event: self.review.remove(event, field), lambda _: self.say(removed, ""))

        if self._can("field.remove"):
            self._asks.fields.which("Remove", remove)

    # Questions

    def action_reject(self) -> None:
        """Ask for the reason, reject and go on."""
        if self._can("event.reject"):
            self._asks.events.reject(REASON_KEYS)

    def action_pick(self) -> None:
        """Pick a field's value from the text."""
        if self._can("field.pick"):
            self._asks.fields.pick()

    def action_edit_field(self) -> None:
        """Edit a field's value."""
        if self._can("field.edit"):
            self._asks.fields.edit()

    def action_add_field(self) -> None:
        """Add a field."""
        if self._can("field.add"):
            self._asks.fields.add()

    def action_add_group(self) -> None:
        """Add a group of fields."""
        if self._can("group.add"):
            self._asks.fields.add_group()

    def action_remove_group(self) -> None:
        """Remove a group of fields."""
        if self._can("group.remove"):
            self._asks.fields.remove_group()

    def action_move_field(self) -> None:
        """Move a field to another name or group."""
        if self._can("field.move"):
            self._asks.fields.move()

    def action_swap_fields(self) -> None:
        """Swap two values of a group."""
        if self._can("field.swap"):
            self._asks.fields.swap()

    def action_select_text(self) -> None:
        """Select text with the keyboard."""
        if self._can("source.select"):
            field = self.fields_view.selected
            start = field.spans[0].start if field and field.spans else self.source_view.first_in_view
            self._asks.marking.select(Span(start, start))

    def action_note(self) -> None:
        """Write a note."""
        if self._can("event.note"):
            self._asks.events.note(self.focused is self.fields_view)

    def action_new_event(self) -> None:
        """Make an event."""
        if self._can("event.new"):
            self._asks.events.new()

    def action_split_event(self) -> None:
        """Split groups off."""
        if self._can("event.split"):
            self._asks.events.split()

    def action_merge_event(self) -> None:
        """Merge it as a duplicate."""
        if self._can("event.merge"):
            self._asks.events.merge()

    def action_set_type(self) -> None:
        """Give it another type."""
        if self._can("event.type"):
            self._asks.events.set_type()

    def action_open_document(self) -> None:
        """Open a document without events."""
        self._asks.events.open_document()

    def action_copy(self) -> None:
        """Copy to the clipboard."""
        if self._can("clipboard.copy"):
            self._asks.copying.copy()

    def action_look_up_value(self) -> None:
        """Look at other events with the value of a field."""
        if self._can("lookup.same"):
            self._asks.fields.which("Look up", self.queries.look_up_value)

    def look_up(self, query: str, look_at: int | None = None) -> None:
        """Show what a query finds, without leaving the place. Raises QueryError."""
        from tui.review.lookup import LookupScreen

        self.app.push_screen(LookupScreen(self.review, query, self.settings, look_at, self.show_queue))

    def action_commands(self) -> None:
        """Ask for a command by name."""
        self._asks.events.command(self.focused.id if self.focused and self.focused.id in PANES else "queue")
