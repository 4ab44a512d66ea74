"""Several lines of text, in place of the one line of a question."""

from dataclasses import replace
from typing import ClassVar

from rich.text import Text
from textual import events
from textual.binding import Binding, BindingType
from textual.widgets import TextArea

from tui.text.safe import measured, safe
from tui.widgets.question import Typing

_KEYS = [binding for binding in TextArea.BINDINGS if isinstance(binding, Binding)]


class NoteArea(TextArea):
    """A text area that handles every key before the next one is read, as ``LineInput`` does."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *(replace(binding, priority=True) for binding in _KEYS),
        Binding("enter", "answer", priority=True, show=False),
        # Most terminals send shift+enter as enter; ctrl+j is a line feed in all of them.
        Binding("ctrl+j,shift+enter", "new_line", priority=True, show=False),
        Binding("escape", "cancel", priority=True, show=False),
        Binding("backspace", "delete_left", priority=True, show=False),
    ]
    DEFAULT_CSS = """
    NoteArea { height: auto; min-height: 2; max-height: 6; border: none; padding: 0; background: $panel; }
    NoteArea:focus { border: none; }
    """

    def __init__(self, prompt: Typing) -> None:
        super().__init__(soft_wrap=True, compact=True, highlight_cursor_line=False, tab_behavior="indent")
        self.cursor_blink = False
        self._prompt = prompt

    def get_line(self, line_index: int) -> Text:
        """Return a line in a form that is safe to draw."""
        return Text(measured(safe(self.document.get_line(line_index))), end="", no_wrap=True)

    def insert_typed(self, character: str) -> None:
        """Insert a typed character in place of the selection."""
        start = min(self.selection)
        before = self.document.get_line(start[0])[: start[1]]
        # Together with the text before it, which decides whether a combining mark is harmless.
        self.replace(safe(before + character)[len(before) :], *self.selection)

    def on_paste(self, event: events.Paste) -> None:
        """Insert pasted text made safe: TextArea would break lines at more characters than eventdesk does."""
        event.prevent_default()
        self.replace(safe(event.text, keep_newlines=True), *self.selection)

    def action_answer(self) -> None:
        """Submit the answer."""
        self._prompt.submit()

    def action_new_line(self) -> None:
        """Start a new line."""
        self.replace("\n", *self.selection)

    def action_cancel(self) -> None:
        """Cancel the question."""
        self._prompt.cancel()
