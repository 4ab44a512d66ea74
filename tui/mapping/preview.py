"""What a row becomes: the event with its document, and why the row is invalid or what is noted."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from rich.cells import cell_len, set_cell_size
from textual.strip import Strip

from db.describe import value_words
from db.kinds import is_date
from db.native import NewField
from tui.mapping.describe import shorten_middle, shown
from tui.mapping.rows import Outcome
from tui.text.wrapping import clip, wrap
from tui.widgets.pane import Pane, strip

_MAX_READ = 2_000  # characters of a text or a value
_TEXT_LINES, _VALUE_LINES, _NOTE_LINES = 4, 3, 4
_LABEL = (6, 20)  # cells, at least and at most


@dataclass(frozen=True, slots=True)
class _Line:
    label: str
    text: str
    more: str = ""  # the kind of value
    look: str = ""  # component style of the whole line


@dataclass(frozen=True, slots=True)
class _Item:
    """A label with a text of up to ``lines`` lines."""

    label: str
    text: str
    more: str = ""
    look: str = ""
    lines: int = _VALUE_LINES


class PreviewPane(Pane, can_focus=False, inherit_bindings=False):
    """An outcome, scrolled by keys of the columns pane."""

    TITLE = "Event"
    COMPONENT_CLASSES: ClassVar[set[str]] = {"preview--dim", "preview--label", "preview--refused", "preview--noted"}
    DEFAULT_CSS = """
    PreviewPane {
        & > .preview--dim { text-style: dim; }
        & > .preview--label { color: $primary; }
        & > .preview--refused { text-style: bold; color: $error; }
        & > .preview--noted { color: $warning; }
    }
    """

    def __init__(self, id: str) -> None:
        super().__init__(id=id)
        self._outcome: Outcome | None = None
        self._place = ""
        self._lines: list[_Line] = []
        self._label_width = 0

    def show(self, outcome: Outcome | None, place: str) -> None:
        """Show what becomes of the row at a place; None if the table has no rows."""
        title = f"{place} {outcome.place}" if outcome else ""
        if title != self._place:
            self.jump(0)
        self._place = title
        if outcome != self._outcome or not self._lines:
            self._outcome = outcome
            self._lay_out()
        self.set_title(f"{title}  ✗ invalid" if outcome and outcome.refusal else title)

    def line_count(self) -> int:
        """Return the number of lines."""
        return len(self._lines)

    def line_key(self, number: int, width: int) -> object:
        """Return the line, and the widths."""
        return self._lines[number], width, self._label_width

    def draw_line(self, number: int, width: int) -> Strip:
        """Draw a line: a label, a text, and what kind of value it is."""
        line = self._lines[number]
        plain, dim = self.style(), self.style("preview--dim")
        text = self.style(line.look) if line.look else plain
        if line.look:
            return strip([(f" {line.label}{line.text}", text)], width, plain)
        label = set_cell_size(shorten_middle(line.label, self._label_width), self._label_width + 1)
        return strip([(f" {label}", self.style("preview--label")), (line.text, plain), (line.more, dim)], width, plain)

    def width_changed(self) -> None:
        """Lay out for the new width."""
        self._lay_out()

    def _lay_out(self) -> None:
        width = self.width_to_lay_out_in()
        self._lines = []
        if width <= 0:
            return
        items = list(_items(self._outcome))
        longest = max((cell_len(item.label) for item in items if not item.look), default=0)
        self._label_width = max(_LABEL[0], min(longest, _LABEL[1], width // 3))
        for item in items:
            self._lines += _laid_out(item, width, self._label_width)
        self.lines_changed()


def _laid_out(item: _Item, width: int, labels: int) -> Iterator[_Line]:
    """Yield the lines of an item; if they are too many, the last ends in …"""
    indent = cell_len(item.label) if item.look else labels + 1
    room = max(1, width - 1 - indent)
    cut = len(item.text) > _MAX_READ
    text = shown(item.text[:_MAX_READ].strip())
    lines = wrap(text, room) or [(0, 0)]
    for number, (start, end) in enumerate(lines[: item.lines]):
        last = number == min(len(lines), item.lines) - 1
        shown_text = text[start:end]
        if last and (len(lines) > item.lines or cut):
            shown_text = clip(shown_text, room - 1) + ("" if cell_len(shown_text) > room - 1 else "…")
        label = item.label if number == 0 else " " * cell_len(item.label) if item.look else ""
        more = f"  {item.more}" if last and item.more else ""
        yield _Line(label, shown_text, more, item.look)


def _items(outcome: Outcome | None) -> Iterator[_Item]:
    if outcome is None:
        yield _Item("", "The table has no rows.", look="preview--dim")
        return
    if outcome.refusal:
        yield _Item("✗ ", f"invalid: {outcome.refusal}", look="preview--refused", lines=_TEXT_LINES)
    for note in outcome.notes:
        yield _Item("! ", note, look="preview--noted", lines=_NOTE_LINES)
    document = outcome.document
    if document is None:
        return
    (event,) = document.events
    yield _Item("type", event.type)
    if not event.id_is_derived:
        yield _Item("id", event.external_id)
    if event.confidence is not None:
        yield _Item("confidence", f"{event.confidence:g}")
    if event.extractor:
        yield _Item("extractor", event.extractor)
    if event.review is not None:
        yield _Item("decided", " by ".join(part for part in (event.review.status, event.review.reviewer) if part))
    if document.title is not None:
        yield _Item("title", document.title)
    if document.text is not None:
        yield _Item("text", document.text, lines=_TEXT_LINES)
    groups = dict.fromkeys((None, *(item.group for item in event.fields)))
    for group in groups:
        fields = [item for item in event.fields if item.group == group]
        if fields:
            yield _Item("", f"── {shown(group or 'fields').replace(':', ' ')}", look="preview--dim", lines=1)
        for item in fields:
            yield _value(item)
    yield _Item("", "── document", look="preview--dim")
    yield _Item("id", document.external_id)
    for label in ("publisher", "published", "url", "language"):
        if value := getattr(document, label):
            yield _Item(label, value)


def _value(item: NewField) -> _Item:
    value = item.value
    text = value[:_MAX_READ] if isinstance(value, str) else value_words(value, item.modifier)
    if isinstance(value, bool | int | float):
        more = "true/false" if isinstance(value, bool) else "number"
    elif isinstance(value, str):
        more = "date" if is_date(value) else ""
    else:
        more = "JSON"
    if item.spans:
        more = f"{more}, found in the text".removeprefix(", ")
    elif item.extra.get("grounding") == "none":
        more = f"{more}, not found in the text".removeprefix(", ")
    return _Item(shown(item.name), text, more)
