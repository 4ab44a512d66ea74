"""The keys of the mapping screen, made from the bindings themselves; typing narrows them."""

from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from tui.config.keymap import KeyMap
from tui.mapping import keys
from tui.text.safe import safe
from tui.text.wrapping import wrap
from tui.widgets.bar import Bar
from tui.widgets.help import HelpScreen

_KEY_WIDTH = 10
_WIDTH = 70  # of the text, before it was laid out
_MARKS = (
    "Marks before columns",
    [
        ("d t i …", "the key that makes a column what it is"),
        (keys.FIELD_MARK, "a field of the event"),
        (keys.IGNORED_MARK, "ignored"),
        (keys.MODIFIER_MARK, "the modifier of a field's number, as about or at least"),
        ("( )", "a cell of another row, since the one that is looked at has none"),
    ],
)


class MappingHelp(HelpScreen):
    """Shows what each key does; letters narrow the list, arrows scroll, escape and enter close."""

    def __init__(self) -> None:
        super().__init__(KeyMap())

    def _show(self) -> None:
        typed = Content.assemble(("Narrowed to: ", "dim"), (safe(self._typed), "bold")) if self._typed else Content("")
        self.query_one("#help-typed", Bar).show(typed)
        width = self.query_one(VerticalScroll).scrollable_content_region.width or _WIDTH
        self.query_one("#help-keys", Static).update(_text(self._typed.strip().casefold(), width))


def _text(wanted: str, width: int) -> Content:
    sections = [
        (title, [(item.key_display or item.key, item.description) for item in bindings])
        for title, bindings in keys.SECTIONS
    ]
    parts: list[str | tuple[str, str]] = []
    for title, rows in (*sections, _MARKS):
        found = [row for row in rows if wanted in f"{title} {row[0]} {row[1]}".casefold()]
        if found:
            parts.append((f"{title}\n", "bold"))
        for key, meaning in found:
            lines = [meaning[start:end] for start, end in wrap(meaning, width - 2 - _KEY_WIDTH)]
            parts += [(f"  {key:<{_KEY_WIDTH}}", "bold"), f"\n{' ' * (2 + _KEY_WIDTH)}".join(lines), "\n"]
        if found:
            parts.append("\n")
    return Content.assemble(*parts) if parts else Content("No key has that in its description; ⌫ takes it back.")
