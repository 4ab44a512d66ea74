"""A question at the foot of the screen for a line of text, with suggestions, while the panes stay visible above."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from textual import events
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.geometry import Offset
from textual.widget import Widget

from db.errors import NotWrittenError
from db.text.matching import best_matches
from tui.runtime.screen import SingleLayout
from tui.text.safe import measured, safe
from tui.text.wrapping import clip
from tui.widgets.bar import Bar, fitted
from tui.widgets.line import LineInput
from tui.widgets.question import TextQuestion

if TYPE_CHECKING:
    from db.query.completing import Completion
    from tui.widgets.note import NoteArea

_SUGGESTIONS = 5  # in view; ↓ goes on to the others
_MOST_SUGGESTIONS = 1_000
_OTHER_ROWS = 4  # label, line, remark, status
_LABEL_AT_LEAST = 30  # cells


class Suggestions(SingleLayout, Widget):
    """A few suggestions, of which the chosen one is marked."""

    DEFAULT_CSS = """
    Suggestions { text-wrap: nowrap; text-overflow: ellipsis; }
    """

    def __init__(self, choose: Callable[[int], None]) -> None:
        """``choose`` gets the place of a suggestion that was clicked."""
        super().__init__()
        self._choose = choose
        self._lines: Sequence[str] = ()
        self._chosen: int | None = None

    def show(self, lines: Sequence[str], chosen: int | None) -> None:
        """Show these lines, and mark the chosen one."""
        resized = len(lines) != len(self._lines)
        self._lines, self._chosen = list(lines), chosen
        self.display = bool(lines)
        self.refresh(layout=resized)

    def on_click(self, event: events.Click) -> None:
        """Choose the suggestion under the mouse."""
        if 0 <= event.y < len(self._lines):
            self._choose(event.y)

    def render(self) -> Content:
        """The suggestions."""
        lines = [
            Content.assemble("▸ ", (safe(line), "reverse")) if number == self._chosen else Content(f"  {safe(line)}")
            for number, line in enumerate(self._lines)
        ]
        return fitted(Content("\n").join(lines))


class TextPrompt(SingleLayout, Vertical):
    """A question answered by a line of text."""

    DEFAULT_CSS = """
    TextPrompt { height: auto; display: none; padding: 0 1; background: $surface; }
    TextPrompt LineInput { width: 1fr; }
    TextPrompt Suggestions { height: auto; }
    """

    def __init__(self, id: str) -> None:
        super().__init__(id=id)
        self._question = TextQuestion("", lambda _, __: None)
        self._on_cancel: Callable[[], None] = lambda: None
        self._matching: list[str] = []
        self._chosen: int | None = None
        self._stepped = False  # a suggestion was chosen by ↓ or ↑
        self._top = 0  # the first suggestion in view
        self._refused: str | None = None
        self._note: NoteArea | None = None
        self._completion: Completion | None = None
        self._completed_at = 0
        self._history_at: int | None = None
        self._typed = ""  # what was typed before ↑ went to an earlier answer

    def compose(self) -> ComposeResult:
        """The question, the line, suggestions and a remark."""
        yield Bar("prompt-label")
        yield LineInput(self)
        yield Suggestions(self.choose)
        yield Bar("prompt-remark")

    @property
    def line(self) -> LineInput:
        """Where the text is typed."""
        return self.query_one(LineInput)

    @property
    def text(self) -> str:
        """The answer so far: the chosen suggestion, or else the typed text."""
        if self._question.multiline:
            return self._area.text
        if self._chosen is None or self._question.complete:
            return self.line.value
        return self._matching[self._chosen]

    @property
    def _area(self) -> "NoteArea":
        """The area for several lines, created for the first note to keep the start quick."""
        from tui.widgets.note import NoteArea

        if self._note is None:
            self._note = NoteArea(self)
            self.mount(self._note, after=self.line)
        return self._note

    def ask(self, question: TextQuestion, on_cancel: Callable[[], None]) -> None:
        """Ask a question; escape calls ``on_cancel``."""
        self._question, self._on_cancel = question, on_cancel
        self._refused = None
        self._matching, self._chosen = [], None
        self._completion = self._history_at = None
        keys: list[str | tuple[str, str]] = []
        for key, meaning in [("enter", question.enter), ("esc", "cancel"), *_more_keys(question)]:
            keys += [" · " if keys else "   ", (key, "bold reverse"), f" {meaning}"]
        shown_keys = Content.assemble(*keys)
        # However long the label is, the keys stay visible.
        room = max(_LABEL_AT_LEAST, self.screen.size.width - shown_keys.cell_length - 2)
        label = clip(measured(safe(question.label)), room)
        self.query_one("#prompt-label", Bar).show(Content.assemble((label, "bold"), shown_keys))
        self.display = True
        self.line.display = not question.multiline
        if self._note is not None or question.multiline:
            self._area.display = question.multiline
        if question.multiline:
            self._area.text = safe(question.initial, keep_newlines=True)
            self._area.move_cursor(self._area.document.end)
            self.screen.set_focus(self._area)
            self._show()
            return
        line = self.line
        # An Input draws its text as it is, so text from a file or a person must be made safe first.
        line.value = safe(question.initial)
        if question.typed:
            line.action_end()
        else:
            line.action_select_all()
        self.screen.set_focus(line)
        self.text_changed()

    def text_changed(self) -> None:
        """Show the suggestions that match the text, and the remark on it."""
        if not self.display:
            return
        typed = self.line.value
        untouched = typed == self._question.initial and not self._question.typed
        self._chosen = None
        self._stepped = False
        if self._question.complete:
            self._completed_at = self.line.cursor_position
            self._completion = None if untouched else self._question.complete(typed, self.line.cursor_position)
            # Skip options with unsafe characters: in the line they would become the characters shown instead.
            self._matching = (
                [item for item in self._completion.options if safe(item) == item] if self._completion else []
            )
        else:
            self._matching = best_matches(
                list(self._question.suggestions), "" if untouched else typed, _MOST_SUGGESTIONS
            )
        if self._history_at is not None and typed != self._earlier:
            self._history_at = None
        if self._question.pick and self._matching:
            self._chosen = self._matching.index(typed) if typed in self._matching else 0
        self._show()

    def chosen_at(self) -> Offset | None:
        """Return where the suggestion is on the screen that ↓ or ↑ chose; None after any other key."""
        if self._chosen is None or not self._stepped:
            return None
        return self.query_one(Suggestions).content_region.offset + Offset(0, self._chosen - self._top)

    def cursor_moved(self) -> None:
        """Show the completions at the new place of the cursor."""
        if self.display and self._question.complete and self._completed_at != self.line.cursor_position:
            self.text_changed()

    def step(self, step: int) -> None:
        """Go to the next or previous suggestion; above them are the typed text and the earlier answers."""
        self._stepped = True
        if self._question.history and self._chosen is None and (step < 0 or self._history_at is not None):
            self._go_back(step)
            return
        place = -1 if self._chosen is None else self._chosen
        place = max(-1, min(place + step, len(self._matching) - 1))
        self._chosen = None if place < 0 else place
        self._show()

    @property
    def _earlier(self) -> str:
        """The earlier answer shown, or the typed text."""
        history = self._question.history
        at = len(history) if self._history_at is None else self._history_at
        return safe(history[at]) if at < len(history) else self._typed

    def _go_back(self, step: int) -> None:
        history = self._question.history
        if self._history_at is None:
            self._history_at, self._typed = len(history), self.line.value
        self._history_at = max(0, min(self._history_at + step, len(history)))
        self.line.value = self._earlier
        self.line.action_end()

    def choose(self, place: int) -> None:
        """Submit the suggestion at a place of those in view."""
        self._chosen = self._top + place
        self.submit()

    def complete(self) -> None:
        """Insert the chosen suggestion, or the first, into the line."""
        if not self._matching:
            return
        option = safe(self._matching[self._chosen or 0])
        if self._completion is None:
            self.line.value = option
            self.line.action_end()
        else:
            start, end = self._completion.start, self._completion.end
            self.line.value = self.line.value[:start] + option + self.line.value[end:]
            self.line.cursor_position = start + len(option)

    def submit(self) -> None:
        """Submit the answer, and stay open with the reason if it is refused. A chosen completion is inserted first."""
        if self._chosen is not None and self._question.complete:
            self.complete()
            return
        text = self.text
        self.display = False
        try:
            refusal = self._question.submit(text, self._refused == text)
        except NotWrittenError:
            self._stay()
            raise
        if refusal is not None:
            self._stay()
            self._refused = text
            self._remark(refusal, "bold")

    def _stay(self) -> None:
        self.display = True
        self.screen.set_focus(self._area if self._question.multiline else self.line)

    def cancel(self) -> None:
        """Close the question without an answer."""
        self.display = False
        self._on_cancel()

    def _show(self) -> None:
        # In a terminal of few rows, the question and the line come before suggestions and remarks.
        height, place = self.screen.size.height, self._chosen or 0
        rows = max(0, min(_SUGGESTIONS, height - _OTHER_ROWS))
        self.query_one("#prompt-label", Bar).display = height > 1
        self.query_one("#prompt-remark", Bar).display = height >= _OTHER_ROWS
        self._top = max(place - rows + 1, min(self._top, place))
        seen = self._matching[self._top : self._top + rows]
        self.query_one(Suggestions).show(seen, None if self._chosen is None else place - self._top)
        self._remark(self._question.remark(self.text), "")

    def _remark(self, text: str, style: str) -> None:
        self.query_one("#prompt-remark", Bar).show(Content.assemble((safe(text), style or "dim")))


def _more_keys(question: TextQuestion) -> list[tuple[str, str]]:
    if question.pick:
        return [("↓", "others"), ("↑", "as typed")]
    if question.multiline:
        return [("ctrl+j", "new line")]
    if question.complete:
        return [("tab", "complete"), ("↓", "others"), *([("↑", "history")] if question.history else [])]
    return [("↓", "suggestions")] if question.suggestions else []
