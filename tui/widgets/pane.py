"""What panes share: a titled edge that shows the focus, and lines drawn one by one."""

from collections.abc import Sequence

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.content import Content
from textual.strip import Strip

from tui.runtime.scroll_view import RowScrollView
from tui.text.safe import measured, safe
from tui.widgets.bar import clickable


class Pane(RowScrollView, can_focus=True):
    """A scrolling list of lines. Subclasses give ``line_count`` and ``draw``."""

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
        self._blank_line: Strip | None = None
        super().__init__(id=id)
        self._more = ""
        self._laid_out_in = 0
        self._tabs: tuple[str, ...] = ()

    def on_mount(self) -> None:
        """Show the title."""
        self.set_title("")

    def set_title(self, more: str) -> None:
        """Show the pane's title with something after it; where the panes are tabs, the others' names too."""
        self._more = more
        # Content, since a title given as str is parsed as markup.
        title = Content(f"{self.TITLE} {measured(safe(more))}".rstrip())
        if self._tabs:
            others = [
                clickable(Content.styled(f" {name} ", "dim"), f"screen.go_to('{name}')")
                for name in self._tabs
                if name != self.id
            ]
            title = Content.assemble(title, "  ⇥", *others)
        self.border_title = title

    def show_tabs(self, tabs: Sequence[str]) -> None:
        """Name the panes that tab leads to, where only one is shown at a time."""
        if tabs != self._tabs:
            self._tabs = tuple(tabs)
            self.set_title(self._more)

    def line_count(self) -> int:
        """How many lines there are."""
        raise NotImplementedError

    def draw(self, number: int, width: int) -> Strip:
        """The line of that number, exactly ``width`` cells wide."""
        raise NotImplementedError

    def on_resize(self) -> None:
        """Lay out in another width; in another height, keep what was in view."""
        width = self.scrollable_content_region.width
        if width != self._laid_out_in:
            self._laid_out_in = width
            self.width_changed()
        if not self.labelled:  # where hint letters are, one may have scrolled to them already
            self.show_cursor()

    def width_to_lay_out_in(self) -> int:
        """The width of lines; 0 while the pane is hidden, and it is laid out once it is shown."""
        width: int = self.scrollable_content_region.width
        if width <= 0:
            self._laid_out_in = 0  # else the same width as before would be no news
        return width

    @property
    def labelled(self) -> bool:
        """Whether hint letters are drawn."""
        return False

    def width_changed(self) -> None:
        """Lay out in the new width."""
        raise NotImplementedError

    def show_cursor(self) -> None:
        """Bring into view what must be."""

    def lines_changed(self) -> None:
        """Take in that the number of lines or all of them are others now."""
        self.set_line_count(self.line_count())

    def draw_rows(self, rows: range) -> list[Strip]:
        """The lines that are in view at these rows."""
        width, count, top = self.scrollable_content_region.width, self.line_count(), self.scroll_offset.y
        if self._blank_line is None or self._blank_line.cell_length != width:
            self._blank_line = Strip.blank(width, self.style())
        return [self.draw(y + top, width) if 0 <= y + top < count else self._blank_line for y in rows]

    def show_lines(self, first: int, last: int, margin: int = 0) -> None:
        """Scroll so that the lines ``[first, last]`` are in view, if need be."""
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
        """Scroll so that line ``top`` is the first in view."""
        highest = max(0, self.line_count() - self.scrollable_content_region.height)
        self.scroll_to(y=max(0, min(top, highest)), animate=False, immediate=True)

    def page(self, direction: int) -> None:
        """Scroll by half a page."""
        self.jump(self.scroll_offset.y + direction * max(1, self.scrollable_content_region.height // 2))

    def style(self, *names: str) -> Style:
        """A component style laid over the pane's own."""
        if names not in self._styles:
            style = self.rich_style
            for name in names:
                style += self.get_component_rich_style(name, partial=True)
            self._styles[names] = style
        return self._styles[names]

    def notify_style_update(self) -> None:
        """Look styles up anew: they come with the theme and the focus."""
        super().notify_style_update()
        self._styles.clear()
        self._blank_line = None


def strip(segments: list[tuple[str, Style]], width: int, fill: Style) -> Strip:
    """Segments cut or filled to a width in cells."""
    cells = sum(cell_len(measured(text)) for text, _ in segments)
    if cells < width:
        segments.append((" " * (width - cells), fill))
        cells = width
    if cells > width:
        drawn = Strip([Segment(measured(text), style) for text, style in segments], cells)
        return drawn.adjust_cell_length(width, fill)
    return Strip([Segment(text, style) for text, style in segments], cells)
