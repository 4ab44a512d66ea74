"""Widgets whose size does not lay the screen out a second time."""

from math import ceil

from rich.segment import Segment
from textual.geometry import Size
from textual.reactive import Reactive
from textual.scrollbar import ScrollBar
from textual.strip import Strip
from textual.widget import Widget

from tui.runtime.by_row import ByRow


class Steady:
    """What is mixed into a widget that is laid out once when it gets another size.

    Textual's own asks for another layout then, which is for parents that fit themselves to what they hold. Here none
    does, and every question would be painted three times. Named first among the bases; no widget itself, since Textual
    takes the style rules of the first base that is one.
    """

    virtual_size: Reactive[Size] = Reactive(Size(0, 0))


class SteadyBar(ByRow, Steady, ScrollBar):
    """A scroll bar likewise. It always has its place; where there is nothing to scroll, it looks like the pane."""

    def __init__(self, vertical: bool = True, thickness: int = 1) -> None:
        super().__init__(vertical=vertical, thickness=thickness)
        self._cells: dict[Segment, Strip] = {}
        self._drawn: list[Strip] = []
        self._drawn_as: tuple[object, ...] = ()

    def draw_rows(self, rows: range) -> list[Strip]:
        """The bar, cell by cell."""
        height = max(self.outer_size.height, rows.stop)  # painted before it was told its size, at the very first
        state = (height, self.window_size, self.window_virtual_size, self.position, self.grabbed, self.mouse_over)
        if state != self._drawn_as:
            self._drawn, self._drawn_as = self._draw(height), state
        return [self._drawn[y] for y in rows]

    def _draw(self, height: int) -> list[Strip]:
        pane = self.parent
        assert isinstance(pane, Widget)
        if self.window_size >= self.window_virtual_size:
            return [self._cell(Segment(" ", pane.rich_style))] * height
        styles = pane.styles
        kind = "_active" if self.grabbed else "_hover" if self.mouse_over else ""
        background = pane.background_colors[0] + getattr(styles, f"scrollbar_background{kind}")
        color = background + getattr(styles, f"scrollbar_color{kind}")
        bar = self.renderer.render_bar(
            size=height,
            virtual_size=ceil(self.window_virtual_size),
            window_size=ceil(self.window_size),
            position=self.position,
            thickness=self.thickness,
            vertical=True,
            back_color=background.rich_color,
            bar_color=color.rich_color,
        )
        return [self._cell(segment) for segment in bar.segments]

    def _cell(self, segment: Segment) -> Strip:
        if segment not in self._cells:
            text, style, _ = segment
            self._cells[segment] = Strip([Segment(text, self.visual_style.rich_style + style)], 1)
        return self._cells[segment]

    def notify_style_update(self) -> None:
        """Draw anew in another theme."""
        super().notify_style_update()
        self._cells.clear()
        self._drawn_as = ()
