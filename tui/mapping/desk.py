"""What the mapping screen shows: the columns beside what becomes of a row, all of it drawn from one mapping."""

from collections.abc import Iterator
from pathlib import Path
from time import monotonic

from textual.app import ComposeResult
from textual.containers import Container, Vertical
from textual.content import Content
from textual.timer import Timer

from db.formats.tables.mapping.mapping import Mapping
from tui.mapping import foot, model
from tui.mapping.columns import ColumnsPane, Line
from tui.mapping.model import Draft, Uses
from tui.mapping.preview import PreviewPane
from tui.mapping.sample import Outcome, Sample
from tui.mapping.words import columns_of, in_words, mark
from tui.mapping.writing import Writing
from tui.runtime.screen import BaseScreen, SingleLayout
from tui.text.safe import safe
from tui.widgets.bar import Bar
from tui.widgets.key_prompt import KeyPrompt
from tui.widgets.prompt import TextPrompt

_BESIDE = 72  # columns of the terminal from which the panes are side by side
_IDLE = 0.02  # seconds after a key, by when what it led to is painted
_AT_ONCE = 0.008  # seconds of looking at rows, between two looks for a key


class Panes(SingleLayout, Container):
    """The two panes."""


class Foot(SingleLayout, Vertical):
    """What is said below the panes."""


class MappingDesk(BaseScreen):
    """The columns, the preview and the foot. ``draft`` is the mapping as it stands; panes hold no truth."""

    HORIZONTAL_BREAKPOINTS = [(0, "-stacked"), (_BESIDE, "-beside")]  # noqa: RUF012 (as Textual declares it)
    AUTO_FOCUS = "#columns"

    def __init__(self, sample: Sample, mapping: Mapping, origin: str, writing: Writing) -> None:
        """``origin``: how the mapping came about, as ``a guess``."""
        super().__init__()
        self.sample = sample
        self.draft = Draft.of(mapping)
        self.writing = writing
        self.row = 0
        self.message: Content | None = None
        self._origin = origin
        self._outcomes: list[Outcome | None] = []
        self._looking: Iterator[Outcome] = iter(())
        self._timer: Timer | None = None

    def compose(self) -> ComposeResult:
        """Two panes and the foot."""
        with Panes(id="panes"):
            yield ColumnsPane(id="columns")
            yield PreviewPane(id="preview")
        with Foot(id="foot"):
            yield Bar("detail")
            yield KeyPrompt("key-prompt")
            yield TextPrompt("text-prompt")
            yield Bar("status")
            yield Bar("hints")

    def on_mount(self) -> None:
        """Show what one begins with."""
        self._timer = self.set_interval(_IDLE, self.look_at_some, pause=True)
        told = [f"begins with {self._origin}: change what is wrong", *self.sample.table.notes]
        self.show_mapping()
        self.say("; ".join(told), "")

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

    @property
    def complete(self) -> bool:
        """Whether every row of the sample was looked at under the mapping as it stands."""
        return None not in self._outcomes

    def show_mapping(self) -> None:
        """Show the mapping as it stands, and begin to look at the rows."""
        self._outcomes = [None] * len(self.sample.rows)
        self._looking = self.sample.outcomes(self.draft.mapping)
        self.show_row(self.row)
        if self._timer is not None:
            self._timer.resume()

    def show_row(self, number: int) -> None:
        """Show what becomes of a row."""
        count = len(self.sample.rows)
        self.row = max(0, min(number, count - 1))
        self.columns_pane.show(self._lines(), self._place())
        outcome = self.sample.outcome(self.row, self.draft.mapping) if count else None
        place = "row" if self.sample.table.typed else "line"
        told = f"{self.row + 1} of {count}  {place} {outcome.place}" if outcome else ""
        if outcome and outcome.refusal:
            told += "  ✗ refused"
        self.preview_pane.show(outcome, told)
        self.show_foot()

    def _lines(self) -> list[Line]:
        mapping = self.draft.mapping
        used = model.uses(mapping)
        orders = columns_of(mapping, used)
        lines = []
        for column in self.sample.table.columns:
            own = used.get(column, Uses())
            cell = self.sample.cell(column, self.row)
            other = "" if cell else self.sample.other_cell(column)
            ways = tuple(in_words(column, own, orders))
            lines.append(Line(mark(own), column, ways, cell or other or "always empty", not cell))
        return lines

    def _place(self) -> str:
        name = Path(self.sample.table.name).name
        return f"of {name}  {self.columns_pane.cursor + 1}/{len(self.sample.table.columns)}"

    def show_foot(self) -> None:
        """The line about the selected column, the status line and the hints."""
        self.query_one("#detail", Bar).show(self.message or self._about_column())
        path = self.writing.written_as(self.draft.mapping)
        written = None if path is None else str(path)
        self.query_one("#status", Bar).show(foot.status(self.draft, self._outcomes, self._origin, written))
        self.query_one("#hints", Bar).show(foot.hints(self.size.width))

    def _about_column(self) -> Content:
        used = model.uses(self.draft.mapping)
        words = in_words(self.column, used.get(self.column, Uses()), columns_of(self.draft.mapping, used))
        return foot.about_column(self.column, words[0], self.sample.cell(self.column, self.row))

    def say(self, text: str, style: str = "bold") -> None:
        """Say something in the line above the status until the next key."""
        self.message = Content.assemble((f" {safe(text)}", style))
        self.show_foot()

    def on_resize(self) -> None:
        """Show the hints that there is room for."""
        self.show_foot()

    def look_at_some(self, until: float | None = None) -> None:
        """Between keys, look at more rows of the sample."""
        until = monotonic() + _AT_ONCE if until is None else until
        for outcome in self._looking:
            self._outcomes[self._outcomes.index(None)] = outcome
            if monotonic() > until:
                break
        if self.complete and self._timer is not None:
            self._timer.pause()
        self.show_foot()
