"""The columns of a table, one a line: a mark and words for what it is, and what a cell of it holds."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.cells import cell_len, set_cell_size
from textual import events
from textual.binding import BindingType
from textual.message import Message
from textual.strip import Strip

from tui.mapping import keys
from tui.mapping.words import shortened, shown
from tui.text.wrapping import clip
from tui.widgets.pane import Pane, strip

_NAME = (8, 26)  # cells, at least and at most
_ROLE = (9, 36)
_EXAMPLE = 6  # cells below which none is shown
_STRIPS_KEPT = 500


@dataclass(frozen=True, slots=True)
class Line:
    """A column as it is shown. ``ways``: what it is in words, the longest first.

    example: what a cell holds; ``elsewhere``: of another row than the one that is looked at, which has none.
    """

    mark: str
    name: str
    ways: tuple[str, ...]
    example: str
    elsewhere: bool = False


class ColumnsPane(Pane, inherit_bindings=False):
    """The columns, with a cursor."""

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
        """The mouse picked the column of a number."""

        number: int

    def __init__(self, id: str) -> None:
        super().__init__(id=id)
        self._lines: Sequence[Line] = ()
        self._widths = (0, 0, 0)  # of names, of what they are, of examples
        self._longest = (0, 0)
        self._strips: dict[object, Strip] = {}
        self.cursor = 0

    def show(self, lines: Sequence[Line], of: str) -> None:
        """Show these columns; ``of`` names the table."""
        self._lines = lines
        names = max((cell_len(shown(line.name)) for line in lines), default=0)
        roles = max((cell_len(shown(line.ways[0])) for line in lines), default=0)
        self._longest = (names, roles)
        self._fit()
        self.set_title(of)
        self.lines_changed()

    def move_to(self, number: int) -> None:
        """Put the cursor on a column and bring it into view."""
        self.cursor = max(0, min(number, len(self._lines) - 1))
        self.show_cursor()
        self.refresh()

    def line_count(self) -> int:
        """A line a column."""
        return len(self._lines)

    def draw(self, number: int, width: int) -> Strip:
        """A column's line."""
        line = self._lines[number]
        cursor = 0 if number != self.cursor else 2 if self.has_focus else 1
        key = (line, cursor, width, self._widths)
        if (known := self._strips.get(key)) is None:
            if len(self._strips) >= _STRIPS_KEPT:
                self._strips.clear()
            self._strips[key] = known = self._draw(line, cursor, width)
        return known

    def _draw(self, line: Line, cursor: int, width: int) -> Strip:
        over = ((), ("columns--cursor-away",), ("columns--cursor",))[cursor]
        plain = self.style(*over)
        dim = plain if cursor else self.style("columns--dim")  # dim in reverse is a grey patch
        look = "columns--dim" if line.mark == keys.IGNORED_MARK else "columns--role"
        look = "columns--field" if line.mark == keys.FIELD_MARK else look
        role = plain if cursor else self.style(look)
        names, roles, examples = self._widths
        told = next((way for way in map(shown, line.ways) if cell_len(way) <= roles), shown(line.ways[-1]))
        segments = [
            ("▸" if cursor else " ", plain),
            (f"{line.mark} ", self.style(look, *over)),
            (set_cell_size(shortened(shown(line.name) or "(no name)", names), names + 1), plain),
            (set_cell_size(clip(told, roles), roles + 1), role),
        ]
        if examples >= _EXAMPLE:
            example = shown(line.example)
            segments.append((clip(f"({example})" if line.elsewhere else example, examples), dim))
        return strip(segments, width, plain)

    def _fit(self) -> None:
        """Share the width out: names and what they are first, the rest is for examples."""
        width = self.width_to_lay_out_in() - 3
        names = max(_NAME[0], min(self._longest[0], _NAME[1], width * 2 // 5))
        left = width - names - 2
        roles = max(_ROLE[0], min(self._longest[1], _ROLE[1], left * 2 // 3))
        if left - roles < _EXAMPLE:
            roles = max(0, left)
        self._widths = (names, roles, left - roles)

    def on_click(self, event: events.Click) -> None:
        """Pick the column under the mouse."""
        number = event.y - self.gutter.top + self.scroll_offset.y
        if 0 <= number < len(self._lines):
            self.post_message(self.Picked(number))

    def width_changed(self) -> None:
        """Draw anew in the new width."""
        self._fit()
        self.lines_changed()

    def show_cursor(self) -> None:
        """Bring the cursor into view."""
        self.show_lines(self.cursor, self.cursor, margin=1)

    def notify_style_update(self) -> None:
        """Draw anew in another theme."""
        super().notify_style_update()
        self._strips.clear()

    def on_focus(self) -> None:
        """Show that the cursor is here."""
        self.refresh()

    def on_blur(self) -> None:
        """Show that the cursor waits."""
        self.refresh()
