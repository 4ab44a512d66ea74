"""The source text with the evidence marked. Lines are wrapped once a document and width, and drawn when seen."""

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.cells import cell_len, split_graphemes
from rich.style import Style
from textual import events
from textual.binding import BindingType
from textual.message import Message
from textual.strip import Strip

from db.model import Document, Span
from tui import keys
from tui.safe_text import safe
from tui.widgets.pane import Pane, strip
from tui.wrapping import wrap

_EVIDENCE, _SELECTED = 1, 2


class SourceView(Pane):
    """A document: its title and where it is from, then its text.

    Evidence of every field is underlined; that of the selected field is shown in reverse and scrolled into view.
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
        """The mouse marked a stretch of the text."""

        span: Span

    def __init__(self, id: str) -> None:
        super().__init__(id=id)
        self._document: Document | None = None
        self._text = ""
        self._head: list[tuple[str, str]] = []
        self._lines: list[tuple[int, int]] = []
        self._width = 0
        self._cuts: list[int] = []
        self._levels: list[int] = []
        self._labels: list[tuple[int, str]] = []
        self._mouse: int | None = None
        self._selected: tuple[Span, ...] = ()

    @property
    def text(self) -> str:
        """The text as displayed; offsets are those of the source."""
        return self._text

    @property
    def lines(self) -> Sequence[tuple[int, int]]:
        """The lines of the text as displayed, as ranges of offsets."""
        return self._lines

    @property
    def first_in_view(self) -> int:
        """The offset of the first character of the text that is in view."""
        line = max(0, self.scroll_offset.y - len(self._head))
        return self._lines[line][0] if line < len(self._lines) else 0

    def show_document(self, document: Document | None) -> None:
        """Show a document from its top, nothing marked."""
        if document is not None and document is self._document:
            return
        self._document = document
        self._text = safe(document.source, keep_newlines=True) if document else ""
        self._mark((), ())
        self._selected = ()
        self._width = 0
        self._wrap()
        self.jump(0)

    def show_evidence(self, evidence: Sequence[Span], selected: Sequence[Span]) -> None:
        """Mark what fields rest on, and bring the first of the selected spans into view."""
        self._mark(evidence, selected)
        self._selected = tuple(selected)
        self.show_cursor()
        self.refresh()

    def show_cursor(self) -> None:
        """Bring the first of the selected spans into view."""
        if self._selected and self._lines:
            start, end = self._selected[0]
            self.show_lines(self._line_at(start), self._line_at(end - 1), margin=2)

    def show_labels(self, labels: Mapping[str, Span], selected: Sequence[Span] = ()) -> None:
        """Draw labels over the beginnings of spans, whose extent is underlined; the evidence so far is in bold."""
        self._labels = sorted((span.start, label) for label, span in labels.items())
        if labels:
            self._mark(list(labels.values()), selected)
        self.refresh()

    def line_count(self) -> int:
        """The head and the text."""
        return len(self._head) + len(self._lines)

    def draw(self, number: int, width: int) -> Strip:
        """A line of the head or of the text."""
        plain = self.rich_style
        if number < len(self._head):
            text, name = self._head[number]
            return strip([(text, self.style(name))], width, plain)
        start, end = self._lines[number - len(self._head)]
        # While there are hint letters, nothing else is in reverse.
        selected = self.style("source--held" if self._labels else "source--selected")
        styles = (plain, self.style("source--evidence"), selected)
        first = bisect_left(self._labels, (start, ""))
        stop = bisect_left(self._labels, (end, ""))
        pieces: list[tuple[str, Style]] = []
        for offset, label in self._labels[first:stop]:
            if offset >= start:  # else the label before covers it
                # On the blank before, where there is one: what is to be taken stays legible.
                offset -= offset > start and self._text[offset - 1] == " "
                pieces += self._pieces(start, offset, styles)
                covered = _covered(self._text[offset:end], len(label))
                spare = cell_len(self._text[offset : offset + covered]) - len(label)
                pieces.append((label + " " * spare, self.style("source--label")))
                start = offset + covered
        pieces += self._pieces(start, end, styles)
        return strip(pieces, width, plain)

    def _pieces(self, start: int, end: int, styles: tuple[Style, ...]) -> list[tuple[str, Style]]:
        pieces = []
        place = bisect_right(self._cuts, start) - 1
        while start < end:
            stop = min(end, self._cuts[place + 1]) if place + 1 < len(self._cuts) else end
            pieces.append((self._text[start:stop], styles[self._levels[place]]))
            start = stop
            place += 1
        return pieces

    def _mark(self, evidence: Sequence[Span], selected: Sequence[Span]) -> None:
        """Cut the text where the marking changes: ``_levels[i]`` holds from ``_cuts[i]`` to the next cut."""
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
        return len(self._head) + max(0, bisect_right(self._lines, (offset, len(self._text))) - 1)

    def _wrap(self) -> None:
        width = self.scrollable_content_region.width
        if width <= 0 or width == self._width:
            return
        self._width = width
        self._lines = wrap(self._text, width)
        self._head = self._wrapped_head(width)
        self.lines_changed()

    def _wrapped_head(self, width: int) -> list[tuple[str, str]]:
        document = self._document
        if document is None:
            return []
        lines = []
        if document.text is not None and document.title:
            title = safe(document.title)
            lines += [(title[start:end], "source--title") for start, end in wrap(title, width)]
        about = (document.publisher, document.published, document.language, document.external_id)
        described = safe(" · ".join(part for part in about if part))
        lines += [(described[start:end], "source--dim") for start, end in wrap(described, width)]
        return [*lines, ("", "source--dim")]

    def _offset_at(self, x: int, y: int) -> int | None:
        """The offset of what is at a place of the view; None above and below the text."""
        number = y + self.scroll_offset.y - len(self._head)
        if not 0 <= number < len(self._lines):
            return None
        start, end = self._lines[number]
        used = 0
        for piece_start, _, cells in split_graphemes(self._text[start:end])[0]:
            used += cells
            if x < used:
                return start + int(piece_start)
        return end

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """Begin to mark."""
        if event.button == 1:
            self._mouse = self._offset_at(event.x - self.gutter.left, event.y - self.gutter.top)
            self.capture_mouse()

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Show what is marked so far."""
        if self._mouse is not None and (span := self._marked_to(event)):
            self.show_evidence((), (span,))

    def on_mouse_up(self, event: events.MouseUp) -> None:
        """Tell what was marked; a click marks nothing."""
        self.release_mouse()
        span = self._marked_to(event) if self._mouse is not None else None
        self._mouse = None
        if span:
            self.post_message(self.Marked(span))

    def _marked_to(self, event: events.MouseEvent) -> Span | None:
        here = self._offset_at(event.x - self.gutter.left, event.y - self.gutter.top)
        if here is None or self._mouse is None or here == self._mouse:
            return None
        start, end = sorted((self._mouse, here))
        return Span(start, min(len(self._text), end + (here > self._mouse)))

    @property
    def labelled(self) -> bool:
        """Whether hint letters are drawn."""
        return bool(self._labels)

    def width_changed(self) -> None:
        """Wrap to the new width, with the same text at the top."""
        line = self.scroll_offset.y - len(self._head)
        top = self._lines[line][0] if 0 <= line < len(self._lines) else None
        self._wrap()
        if top is not None:
            self.jump(self._line_at(top))


def _covered(text: str, cells: int) -> int:
    """How many code points of a text are needed to cover cells."""
    used = 0
    for _, end, width in split_graphemes(text)[0]:
        used += width
        if used >= cells:
            return int(end)
    return len(text)
