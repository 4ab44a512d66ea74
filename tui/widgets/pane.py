"""The base of panes: keys, a titled border that shows the focus, and lines that are drawn one by one and kept."""

from collections.abc import Sequence

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.content import Content
from textual.events import MouseEvent
from textual.geometry import Offset
from textual.strip import Strip

from tui.runtime.scroll_view import RowScrollView
from tui.text.safe import measured, safe
from tui.widgets.bar import clickable

_STRIPS_KEPT = 500

_LONGEST_TITLE = 1_000  # characters; each of them is measured


class Pane(RowScrollView, can_focus=True):
    """A scrolling list of lines. Subclasses define ``line_count``, ``line_key`` and ``draw_line``."""

    TITLE = ""

    DEFAULT_CSS = """
    Pane {
        overflow-x: hidden;
        overflow-y: scroll;
        scrollbar-size-vertical: 1;
        border-top: solid $foreground 40%;
        border-title-color: $foreground 70%;
        border-title-style: none;
        border-title-align: left;
        padding: 0;
        background: $background;
    }
    Pane:focus {
        border-top: heavy $accent;
        border-title-color: $accent;
        border-title-style: bold;
        background-tint: transparent;
    }
    """

    def __init__(self, id: str) -> None:
        self._styles: dict[tuple[str, ...], Style] = {}
        self._strips: dict[object, Strip] = {}  # drawn lines by line_key
        self._blank_line: Strip | None = None
        super().__init__(id=id)
        self._title = ""
        self._laid_out_width = 0
        self._tabs: tuple[str, ...] = ()

    def on_mount(self) -> None:
        """Show the title."""
        self.set_title("")

    def set_title(self, text: str) -> None:
        """Show the pane's name and a text in its border; if the panes are tabs, also the names of the others."""
        self._title = text
        # Content, because Textual parses a str as markup.
        title = Content(f"{self.TITLE} {measured(safe(text[:_LONGEST_TITLE]))}".rstrip())
        if self._tabs:
            others = [
                clickable(Content.styled(f" {name} ", "dim"), f"screen.go_to('{name}')")
                for name in self._tabs
                if name != self.id
            ]
            title = Content.assemble(title, "  ⇥", *others)
        self.border_title = title

    def show_tabs(self, tabs: Sequence[str]) -> None:
        """Name the panes that tab leads to, if only one is shown at a time."""
        if tabs != self._tabs:
            self._tabs = tuple(tabs)
            self.set_title(self._title)

    def line_count(self) -> int:
        """Return the number of lines."""
        raise NotImplementedError

    def line_key(self, number: int, width: int) -> object:
        """Return what a line shows: lines with equal keys look the same."""
        raise NotImplementedError

    def draw_line(self, number: int, width: int) -> Strip:
        """Draw a line, exactly ``width`` cells wide."""
        raise NotImplementedError

    def draw(self, number: int, width: int) -> Strip:
        """Return a line, drawn now or before."""
        key = self.line_key(number, width)
        if (drawn := self._strips.get(key)) is None:
            if len(self._strips) >= _STRIPS_KEPT:
                self._strips.clear()
            self._strips[key] = drawn = self.draw_line(number, width)
        return drawn

    def line_at(self, event: MouseEvent) -> int:
        """Return the number of the line under the mouse, which may be none."""
        return event.y - self.gutter.top + self.scroll_offset.y

    def on_resize(self) -> None:
        """Lay out again for another width; for another height, keep the cursor in view."""
        width = self.scrollable_content_region.width
        if width != self._laid_out_width:
            self._laid_out_width = width
            self.width_changed()
        if not self.labelled:  # the person may have scrolled to hint letters
            self.show_cursor()

    def width_to_lay_out_in(self) -> int:
        """Return the width of lines; 0 while the pane is hidden, and it is laid out once it is shown."""
        width: int = self.scrollable_content_region.width
        if width <= 0:
            self._laid_out_width = 0  # so that the old width counts as a change
        return width

    @property
    def labelled(self) -> bool:
        """True while hint letters are drawn."""
        return False

    def width_changed(self) -> None:
        """Lay out for the new width."""
        raise NotImplementedError

    def show_cursor(self) -> None:
        """Bring the cursor into view."""

    def cursor_at(self) -> Offset:
        """Return the column and line of the cursor; lines count from the first, which may be out of view."""
        return Offset(0, self.scroll_offset.y)

    @property
    def cursor_screen_offset(self) -> Offset:
        """Where the cursor is on the screen."""
        left, top, width, height = self.scrollable_content_region
        column, line = self.cursor_at()
        line -= self.scroll_offset.y
        return Offset(left + max(0, min(column, width - 1)), top + max(0, min(line, height - 1)))

    def lines_changed(self) -> None:
        """Show the lines after their number or any of them changed."""
        self.set_line_count(self.line_count())

    def draw_rows(self, rows: range) -> list[Strip]:
        """Return the lines at these rows of the view."""
        width, count, top = self.scrollable_content_region.width, self.line_count(), self.scroll_offset.y
        if self._blank_line is None or self._blank_line.cell_length != width:
            self._blank_line = Strip.blank(width, self.style())
        return [self.draw(y + top, width) if 0 <= y + top < count else self._blank_line for y in rows]

    def show_lines(self, first: int, last: int, margin: int = 0) -> None:
        """Scroll, if necessary, until the lines ``[first, last]`` are in view."""
        height = self.scrollable_content_region.height
        top = self.scroll_offset.y
        if first - margin < top:
            top = first - margin
        elif last + margin >= top + height:
            top = min(last + margin - height + 1, first)
        else:
            return
        self.jump(top)

    def jump(self, top: int) -> None:
        """Scroll until line ``top`` is the first in view."""
        highest = max(0, self.line_count() - self.scrollable_content_region.height)
        self.scroll_to(y=max(0, min(top, highest)), animate=False, immediate=True)

    def page(self, direction: int) -> None:
        """Scroll by half a page."""
        self.jump(self.scroll_offset.y + direction * max(1, self.scrollable_content_region.height // 2))

    def style(self, *names: str) -> Style:
        """Return the pane's style with component styles over it."""
        if names not in self._styles:
            style = self.rich_style
            for name in names:
                style += self.get_component_rich_style(name, partial=True)
            self._styles[names] = style
        return self._styles[names]

    def notify_style_update(self) -> None:
        """Discard styles and drawn lines: they depend on the theme and the focus."""
        super().notify_style_update()
        self._styles.clear()
        self._strips.clear()
        self._blank_line = None

    def on_focus(self) -> None:
        """Show the cursor of the focused pane."""
        self.refresh()

    def on_blur(self) -> None:
        """Show the cursor of a pane without focus."""
        self.refresh()


def strip(segments: list[tuple[str, Style]], width: int, fill: Style) -> Strip:
    """Return segments as a strip, cut or filled to a width in cells."""
    cells = sum(cell_len(measured(text)) for text, _ in segments)
    if cells < width:
        segments.append((" " * (width - cells), fill))
        cells = width
    if cells > width:
        drawn = Strip([Segment(measured(text), style) for text, style in segments], cells)
        return drawn.adjust_cell_length(width, fill)
    return Strip([Segment(text, style) for text, style in segments], cells)
