"""The lines at the foot of a screen: what is selected or asked, the status, and the keys."""

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.widget import Widget

from tui.config.keymap import KeyMap
from tui.runtime.screen import SingleLayout
from tui.widgets.bar import Bar, clickable
from tui.widgets.key_prompt import KeyPrompt
from tui.widgets.prompt import TextPrompt

_FEW_ROWS = 3  # in which a question gets the row of the status
_ROWS_WITH_INTRODUCTION = 16


class Foot(SingleLayout, Vertical):
    """Bars for the selection, the status and the keys, and the prompts, one of which replaces the first and last."""

    def __init__(self, *, introduction: Widget | None = None, prompts: Sequence[Widget] = ()) -> None:
        """``introduction``: lines above the bars, until they are closed. ``prompts``: more prompts."""
        super().__init__(id="foot")
        self.detail = Bar("detail")
        self.status = Bar("status")
        self.hints = Bar("hints")
        self.key_prompt = KeyPrompt("key-prompt")
        self.text_prompt = TextPrompt("text-prompt")
        self.prompts: tuple[Widget, ...] = (self.key_prompt, *prompts, self.text_prompt)
        self._introduction = introduction

    def compose(self) -> ComposeResult:
        """The bars, with the prompts between them."""
        if self._introduction is not None:
            yield self._introduction
        yield self.detail
        yield from self.prompts
        yield self.status
        yield self.hints

    @property
    def asking(self) -> bool:
        """True while a prompt is open."""
        return any(prompt.display for prompt in self.prompts)

    def close_introduction(self) -> None:
        """Hide the introduction for good."""
        if self._introduction is not None:
            self._introduction.display = False

    def show_bars(self, shown: bool) -> None:
        """Show the bars that a prompt replaces, or hide them."""
        self.detail.display = shown
        self.hints.display = shown
        self.status.display = shown or self.screen.size.height > _FEW_ROWS

    def fit(self, height: int) -> None:
        """Leave the rows of a small terminal to the panes and the questions."""
        if height < _ROWS_WITH_INTRODUCTION:
            self.close_introduction()


def key_hint(keymap: KeyMap, binding: Binding, word: str, action: str) -> Content:
    """Return the first key of a binding and a word for it; a click runs the action."""
    return clickable(Content.assemble((keymap.shown(binding).split()[0], "bold"), f" {word}"), action)


def key_hints(hints: list[Content], width: int, *, keep: int) -> Content:
    """Return as many hints as fit into a width; the last ``keep`` are kept always."""
    hints = list(hints)
    while len(hints) > keep and sum(hint.cell_length + 2 for hint in hints) - 1 > width:
        del hints[-keep - 1]
    return Content.assemble(" ", Content("  ").join(hints))
