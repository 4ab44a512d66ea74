"""Several lines of text, in the place of the one line of a question."""

from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual.binding import Binding, BindingType
from textual.widgets import TextArea

from tui.text.safe import measured, safe

if TYPE_CHECKING:
    from tui.widgets.prompt import TextPrompt

_KEYS = [binding for binding in TextArea.BINDINGS if isinstance(binding, Binding)]


class NoteArea(TextArea):
    """Lines whose every key is acted on before the next is read, as ``LineInput`` is one."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *(replace(binding, priority=True) for binding in _KEYS),
        Binding("enter", "take", priority=True, show=False),
        # Terminals send shift+enter as enter unless they speak a newer protocol; ctrl+j is a line feed in all.
        Binding("ctrl+j,shift+enter", "new_line", priority=True, show=False),
        Binding("escape", "leave", priority=True, show=False),
        Binding("backspace", "delete_left", priority=True, show=False),
    ]
    DEFAULT_CSS = """
    NoteArea { height: auto; min-height: 2; max-height: 6; border: none; padding: 0; background: $panel; }
    NoteArea:focus { border: none; }
    """

    def __init__(self, prompt: "TextPrompt") -> None:
        super().__init__(soft_wrap=True, compact=True, highlight_cursor_line=False, tab_behavior="indent")
        self.cursor_blink = False
        self._prompt = prompt

    def get_line(self, line_index: int) -> Text:
        """A line as it is drawn."""
        return Text(measured(safe(self.document.get_line(line_index))), end="", no_wrap=True)

    def insert_typed(self, character: str) -> None:
        """Insert what was typed, in place of what is selected."""
        start = min(self.selection)
        before = self.document.get_line(start[0])[: start[1]]
        # With what stands before: of a mark, that tells whether it is harmless.
        self.replace(safe(before + character)[len(before) :], *self.selection)

    async def _on_paste(self, event: object) -> None:
        """Take pasted text made harmless: TextArea breaks lines at characters that are no line ends here."""
        self.replace(safe(getattr(event, "text", ""), keep_newlines=True), *self.selection)

    def action_take(self) -> None:
        """Take the answer."""
        self._prompt.take()

    def action_new_line(self) -> None:
        """Begin another line."""
        self.replace("\n", *self.selection)

    def action_leave(self) -> None:
        """Leave the question."""
        self._prompt.leave()
