"""The columns of a table, one per line: a mark and words for what it is, and a cell of it."""

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from rich.cells import cell_len, set_cell_size
from textual import events
from textual.binding import BindingType
from textual.message import Message
from textual.strip import Strip

from db.formats.tables.mapping.mapping import Mapping
from tui.mapping import keys
from tui.mapping.describe import columns_by_role, mark, meanings, shorten_middle, shown
from tui.mapping.edits import Uses, uses
from tui.mapping.rows import Sample
from tui.text.wrapping import clip
from tui.widgets.pane import Pane, strip

_NAME = (8, 26)  # cells, at least and at most
_MEANING = (9, 36)
_MIN_EXAMPLE = 6  # cells; below, no example is shown


@dataclass(frozen=True, slots=True)
class _Line:
    """A column as it is shown. ``wordings``: what it is, the longest wording first.

    example: a cell; ``other_row``: it is from another row, because the one shown has none.
    """

    mark: str
    name: str
    wordings: tuple[str, ...]
    example: str
    other_row: bool


class ColumnsPane(Pane, inherit_bindings=False):
    """The columns of a table, with a cursor."""

    BINDINGS: ClassVar[list[BindingType]] = [*keys.ALL]
    TITLE = "Columns"
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "columns--dim", "columns--cursor", "columns--cursor-away", "columns--role", "columns--field",
    }  # fmt: skip
    DEFAULT_CSS = """
    ColumnsPane {
        & > .columns--dim { text-style: dim; }
        & > .columns--cursor { text-style: reverse; }
        & > .columns--cursor-away { text-style: bold; background: $panel; }
        & > .columns--role { text-style: bold; color: $accent; }
        & > .columns--field { color: $foreground; }
    }
    """

    @dataclass
    class Picked(Message):
        """A column was clicked."""

        number: int

    def __init__(self, id: str) -> None:
        super().__init__(id=id)
        self._lines: list[_Line] = []
        self._table = ""
        self._widths = (0, 0, 0)  # of names, meanings and examples
        self._longest = (0, 0)
        self.cursor = 0

    def show(self, sample: Sample, mapping: Mapping, row: int) -> None:
        """Show what the columns are, with their cells in a row."""
        used = uses(mapping)
        orders = columns_by_role(mapping, used)
        self._lines = []
        for column in sample.table.columns:
            own = used.get(column, Uses())
            cell = sample.cell(column, row)
            example = cell or sample.other_cell(column) or "always empty"
            wordings = tuple(meanings(column, own, orders))
            self._lines.append(_Line(mark(own), column, wordings, example, not cell))
        names = max((cell_len(shown(line.name)) for line in self._lines), default=0)
        roles = max((cell_len(shown(line.wordings[0])) for line in self._lines), default=0)
        self._longest = (names, roles)
        self._table = Path(sample.table.name).name
        self._fit()
        self._show_place()
        self.lines_changed()

    def _show_place(self) -> None:
        self.set_title(f"of {self._table}  {self.cursor + 1}/{len(self._lines)}")

    def move_to(self, number: int) -> None:
        """Move the cursor to a column and bring it into view."""
        self.cursor = max(0, min(number, len(self._lines) - 1))
        self._show_place()
        self.show_cursor()
        self.refresh()

    def line_count(self) -> int:
        """Return the number of columns."""
        return len(self._lines)

    def line_key(self, number: int, width: int) -> object:
        """Return the column, how the cursor is on it, and the widths."""
        return self._lines[number], self._cursor_on(number), width, self._widths

    def _cursor_on(self, number: int) -> int:
        return 0 if number != self.cursor else 2 if self.has_focus else 1

    def draw_line(self, number: int, width: int) -> Strip:
        """Draw the line of a column."""
        line, cursor = self._lines[number], self._cursor_on(number)
        over = ((), ("columns--cursor-away",), ("columns--cursor",))[cursor]
        plain = self.style(*over)
        dim = plain if cursor else self.style("columns--dim")  # dim in reverse is a grey patch
        look = "columns--dim" if line.mark == keys.IGNORED_MARK else "columns--role"
        look = "columns--field" if line.mark == keys.FIELD_MARK else look
        role = plain if cursor else self.style(look)
        names, meanings_width, examples = self._widths
        fitting = (text for text in map(shown, line.wordings) if cell_len(text) <= meanings_width)
        meaning = next(fitting, shown(line.wordings[-1]))
        segments = [
            ("▸" if cursor else " ", plain),
            (f"{line.mark} ", self.style(look, *over)),
            (set_cell_size(shorten_middle(shown(line.name) or "(no name)", names), names + 1), plain),
            (set_cell_size(clip(meaning, meanings_width), meanings_width + 1), role),
        ]
        if examples >= _MIN_EXAMPLE:
            example = shown(line.example)
            segments.append((clip(f"({example})" if line.other_row else example, examples), dim))
        return strip(segments, width, plain)

    def _fit(self) -> None:
        """Divide the width: names and meanings first, the rest is for examples."""
        width = self.width_to_lay_out_in() - 3
        names = max(_NAME[0], min(self._longest[0], _NAME[1], width * 2 // 5))
        rest = width - names - 2
        meaning = max(_MEANING[0], min(self._longest[1], _MEANING[1], rest * 2 // 3))
        if rest - meaning < _MIN_EXAMPLE:
            meaning = max(0, rest)
        self._widths = (names, meaning, rest - meaning)

    def on_click(self, event: events.Click) -> None:
        """Select the column that was clicked."""
        if 0 <= (number := self.line_at(event)) < len(self._lines):
            self.post_message(self.Picked(number))

    def width_changed(self) -> None:
        """Draw again in the new width."""
        self._fit()
        self.lines_changed()

    def show_cursor(self) -> None:
        """Bring the cursor into view."""
        self.show_lines(self.cursor, self.cursor, margin=1)
