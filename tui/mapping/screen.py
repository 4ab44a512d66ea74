"""The mapping screen: what its keys do."""

from collections.abc import Callable
from math import inf

from db.errors import InputError
from db.formats.tables.mapping.mapping import Mapping
from tui.config.settings import THEME_NAMES
from tui.mapping import model
from tui.mapping.asking import Asking
from tui.mapping.columns import ColumnsPane
from tui.mapping.desk import MappingDesk
from tui.mapping.keys import ROLE_KEYS
from tui.mapping.model import Draft
from tui.mapping.questions import Questions
from tui.mapping.sample import Sample, next_trouble
from tui.mapping.writing import Writing


class MappingScreen(MappingDesk):
    """Each key changes the mapping, asks for what it needs to, or moves."""

    def __init__(self, sample: Sample, mapping: Mapping, origin: str, writing: Writing) -> None:
        super().__init__(sample, mapping, origin, writing)
        self.asking = Asking(self)

    # Moving

    def action_move(self, step: int) -> None:
        """Go to another column."""
        self.select(self.columns_pane.cursor + step)

    def action_end(self, direction: int) -> None:
        """Go to the first or the last column."""
        self.select(0 if direction < 0 else len(self.sample.table.columns) - 1)

    def action_page(self, direction: int) -> None:
        """Go a page of columns on."""
        self.select(self.columns_pane.cursor + direction * max(1, self.columns_pane.size.height - 2))

    def select(self, number: int) -> None:
        """Put the cursor on a column."""
        self.message = None
        self.columns_pane.move_to(number)
        self.columns_pane.set_title(self._place())
        self.show_foot()

    def on_columns_pane_picked(self, message: ColumnsPane.Picked) -> None:
        """The mouse chose a column."""
        self.asking.abandon()
        self.select(message.number)

    def action_row(self, step: int) -> None:
        """Show another row in the preview."""
        self.message = None
        self.show_row(self.row + step)

    def action_trouble(self) -> None:
        """Show the next row that is refused, or where none is, of which something is noted."""
        self.message = None
        self.look_at_some(inf)
        found = next_trouble(self._outcomes, self.row)
        if found is not None:
            self.show_row(found)
        else:
            self.say(f"of the {len(self._outcomes)} rows none is refused, and there is nothing to note", "")

    def action_scroll(self, direction: int) -> None:
        """Scroll the preview by half a page."""
        self.preview_pane.page(direction)

    # What the selected column is

    def action_assign(self, key: str) -> None:
        """Give the selected column the role of a key."""
        self._assign(ROLE_KEYS[key])

    def _assign(self, role: model.Role) -> None:
        def change(mapping: Mapping) -> Mapping:
            made = model.assign(mapping, self.column, role, self.draft.first)
            return model.set_scale(made, self.sample.scale(self.column)) if role is model.CONFIDENCE else made

        self.change(change, f"{self.column} is the {role.words}")

    def action_make_field(self) -> None:
        """Make the selected column a field."""
        self.change(
            lambda mapping: model.make_field(mapping, self.column, self.draft.first), f"{self.column} is a field"
        )

    def action_ignore(self) -> None:
        """Make the selected column none."""
        self.change(lambda mapping: model.ignore(mapping, self.column, self.draft.first), f"{self.column} is ignored")

    def action_review(self) -> None:
        """Ask which part of a review the selected column is."""
        roles = dict(zip("srdewn", model.REVIEWS, strict=True))
        self.asking.key(
            f"{self.column} is of what somebody decided:",
            {key: role.words for key, role in roles.items()},
            lambda key: self._assign(roles[key]),
        )

    def change(self, change: Callable[[Mapping], Mapping], words: str) -> str | None:
        """Change the mapping; what to say where that can't be. ``words`` tell the change, for undo."""
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

    # Of a field

    def action_rename(self) -> None:
        """Ask for the field's name."""
        self._questions().name()

    def action_kind(self) -> None:
        """Ask for the kind of the field's values."""
        self._questions().kind()

    def action_regroup(self) -> None:
        """Ask for the field's group."""
        self._questions().group()

    def action_separator(self) -> None:
        """Ask for what separates values in a cell."""
        self._questions().separator()

    def action_ground(self) -> None:
        """Have the field's values looked for in the text, or no more."""
        looked_for = any(item.column == self.column and item.ground for item in self.draft.mapping.fields)
        words = f"{self.column} is {'not ' if looked_for else ''}looked for in the text"
        self.change(lambda mapping: model.toggle_ground(mapping, self.column), words)

    def action_constant_type(self) -> None:
        """Ask for the type of events of which no column tells it."""
        self._questions().constant_type()

    def _questions(self) -> Questions:
        self.message = None
        return Questions(self)

    # The mapping

    def action_undo(self) -> None:
        """Take the last change back."""
        self._go(self.draft.undone(), "undone", "nothing to undo")

    def action_redo(self) -> None:
        """Make the change again that was undone."""
        self._go(self.draft.redone(), "done again", "nothing to redo")

    def _go(self, draft: Draft, done: str, nothing: str) -> None:
        if draft is self.draft:
            self.say(nothing, "")
            return
        before, self.draft = self.draft, draft
        words = max(before.past, draft.past, key=len)[-1][0]
        self.show_mapping()
        self.say(f"{done}: {words}", "")

    def action_write(self) -> None:
        """Write the mapping."""
        self._questions().write(lambda: None)

    def action_finish(self) -> None:
        """Write the mapping and leave."""
        self._questions().write(self.app.exit)

    def action_quit(self) -> None:
        """Leave; where the mapping is not written, ask."""
        self.message = None
        if self.writing.written_as(self.draft.mapping) is not None:
            self.app.exit()
        else:
            self._questions().quit()

    def action_help(self) -> None:
        """Show the keys."""
        from tui.mapping.help import MappingHelp

        self.app.push_screen(MappingHelp())

    def action_next_theme(self) -> None:
        """Look another way, until the end of this session."""
        names = list(THEME_NAMES)
        name = names[(names.index(self.app.theme) + 1) % len(names)]
        self.app.theme = name
        self.say(f'theme {name}; theme = "{name}" in the configuration file keeps it', "")

    def action_toggle_mouse(self) -> None:
        """Leave the mouse to the terminal, so that its own selection works, or take it again."""
        on = self.app.toggle_mouse()  # type: ignore[attr-defined]
        self.say("the mouse is eventdesk's again" if on else "the mouse is the terminal's; F3 takes it back", "")

    def action_suspend(self) -> None:
        """Go back to the shell for a while."""
        self.message = None
        if why := self.app.suspend_to_shell():  # type: ignore[attr-defined]
            self.say(why)
