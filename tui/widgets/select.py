"""Selecting text with the keyboard: the word at the cursor, or from one end to another, marked in the source."""

from collections.abc import Callable
from typing import ClassVar

from textual.binding import BindingType
from textual.content import Content
from textual.geometry import Offset
from textual.widget import Widget

from db.errors import NotWrittenError
from db.model import Span
from db.text.folding import continues
from tui.config import bindings as keys
from tui.text.safe import measured, safe
from tui.text.wrapping import clip
from tui.widgets.source import SourceView

_BACKWARDS = "bhk0g"
_SHOWN = 60  # cells of the selected text


class SelectPrompt(Widget, can_focus=True):
    """Has the focus while text is being selected, and shows what is."""

    BINDINGS: ClassVar[list[BindingType]] = [*keys.SELECT]
    DEFAULT_CSS = """
    SelectPrompt { height: 1; display: none; text-wrap: nowrap; text-overflow: ellipsis; }
    """

    def __init__(self, id: str) -> None:
        super().__init__(id=id)
        self._source: SourceView | None = None
        self.times: Callable[[], int] = lambda: 1  # how often to move: the number before a key
        self._cursor = 0
        self._anchor: Span | None = None
        self._searched = ""
        self._about = ""
        self._submit: Callable[[Span | None, bool], None] = lambda _, __: None
        self._ask_find: Callable[[], None] = lambda: None

    def begin(
        self,
        source: SourceView,
        start: Span,
        extending: bool,
        about: str,
        submit: Callable[[Span | None, bool], None],
        ask_find: Callable[[], None],
    ) -> None:
        """Start at a span of the text.

        extending: the span is selected already, and its end moves.
        about: the name of the field that the text is for.
        submit: gets the selected span, or None if cancelled, and True if it is only the evidence.
        ask_find: asks for a text, and calls ``find`` with it.
        """
        self._source, self._submit, self._ask_find, self._about = source, submit, ask_find, about
        self._cursor = start.start
        self._anchor = None
        if extending:
            self._anchor, self._cursor = start, max(start.start, start.end - 1)
        self.resume()

    def resume(self) -> None:
        """Take the focus, and show what is selected."""
        self.display = True
        self.screen.set_focus(self)
        self._show()

    def find(self, text: str) -> bool:
        """Move the cursor to the next occurrence, from the top again after the end. Return True if there is one."""
        from db.text.folded_text import FoldedText

        self._searched = text
        searched = FoldedText(self._source.text if self._source else "")
        place = searched.find_part(text, self._cursor + 1)
        if place < 0:
            place = searched.find_part(text, 0)
        if place >= 0:
            self._cursor = place
        return place >= 0

    @property
    def span(self) -> Span:
        """What is selected: the word at the cursor, or the text between the ends."""
        text = self._source.text if self._source else ""
        if self._anchor is None:
            from tui.text.motions import word_at

            return word_at(text, self._cursor)
        first, last = min(self._anchor.start, self._cursor), max(self._anchor.end - 1, self._cursor)
        return Span(first, max(word_end(text, last), first + 1))

    def action_select_move(self, motion: str) -> None:
        """Move the cursor. While extending, ``w`` goes to the ends of words, so that whole words are selected."""
        if self._source is not None:
            if self._anchor is not None:
                motion = "e" if motion == "w" else motion
                if motion in _BACKWARDS and self._anchor.start <= self._cursor < self._anchor.end:
                    self._cursor = self._anchor.start  # the word that extending began with stays whole
            from tui.text.motions import move

            for _ in range(self.times()):
                before, self._cursor = (
                    self._cursor,
                    move(self._source.text, self._source.lines, self._cursor, motion),
                )
                if self._cursor == before:
                    break
            self._show()

    def action_select_extend(self) -> None:
        """Start extending from the word at the cursor, or stop."""
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
        """Ask for a text to find."""
        self.display = False
        self._ask_find()

    def action_select_find_next(self) -> None:
        """Go to the next occurrence."""
        if self._searched and self.find(self._searched):
            self._show()

    def action_select_take(self) -> None:
        """Save the selection as value and evidence."""
        self._done(self.span, False)

    def action_select_take_evidence(self) -> None:
        """Save the selection as evidence only."""
        self._done(self.span, True)

    def action_select_leave(self) -> None:
        """Cancel."""
        self._done(None, False)

    def _done(self, span: Span | None, evidence: bool) -> None:
        self.display = False
        try:
            self._submit(span, evidence)
        except NotWrittenError:
            self.resume()
            raise

    def _show(self) -> None:
        if self._source is not None:
            self._source.show_evidence((), (self.span,))
        self.refresh()

    @property
    def cursor_screen_offset(self) -> Offset:
        """Where the selected text begins on the screen."""
        return self._source.cursor_screen_offset if self._source is not None else self.region.offset

    def render(self) -> Content:
        """The selected text, and the field that it is for."""
        text = self._source.text[self.span.start : self.span.end] if self._source else ""
        mode = "selecting" if self._anchor is not None else "at"
        about = f"  for {measured(safe(self._about))}" if self._about else ""
        selected = clip(measured(safe(text)), _SHOWN)
        return Content.assemble((f" {mode} ", "bold reverse"), f" {selected}", (about, "dim"))


def word_end(text: str, last: int) -> int:
    """Return the end of the text whose last character is at ``last``, including combining marks after it."""
    end = last + 1
    while end < len(text) and continues(text[end]):
        end += 1
    return end
