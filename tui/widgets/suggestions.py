"""Suggested answers to a question, one a line."""

from collections.abc import Callable, Sequence

from textual import events
from textual.content import Content
from textual.widget import Widget

from tui.runtime.screen import SingleLayout
from tui.text.safe import safe
from tui.widgets.bar import fitted


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
