"""Deciding: save what the reviewer does, show it, and ask if someone else decided first."""

from collections.abc import Callable

from db.model import Change, Event
from tui.review.moving import Moving
from tui.review.search import QUERY_WAIT, Search
from tui.review.session.outcomes import Conflict, Outcome, Refused, Saved, Step
from tui.review.session.session import Session
from tui.review.view import View
from tui.widgets.dialogs import Dialogs

_DECIDED_ALREADY = "you decided this already"
_NONE_LEFT = "no other pending event in this query; / changes the query, u undoes"


class Deciding:
    """Decides about the open event.

    A decision is on disk before anything of it is shown. What can't be written while the app repeats the key raises
    NotWrittenError; all else that stands in the way is said at the foot.
    """

    def __init__(self, session: Session, view: View, dialogs: Dialogs, search: Search, moving: Moving) -> None:
        self._session = session
        self._view = view
        self._dialogs = dialogs
        self._search = search
        self._moving = moving

    def decide(self, act: Callable[[Event], Change], then: Callable[[Change], None] | None = None) -> str | None:
        """Decide, show the event as it is now, and call ``then``. Return why it was refused, or None.

        None also if someone else decided first: then the reviewer is asked, and ``then`` may be called later.
        """

        def shown(change: Change) -> None:
            self._view.show_event()
            if then is not None:
                then(change)

        return self._do(lambda: self._session.decide(act), shown)

    def decide_and_go_on(self, act: Callable[[Event], Change]) -> str | None:
        """Decide, and show the next pending event. Return why it was refused, as ``decide`` does."""
        return self._do(lambda: self._session.decide(act), lambda _: self.go_on())

    def add_event(self, act: Callable[[], Change]) -> str | None:
        """Add an event and show it. Return why it was refused, or None."""
        return self._do(lambda: self._session.save(act), lambda change: self._moving.to_event(change.event.id))

    def undo(self) -> None:
        """Undo the last decision, and show its event."""
        self._do(self._session.undo, self._show_turn)

    def redo(self) -> None:
        """Redo what was undone, and show its event."""
        self._do(self._session.redo, self._show_turn)

    def go_on(self) -> None:
        """Show the next pending event; stay, and say so, if there is none."""
        match self._session.go_on():
            case Step.MOVED:
                self._view.show()
            case Step.SEARCHING:
                self._view.show_event()
                self._search.when_complete(self.go_on)
            case Step.NONE_LEFT:
                self._view.set_message(_NONE_LEFT)
                self._view.show_event()

    def refuse(self, why: str) -> str:
        """Say why something can't be done, and return it."""
        self._view.say(f"✗ {why}")
        return why

    def _do(self, act: Callable[[], Outcome], then: Callable[[Change], None]) -> str | None:
        outcome, view = act(), self._view
        view.message = None
        match outcome:
            case Saved(change):
                view.foot.close_introduction()
                view.show_rows(outcome)
                then(change)
                if not change.touched:
                    self._say_too(_DECIDED_ALREADY)
            case Conflict():
                view.show_reread()
                self._ask_whose(outcome, lambda: self._do(act, then))
            case Refused(why, reread):
                if reread:
                    view.show_reread()
                return self.refuse(why)
        return None

    def _say_too(self, text: str) -> None:
        """Show a message before the one that is shown already."""
        shown = self._view.message
        self._view.say(f"{text}; {shown.plain.strip()}" if shown else text, "")

    def _ask_whose(self, conflict: Conflict, save_mine: Callable[[], object]) -> None:
        """Show both decisions, and let one key choose."""

        def answered(key: str) -> None:
            if key == "m":
                save_mine()
            else:
                self._view.show_selection()

        answers = {"t": f"keep theirs: {conflict.theirs}", "m": f"save mine: {conflict.mine}"}
        self._dialogs.key("Not saved: someone else decided first.", answers, answered, cancel="look first")

    def _show_turn(self, change: Change) -> None:
        session, view = self._session, self._view
        self._search.poll(QUERY_WAIT)  # its event may not be found yet
        view.set_message(session.describe_turn(change), "")
        places = [place for _, event in change.touched if (place := session.place_of(event.id)) is not None]
        if places and not session.is_open(places[0]):
            view.show_place(places[0])
        elif places or change.event.live:
            view.show_event()
        else:
            view.show_place(session.place)
        field_id = change.decision.field_id
        if places and field_id is not None and (place := view.panes.fields.place_of(field_id)) is not None:
            view.select_field(place)
