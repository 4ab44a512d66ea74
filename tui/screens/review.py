"""The reviewer: what its keys do."""

import sqlite3
from collections.abc import Callable

from db.describe import describe
from db.errors import EventdeskError
from db.model import Event
from db.reading import read_decision
from db.review import Change, Review
from tui.asking import Asking
from tui.looks import REASON_KEYS, shown
from tui.screens.desk import PANES, Desk


class ReviewScreen(Desk):
    """The actions of ``tui.keys``: moving, deciding, asking."""

    def __init__(self, review: Review, query: str) -> None:
        super().__init__(review, query)
        self.refusal = ""
        self._asking = Asking(self)

    def on_descendant_focus(self) -> None:
        """A click may have changed the pane: the keys that help are others then, and a question is left."""
        if self.focused is not None and self.focused.id in PANES:
            self._asking.abandon()
        self.show_foot()

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
        self.message = None
        self.show_place(place)

    def action_go_to(self, pane: str) -> None:
        """Give a pane the focus."""
        self.message = None
        self.set_focus(self.query_one(f"#{pane}"))
        self.show_foot()

    def action_next_pane(self, direction: int) -> None:
        """Give the next pane the focus."""
        here = self.focused.id if self.focused else "queue"
        place = PANES.index(here) if here in PANES else 0
        self.action_go_to(PANES[(place + direction) % len(PANES)])

    def action_next_field(self, step: int) -> None:
        """Go to another field."""
        self._select(self.fields_view.cursor + step)

    def action_end_field(self, direction: int) -> None:
        """Go to the first or the last field."""
        self._select(0 if direction < 0 else self.fields_view.count - 1)

    def _select(self, place: int) -> None:
        self.message = None
        self.select(place)

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
        self.message = None
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
        self.message = None
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
            if self.message is None:
                self.say(nothing)
            return
        place = self.queue.place(change.event.id)
        if place is not None and place != self.place:
            self.show_place(place)
        if change.decision.field_id is not None and place is not None:
            self.fields_view.move_to(self.fields_view.place_of(change.decision.field_id) or self.fields_view.cursor)
            self.show_selection()
        outside = "" if place is not None else f" (event {change.event.external_id}, which this query does not show)"
        target = read_decision(self.connection, change.decision.target_id or 0)
        done = "undone" if change.decision.action == "undo" else "done again"
        self.say(f"{done}: {describe(target)}{outside}", "")

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

    def action_help(self) -> None:
        """Show the keys."""
        from tui.screens.help import HelpScreen

        self.app.push_screen(HelpScreen())

    def action_commands(self) -> None:
        """Ask for a command by name."""
        self._asking.command(self.focused.id if self.focused and self.focused.id in PANES else "queue")

    def action_quit(self) -> None:
        """Leave; every decision is on disk."""
        self.app.exit()
