"""The help screen: what each key does, filtered by typing."""

from collections.abc import Iterable, Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from tui.config.keymap import KeyMap
from tui.text.safe import safe
from tui.text.wrapping import wrap
from tui.widgets.bar import Bar

HelpSection = tuple[str, Sequence[tuple[str, str]]]
"""A title, and keys or marks with what they mean."""

_KEY_WIDTH = 12
_WIDTH = 70  # of the text, until the screen is laid out


def key_section(title: str, bindings: Iterable[Binding], keymap: KeyMap) -> HelpSection:
    """Return a section about bindings."""
    return title, [(keymap.shown(binding), binding.description) for binding in bindings]


class HelpScreen(ModalScreen[None]):
    """Shows sections of keys. Typing filters them, arrows scroll, escape and enter close."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,enter", "close", "close", priority=True),
        Binding("backspace", "erase", "erase", priority=True),
        Binding("down", "scroll(1)", "down", priority=True),
        Binding("up", "scroll(-1)", "up", priority=True),
        Binding("ctrl+d,pagedown", "scroll(10)", "page down", priority=True),
        Binding("ctrl+u,pageup", "scroll(-10)", "page up", priority=True),
    ]
    DEFAULT_CSS = """
    HelpScreen { align: center middle; }
    HelpScreen > Vertical {
        width: 84; max-width: 100%; height: 100%;
        border: round $accent; padding: 0 2; background: $surface;
    }
    HelpScreen VerticalScroll { scrollbar-size-vertical: 1; }
    """

    def __init__(self, sections: Sequence[HelpSection]) -> None:
        super().__init__()
        self._sections = sections
        self._filter = ""

    def compose(self) -> ComposeResult:
        """The filter, and the text, scrollable."""
        with Vertical() as box:
            box.border_title = Content("Keys · type to filter · ↓ ↑ scroll · esc close")
            yield Bar("help-typed")
            with VerticalScroll():
                yield Static(id="help-keys")

    def on_resize(self) -> None:
        """Wrap the text to the new width."""
        self.call_after_refresh(self._show)

    def insert_typed(self, character: str) -> None:
        """Filter by another character."""
        self._filter += character
        self._show()

    def action_erase(self) -> None:
        """Delete the last character of the filter."""
        self._filter = self._filter[:-1]
        self._show()

    def action_close(self) -> None:
        """Close the screen, unless a key typed ahead did so already."""
        if self.is_current:
            self.dismiss()

    def action_scroll(self, lines: int) -> None:
        """Scroll by lines."""
        self.query_one(VerticalScroll).scroll_relative(y=lines, animate=False)

    def _show(self) -> None:
        typed = Content.assemble(("Filter: ", "dim"), (safe(self._filter), "bold")) if self._filter else Content("")
        self.query_one("#help-typed", Bar).show(typed)
        width = self.query_one(VerticalScroll).scrollable_content_region.width or _WIDTH
        self.query_one("#help-keys", Static).update(_text(self._sections, self._filter.strip().casefold(), width))


def _text(sections: Sequence[HelpSection], text: str, width: int) -> Content:
    parts: list[str | tuple[str, str]] = []
    for title, rows in sections:
        found = [row for row in rows if text in f"{title} {row[0]} {row[1]}".casefold()]
        if found:
            parts += [(f"{title}\n", "bold")]
            for key, meaning in found:
                first, *more = [meaning[start:end] for start, end in wrap(meaning, width - 2 - _KEY_WIDTH)]
                parts += [(f"  {key:<{_KEY_WIDTH}}", "bold"), f"{first}\n"]
                parts += [f"{' ' * (2 + _KEY_WIDTH)}{line}\n" for line in more]
            parts.append("\n")
    return Content.assemble(*parts) if parts else Content("No key matches; ⌫ deletes the last character.")
