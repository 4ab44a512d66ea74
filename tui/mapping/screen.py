"""The mapping screen: the columns beside what becomes of a row, both drawn from one mapping, and what its keys do."""

from collections.abc import Callable
from math import inf

from textual.app import ComposeResult
from textual.containers import Container
from textual.content import Content
from textual.timer import Timer

from db.errors import InputError
from db.formats.tables.mapping.mapping import Mapping
from tui.mapping import describe, edits, keys
from tui.mapping.columns import ColumnsPane
from tui.mapping.edits import Draft, Role
from tui.mapping.mapping_file import MappingFile
from tui.mapping.preview import PreviewPane
from tui.mapping.questions import Questions
from tui.mapping.rows import RowChecks, Sample
from tui.runtime.screen import BaseScreen, SingleLayout
from tui.text.safe import safe
from tui.widgets.dialogs import Dialogs
from tui.widgets.foot import Foot

_WIDE = 72  # columns from which the panes are side by side
_IDLE = 0.02  # seconds after a key until its effect is painted
_CHECK_TIME = 0.008  # seconds of checking rows before the next key is handled


class Panes(SingleLayout, Container):
    """The two panes."""


class MappingScreen(BaseScreen):
    """Each key changes the mapping, asks a question or moves. ``draft`` is the mapping; panes only show it."""

    HORIZONTAL_BREAKPOINTS = [(0, "-stacked"), (_WIDE, "-beside")]  # noqa: RUF012 (as Textual declares it)
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
        """The selected column."""
        return self.sample.table.columns[self.columns_pane.cursor]

    # What is shown

    def show_mapping(self) -> None:
        """Show the mapping, and start to check the rows."""
        self.checks.restart(self.draft.mapping)
        self.show_row(self.row)
        if self._timer is not None:
            self._timer.resume()

    def show_row(self, number: int) -> None:
        """Show what becomes of a row."""
        count = len(self.sample.rows)
        self.row = max(0, min(number, count - 1))
        self.columns_pane.show(self.sample, self.draft.mapping, self.row)
        checked = self.checks.outcomes[self.row] if count else None
        outcome = checked or (self.sample.outcome(self.row, self.draft.mapping) if count else None)
        place = "row" if self.sample.table.typed else "line"
        self.preview_pane.show(outcome, f"{self.row + 1} of {count}  {place}")
        self.show_foot()

    def show_foot(self) -> None:
        """Show the line about the selected column, the status line and the keys."""
        mapping, column = self.draft.mapping, self.column
        about = describe.about_column(mapping, column, self.sample.cell(column, self.row))
        self.foot.detail.show(self.message or about)
        path = self.file.holding(mapping)
        saved = None if path is None else str(path)
        self.foot.status.show(describe.status(self.draft, self.checks.outcomes, self._origin, saved))
        self.foot.hints.show(keys.hints(self.size.width))

    def say(self, text: str, style: str = "bold") -> None:
        """Show a message in the line above the status until the next key."""
        self.message = Content.assemble((f" {safe(text)}", style))
        self.show_foot()

    def clear_message(self) -> None:
        """Remove the message when the foot is shown next."""
        self.message = None

    def on_resize(self) -> None:
        """Show the keys that there is room for."""
        self.show_foot()

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
        """Go to another column."""
        self.select(self.columns_pane.cursor + step)

    def action_end(self, direction: int) -> None:
        """Go to the first or the last column."""
        self.select(0 if direction < 0 else len(self.sample.table.columns) - 1)

    def action_page(self, direction: int) -> None:
        """Go a page of columns up or down."""
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

    # What the selected column is

    def action_assign(self, key: str) -> None:
        """Give the selected column the role of a key."""
        self._assign(keys.ROLE_KEYS[key])

    def _assign(self, role: Role) -> None:
        def change(mapping: Mapping) -> Mapping:
            assigned = edits.assign(mapping, self.column, role, self.draft.initial)
            return edits.set_scale(assigned, self.sample.scale(self.column)) if role is edits.CONFIDENCE else assigned

        self.change(change, f"{self.column} is the {role.words}")

    def action_make_field(self) -> None:
        """Make the selected column a field."""
        self.change(
            lambda mapping: edits.make_field(mapping, self.column, self.draft.initial), f"{self.column} is a field"
        )

    def action_ignore(self) -> None:
        """Ignore the selected column."""
        self.change(lambda mapping: edits.ignore(mapping, self.column, self.draft.initial), f"{self.column} is ignored")

    def action_review(self) -> None:
        """Ask which part of an earlier review the selected column is."""
        roles = dict(zip("srdewn", edits.REVIEWS, strict=True))
        self.dialogs.key(
            f"Part of an earlier review that {self.column} is",
            {key: role.words for key, role in roles.items()},
            lambda key: self._assign(roles[key]),
        )

    def change(self, change: Callable[[Mapping], Mapping], words: str) -> str | None:
        """Change the mapping, or return why that isn't possible. ``words`` describe the change, for undo."""
        self.message = None
        try:
            changed = self.draft.changed(change(self.draft.mapping), words)
        except InputError as error:
            self.say(str(error))
            return str(error)
        if changed is self.draft:
            self.say(f"{words} already", "")
            return None
        self.draft = changed
        self.show_mapping()
        return None

    # The field

    def action_ask(self, question: str) -> None:
        """Ask a question of ``Questions`` by its name."""
        getattr(self._questions(), question)()

    def action_ground(self) -> None:
        """Start or stop searching the text for the field's values."""
        searched = any(item.column == self.column and item.ground for item in self.draft.mapping.fields)
        words = f"{self.column} is {'not ' if searched else ''}searched in the text"
        self.change(lambda mapping: edits.toggle_ground(mapping, self.column), words)

    def _questions(self) -> Questions:
        self.message = None
        return Questions(self)

    # The mapping

    def action_undo(self) -> None:
        """Undo the last change."""
        self._restore(self.draft.undone(), "undone", "nothing to undo")

    def action_redo(self) -> None:
        """Redo the last undone change."""
        self._restore(self.draft.redone(), "redone", "nothing to redo")

    def _restore(self, draft: Draft, done: str, nothing: str) -> None:
        if draft is self.draft:
            self.say(nothing, "")
            return
        before, self.draft = self.draft, draft
        words = max(before.past, draft.past, key=len)[-1][0]
        self.show_mapping()
        self.say(f"{done}: {words}", "")

    def action_write(self) -> None:
        """Save the mapping."""
        self._questions().save()

    def action_finish(self) -> None:
        """Save the mapping and quit."""
        self._questions().save(self.close)

    def action_quit(self) -> None:
        """Quit; ask first if the mapping isn't saved."""
        if self.file.holding(self.draft.mapping) is not None:
            self.close()
        else:
            self._questions().quit()

    def close(self) -> None:
        """Close the app."""
        self.app.exit()

    def action_help(self) -> None:
        """Show all keys."""
        from tui.widgets.help import HelpScreen

        self.app.push_screen(HelpScreen(keys.help_sections()))
