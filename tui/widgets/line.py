"""A line of text that handles every key before the next one is read (see ``tui.runtime.app``)."""

from dataclasses import replace
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.geometry import Offset
from textual.widgets import Input

from tui.runtime.text_input import SafeInput
from tui.text.safe import safe
from tui.widgets.question import Typing

_INPUT_KEYS = [binding for binding in Input.BINDINGS if isinstance(binding, Binding)]


class LineInput(SafeInput):
    """An input line that tells its prompt of every key at once."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *(replace(binding, priority=True) for binding in _INPUT_KEYS if binding.key != "enter"),
        Binding("enter", "answer", priority=True, show=False),
        Binding("escape", "cancel", priority=True, show=False),
        Binding("tab", "complete", priority=True, show=False),
        Binding("down,ctrl+n", "suggestion(1)", priority=True, show=False),
        Binding("up,ctrl+p", "suggestion(-1)", priority=True, show=False),
    ]  # fmt: skip

    def __init__(self, prompt: Typing) -> None:
        super().__init__(compact=True, select_on_focus=False)
        self.cursor_blink = False  # calm, and nothing to redraw while idle
        self._prompt = prompt
        self._inserting = False

    def insert_typed(self, character: str) -> None:
        """Insert a typed character in place of the selection."""
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
        """Tell the prompt of another text, at once, so that enter submits all that was typed before it."""
        if not self._inserting:  # then the cursor has not moved yet
            self._follow()

    @property
    def cursor_screen_offset(self) -> Offset:
        """Where the chosen suggestion is on the screen after ↓ or ↑, and otherwise the place in the text."""
        return self._prompt.chosen_at() or super().cursor_screen_offset

    def _follow(self) -> None:
        harmless = safe(self.value)
        if harmless != self.value:  # it was pasted
            self.value = harmless
            return
        self._prompt.text_changed()

    def watch_selection(self) -> None:
        """Tell the prompt of another cursor position, which Textual sets after the text."""
        if not self._inserting:
            self._prompt.cursor_moved()

    def action_answer(self) -> None:
        """Submit the answer."""
        self._prompt.submit()

    def action_cancel(self) -> None:
        """Cancel the question."""
        self._prompt.cancel()

    def action_complete(self) -> None:
        """Insert the suggestion."""
        self._prompt.complete()

    def action_suggestion(self, step: int) -> None:
        """Go to another suggestion."""
        self._prompt.step(step)
