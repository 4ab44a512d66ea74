"""A line in which text is typed, every key of which is acted on before the next is read: see ``tui.review.app``."""

from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar, Protocol, runtime_checkable

from rich.cells import cell_len
from rich.text import Text
from textual.binding import Binding, BindingType
from textual.widgets import Input

from tui.text.safe import measured, safe

if TYPE_CHECKING:
    from tui.widgets.prompt import TextPrompt

_INPUT_KEYS = [binding for binding in Input.BINDINGS if isinstance(binding, Binding)]


@runtime_checkable
class TypedInto(Protocol):
    """What takes typed characters from the app, at once."""

    def insert_typed(self, character: str) -> None:
        """Insert a character."""


class LineInput(Input):
    """A line of text whose every key is acted on before the next is read."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *(replace(binding, priority=True) for binding in _INPUT_KEYS if binding.key != "enter"),
        Binding("enter", "take", priority=True, show=False),
        Binding("escape", "leave", priority=True, show=False),
        Binding("tab", "complete", priority=True, show=False),
        Binding("down,ctrl+n", "suggestion(1)", priority=True, show=False),
        Binding("up,ctrl+p", "suggestion(-1)", priority=True, show=False),
    ]  # fmt: skip

    def __init__(self, prompt: "TextPrompt") -> None:
        super().__init__(compact=True, select_on_focus=False)
        self.cursor_blink = False  # calm, and nothing to draw while one thinks
        self._prompt = prompt
        self._inserting = False

    @property
    def _value(self) -> Text:
        # A frame may be drawn between a paste and what makes it harmless.
        return Text(measured(safe(self.value)), no_wrap=True, overflow="ignore", end="")

    def _position_to_cell(self, position: int) -> int:
        return cell_len(measured(safe(self.value[:position])))

    def insert_typed(self, character: str) -> None:
        """Insert what was typed, in place of what is selected."""
        self._inserting = True
        try:
            if self.selection.is_empty:
                self.insert_text_at_cursor(character)
            else:
                self.replace(character, *sorted(self.selection))
        finally:
            self._inserting = False
        self._follow()

    def watch_value(self) -> None:
        """Follow the text; called at once, not by a message, so that enter meets what was typed before it."""
        if not self._inserting:  # else the cursor is not yet where it will be
            self._follow()

    def _follow(self) -> None:
        harmless = safe(self.value)
        if harmless != self.value:  # pasted
            self.value = harmless
            return
        self._prompt.text_changed()

    def watch_selection(self) -> None:
        """Follow the cursor, which Textual moves after the text."""
        if not self._inserting:
            self._prompt.cursor_moved()

    def action_take(self) -> None:
        """Take the answer."""
        self._prompt.take()

    def action_leave(self) -> None:
        """Leave the question."""
        self._prompt.leave()

    def action_complete(self) -> None:
        """Put the suggestion into the line."""
        self._prompt.complete()

    def action_suggestion(self, step: int) -> None:
        """Go to another suggestion."""
        self._prompt.step(step)
