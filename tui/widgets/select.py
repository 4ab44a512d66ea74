"""Selecting text with the keyboard: a word at the cursor, or a stretch between two ends, marked in the source."""

from collections.abc import Callable
from typing import ClassVar

from textual.binding import BindingType
from textual.content import Content
from textual.widget import Widget

from db.errors import NotWrittenError
from db.model import Span
from db.text.folding import is_accent
from tui.config import bindings as keys
from tui.text.safe import measured, safe
from tui.text.wrapping import clip
from tui.widgets.source import SourceView

_BACKWARDS = "bhk0g"
_SHOWN = 60  # cells of the selected text


class SelectPrompt(Widget, can_focus=True):
    """Has the focus while text is selected, and tells what was."""

    BINDINGS: ClassVar[list[BindingType]] = [*keys.SELECT]
    DEFAULT_CSS = """
    SelectPrompt { height: 1; display: none; text-wrap: nowrap; text-overflow: ellipsis; }
    """

    def __init__(self, id: str) -> None:
        super().__init__(id=id)
        self._source: SourceView | None = None
        self._cursor = 0
        self._anchor: Span | None = None
        self._found = ""
        self._about = ""
        self._take: Callable[[Span | None, bool], None] = lambda _, __: None
        self._find: Callable[[], None] = lambda: None

    def begin(
        self,
        source: SourceView,
        start: Span,
        extending: bool,
        about: str,
        take: Callable[[Span | None, bool], None],
        find: Callable[[], None],
    ) -> None:
        """Start at a stretch of the text, for what ``about`` names.

        ``take`` gets the selected span, None when it was left, and whether it is to be evidence alone. ``find`` asks
        for a text to look for, and calls ``look_for``.
        """
        self._source, self._take, self._find, self._about = source, take, find, about
        self._cursor = start.start
        self._anchor = None
        if extending:
            self._anchor, self._cursor = start, max(start.start, start.end - 1)
        self.resume()

    def resume(self) -> None:
        """Have the focus, and show what is selected."""
        self.display = True
        self.screen.set_focus(self)
        self._show()

    def look_for(self, text: str) -> bool:
        """Put the cursor on the next place of a text, from the top after the end; whether there is one."""
        self._found = text.casefold()
        source = self._source.text.casefold() if self._source else ""
        # Case folding may change lengths, rarely: then look in the text as it is.
        if self._source and len(source) != len(self._source.text):
            source, self._found = self._source.text, text
        place = source.find(self._found, self._cursor + 1) if self._found else -1
        if place < 0 and self._found:
            place = source.find(self._found)
        if place >= 0:
            self._cursor = place
        return place >= 0

    @property
    def span(self) -> Span:
        """What is selected: the word at the cursor, or the stretch between the ends."""
        text = self._source.text if self._source else ""
        if self._anchor is None:
            from tui.text.motions import word_at

            return word_at(text, self._cursor)
        first, last = min(self._anchor.start, self._cursor), max(self._anchor.end - 1, self._cursor)
        return Span(first, max(word_end(text, last), first + 1))

    def action_select_move(self, motion: str) -> None:
        """Move the cursor; while extending, ``w`` goes to ends of words, so that what it takes in is whole."""
        if self._source is not None:
            if self._anchor is not None:
                motion = "e" if motion == "w" else motion
                if motion in _BACKWARDS and self._anchor.start <= self._cursor < self._anchor.end:
                    self._cursor = self._anchor.start  # what extending began with stays whole
            from tui.text.motions import move

            self._cursor = move(self._source.text, self._source.lines, self._cursor, motion)
            self._show()

    def action_select_extend(self) -> None:
        """Begin to extend from the word at the cursor, or stop."""
        if self._anchor is None:
            self._anchor = self.span
            self._cursor = max(self._anchor.start, self._anchor.end - 1)
        else:
            self._anchor = None
        self._show()

    def action_select_swap(self) -> None:
        """Go to the other end."""
        if self._anchor is not None:
            start, end = self.span
            at_start = self._cursor < self._anchor.start
            self._anchor = Span(start, start + 1) if at_start else Span(end - 1, end)
            self._cursor = end - 1 if at_start else start
            self._show()

    def action_select_find(self) -> None:
        """Ask for a text to go to."""
        self.display = False
        self._find()

    def action_select_find_next(self) -> None:
        """Go to the next place of what was looked for."""
        if self._found and self.look_for(self._found):
            self._show()

    def action_select_take(self) -> None:
        """Take it as value and evidence."""
        self._done(self.span, False)

    def action_select_take_evidence(self) -> None:
        """Take it as evidence alone."""
        self._done(self.span, True)

    def action_select_leave(self) -> None:
        """Leave."""
        self._done(None, False)

    def _done(self, span: Span | None, evidence: bool) -> None:
        self.display = False
        try:
            self._take(span, evidence)
        except NotWrittenError:
            self.resume()
            raise

    def _show(self) -> None:
        if self._source is not None:
            self._source.show_evidence((), (self.span,))
        self.refresh()

    def render(self) -> Content:
        """What is selected."""
        text = self._source.text[self.span.start : self.span.end] if self._source else ""
        how = "selecting" if self._anchor is not None else "at"
        about = f"  for {measured(safe(self._about))}" if self._about else ""
        selected = clip(measured(safe(text)), _SHOWN)
        return Content.assemble((f" {how} ", "bold reverse"), f" {selected}", (about, "dim"))


def word_end(text: str, last: int) -> int:
    """The end of a stretch whose last character is at ``last``: with the marks that belong to it."""
    end = last + 1
    while end < len(text) and is_accent(text[end]):
        end += 1
    return end
