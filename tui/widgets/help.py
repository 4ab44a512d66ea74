"""The keys, by pane, made from the bindings themselves; typing narrows them."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from tui.config.bindings import SECTIONS
from tui.config.keymap import KeyMap
from tui.text.looks import REASON_KEYS, STATE_MARKS, STATUS_MARKS, words
from tui.text.safe import safe
from tui.text.wrapping import wrap
from tui.widgets.bar import Bar

_KEY_WIDTH = 12
_WIDTH = 70  # of the text, before it was laid out


class HelpScreen(ModalScreen[None]):
    """Shows what each key does; letters narrow the list, arrows scroll, escape and enter close."""

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

    def __init__(self, keymap: KeyMap) -> None:
        super().__init__()
        self._keymap = keymap
        self._typed = ""

    def compose(self) -> ComposeResult:
        """What was typed, and the text, scrollable."""
        with Vertical() as box:
            box.border_title = Content("Keys · type to narrow · esc closes, ↓ ↑ scroll")
            yield Bar("help-typed")
            with VerticalScroll():
                yield Static(id="help-keys")

    def on_resize(self) -> None:
        """Show the keys, in the new width."""
        self.call_after_refresh(self._show)

    def insert_typed(self, character: str) -> None:
        """Narrow by another character."""
        self._typed += character
        self._show()

    def action_erase(self) -> None:
        """Take the last character back."""
        self._typed = self._typed[:-1]
        self._show()

    def action_close(self) -> None:
        """Go back; a second key typed ahead finds it closed already."""
        if self.is_current:
            self.dismiss()

    def action_scroll(self, lines: int) -> None:
        """Scroll by lines."""
        self.query_one(VerticalScroll).scroll_relative(y=lines, animate=False)

    def _show(self) -> None:
        typed = Content.assemble(("Narrowed to: ", "dim"), (safe(self._typed), "bold")) if self._typed else Content("")
        self.query_one("#help-typed", Bar).show(typed)
        width = self.query_one(VerticalScroll).scrollable_content_region.width or _WIDTH
        self.query_one("#help-keys", Static).update(_text(self._keymap, self._typed.strip().casefold(), width))


def _text(keymap: KeyMap, wanted: str, width: int) -> Content:
    sections = [
        (section.title, [(keymap.shown(item), item.description) for item in section.bindings]) for section in SECTIONS
    ]
    marks = [(mark, words(status)) for status, mark in STATUS_MARKS.items()]
    marks += [(mark, f"field {state}") for state, mark in STATE_MARKS.items() if state in ("added", "removed")]
    sections += [
        ("Marks of events and fields", marks),
        ("Reasons to reject", [(key, words(reason)) for key, reason in REASON_KEYS.items()]),
    ]
    parts: list[str | tuple[str, str]] = []
    for title, rows in sections:
        found = [row for row in rows if wanted in f"{title} {row[0]} {row[1]}".casefold()]
        if found:
            parts += [(f"{title}\n", "bold")]
            for key, meaning in found:
                first, *more = [meaning[start:end] for start, end in wrap(meaning, width - 2 - _KEY_WIDTH)]
                parts += [(f"  {key:<{_KEY_WIDTH}}", "bold"), f"{first}\n"]
                parts += [f"{' ' * (2 + _KEY_WIDTH)}{line}\n" for line in more]
            parts.append("\n")
    return Content.assemble(*parts) if parts else Content("No key has that in its description; ⌫ takes it back.")
