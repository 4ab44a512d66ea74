"""A question at the foot of the screen for a line of text, with suggestions. The panes stay in view above.

Answers are taken in the order of the keys, however fast they come (``tui.review.app``). That is why a
question calls back instead of being awaited: a task that waits would resume after the next key was already acted on.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content

from db.errors import NotWrittenError
from db.query.known_values import matching
from tui.runtime.steady import Steady
from tui.text.safe import measured, safe
from tui.text.wrapping import clip
from tui.widgets.bar import Bar
from tui.widgets.line import LineInput
from tui.widgets.suggestions import Suggestions

if TYPE_CHECKING:
    from db.query.completing import Completion
    from tui.widgets.note import NoteArea

_SUGGESTIONS = 5
_LABEL_AT_LEAST = 30  # cells


@dataclass(frozen=True, slots=True)
class TextQuestion:
    """A question for a line of text.

    ``remark`` gives what to say of a text while it is typed. ``take`` gets the answer, and whether enter was pressed
    twice on the same text; it returns None when it took it, or what to say when it did not. ``initial`` is selected, so
    that typing replaces it, unless it was ``typed`` already. ``lines``: the answer may have several. ``pick``: enter
    takes the first suggestion that matches, and what was typed only where none does or ↑ went to it. ``left`` is called
    where the person leaves; without it one is back in the pane. ``complete`` gives what could stand at the cursor, of a
    text and a place in it: enter on one puts it in. ``history``: former answers, the newest last, that ↑ goes to.
    """

    label: str
    take: Callable[[str, bool], str | None]
    initial: str = ""
    suggestions: tuple[str, ...] = ()
    remark: Callable[[str], str] = lambda _: ""
    typed: bool = False
    lines: bool = False
    pick: bool = False
    left: Callable[[], None] | None = None
    complete: "Callable[[str, int], Completion] | None" = None
    history: Sequence[str] = ()


class TextPrompt(Steady, Vertical):
    """A question answered by a line of text."""

    DEFAULT_CSS = """
    TextPrompt { height: auto; display: none; padding: 0 1; background: $surface; }
    TextPrompt LineInput { width: 1fr; }
    TextPrompt Suggestions { height: auto; }
    """

    def __init__(self, id: str) -> None:
        super().__init__(id=id)
        self._question = TextQuestion("", lambda _, __: None)
        self._left: Callable[[], None] = lambda: None
        self._matching: list[str] = []
        self._chosen: int | None = None
        self._refused: str | None = None
        self._lines: NoteArea | None = None
        self._completion: Completion | None = None
        self._completed_at = 0
        self._history_at: int | None = None
        self._typed = ""  # what was typed before ↑ went to a former answer

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
        """The answer as it stands: the suggestion gone to, else what is typed."""
        if self._question.lines:
            return self._area.text
        if self._chosen is None or self._question.complete:
            return self.line.value
        return self._matching[self._chosen]

    @property
    def _area(self) -> "NoteArea":
        """Where lines are typed; made for the first note, since a start needs none."""
        from tui.widgets.note import NoteArea

        if self._lines is None:
            self._lines = NoteArea(self)
            self.mount(self._lines, after=self.line)
        return self._lines

    def ask(self, question: TextQuestion, left: Callable[[], None]) -> None:
        """Ask; ``left`` is called when the person leaves with escape."""
        self._question, self._left = question, left
        self._refused = None
        self._matching, self._chosen = [], None
        self._completion = self._history_at = None
        # The keys are told too, whatever is asked about.
        label = clip(measured(safe(question.label)), max(_LABEL_AT_LEAST, self.screen.size.width // 2))
        parts: list[str | tuple[str, str]] = [(label, "bold")]
        for key, meaning in [("↵", "take"), ("esc", "leave"), *_more_keys(question)]:
            parts += ["   ", (key, "bold reverse"), f" {meaning}"]
        self.query_one("#prompt-label", Bar).show(Content.assemble(*parts))
        self.display = True
        self.line.display = not question.lines
        if self._lines is not None or question.lines:
            self._area.display = question.lines
        if question.lines:
            self._area.text = safe(question.initial, keep_newlines=True)
            self._area.move_cursor(self._area.document.end)
            self.screen.set_focus(self._area)
            self._show()
            return
        line = self.line
        # The text of a person or a file, typed into an Input, is drawn as it is: it must be safe before.
        line.value = safe(question.initial)
        if question.typed:
            line.action_end()
        else:
            line.action_select_all()
        self.screen.set_focus(line)
        self.text_changed()

    def text_changed(self) -> None:
        """Show what matches the text, and the remark on it."""
        if not self.display:
            return
        typed = self.line.value
        untouched = typed == self._question.initial and not self._question.typed
        self._chosen = None
        if self._question.complete:
            self._completed_at = self.line.cursor_position
            self._completion = None if untouched else self._question.complete(typed, self.line.cursor_position)
            # An option with characters that are shown as others would, once in the line, be those others.
            self._matching = (
                [item for item in self._completion.options if safe(item) == item] if self._completion else []
            )
        else:
            self._matching = matching(list(self._question.suggestions), "" if untouched else typed, _SUGGESTIONS)
        if self._history_at is not None and typed != self._former:
            self._history_at = None
        if self._question.pick and self._matching:
            self._chosen = self._matching.index(typed) if typed in self._matching else 0
        self._show()

    def cursor_moved(self) -> None:
        """Show what could stand where the cursor is now."""
        if self.display and self._question.complete and self._completed_at != self.line.cursor_position:
            self.text_changed()

    def step(self, step: int) -> None:
        """Go to the next or previous suggestion; before the first is the typed text, before that are former answers."""
        if self._question.history and self._chosen is None and (step < 0 or self._history_at is not None):
            self._go_back(step)
            return
        place = -1 if self._chosen is None else self._chosen
        place = max(-1, min(place + step, len(self._matching) - 1))
        self._chosen = None if place < 0 else place
        self._show()

    @property
    def _former(self) -> str:
        """The former answer gone to, or what was typed."""
        history = self._question.history
        at = len(history) if self._history_at is None else self._history_at
        return safe(history[at]) if at < len(history) else self._typed

    def _go_back(self, step: int) -> None:
        history = self._question.history
        if self._history_at is None:
            self._history_at, self._typed = len(history), self.line.value
        self._history_at = max(0, min(self._history_at + step, len(history)))
        self.line.value = self._former
        self.line.action_end()

    def choose(self, place: int) -> None:
        """Take the suggestion at a place."""
        self._chosen = place
        self.take()

    def complete(self) -> None:
        """Put the suggestion gone to, or the first, into the line."""
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

    def take(self) -> None:
        """Give the answer; stay with the reason when it is refused. On a way to go on, put that in."""
        if self._chosen is not None and self._question.complete:
            self.complete()
            return
        text = self.text
        self.display = False
        try:
            refusal = self._question.take(text, self._refused == text)
        except NotWrittenError:
            self._stay()
            raise
        if refusal is not None:
            self._stay()
            self._refused = text
            self._remark(refusal, "bold")

    def _stay(self) -> None:
        self.display = True
        self.screen.set_focus(self._area if self._question.lines else self.line)

    def leave(self) -> None:
        """Give the question up."""
        self.display = False
        self._left()

    def _show(self) -> None:
        self.query_one(Suggestions).show(self._matching, self._chosen)
        self._remark(self._question.remark(self.text), "")

    def _remark(self, text: str, style: str) -> None:
        self.query_one("#prompt-remark", Bar).show(Content.assemble((safe(text), style or "dim")))


def _more_keys(question: TextQuestion) -> list[tuple[str, str]]:
    if question.pick:
        return [("↓", "others"), ("↑", "as typed")]
    if question.lines:
        return [("ctrl+j", "new line")]
    if question.complete:
        return [("tab", "complete"), ("↓", "others"), *([("↑", "earlier ones")] if question.history else [])]
    return [("↓", "suggestions")] if question.suggestions else []
