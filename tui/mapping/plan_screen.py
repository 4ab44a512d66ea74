"""The screen for what is reviewed the first time: the mapping screen under what was found, and one key to accept."""

from collections.abc import Callable
from collections.abc import Mapping as MappingOf
from dataclasses import replace

from textual.app import ComposeResult
from textual.content import Content

from db.errors import InputError
from db.sources.plan import ROWID, EventTable, Plan
from db.sources.plan_toml import parse_plan, to_toml
from db.sources.proposing.choosing import Choices, TableChoice, document_table, with_table, without_table
from db.sources.proposing.routes import Route
from db.sources.reading.json_cells import NUMBER
from db.sources.sync.changes import refuse_absent
from tui.mapping import describe, keys
from tui.mapping.columns import ColumnsPane
from tui.mapping.mapping_file import MappingFile
from tui.mapping.plans.draft import Draft
from tui.mapping.plans.offer import Offer, head, route_words
from tui.mapping.preview import PreviewPane
from tui.mapping.screen import MappingScreen, Panes
from tui.text.safe import safe
from tui.widgets.bar import Bar
from tui.widgets.question import NumberedQuestion

_HEAD_LINES = 5


class PlanScreen(MappingScreen):
    """``accepted`` is the plan once enter was pressed; nothing is written before."""

    SECTIONS = keys.OF_AN_OFFER
    TOML_NAME = "plan.toml"

    def __init__(self, offer: Offer) -> None:
        """Raises InputError if the first table of the plan can't be read."""
        draft = Draft.of(offer.plan)
        super().__init__(offer.sample(draft.table), draft.mapping, "", MappingFile(offer.name))
        self.offer = offer
        self.draft = draft
        self.accepted: Draft | None = None
        self.choices = None if offer.database is None else Choices(offer.database)
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
        if self.sample.rows or self.offer.documents or len(self.draft.plan.events) > 1:
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

    # Choices

    def action_choose_text(self) -> None:
        """Ask which text the events of the table shown are about."""
        if (choices := self._choices()) is None:
            return
        name = self.draft.table.table
        routes: list[Route | None] = [*choices.texts(name), None]
        words = [route_words(name, route) for route in routes]
        self._ask_for_route(f"Source text of {safe(name)}", words, routes)

    def action_choose_link(self) -> None:
        """Ask by which columns the events of the table shown are joined with their texts."""
        if (choices := self._choices()) is None:
            return
        name, texts = self.draft.table.table, document_table(self.draft.table)
        routes: list[Route | None] = [*choices.links(name, texts)]
        if routes:
            words = [f"{route_words(name, route)}  {route.reason if route else ''}" for route in routes]
            self._ask_for_route(f"What joins {safe(name)} with {safe(texts)}", words, routes)
        elif texts == name:
            self.say("the text is in the row itself, so nothing is joined; S chooses another text")
        else:
            self.say(f"no other columns of {name} and {texts} have the same values; t edits the plan")

    def action_choose_tables(self) -> None:
        """Ask which tables hold events."""
        if (choices := self._choices()) is None:
            return
        tables = choices.tables(self.draft.plan)
        words = [
            f"{'✓' if one.chosen else '·'} {one.name} ({one.rows:,} rows){f': {one.about}' if one.about else ''}"
            for one in tables
        ]
        label = "Tables of events: add or remove one"
        self.dialogs.numbered(NumberedQuestion(label, list(map(safe, words)), lambda at: self._toggle(tables[at])))

    def _toggle(self, choice: TableChoice) -> None:
        plan = self.draft.plan
        if choice.chosen and len(plan.events) == 1:
            self.say(f"{choice.name} is the only table of events; add another one first")
        elif choice.chosen:
            self._change(lambda: without_table(plan, choice.name), f"{choice.name} holds no events")
        else:
            self._change(lambda: self._with_table(choice.name), f"{choice.name} holds events")
            if self.draft.plan.events[-1].table == choice.name:
                self.change_plan(self.draft.showing(len(self.draft.plan.events) - 1), "")

    def _with_table(self, name: str) -> Plan:
        assert self.choices is not None
        return with_table(self.draft.plan, self.choices.event_table(name, None, best=True))

    def _ask_for_route(self, label: str, words: list[str], routes: list[Route | None]) -> None:
        def submit(number: int) -> None:
            self._change(lambda: self._with_route(routes[number]), f"the text is {words[number].partition('  ')[0]}")

        self.dialogs.numbered(NumberedQuestion(label, list(map(safe, words)), submit))

    def _with_route(self, route: Route | None) -> Plan:
        assert self.choices is not None
        plan, shown = self.draft.plan, self.draft.shown
        table = self.choices.event_table(self.draft.table.table, route)
        rest = replace(plan, events=(*plan.events[:shown], *plan.events[shown + 1 :]))
        placed = with_table(rest, table).events[-1]
        return replace(plan, events=(*plan.events[:shown], placed, *plan.events[shown + 1 :]))

    def _change(self, change: Callable[[], Plan], words: str) -> None:
        try:
            self.change_plan(self.draft.with_plan(change(), words), words)
        except InputError as error:
            self.say(str(error))

    def _choices(self) -> Choices | None:
        """Return what can be chosen in the database; say so and return None for a file."""
        self.message = None
        if self.choices is None:
            self.say("only a database has other tables and texts; d makes a column the text")
        return self.choices

    # TOML

    def _refuse_unknown_columns(self, table: EventTable) -> None:
        """Raise InputError if a table of the plan can't be read, or lacks a column that its mapping names."""
        columns = self.offer.sample(table).table.columns
        known = {*columns, *table.key, *table.json, ROWID, NUMBER}
        for column, use in table.mapping.uses().items():
            if column not in known and column.partition(".")[0] not in known:
                names = ", ".join(columns)
                raise InputError(f"table {table.table} has no column {column} ({use}); its columns: {names}")

    def toml(self) -> str:
        """Return the plan as TOML; of a file, its mapping."""
        return super().toml() if self.offer.database is None else to_toml(self.draft.plan, comments=True)

    def read_toml(self, text: str) -> None:
        """Use a plan in TOML. Raises InputError, also if the database lacks something that it names."""
        if self.offer.database is None:
            super().read_toml(text)
            return
        plan = parse_plan(text, self.TOML_NAME)
        if not plan.events:
            raise InputError(f"{self.TOML_NAME}: a plan needs a table of events: [[events]]")
        reasons = {(table.table, table.each): table.reasons for table in self.draft.plan.events}
        tables = [replace(one, reasons=reasons.get((one.table, one.each), {})) for one in plan.events]
        refuse_absent(self.offer.database, replace(plan, events=tuple(tables)))
        for table in tables:
            self._refuse_unknown_columns(table)
        words = "edited as TOML"
        if problem := self.change_plan(self.draft.with_plan(replace(plan, events=tuple(tables)), words), words):
            raise InputError(problem)

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
