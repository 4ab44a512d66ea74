"""Moving through events, fields, panes and the source, and how the reviewer looks."""

from collections.abc import Callable

from db.decisions.review import Review
from tui.config.settings import THEME_NAMES, Settings
from tui.review.desk import PANES
from tui.review.questions.queries import QueryQuestions
from tui.review.together import Together


class Moving(Together):
    """The actions that decide nothing."""

    def __init__(self, review: Review, query: str, settings: Settings, *, around: int | None = None) -> None:
        super().__init__(review, query, settings, around=around)
        self.queries = QueryQuestions(self)

    def action_next_event(self) -> None:
        """Go to the next event."""
        self._go(lambda: self.place + 1)

    def action_previous_event(self) -> None:
        """Go to the previous event."""
        self._go(lambda: self.place - 1)

    def action_first_event(self) -> None:
        """Go to the first event."""
        self._go(lambda: 0 if self.queue.from_start or self.queue.complete else -1)

    def action_last_event(self) -> None:
        """Go to the last event."""
        self._go(lambda: len(self.queue) - (1 if self.queue.complete else 0))

    def action_queue_page(self, direction: int) -> None:
        """Go a page of events on."""
        self._go(lambda: self.place + direction * max(1, self.queue_view.size.height - 1))

    def _go(self, target: Callable[[], int]) -> None:
        """Go to a place; to one outside the stretch that is known so far, once all is found."""
        self.message = None
        place = target()
        known = (place >= 0 or self.queue.from_start) and place < len(self.queue)
        if known or self.queue.complete:
            self.show_place(place)
        else:
            self.when_all_found(lambda: self.show_place(target()))

    def action_go_to(self, pane: str) -> None:
        """Give a pane the focus."""
        self.message = None
        self.show_pane(pane)
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
        self.source_view.page(direction)

    def action_source_end(self, direction: int) -> None:
        """Scroll to the top or the bottom of the source."""
        self.source_view.jump(0 if direction < 0 else self.source_view.line_count())

    def action_query(self) -> None:
        """Change the query."""
        self.queries.ask()

    def action_save_query(self) -> None:
        """Ask for a name and keep the query under it."""
        self.message = None
        self.queries.save()

    def action_go_to_place(self) -> None:
        """Go to a number, a percentage or an id."""
        self.message = None
        self.queries.go_to()

    def action_look_up(self) -> None:
        """Ask for a query and look at what it finds, without leaving the place."""
        self.message = None
        self.queries.look_up()

    def action_look_up_value(self) -> None:
        """Look at other events with the value of the selected field."""
        self.message = None
        if (field := self.fields_view.selected) is not None:
            self.queries.look_up_value(field)

    def action_look_up_near(self) -> None:
        """Look at events near this one."""
        self.message = None
        if self.event is not None:
            self.queries.look_up_near(self.event)

    def look_up(self, query: str, look_at: int | None = None) -> None:
        """Show what a query finds, without leaving the place. Raises QueryError."""
        raise NotImplementedError

    def action_help(self) -> None:
        """Show the keys."""
        from tui.widgets.help import HelpScreen

        self.app.push_screen(HelpScreen(self.settings.keymap))

    def action_next_theme(self) -> None:
        """Look another way, until the end of this session."""
        names = list(THEME_NAMES)
        name = names[(names.index(self.app.theme) + 1) % len(names)]
        self.app.theme = name
        self.say(f'theme {name}; theme = "{name}" in the configuration file keeps it', "")

    def action_toggle_mouse(self) -> None:
        """Leave the mouse to the terminal, so that its own selection works, or take it again."""
        on = self.app.toggle_mouse()  # type: ignore[attr-defined]
        self.say(
            "the mouse is eventdesk's again"
            if on
            else "the mouse is the terminal's: select and copy; F3 takes it back",
            "",
        )

    def action_suspend(self) -> None:
        """Go back to the shell for a while."""
        self.message = None
        if why := self.app.suspend_to_shell():  # type: ignore[attr-defined]
            self.say(why)

    def action_quit(self) -> None:
        """Leave; every decision is on disk."""
        self.app.exit()
