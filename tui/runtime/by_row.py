"""Widgets whose rows go to the screen as they were drawn, and again only when they look different.

Textual's own way, through edges, padding, filters and a cache of rows, takes longer than all else that a key needs, and
paints a whole widget for any change of it.
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


class ByRow(_Widget):
    """What is mixed into a widget that gives ``draw_rows``: the same object as long as a row looks the same.

    Named before the bases that are widgets, and none itself, since Textual takes the style rules of the first that is.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._finished: dict[int, tuple[Strip, Strip]] = {}  # by the identity of what was drawn
        self._told: dict[int, Strip] = {}  # what each row looked like when it was last told to be painted
        self._told_edge: tuple[object, ...] = ()
        self._comparing = False
        super().__init__(*args, **kwargs)

    def draw_rows(self, rows: range) -> list[Strip]:
        """The content of rows, numbered from the first below the edge, without padding."""
        raise NotImplementedError

    def render_line(self, y: int) -> Strip:
        """The content of one row."""
        return self.draw_rows(range(y, y + 1))[0]

    def render_lines(self, crop: Region) -> list[Strip]:
        """Rows of the widget: the edge above as Textual draws it, then rows as they were drawn."""
        width, top = self.outer_size.width, self.styles.gutter.top
        if crop.x or crop.width != width:
            return super().render_lines(crop)
        strips: list[Strip] = []
        for y in range(crop.y, min(top, crop.bottom)):
            strips += super().render_lines(Region(0, y, width, 1))
        rows = range(max(0, crop.y - top), crop.bottom - top)
        drawn = self._finished_rows(rows)
        for y, row in zip(rows, drawn, strict=True):
            if self._told.get(y) is not row:
                self._told.pop(y, None)  # it may be on the screen or not: painted at the next change
        return strips + drawn

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
        """A row, and the same with its padding, in colours as the terminal takes them. A scroll bar is beside it."""
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
        """Paint the rows that look different now, whatever region is named; which, is found once all is set."""
        if layout or recompose or not repaint or not self.is_mounted:
            self._told.clear()
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
        if edge != self._told_edge:
            self._told_edge = edge
            changed.append(-1)
        for y, row in enumerate(self._finished_rows(range(max(0, height)))):
            if self._told.get(y) is not row:
                self._told[y] = row
                changed.append(y)
        # Rows side by side as one region: 0 1 2 5 6 are two.
        starts = [y for y in changed if y - 1 not in changed]
        ends = [y for y in changed if y + 1 not in changed]
        if changed:
            super().refresh(*(Region(0, y, width, end - y + 1) for y, end in zip(starts, ends, strict=True)))

    def notify_style_update(self) -> None:
        """Draw anew: colours come with the theme and the focus."""
        super().notify_style_update()
        self._finished.clear()
        self._told.clear()
        self._told_edge = ()
