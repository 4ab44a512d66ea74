"""What rows become: events beside their texts, with the evidence marked, and why a row is invalid or what is noted."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

from rich.cells import cell_len, set_cell_size
from textual.binding import BindingType
from textual.strip import Strip

from db.describe import value_words
from db.kinds import is_date
from db.native import NewDocument, NewField
from tui.mapping import keys
from tui.mapping.describe import shorten_middle, shown
from tui.mapping.rows import Outcome
from tui.text.excerpt import Piece, excerpt
from tui.text.safe import measured
from tui.text.wrapping import clip, wrap
from tui.widgets.pane import Pane, strip

_MAX_READ = 2_000  # characters of a value
_TEXT_LINES, _VALUE_LINES, _NOTE_LINES = 4, 3, 4
_LABEL = (6, 20)  # cells, at least and at most
_BESIDE = 60  # cells from which the text is beside the fields
_LEAST_ROWS = 4  # of one of several events
_MOST_LINES = 400  # of a text

_Line = tuple[Piece, ...]
"""Texts with the component style of each."""


@dataclass(frozen=True, slots=True)
class _Item:
    """A label with a text of up to ``lines`` lines. ``more``: the kind of value. ``look``: of the whole line."""

    label: str
    text: str
    more: str = ""
    look: str = ""
    lines: int = _VALUE_LINES


@dataclass(frozen=True, slots=True)
class Shown:
    """An event of the preview: its heading and what becomes of its row. ``current``: its cells are shown."""

    heading: str
    outcome: Outcome
    current: bool = False


class PreviewPane(Pane, inherit_bindings=False):
    """One event in full, or several that share the height of the pane."""

    BINDINGS: ClassVar[list[BindingType]] = [*keys.ALL]
    TITLE = "Event"
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "preview--dim", "preview--label", "preview--refused", "preview--noted", "preview--title", "preview--evidence",
    }  # fmt: skip
    DEFAULT_CSS = """
    PreviewPane {
        & > .preview--dim { text-style: dim; }
        & > .preview--label { color: $primary; }
        & > .preview--refused { text-style: bold; color: $error; }
        & > .preview--noted { color: $warning; }
        & > .preview--title { text-style: bold; }
        & > .preview--evidence { text-style: underline; color: $accent; }
    }
    """

    def __init__(self, id: str) -> None:
        super().__init__(id=id)
        self._shown: tuple[Shown, ...] = ()
        self._nothing = ""
        self._place = ""
        self._lines: list[_Line] = []
        self._height = 0

    def show(self, events: Sequence[Shown], place: str, nothing: str = "The table has no rows.") -> None:
        """Show events, and in the border which ones they are; ``nothing`` is shown if there are none."""
        if place != self._place:
            self.jump(0)
        self._place = place
        if (tuple(events), nothing) != (self._shown, self._nothing) or not self._lines:
            self._shown, self._nothing = tuple(events), nothing
            self._lay_out()
        alone = events[0].outcome if len(events) == 1 else None
        self.set_title(f"{place}  ✗ invalid" if alone and alone.refusal else place)

    def line_count(self) -> int:
        """Return the number of lines."""
        return len(self._lines)

    def line_key(self, number: int, width: int) -> object:
        """Return the line and the width."""
        return self._lines[number], width

    def draw_line(self, number: int, width: int) -> Strip:
        """Draw a line in the style of each of its pieces."""
        plain = self.style()
        pieces = [(text, self.style(look) if look else plain) for text, look in self._lines[number]]
        return strip(pieces, width, plain)

    def width_changed(self) -> None:
        """Lay out for the new width."""
        self._lay_out()

    def on_resize(self) -> None:
        """Lay out also for another height, which several events share."""
        super().on_resize()
        if self.scrollable_content_region.height != self._height:
            self._lay_out()

    def _lay_out(self) -> None:
        width, self._height = self.width_to_lay_out_in(), self.scrollable_content_region.height
        self._lines = []
        if width <= 0:
            return
        several = len(self._shown) > 1
        rows = max(_LEAST_ROWS, self._height // len(self._shown) - 1) if several else None
        for event in self._shown:
            if several:
                self._lines.append(_heading(event, width))
            self._lines += _block(event.outcome, width, rows)
        if not self._shown:
            self._lines.append(((f" {self._nothing}", "preview--dim"),))
        self.lines_changed()


def _heading(event: Shown, width: int) -> _Line:
    remark = "  ✗ invalid" if event.outcome.refusal else "  ! with notes" if event.outcome.notes else ""
    words = clip(f"{shown(event.heading)}{remark}", max(1, width - 4))
    look = "preview--title" if event.current else "preview--dim"
    rule = "─" * max(0, width - 4 - cell_len(words))
    return ("▸─ " if event.current else "── ", look), (words, look), (f" {rule}", "preview--dim")


def _block(outcome: Outcome, width: int, rows: int | None) -> list[_Line]:
    """Return the lines of an event, at most ``rows`` of them."""
    document, beside = outcome.document, width >= _BESIDE
    problems = [item for item in _problems(outcome) if rows is None or item.look == "preview--refused"]
    lines = _lines_of(problems, width)
    if document is None:
        return lines[:rows]
    left = width * 11 // 20 - 3
    fields = _lines_of(
        _items(document, texts=not beside), width - left - 3 if beside else width, short=rows is not None
    )
    if rows is not None:
        lines = lines[: max(1, rows // 3)]
        rows -= len(lines)
        if not beside:
            text = list(excerpt(document, width - 2, max(1, rows // 3)))
            lines += [((" ", ""), *line) for line in text]
            fields = _lines_of(_items(document, texts=False), width, short=True)
            rows = max(1, rows - len(text))
        if len(fields) > rows:
            fields = [*fields[: rows - 1], ((f" … {len(fields) - rows + 1} more", "preview--dim"),)]
    if not beside:
        return lines + fields
    text = list(excerpt(document, left, rows or _MOST_LINES))
    for number in range(max(len(text), len(fields))):
        here = text[number] if number < len(text) else ()
        cells = sum(cell_len(measured(piece)) for piece, _ in here)
        rest = fields[number] if number < len(fields) else ()
        lines.append(((" ", ""), *here, (" " * max(0, left - cells), ""), (" │", "preview--dim"), *rest))
    return lines


def _lines_of(items: Sequence[_Item], width: int, *, short: bool = False) -> list[_Line]:
    """Return the lines of items; ``short``: a line for each value."""
    if short:
        items = [item if item.look else replace(item, lines=1) for item in items]
    longest = max((cell_len(item.label) for item in items if not item.look), default=0)
    labels = max(_LABEL[0], min(longest, _LABEL[1], width // 3))
    return [line for item in items for line in _laid_out(item, width, labels)]


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
            shown_text = clip(shown_text, room - 1)
            shown_text += "" if shown_text.endswith("…") else "…"
        label = item.label if number == 0 else " " * cell_len(item.label) if item.look else ""
        more = f"  {item.more}" if last and item.more else ""
        if item.look:
            yield ((f" {label}{shown_text}", item.look),)
        else:
            label = set_cell_size(shorten_middle(label, labels), labels + 1)
            yield (
                (f" {label}", "preview--label"),
                (shown_text, ""),
                (clip(more, max(0, room - cell_len(shown_text))), "preview--dim"),
            )


def _problems(outcome: Outcome) -> list[_Item]:
    """Return why a row is invalid, and what is noted."""
    items = [_Item("! ", note, look="preview--noted", lines=_NOTE_LINES) for note in outcome.notes]
    if outcome.refusal:
        items.insert(0, _Item("✗ ", f"invalid: {outcome.refusal}", look="preview--refused", lines=_TEXT_LINES))
    return items


def _items(document: NewDocument, *, texts: bool) -> list[_Item]:
    """Return what an event says, and its document; its title and text only with ``texts``."""
    if not document.events:
        return [_Item("", "a text without events", look="preview--dim")]
    (event,) = document.events
    identity = None if event.id_is_derived else event.external_id
    confidence = None if event.confidence is None else f"{event.confidence:g}"
    described = (("id", identity), ("confidence", confidence), ("extractor", event.extractor))
    if texts:
        items = [_Item("type", event.type), *(_Item(label, text) for label, text in described if text)]
    else:
        items = [_Item("type", event.type, " · ".join(shown(text) for _, text in described if text))]
    if event.review is not None:
        decided = " by ".join(part for part in (event.review.status, event.review.reviewer) if part)
        items.append(_Item("decided", decided))
    if texts and document.title is not None:
        items.append(_Item("title", document.title))
    if texts and document.text is not None:
        items.append(_Item("text", document.text, lines=_TEXT_LINES))
    groups = dict.fromkeys((None, *(item.group for item in event.fields)))
    for group in groups:
        fields = [item for item in event.fields if item.group == group]
        if fields and (texts or group):
            items.append(_Item("", f"── {shown(group or 'fields').replace(':', ' ')}", look="preview--dim", lines=1))
        items += [_value(item, brief=not texts) for item in fields]
    if texts:
        items.append(_Item("", "── document", look="preview--dim"))
        items.append(_Item("id", document.external_id))
    for label in ("publisher", "published", "url", "language"):
        if value := getattr(document, label):
            items.append(_Item(label, value))
    return items


def _value(item: NewField, *, brief: bool) -> _Item:
    """Return a field; ``brief``: without the kind of its value."""
    value = item.value
    text = value[:_MAX_READ] if isinstance(value, str) else value_words(value, item.modifier)
    if isinstance(value, bool | int | float):
        more = "true/false" if isinstance(value, bool) else "number"
    elif isinstance(value, str):
        more = "date" if is_date(value) else ""
    else:
        more = "JSON"
    more = "" if brief else more
    if item.spans:
        more = f"{more}, found in the text".removeprefix(", ")
    elif item.extra.get("grounding") == "none":
        more = f"{more}, not found in the text".removeprefix(", ")
    return _Item(shown(item.name), text, more)
