"""The mapping screen: the columns beside what becomes of a row, both drawn from one mapping, and what its keys do."""

from collections.abc import Mapping as Mapping_
from math import inf

from textual.app import ComposeResult
from textual.containers import Container
from textual.content import Content
from textual.timer import Timer

from db.formats.tables.mapping.mapping import Mapping
from tui.mapping import describe, keys
from tui.mapping.changing import Changing
from tui.mapping.columns import ColumnsPane
from tui.mapping.mapping_file import MappingFile
from tui.mapping.plans.draft import Draft
from tui.mapping.plans.toml_edit import TomlEdit
from tui.mapping.preview import PreviewPane, Shown
from tui.mapping.questions import Questions
from tui.mapping.rows import RowChecks, Sample
from tui.runtime.screen import SingleLayout
from tui.text.safe import safe
from tui.widgets.dialogs import Dialogs
from tui.widgets.foot import Foot

_WIDE = 72  # columns from which the panes are side by side
_ROOMY = 130  # columns from which both panes are always in view, with several events
_EVENTS = 3  # shown at once
_IDLE = 0.02  # seconds after a key until its effect is painted
_CHECK_TIME = 0.008  # seconds of checking rows before the next key is handled


class Panes(SingleLayout, Container):
    """The two panes."""


class MappingScreen(Changing):
    """Each key changes the mapping, asks a question or moves. ``draft`` is the mapping; panes only show it."""

    HORIZONTAL_BREAKPOINTS = [(0, "-stacked"), (_WIDE, "-beside"), (_ROOMY, "-roomy")]  # noqa: RUF012 (as in Textual)
    SECTIONS = keys.OF_A_TABLE
    AUTO_FOCUS = "#columns"

    def __init__(self, sample: Sample, mapping: Mapping, origin: str, file: MappingFile) -> None:
        """``origin``: where the mapping comes from, such as ``a guess``."""
        super().__init__()
        self.sample = sample
        self.draft = Draft.of(mapping)
        self.file = file
        self.row = 0
        self.message: Content | None = None
        self.foot = Foot()
        self.dialogs = Dialogs(self.foot, self, "columns")
        self.checks = RowChecks(sample)
        self.toml_edit = TomlEdit()
        self.several = False
        """True while only events are in view, several of them."""
        self._origin = origin
        self._timer: Timer | None = None

    def compose(self) -> ComposeResult:
        """The two panes and the foot."""
        with Panes(id="panes"):
            yield ColumnsPane(id="columns")
            yield PreviewPane(id="preview")
        yield self.foot

    def on_mount(self) -> None:
        """Show the initial mapping."""
        self._timer = self.set_interval(_IDLE, lambda: self._check_rows(_CHECK_TIME), pause=True)
        self.show_mapping()
        self.greet()

    def greet(self) -> None:
        """Say where the mapping comes from, and what the table says about how it is read."""
        self.say("; ".join([f"started from {self._origin}; correct what is wrong", *self.sample.table.notes]), "")

    @property
    def columns_pane(self) -> ColumnsPane:
        """The columns."""
        return self.query_one(ColumnsPane)

    @property
    def preview_pane(self) -> PreviewPane:
        """The preview."""
        return self.query_one(PreviewPane)

    @property
    def column(self) -> str:
        """The selected column; empty if there is none."""
        columns = self.sample.table.columns
        return columns[self.columns_pane.cursor] if columns else ""

    # What is shown

    def show_mapping(self) -> None:
        """Show the mapping, and start to check the rows."""
        self.checks.restart(self.draft.mapping)
        self.show_row(self.row)
        if self._timer is not None:
            self._timer.resume()

    def show_sample(self, sample: Sample) -> None:
        """Show other rows, which another plan reads."""
        if sample is not self.sample:
            self.sample, self.checks, self.row = sample, RowChecks(sample), 0
            self.columns_pane.move_to(0)
        self.show_mapping()

    def show_row(self, number: int) -> None:
        """Show what becomes of a row, and of the rows after it where there is room."""
        count = len(self.sample.rows)
        self.row = max(0, min(number, count - 1))
        self.columns_pane.show(self.sample, self.sample.complete(self.draft.mapping), self.row)
        several = self.several or self.size.width >= _ROOMY
        first = max(0, min(self.row, count - _EVENTS)) if several else self.row
        events = []
        for place in range(first, min(count, first + (_EVENTS if several else 1))):
            outcome = self.checks.outcomes[place] or self.sample.outcome(place, self.draft.mapping)
            events.append(Shown(self.sample.heading(outcome), outcome, several and place == self.row))
        last = f"–{first + len(events)}" if len(events) > 1 else ""
        place_words = f"{first + 1}{last} of {count}{'' if last else f'  {events[0].heading}'}" if events else ""
        self.preview_pane.show(events, place_words)
        self.show_foot()

    def show_foot(self) -> None:
        """Show the line about the selected column, the status line and the keys."""
        self.foot.detail.show(self.message or self.about())
        self.foot.status.show(self.status())
        self.foot.hints.show(keys.hints(self.size.width, self.hints()))

    def about(self) -> Content:
        """Return the line about what is selected."""
        column = self.column
        return describe.about_column(
            self.sample.complete(self.draft.mapping), column, self.sample.cell(column, self.row)
        )

    def status(self) -> Content:
        """Return the status line."""
        path = self.file.holding(self.draft.mapping)
        saved = None if path is None else str(path)
        return describe.status(self.draft, self.checks.outcomes, self._origin, saved)

    def hints(self) -> Mapping_[str, str]:
        """Return the keys at the foot, and a word for each."""
        return keys.HINTS

    def say(self, text: str, style: str = "bold") -> None:
        """Show a message in the line above the status until the next key."""
        self.message = Content.assemble((f" {safe(text)}", style))
        self.show_foot()

    def clear_message(self) -> None:
        """Remove the message when the foot is shown next."""
        self.message = None

    def on_resize(self) -> None:
        """Show the panes, events and keys that there is room for."""
        self.show_view(self.several)

    def show_view(self, several: bool) -> None:
        """Show several events alone, or the columns beside an event; both where there is room."""
        self.several = several
        alone = several and self.size.width < _ROOMY
        self.set_class(alone, "-events")
        self.columns_pane.display = not alone
        if not self.foot.asking:
            self.set_focus(self.preview_pane if alone else self.columns_pane)
        self.show_row(self.row)

    def action_view(self) -> None:
        """Switch between events and columns."""
        self.message = None
        if self.size.width >= _ROOMY:
            self.say("columns and events are both in view", "")
        else:
            self.show_view(not self.several)

    def needs_columns(self) -> bool:
        """Bring the columns into view for a key about one of them; return False if they weren't."""
        if self.sample.table.columns and self.columns_pane.display:
            return True
        if not self.sample.table.columns:
            self.say("this file has no columns to change: its format says what is in it")
        else:
            self.show_view(False)
            self.say("select a column with j and k; then this key changes it", "")
        return False

    def _check_rows(self, seconds: float) -> None:
        self.checks.check(seconds)
        if self.checks.complete and self._timer is not None:
            self._timer.pause()
            self.show_row(self.row)  # rows before it decide on it too
        self.show_foot()

    # What dialogs need

    def dialog_opened(self, room: bool) -> None:
        """A question needs no room from the panes."""

    def dialog_closed(self) -> None:
        """Show the foot again."""
        self.show_foot()

    def show_pane(self, pane: str) -> None:
        """Both panes are always in view."""

    def show_selection(self) -> None:
        """The foot shows the selection."""
        self.show_foot()

    # Moving

    def action_move(self, step: int) -> None:
        """Go to another column, or to another event while only events are in view."""
        if not self.columns_pane.display:
            self.action_row(step)
        else:
            self.select(self.columns_pane.cursor + step)

    def action_end(self, direction: int) -> None:
        """Go to the first or the last column, or event."""
        if not self.columns_pane.display:
            self.action_row(direction * len(self.sample.rows))
            return
        self.select(0 if direction < 0 else len(self.sample.table.columns) - 1)

    def action_page(self, direction: int) -> None:
        """Go a page of columns, or of events, up or down."""
        if not self.columns_pane.display:
            self.action_row(direction * _EVENTS)
            return
        self.select(self.columns_pane.cursor + direction * max(1, self.columns_pane.size.height - 2))

    def select(self, number: int) -> None:
        """Select a column."""
        self.message = None
        self.columns_pane.move_to(number)
        self.show_foot()

    def on_columns_pane_picked(self, message: ColumnsPane.Picked) -> None:
        """Select the column that was clicked."""
        self.dialogs.abandon()
        self.select(message.number)

    def action_row(self, step: int) -> None:
        """Show another row in the preview."""
        self.message = None
        self.show_row(self.row + step)

    def action_trouble(self) -> None:
        """Show the next invalid row, or if there is none, the next one with notes."""
        self.message = None
        self._check_rows(inf)
        count = len(self.sample.rows)
        if (number := self.checks.next_problem(self.row)) is not None:
            self.show_row(number)
        elif count > 1:
            self.say(f"all {count} rows import cleanly", "")
        else:
            self.say("the row imports cleanly" if count else "the table has no rows", "")

    def action_scroll(self, direction: int) -> None:
        """Scroll the preview by half a page."""
        self.preview_pane.page(direction)

    # The mapping

    def questions(self) -> Questions:
        """Return the questions about the selected column."""
        self.message = None
        return Questions(self)

    def action_write(self) -> None:
        """Save the mapping."""
        self.questions().save()

    def action_finish(self) -> None:
        """Save the mapping and quit."""
        self.questions().save(self.close)

    def action_quit(self) -> None:
        """Quit; ask first if the mapping isn't saved."""
        if self.file.holding(self.draft.mapping) is not None:
            self.close()
        else:
            self.questions().quit()

    def close(self) -> None:
        """Close the app."""
        self.app.exit()

    def action_help(self) -> None:
        """Show all keys."""
        from tui.widgets.help import HelpScreen

        self.app.push_screen(HelpScreen(keys.help_sections(self.SECTIONS)))
