"""The source text with evidence marked. Lines are wrapped once per document and width, and drawn when in view."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.cells import cell_len, split_graphemes
from rich.style import Style
from textual import events
from textual.binding import BindingType
from textual.geometry import Offset
from textual.message import Message
from textual.strip import Strip

from db.model import Document, Span
from tui.config import bindings as keys
from tui.text.layouts import Layout, Layouts
from tui.text.safe import measured
from tui.widgets.pane import Pane, strip

_EVIDENCE, _SELECTED = 1, 2
_STRIPS_KEPT = 200  # of one document


class SourceView(Pane):
    """A document: its title and origin, then its text.

    The evidence of every field is underlined; that of the selected field is shown in reverse and scrolled into view.
    """

    BINDINGS: ClassVar[list[BindingType]] = [*keys.SOURCE]
    TITLE = "Source"
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "source--title", "source--dim", "source--evidence", "source--selected",
        "source--label", "source--held",
    }  # fmt: skip
    DEFAULT_CSS = """
    SourceView {
        padding: 0 0 0 1;
        & > .source--title { text-style: bold; }
        & > .source--dim { text-style: dim; }
        & > .source--evidence { text-style: underline; color: $accent; }
        & > .source--selected { text-style: bold reverse; color: $warning; }
        & > .source--held { text-style: bold underline; color: $warning; }
        & > .source--label { text-style: bold reverse; color: $warning; }
    }
    """

    @dataclass
    class Marked(Message):
        """A span of the text was selected with the mouse."""

        span: Span

    def __init__(self, id: str) -> None:
        super().__init__(id=id)
        self._layouts = Layouts()
        self._layout = Layout(None, 0)
        self._cuts: list[int] = []
        self._levels: list[int] = []
        self._labels: list[tuple[int, str]] = []
        self._mouse_start: int | None = None
        self._selected: tuple[Span, ...] = ()

    @property
    def text(self) -> str:
        """The text as displayed, with the same offsets as the source."""
        return self._layout.text

    @property
    def lines(self) -> Sequence[tuple[int, int]]:
        """The displayed lines of the text, as ranges of offsets."""
        return self._layout.lines

    @property
    def first_in_view(self) -> int:
        """The offset of the first character in view."""
        line = max(0, self.scroll_offset.y - len(self._layout.head))
        return self._layout.lines[line][0] if line < len(self._layout.lines) else 0

    def show_document(self, document: Document | None) -> None:
        """Show the top of a document, with nothing marked."""
        if document is not None and document is self._layout.document:
            return
        self._mark((), ())
        self._selected = ()
        self._lay_out(document)
        self.jump(0)

    def prepare(self, document: Document) -> Iterator[None]:
        """Lay out a document in small steps, so that showing it later takes no time."""
        return self._layouts.prepare(document, self.scrollable_content_region.width)

    def show_evidence(self, evidence: Sequence[Span], selected: Sequence[Span]) -> None:
        """Mark evidence, and bring the first of the selected spans into view."""
        self._mark(evidence, selected)
        self._selected = tuple(selected)
        self.show_cursor()
        self.refresh()

    def show_cursor(self) -> None:
        """Bring the first of the selected spans into view."""
        if self._selected and self._layout.lines:
            start, end = self._selected[0]
            self.show_lines(self._line_at(start), self._line_at(end - 1), margin=2)

    def cursor_at(self) -> Offset:
        """Return the beginning of the first selected span, or of the first line in view."""
        if not self._selected or not self._layout.lines:
            return super().cursor_at()
        return self.place_at(self._selected[0].start)

    def place_at(self, offset: int) -> Offset:
        """Return the column and line of an offset of the text."""
        line = self._line_at(offset)
        start, _ = self._layout.lines[line - len(self._layout.head)]
        return Offset(cell_len(measured(self._layout.text[start:offset])), line)

    def show_labels(self, labels: Mapping[str, Span], selected: Sequence[Span] = ()) -> None:
        """Draw hint letters over the start of spans, which are underlined; the current evidence is in bold."""
        self._labels = sorted((span.start, label) for label, span in labels.items())
        if labels:
            self._mark(list(labels.values()), selected)
        self.refresh()

    def line_count(self) -> int:
        """Return the number of lines of the head and the text."""
        return len(self._layout.head) + len(self._layout.lines)

    def draw(self, number: int, width: int) -> Strip:
        """Return a line of the head or of the text. Lines are kept with the layout of their document."""
        layout, key = self._layout, self.line_key(number, width)
        if (drawn := layout.strips.get((width, key))) is None:
            if len(layout.strips) >= _STRIPS_KEPT:
                layout.strips.clear()
            layout.strips[width, key] = drawn = self.draw_line(number, width)
        return drawn

    def line_key(self, number: int, width: int) -> object:  # noqa: ARG002 (kept by width anyway)
        """Return the line, and the marks and hint letters on it."""
        if number < len(self._layout.head):
            return number
        start, end = self._layout.lines[number - len(self._layout.head)]
        first, last = bisect_right(self._cuts, start) - 1, bisect_left(self._cuts, end) - 1
        if first >= last and not self._labels:
            return number, self._levels[first]
        labels = self._labels[bisect_left(self._labels, (start, "")) : bisect_left(self._labels, (end, ""))]
        marks = tuple(self._cuts[first + 1 : last + 1]), tuple(self._levels[first : max(first, last) + 1])
        return number, marks, tuple(labels), bool(self._labels)

    def draw_line(self, number: int, width: int) -> Strip:
        """Draw a line of the head or of the text."""
        plain, head = self.style(), self._layout.head
        if number < len(head):
            text, name = head[number]
            return strip([(text, self.style(name))], width, plain)
        text = self._layout.text
        start, end = self._layout.lines[number - len(head)]
        # Only hint letters are in reverse while there are any.
        selected = self.style("source--held" if self._labels else "source--selected")
        styles = (plain, self.style("source--evidence"), selected)
        first = bisect_left(self._labels, (start, ""))
        stop = bisect_left(self._labels, (end, ""))
        pieces: list[tuple[str, Style]] = []
        before = -1
        for place, label in self._labels[first:stop]:
            second = place == before  # of a date that can be read in two ways: after the first
            before, offset = place, start if second else place
            if start <= offset < end:  # otherwise the previous label covers it
                # On the blank before the span, if there is one, so that the span stays legible.
                offset -= not second and offset > start and text[offset - 1] == " "
                pieces += self._pieces(start, offset, styles)
                covered = _covered(text[offset:end], len(label))
                spare = cell_len(measured(text[offset : offset + covered])) - len(label)
                pieces.append((label + " " * spare, self.style("source--label")))
                start = offset + covered
        pieces += self._pieces(start, end, styles)
        return strip(pieces, width, plain)

    def _pieces(self, start: int, end: int, styles: tuple[Style, ...]) -> list[tuple[str, Style]]:
        pieces = []
        place = bisect_right(self._cuts, start) - 1
        while start < end:
            stop = min(end, self._cuts[place + 1]) if place + 1 < len(self._cuts) else end
            pieces.append((self._layout.text[start:stop], styles[self._levels[place]]))
            start = stop
            place += 1
        return pieces

    def _mark(self, evidence: Sequence[Span], selected: Sequence[Span]) -> None:
        """Cut the text where the marking changes: ``_levels[i]`` is valid from ``_cuts[i]`` to the next cut."""
        changes: dict[int, list[int]] = {0: [0, 0]}
        for level, spans in ((0, evidence), (1, selected)):
            for start, end in spans:
                changes.setdefault(start, [0, 0])[level] += 1
                changes.setdefault(end, [0, 0])[level] -= 1
        self._cuts, self._levels = [], []
        depth = [0, 0]
        for offset in sorted(changes):
            depth = [old + new for old, new in zip(depth, changes[offset], strict=True)]
            self._cuts.append(offset)
            self._levels.append(_SELECTED if depth[1] else _EVIDENCE if depth[0] else 0)

    def _line_at(self, offset: int) -> int:
        return len(self._layout.head) + max(0, bisect_right(self._layout.lines, (offset, len(self._layout.text))) - 1)

    def _lay_out(self, document: Document | None) -> None:
        self._layout = self._layouts.of(document, self.width_to_lay_out_in())
        self.lines_changed()

    def _offset_at(self, x: int, y: int) -> int | None:
        """Return the offset at a position of the view; None above and below the text."""
        number = y + self.scroll_offset.y - len(self._layout.head)
        if not 0 <= number < len(self._layout.lines):
            return None
        start, end = self._layout.lines[number]
        used = 0
        for piece_start, _, cells in split_graphemes(measured(self._layout.text[start:end]))[0]:
            used += cells
            if x < used:
                return start + int(piece_start)
        return end

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """Start a selection."""
        if event.button == 1:
            self._mouse_start = self._offset_at(event.x - self.gutter.left, event.y - self.gutter.top)
            self.capture_mouse()

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Show the selection so far."""
        if self._mouse_start is not None and (span := self._selection_to(event)):
            self.show_evidence((), (span,))

    def on_mouse_up(self, event: events.MouseUp) -> None:
        """Report the selection; a click selects nothing."""
        self.release_mouse()
        span = self._selection_to(event) if self._mouse_start is not None else None
        self._mouse_start = None
        if span:
            self.post_message(self.Marked(span))

    def _selection_to(self, event: events.MouseEvent) -> Span | None:
        here = self._offset_at(event.x - self.gutter.left, event.y - self.gutter.top)
        if here is None or self._mouse_start is None or here == self._mouse_start:
            return None
        start, end = sorted((self._mouse_start, here))
        return Span(start, min(len(self._layout.text), end + (here > self._mouse_start)))

    def notify_style_update(self) -> None:
        """Discard what was drawn in another theme."""
        super().notify_style_update()
        self._layouts.forget_strips()
        self._layout.strips.clear()

    @property
    def labelled(self) -> bool:
        """True while hint letters are drawn."""
        return bool(self._labels)

    def width_changed(self) -> None:
        """Wrap to the new width, and keep the same text at the top."""
        line = self.scroll_offset.y - len(self._layout.head)
        top = self._layout.lines[line][0] if 0 <= line < len(self._layout.lines) else None
        self._lay_out(self._layout.document)
        if top is not None:
            self.jump(self._line_at(top))


def _covered(text: str, cells: int) -> int:
    """Return how many code points of a text cover a number of cells."""
    used = 0
    for _, end, width in split_graphemes(measured(text))[0]:
        used += width
        if used >= cells:
            return int(end)
    return len(text)
