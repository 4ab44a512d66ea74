"""Painting widgets row by row: a row goes to the terminal as it was drawn, and only when it looks different.

Textual 8.2 passes every row through borders, padding, filters and a cache, and repaints the whole widget for any change
of it. That takes longer than everything else that a key needs. No upstream issue known; check on upgrade.
"""

from typing import TYPE_CHECKING, Any, Self

from rich.segment import Segment
from textual.color import Color
from textual.geometry import Region
from textual.strip import Strip

if TYPE_CHECKING:
    from textual.widget import Widget as _Widget
else:
    _Widget = object

_FINISHED_KEPT = 500  # rows


class RowPainting(_Widget):
    """Mixin for widgets whose ``draw_rows`` returns the same object as long as a row looks the same.

    Name it before the widget classes. It isn't a widget itself, because Textual takes the style rules of the first base
    that is one.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._finished: dict[int, tuple[Strip, Strip]] = {}  # drawn row, finished row; by identity of the drawn row
        self._painted: dict[int, Strip] = {}  # by row number: the row when its painting was last requested
        self._painted_edge: tuple[object, ...] = ()
        self._comparing = False
        super().__init__(*args, **kwargs)

    def draw_rows(self, rows: range) -> list[Strip]:
        """Return the content of rows, numbered from the first below the top border, without padding."""
        raise NotImplementedError

    def render_line(self, y: int) -> Strip:
        """Return the content of one row."""
        return self.draw_rows(range(y, y + 1))[0]

    def render_lines(self, crop: Region) -> list[Strip]:
        """Return rows of the widget: the top border as Textual draws it, then rows as they were drawn."""
        width, top = self.outer_size.width, self.styles.gutter.top
        if crop.x or crop.width != width:
            return super().render_lines(crop)
        strips: list[Strip] = []
        for y in range(crop.y, min(top, crop.bottom)):
            strips += super().render_lines(Region(0, y, width, 1))
        rows = range(max(0, crop.y - top), crop.bottom - top)
        finished = self._finished_rows(rows)
        for y, row in zip(rows, finished, strict=True):
            if self._painted.get(y) is not row:
                self._painted.pop(y, None)  # it may never reach the terminal: paint it at the next change
        return strips + finished

    def _finished_rows(self, rows: range) -> list[Strip]:
        finished = []
        background = self.background_colors[1]
        for drawn in self.draw_rows(rows):
            known = self._finished.get(id(drawn))
            if known is None or known[0] is not drawn:
                known = self._finish(drawn, background)
            finished.append(known[1])
        return finished

    def _finish(self, drawn: Strip, background: Color) -> tuple[Strip, Strip]:
        """Return a row, and the same with padding and in the terminal's colours."""
        if len(self._finished) >= _FINISHED_KEPT:
            self._finished.clear()
        padding, finished = self.styles.padding.left, drawn
        if padding:
            blank = Segment(" " * padding, self.rich_style)
            finished = Strip([blank, *drawn], drawn.cell_length + padding)
        for line_filter in self.get_line_filters():
            finished = finished.apply_filter(line_filter, background)
        self._finished[id(drawn)] = known = (drawn, finished)
        return known

    def refresh(self, *regions: Region, repaint: bool = True, layout: bool = False, recompose: bool = False) -> Self:
        """Repaint the rows that look different, once the current message is handled; ``regions`` is ignored."""
        if layout or recompose or not repaint or not self.is_mounted:
            self._painted.clear()
            return super().refresh(*regions, repaint=repaint, layout=layout, recompose=recompose)
        if not self._comparing:
            self._comparing = True
            self.call_next(self._refresh_changed)
        return self

    def _refresh_changed(self) -> None:
        self._comparing = False
        changed = []
        width, height = self.outer_size.width, self.outer_size.height - self.styles.gutter.height
        edge = (self.border_title, self.has_focus, self.hover_style)
        if edge != self._painted_edge:
            self._painted_edge = edge
            changed.append(-1)
        for y, row in enumerate(self._finished_rows(range(max(0, height)))):
            if self._painted.get(y) is not row:
                self._painted[y] = row
                changed.append(y)
        # Adjacent rows are one region: rows 0 1 2 5 6 are two regions.
        starts = [y for y in changed if y - 1 not in changed]
        ends = [y for y in changed if y + 1 not in changed]
        if changed:
            super().refresh(*(Region(0, y, width, end - y + 1) for y, end in zip(starts, ends, strict=True)))

    def notify_style_update(self) -> None:
        """Discard finished rows: their colours come from the theme and the focus."""
        super().notify_style_update()
        self._finished.clear()
        self._painted.clear()
        self._painted_edge = ()
