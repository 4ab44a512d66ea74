"""The keys, by pane, made from the bindings themselves."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from tui.keys import SECTIONS
from tui.looks import REASON_KEYS, STATE_MARKS, STATUS_MARKS, words

_KEY_WIDTH = 12


class HelpScreen(ModalScreen[None]):
    """Shows what each key does; j and k scroll, most other keys close."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,question_mark,enter,space", "close", "close", priority=True),
        Binding("j,down", "scroll(1)", "down", priority=True),
        Binding("k,up", "scroll(-1)", "up", priority=True),
        Binding("ctrl+d,pagedown", "scroll(10)", "page down", priority=True),
        Binding("ctrl+u,pageup", "scroll(-10)", "page up", priority=True),
    ]
    DEFAULT_CSS = """
    HelpScreen { align: center middle; }
    HelpScreen VerticalScroll {
        width: 76; max-width: 100%; height: auto; max-height: 100%;
        border: round $accent; padding: 0 2; background: $surface;
    }
    """

    def compose(self) -> ComposeResult:
        """One text, scrollable."""
        with VerticalScroll() as scroll:
            scroll.border_title = Content("Keys · esc closes, j k scroll")
            yield Static(_text())

    def action_close(self) -> None:
        """Go back; a second key typed ahead finds it closed already."""
        if self.is_current:
            self.dismiss()

    def action_scroll(self, lines: int) -> None:
        """Scroll by lines."""
        self.query_one(VerticalScroll).scroll_relative(y=lines, animate=False)


def _text() -> Content:
    parts: list[str | tuple[str, str]] = []
    for section in SECTIONS:
        parts += [(f"{section.title}\n", "bold")]
        for key, meaning in section.rows():
            parts += [(f"  {key:<{_KEY_WIDTH}}", "bold"), f"{meaning}\n"]
        parts.append("\n")
    parts += [("Marks of events and fields\n", "bold")]
    parts += [f"  {mark}  {words(status)}\n" for status, mark in STATUS_MARKS.items()]
    parts += [f"  {mark}  field {state}\n" for state, mark in STATE_MARKS.items() if state in ("added", "removed")]
    parts += ["\n", ("Reasons to reject\n", "bold")]
    parts += [f"  {key}  {words(reason)}\n" for key, reason in REASON_KEYS.items()]
    return Content.assemble(*parts)
