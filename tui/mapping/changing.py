"""What keys change: what the selected column is, its field, and undo."""

from collections.abc import Callable

from db.errors import InputError
from db.formats.tables.mapping.mapping import Mapping
from db.formats.tables.mapping.toml import parse_mapping, to_toml
from tui.mapping import edits, keys
from tui.mapping.edits import Role
from tui.mapping.plans.draft import Draft
from tui.mapping.plans.toml_edit import TomlEdit
from tui.mapping.questions import Questions
from tui.mapping.rows import Sample
from tui.runtime.screen import BaseScreen
from tui.widgets.dialogs import Dialogs


class Changing(BaseScreen):
    """The actions of a mapping screen that change its draft."""

    TOML_NAME = "mapping.toml"
    sample: Sample
    draft: Draft
    dialogs: Dialogs
    toml_edit: TomlEdit

    @property
    def column(self) -> str:
        """The selected column; empty if there is none."""
        raise NotImplementedError

    def needs_columns(self) -> bool:
        """Bring the columns into view for a key about one of them; return False if they weren't."""
        raise NotImplementedError

    def show_mapping(self) -> None:
        """Show the mapping, and start to check the rows."""
        raise NotImplementedError

    def questions(self) -> Questions:
        """Return the questions about the selected column."""
        raise NotImplementedError

    # What the selected column is

    def action_assign(self, key: str) -> None:
        """Give the selected column the role of a key."""
        if self.needs_columns():
            self._assign(keys.ROLE_KEYS[key])

    def _assign(self, role: Role) -> None:
        def change(mapping: Mapping) -> Mapping:
            assigned = edits.assign(mapping, self.column, role, self.draft.initial)
            return edits.set_scale(assigned, self.sample.scale(self.column)) if role is edits.CONFIDENCE else assigned

        self.change(change, f"{self.column} is the {role.words}")

    def action_make_field(self) -> None:
        """Make the selected column a field."""
        if not self.needs_columns():
            return
        self.change(
            lambda mapping: edits.make_field(mapping, self.column, self.draft.initial), f"{self.column} is a field"
        )

    def action_ignore(self) -> None:
        """Ignore the selected column."""
        if not self.needs_columns():
            return
        self.change(lambda mapping: edits.ignore(mapping, self.column, self.draft.initial), f"{self.column} is ignored")

    def action_review(self) -> None:
        """Ask which part of an earlier review the selected column is."""
        if not self.needs_columns():
            return
        roles = dict(zip("srdewn", edits.REVIEWS, strict=True))
        self.dialogs.key(
            f"Part of an earlier review that {self.column} is",
            {key: role.words for key, role in roles.items()},
            lambda key: self._assign(roles[key]),
        )

    def change(self, change: Callable[[Mapping], Mapping], words: str) -> str | None:
        """Change the mapping, or return why that isn't possible. ``words`` describe the change, for undo."""
        self.clear_message()
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
        if question == "constant_type" or self.needs_columns():
            getattr(self.questions(), question)()

    def action_ground(self) -> None:
        """Start or stop searching the text for the field's values."""
        if not self.needs_columns():
            return
        searched = any(item.column == self.column and item.ground for item in self.draft.mapping.fields)
        words = f"{self.column} is {'not ' if searched else ''}searched in the text"
        self.change(lambda mapping: edits.toggle_ground(mapping, self.column), words)

    # Undo

    def action_undo(self) -> None:
        """Undo the last change; drop a TOML text with a mistake first."""
        if self.toml_edit.unfinished:
            self.toml_edit.unfinished = ""
            self.say("your TOML text was dropped", "")
            return
        self._restore(self.draft.undone(), "undone", "nothing to undo")

    def action_redo(self) -> None:
        """Redo the last undone change."""
        self._restore(self.draft.redone(), "redone", "nothing to redo")

    def _restore(self, draft: Draft, done: str, nothing: str) -> None:
        if draft is self.draft:
            self.say(nothing, "")
            return
        words = max(self.draft.past, draft.past, key=len)[-1][0]
        self.restore(draft)
        self.say(f"{done}: {words}", "")

    def restore(self, draft: Draft) -> None:
        """Show the draft of an undone or redone change."""
        self.draft = draft
        self.show_mapping()

    # TOML

    def action_edit_toml(self) -> None:
        """Edit the mapping, or the plan, as TOML in an editor."""
        self.clear_message()
        said = self.toml_edit.run(self.toml(), lambda text: self.edit_text(text, self.TOML_NAME), self.read_toml)
        if said:
            self.say(said)

    def toml(self) -> str:
        """Return the mapping as TOML."""
        return to_toml(self.draft.mapping)

    def read_toml(self, text: str) -> None:
        """Use a mapping in TOML. Raises InputError."""
        mapping = parse_mapping(text, self.TOML_NAME)
        absent = [column for column in mapping.uses() if column not in self.sample.table.columns]
        if absent and not self.sample.table.typed:
            raise InputError(f"no column is called {absent[0]}; the columns: {', '.join(self.sample.table.columns)}")
        if problem := self.change(lambda _: mapping, "edited as TOML"):
            raise InputError(problem)
