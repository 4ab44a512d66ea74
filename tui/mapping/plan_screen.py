"""The screen for what is reviewed the first time: the mapping screen under what was found, and one key to accept."""

from collections.abc import Mapping as MappingOf

from textual.app import ComposeResult
from textual.content import Content

from db.errors import InputError
from tui.mapping import describe, keys
from tui.mapping.columns import ColumnsPane
from tui.mapping.mapping_file import MappingFile
from tui.mapping.plans.draft import Draft
from tui.mapping.plans.offer import Offer, head
from tui.mapping.preview import PreviewPane
from tui.mapping.screen import MappingScreen, Panes
from tui.widgets.bar import Bar

_HEAD_LINES = 5


class PlanScreen(MappingScreen):
    """``accepted`` is the plan once enter was pressed; nothing is written before."""

    SECTIONS = keys.OF_AN_OFFER

    def __init__(self, offer: Offer) -> None:
        """Raises InputError if the first table of the plan can't be read."""
        draft = Draft.of(offer.plan)
        super().__init__(offer.sample(draft.table), draft.mapping, "", MappingFile(offer.name))
        self.offer = offer
        self.draft = draft
        self.accepted: Draft | None = None
        self.several = True

    def compose(self) -> ComposeResult:
        """What was found, the two panes and the foot."""
        with Panes(id="head"):
            for number in range(_HEAD_LINES):
                yield Bar(f"head-{number}")
        with Panes(id="panes"):
            yield ColumnsPane(id="columns")
            yield PreviewPane(id="preview")
        yield self.foot

    def greet(self) -> None:
        """Say what the file itself says about how it is read."""
        if notes := [*self.offer.notes, *self.sample.table.notes]:
            self.say("; ".join(notes), "")

    def show_foot(self) -> None:
        """Show what was found, and the lines at the foot."""
        super().show_foot()
        lines = head(self.offer, self.draft, self.checks.outcomes)
        for number in range(_HEAD_LINES):
            bar = self.query_one(f"#head-{number}", Bar)
            bar.display = number < len(lines)
            if number < len(lines):
                bar.show(lines[number])

    def about(self) -> Content:
        """Return the line about the selected column, with the reason why it is what it is."""
        if not self.columns_pane.display or not self.column:
            return Content("")
        reason = self.draft.table.reasons.get(self.column)
        return super().about() if reason is None else super().about() + Content.styled(f"  ({reason})", "dim")

    def status(self) -> Content:
        """Return the status line."""
        return describe.offer_status(self.draft, self.checks.outcomes)

    def hints(self) -> MappingOf[str, str]:
        """Return the keys at the foot, and a word for each."""
        shown = keys.HINTS_OF_COLUMNS if self.columns_pane.display else keys.HINTS_OF_EVENTS
        hidden = set(keys.OF_A_DATABASE) if self.offer.database is None else set()
        if len(self.draft.plan.events) < 2:
            hidden.add("map.table")
        if not self.sample.table.columns:
            hidden.add("map.view")
        return {id_: word for id_, word in shown.items() if id_ not in hidden}

    # The plan

    def change_plan(self, changed: Draft, words: str) -> str | None:
        """Show another plan, or another table of it; return why that isn't possible."""
        self.message = None
        if changed is self.draft:
            self.say(f"{words} already", "")
            return None
        try:
            sample = self.offer.sample(changed.table)
        except InputError as error:
            self.say(str(error))
            return str(error)
        self.draft = changed
        self.show_sample(sample)
        return None

    def action_accept(self) -> None:
        """Accept the plan, and close the screen to import by it."""
        if self.sample.rows or len(self.draft.plan.events) > 1:
            self.accepted = self.draft
            self.close()
        else:
            self.say("there are no rows to review; q quits")

    def action_next_table(self) -> None:
        """Show the next table of events."""
        if len(self.draft.plan.events) < 2:
            self.say("this is the only table of events", "")
        else:
            self.change_plan(self.draft.showing(self.draft.shown + 1), "")

    def restore(self, draft: Draft) -> None:
        """Show the draft of an undone or redone change."""
        self.change_plan(draft, "")

    def action_quit(self) -> None:
        """Quit with nothing written; ask first if the plan was changed."""
        if self.draft.past:
            answers = {"q": "quit without importing", "enter": "import and review"}
            self.dialogs.key("Your changes will be lost.", answers, self._answered)
        else:
            self.close()

    def _answered(self, key: str) -> None:
        if key == "q":
            self.close()
        else:
            self.action_accept()
