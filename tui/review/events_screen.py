"""What the review and the lookup share: three panes and a foot over one session, and moving through them."""

from collections.abc import Callable

from textual.app import ComposeResult

from db.decisions.presence import Presence
from tui.config.prefixes import Count
from tui.config.settings import Settings
from tui.review.moving import Moving
from tui.review.panes import NARROW, SHORT, WIDE, Panes
from tui.review.presence import Others
from tui.review.questions.queries import QueryQuestions
from tui.review.search import Search
from tui.review.session.housekeeping import Housekeeping
from tui.review.session.session import Session
from tui.review.view import View
from tui.runtime.screen import BaseScreen
from tui.widgets.dialogs import Dialogs
from tui.widgets.fields import FieldsView
from tui.widgets.foot import Foot
from tui.widgets.queue import QueueView


def _ask(question: str) -> Callable[["EventsScreen"], None]:
    """Return an action that asks one of the questions about queries and places."""

    def action(screen: "EventsScreen") -> None:
        screen.view.message = None
        getattr(screen.queries, question)()

    return action


class EventsScreen(BaseScreen):
    """A screen of events. It owns an object for each job; its actions only say which does what."""

    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (NARROW, "-stacked"), (WIDE, "-columns")]  # noqa: RUF012 (as Textual declares it)
    VERTICAL_BREAKPOINTS = [(0, "-short"), (SHORT, "-tall")]  # noqa: RUF012
    AUTO_FOCUS = "#queue"

    def __init__(
        self,
        session: Session,
        settings: Settings,
        panes: Panes,
        foot: Foot,
        *,
        queue_keys: str = "queue",
        presence: Presence | None = None,
        housekeeping: Housekeeping | None = None,
    ) -> None:
        """``queue_keys``: which hints to show at the foot while the queue has the focus."""
        super().__init__()
        self.session = session
        self.settings = settings
        self.panes = panes
        self.foot = foot
        self.view = View(session, panes, foot, settings.keymap, queue_keys)
        self.dialogs = Dialogs(foot, self.view, "queue")
        self.search = Search(session, self.view, self.dialogs)
        self.moving = Moving(session, self.view, self.search)
        self.count = Count(settings.keymap)
        self.others = Others(session, self.view, self.search, presence, housekeeping)
        self.queries = QueryQuestions(self)
        # Asked by questions and by the app, and done by the object whose job it is.
        self.show_place = self.view.show_place
        self.show_query = self.search.show_query
        self.when_complete = self.search.when_complete

    def compose(self) -> ComposeResult:
        """The panes above the foot."""
        yield self.panes
        yield self.foot

    def start(self, around: int | None = None) -> None:
        """Start the query, and poll for what others write. ``around``: the integer id of the event to open first."""
        self.others.start()
        self.search.start(around)

    def say(self, text: str, style: str = "bold") -> None:
        """Show a message in the line above the status until the next key."""
        self.view.say(text, style)

    def say_about_keys(self, text: str) -> None:
        """Say something about the keyboard; in the status line while a question is open."""
        if self.foot.asking:
            self.view.show_waiting(text)
        else:
            self.say(text, "")

    def clear_message(self) -> None:
        """Remove the message when the foot is shown next."""
        self.view.message = None

    def look_up(self, query: str, around: int | None = None) -> None:
        """Show the events of a query in a lookup. Raises QueryError."""
        raise NotImplementedError

    # Events of Textual

    def on_unmount(self) -> None:
        """Cancel queries, and tell others that no event is open here any more."""
        self.search.stop()
        self.others.stop()

    def on_resize(self) -> None:
        """Show one pane or all of them, and the hints that fit."""
        self.panes.show(self.panes.current)
        self.foot.fit(self.size.height)
        self.view.show_foot()

    def on_descendant_focus(self) -> None:
        """After a click on a pane, close any question and show that pane's keys."""
        if (pane := self.panes.focused) is not None:
            self.search.leave_question()
            self.panes.show(pane)
        self.view.show_foot()

    def on_queue_view_picked(self, message: QueueView.Picked) -> None:
        """Open the event that was clicked."""
        self.view.message = None
        self.view.show_place(message.place)

    def on_fields_view_picked(self, message: FieldsView.Picked) -> None:
        """Select the field that was clicked."""
        self.moving.to_field(message.place)

    # Moving

    def count_key(self, key: str) -> bool:
        """Take a digit before a movement key, or the escape that cancels it; return False for any other key."""
        focused, count = self.focused, self.count
        selecting = focused is not None and focused.id == "select-prompt"
        if not selecting and self.panes.focused is None:
            return False
        if key == "escape" and count.given():
            self.view.message = None
            self.view.show_foot()
            return True
        if not count.add(key, zero_is_bound=selecting):
            return False
        if count.number:
            self.say_about_keys(f"{count.number}: a movement key, such as j or G, goes so far · esc cancels")
        return True

    def count_used(self) -> None:
        """Forget a number that the key after it did not use."""
        if self.count.number:
            self._clear_count()
            self.count.given()

    def _clear_count(self) -> None:
        """Clear the line about a number, which is still known."""
        if self.count.number:
            self.view.message = None
            self.view.show_foot()

    def action_next_event(self) -> None:
        """Go to the next event."""
        self.moving.by(self.count.times())

    def action_previous_event(self) -> None:
        """Go to the previous event."""
        self.moving.by(-self.count.times())

    def action_first_event(self) -> None:
        """Go to the first event, or to that of a number."""
        self.moving.to_number(self.count.given()) if self.count.number else self.moving.to_first()

    def action_last_event(self) -> None:
        """Go to the last event, or to that of a number."""
        self.moving.to_number(self.count.given()) if self.count.number else self.moving.to_last()

    def action_queue_page(self, direction: int) -> None:
        """Go a page of events on, or back."""
        self.moving.by_pages(direction * self.count.times())

    def action_go_to(self, pane: str) -> None:
        """Focus a pane."""
        self.moving.to_pane(pane)

    def action_next_pane(self, direction: int) -> None:
        """Focus the next or the previous pane."""
        self.moving.by_panes(direction)

    def action_next_field(self, step: int) -> None:
        """Go to the next or the previous field."""
        self.moving.by_fields(step * self.count.times())

    def action_end_field(self, direction: int) -> None:
        """Go to the first or the last field, or to that of a number."""
        if number := self.count.given():
            self.moving.to_field(number - 1)
        else:
            self.moving.to_end_field(direction)

    def action_source_lines(self, step: int) -> None:
        """Scroll the source by lines."""
        self._clear_count()
        self.panes.source.jump(self.panes.source.scroll_offset.y + step * self.count.times())

    def action_source_page(self, direction: int) -> None:
        """Scroll the source by half a page."""
        source = self.panes.source
        self._clear_count()
        source.page(direction * self.count.times())

    def action_source_end(self, direction: int) -> None:
        """Scroll to the top or the bottom of the source, or to the line of a number."""
        self._clear_count()
        number = self.count.given()
        self.panes.source.jump(number - 1 if number else 0 if direction < 0 else self.panes.source.line_count())

    # Queries

    action_query = _ask("ask")
    action_save_query = _ask("save")
    action_go_to_place = _ask("go_to")
    action_look_up = _ask("look_up")
    action_look_up_value = _ask("look_up_selected")
    action_look_up_near = _ask("look_up_near")

    # The app

    def action_help(self) -> None:
        """Show all keys."""
        from tui.review.help import help_sections
        from tui.widgets.help import HelpScreen

        self.app.push_screen(HelpScreen(help_sections(self.settings.keymap)))

    def action_quit(self) -> None:
        """Quit; every decision is on disk."""
        self.app.exit()
