"""A scrolling view and its scroll bar that repaint only the rows that changed."""

from math import ceil

from rich.segment import Segment
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.scrollbar import ScrollBar
from textual.strip import Strip
from textual.widget import Widget

from tui.runtime.row_painting import RowPainting
from tui.runtime.screen import SingleLayout


class RowScrollView(RowPainting, SingleLayout, ScrollView):
    """A scroll view that paints row by row and is laid out once when its size changes.

    No upstream issue known for its use of private members of Textual 8.2; check on upgrade.
    """

    @property
    def vertical_scrollbar(self) -> ScrollBar:
        """A scroll bar that triggers no second layout."""
        if self._vertical_scrollbar is None:
            self._vertical_scrollbar = bar = RowScrollBar(vertical=True, thickness=self.scrollbar_size_vertical)
            bar.display = False
            self.app._start_widget(self, bar)
        return self._vertical_scrollbar

    def set_line_count(self, count: int) -> None:
        """Set the height of the content and repaint. Textual updates the scroll bar only in a layout."""
        size = Size(self.scrollable_content_region.width, count)
        if size != self.virtual_size:
            self.virtual_size = size
            self._scroll_update(size)
        self.refresh()


class RowScrollBar(RowPainting, SingleLayout, ScrollBar):
    """A scroll bar that keeps its place: with nothing to scroll, it looks like the pane."""

    def __init__(self, vertical: bool = True, thickness: int = 1) -> None:
        super().__init__(vertical=vertical, thickness=thickness)
        self._cells: dict[Segment, Strip] = {}
        self._drawn: list[Strip] = []
        self._drawn_state: tuple[object, ...] = ()

    def draw_rows(self, rows: range) -> list[Strip]:
        """Return the cells of the bar at these rows."""
        height = max(self.outer_size.height, rows.stop)  # the first paint comes before the first size
        state = (height, self.window_size, self.window_virtual_size, self.position, self.grabbed, self.mouse_over)
        if state != self._drawn_state:
            self._drawn, self._drawn_state = self._draw(height), state
        return [self._drawn[y] for y in rows]

    def _draw(self, height: int) -> list[Strip]:
        pane = self.parent
        assert isinstance(pane, Widget)
        if self.window_size >= self.window_virtual_size:
            return [self._cell(Segment(" ", pane.rich_style))] * height
        styles = pane.styles
        suffix = "_active" if self.grabbed else "_hover" if self.mouse_over else ""
        background = pane.background_colors[0] + getattr(styles, f"scrollbar_background{suffix}")
        color = background + getattr(styles, f"scrollbar_color{suffix}")
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
        """Discard what was drawn in another theme."""
        super().notify_style_update()
        self._cells.clear()
        self._drawn_state = ()
