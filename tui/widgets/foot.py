"""The lines at the foot of a screen: what is selected or asked, the status, and the keys."""

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widget import Widget

from tui.runtime.screen import SingleLayout
from tui.widgets.bar import Bar
from tui.widgets.key_prompt import KeyPrompt
from tui.widgets.prompt import TextPrompt


class Foot(SingleLayout, Vertical):
    """Bars for the selection, the status and the keys, and the prompts, one of which replaces the first and last."""

    def __init__(self, *, above: Sequence[Widget] = (), prompts: Sequence[Widget] = ()) -> None:
        """``above``: widgets before the first bar. ``prompts``: further prompts, hidden until they ask."""
        super().__init__(id="foot")
        self.detail = Bar("detail")
        self.status = Bar("status")
        self.hints = Bar("hints")
        self.key_prompt = KeyPrompt("key-prompt")
        self.text_prompt = TextPrompt("text-prompt")
        self.prompts: tuple[Widget, ...] = (self.key_prompt, *prompts, self.text_prompt)
        self._above = above

    def compose(self) -> ComposeResult:
        """The bars, with the prompts between them."""
        yield from self._above
        yield self.detail
        yield from self.prompts
        yield self.status
        yield self.hints

    @property
    def asking(self) -> bool:
        """True while a prompt is open."""
        return any(prompt.display for prompt in self.prompts)

    def show_bars(self, shown: bool) -> None:
        """Show the bars that a prompt replaces, or hide them."""
        self.detail.display = shown
        self.hints.display = shown
