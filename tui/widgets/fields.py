"""The fields of an event: name, value, confidence and state; under a corrected value, the extracted one."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

from rich.cells import cell_len, set_cell_size
from textual import events
from textual.binding import BindingType
from textual.geometry import Offset
from textual.message import Message
from textual.strip import Strip

from db.describe import value_words
from db.event_types import EventType
from db.kinds import fits
from db.model import Event, Field, same_value
from tui.config import bindings as keys
from tui.text.marks import KIND_WORDS, STATE_MARKS, STATUS_MARKS, percent, words
from tui.text.safe import measured, safe
from tui.text.wrapping import clip, wrap
from tui.widgets.pane import Pane, strip

_VALUE_LINES = 4  # of one value; a longer one ends in …
_LONGEST = 20_000  # characters of a value or a note; each of them is measured


@dataclass(frozen=True, slots=True)
class _Line:
    """A line of the pane. ``field``: the number of its field, -1 for none. ``first``: the first line of the field."""

    field: int
    first: bool
    left: str
    text: str
    right: str
    style: str


def _text(text: str) -> str:
    """Return the beginning of a text, more than a field shows, as it is drawn and measured."""
    return measured(safe(text[:_LONGEST]))


def _name_in_group(field: Field) -> str:
    """Return the name without its group: ``name`` for human_target.name in human_target:1."""
    prefix = f"{(field.group or '').partition(':')[0]}."
    return _text(field.name.removeprefix(prefix)) if field.group else _text(field.name)


def _short(name: str, width: int) -> str:
    """Shorten a name at its beginning if it has parts, as in perpetrator.individual: the end says more."""
    if cell_len(name) > width and "." in name:
        end = name[::-1]
        return f"…{clip(end, width)[:-1][::-1]}"
    return clip(name, width)


class FieldsView(Pane):
    """The live fields of an event, by group, with a cursor; removed fields below."""

    BINDINGS: ClassVar[list[BindingType]] = [*keys.FIELDS]
    TITLE = "Fields"
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "fields--dim", "fields--cursor", "fields--cursor-away", "fields--misfit", "fields--label",
        "fields--extracted", "fields--confirmed", "fields--corrected", "fields--added", "fields--removed",
    }  # fmt: skip
    DEFAULT_CSS = """
    FieldsView {
        & > .fields--dim { text-style: dim; }
        & > .fields--cursor { text-style: reverse; }
        & > .fields--cursor-away { text-style: bold; background: $panel; }
        & > .fields--misfit { color: $warning; }
        & > .fields--label { text-style: bold reverse; color: $warning; }
        & > .fields--extracted { color: $foreground; }
        & > .fields--confirmed { color: $success; }
        & > .fields--corrected { color: $accent; }
        & > .fields--added { color: $accent; }
        & > .fields--removed { text-style: dim; }
    }
    """

    @dataclass
    class Picked(Message):
        """The field at a place was clicked."""

        place: int

    def __init__(self, id: str) -> None:
        super().__init__(id=id)
        self._event: Event | None = None
        self._type = EventType("")
        self._fields: tuple[Field, ...] = ()
        self._lines: list[_Line] = []
        self._source = ""
        self._weak_evidence: Callable[[Event, Field], str | None] = lambda *_: None
        self._labels: dict[int, str] = {}
        self.cursor = 0

    @property
    def selected(self) -> Field | None:
        """The field under the cursor."""
        return self._fields[self.cursor] if self.cursor < len(self._fields) else None

    @property
    def count(self) -> int:
        """The number of fields that the cursor can be on."""
        return len(self._fields)

    def show_event(
        self,
        event: Event | None,
        event_type: EventType,
        source: str,
        weak_evidence: Callable[[Event, Field], str | None],
    ) -> None:
        """Show an event. The cursor stays on its field, or at its place if the field is gone.

        source: the text that spans refer to; a date is shown with its words in the text. weak_evidence: describes
        that of a field.
        """
        self._source, self._weak_evidence = source, weak_evidence
        kept = self.selected
        same_event = event is not None and self._event is not None and event.id == self._event.id
        self._event, self._type = event, event_type
        self._fields = event.live_fields if event else ()
        ids = [field.id for field in self._fields]
        if not same_event:
            self.cursor = 0
        elif kept is not None and kept.id in ids:
            self.cursor = ids.index(kept.id)
        self.cursor = max(0, min(self.cursor, len(ids) - 1))
        self.set_title(f" {words(event.type)}  {STATUS_MARKS[event.status]} {event.status}" if event else "")
        self._lay_out()

    def show_labels(self, labels: dict[int, str]) -> None:
        """Draw hint letters before fields, by field id."""
        self._labels = labels
        self.refresh()

    def move_to(self, place: int) -> None:
        """Move the cursor to the field at a place."""
        self.cursor = max(0, min(place, len(self._fields) - 1))
        self.show_cursor()
        self.refresh()

    def place_of(self, field_id: int) -> int | None:
        """Return the place of a field."""
        return next((n for n, field in enumerate(self._fields) if field.id == field_id), None)

    def line_count(self) -> int:
        """Return the number of lines of all fields."""
        return len(self._lines)

    def line_key(self, number: int, width: int) -> object:
        """Return the line, how the cursor is on it, its hint letters and the width."""
        line = self._lines[number]
        return line, self._cursor_on(line), self._label_of(line), width

    def _cursor_on(self, line: _Line) -> int:
        return 0 if line.field != self.cursor or line.field < 0 else 2 if self.has_focus else 1

    def _label_of(self, line: _Line) -> str:
        return self._labels.get(self._fields[line.field].id, "") if line.first and line.field >= 0 else ""

    def draw_line(self, number: int, width: int) -> Strip:
        """Draw a line of a field, or the heading of a group."""
        line = self._lines[number]
        cursor, label = self._cursor_on(line), self._label_of(line)
        over = ((), ("fields--cursor-away",), ("fields--cursor",))[cursor]
        plain = self.style(*over)
        # Under the cursor only the mark keeps its colour: a whole line in reverse would be glaring.
        text = plain if cursor else self.style(line.style)
        room = max(0, width - len(line.right) - (1 if line.right else 0))
        # The mark of the state keeps its colour, and its place next to hint letters.
        left = plain if cursor and not line.left.strip() else self.style(line.style, *over)
        if label:
            mark = [(label, self.style("fields--label")), (line.left[len(label) - 1 :], left)]
        else:
            mark = [("▸" if cursor and line.first else " ", plain), (line.left, left)]
        segments = [
            *mark,
            (set_cell_size(line.text, max(0, room - 1 - len(line.left))), text),
            (f" {line.right}" if line.right else "", plain if cursor else self.style("fields--dim")),
        ]
        return strip(segments, width, plain)

    def _lay_out(self) -> None:
        width = self.width_to_lay_out_in()
        self._lines = []
        if width <= 0:
            return
        group: str | None = None
        longest = max((cell_len(_name_in_group(field)) for field in self._fields), default=0)
        names = min(longest, max(8, width * 2 // 5))
        for number, field in enumerate(self._fields):
            if field.group != group:
                group = field.group
                title = _text((group or "").replace(":", " "))
                self._lines.append(_Line(-1, False, "", f"── {title} {'─' * width}", "", "fields--dim"))
            self._lines += self._field_lines(number, field, names, width)
        removed = [field for field in self._event.fields if field.state == "removed"] if self._event else []
        removed = [field for field in removed if field.in_extraction]
        if removed:
            self._lines.append(_Line(-1, False, "", f"── removed {'─' * width}", "", "fields--dim"))
            for field in removed:
                name = set_cell_size(_short(_text(field.name), names), names + 1)
                text = f"{name}{_text(value_words(field.value, field.modifier))}"
                self._lines.append(_Line(-1, False, "✗ ", clip(text, width - 3), "", "fields--removed"))
        self.lines_changed()
        self.show_cursor()

    def _field_lines(self, number: int, field: Field, names: int, width: int) -> list[_Line]:
        style = f"fields--{field.state}"
        left = f"{STATE_MARKS[field.state]} "
        name = set_cell_size(_short(_name_in_group(field), names), names + 1)
        room = max(4, width - 3 - cell_len(name) - 4)
        value = _text(value_words(field.value, field.modifier))
        pieces = [value[start:end] for start, end in wrap(value, room)] or [""]
        if len(pieces) > _VALUE_LINES:
            pieces = [*pieces[: _VALUE_LINES - 1], clip(pieces[_VALUE_LINES - 1] + "…", room)]
        indent = " " * cell_len(name)
        lines = [_Line(number, True, left, name + pieces[0], percent(field.confidence), style)]
        lines += [_Line(number, False, "  ", indent + piece, "", style) for piece in pieces[1:]]
        for remark, remark_style in self._remarks(field):
            lines.append(_Line(number, False, "  ", indent + clip(remark, room + 4), "", remark_style))
        for line in field.note[:_LONGEST].split("\n") if field.note else ():
            note = _text(line)
            for place, (start, end) in enumerate(wrap(note, room + 2)):
                text = f"{indent}{' ' if place else '#'} {note[start:end]}"
                lines.append(_Line(number, False, "  ", text, "", "fields--dim"))
        return lines

    def _remarks(self, field: Field) -> list[tuple[str, str]]:
        remarks = []
        machine = field.extracted
        if machine is not None and field.state == "corrected":
            if not same_value(machine.value, field.value) or machine.modifier != field.modifier:
                remarks.append((f"was {_text(value_words(machine.value, machine.modifier))}", "fields--dim"))
            if machine.group != field.group:
                remarks.append((f"was in {_text(machine.group or 'no group')}", "fields--dim"))
            if machine.name != field.name:
                remarks.append((f"was {_text(machine.name)}", "fields--dim"))
        if machine is not None and field.state in ("confirmed", "corrected"):
            same = same_value(machine.value, field.value) and machine.modifier == field.modifier
            if not field.in_extraction:
                remarks.append(("no longer extracted", "fields--dim"))
            elif field.state == "confirmed" and not same:
                text = _text(value_words(machine.value, machine.modifier))
                remarks.append((f"now extracted as {text}", "fields--dim"))
        if self._event and field.state == "extracted" and (weak := self._weak_evidence(self._event, field)):
            remarks.append((f"~ {weak}", "fields--misfit"))
        spec = self._type.field(field.name)
        if not fits(spec.kind, field.value, spec.choices):
            remarks.append((f"! not a {KIND_WORDS[spec.kind]}", "fields--misfit"))
        if spec.kind == "date" and field.spans and self._source:
            quote = self._source[field.spans[0].start : field.spans[0].end]
            if quote != field.value:
                remarks.append((f"“{_text(quote)}”", "fields--dim"))
        return remarks

    def show_cursor(self) -> None:
        """Bring the selected field into view, with the heading of its group."""
        lines = [number for number, line in enumerate(self._lines) if line.field == self.cursor]
        if lines:
            head = lines[0] - 1 if lines[0] and self._lines[lines[0] - 1].field == -1 else lines[0]
            self.show_lines(head, lines[-1])

    def cursor_at(self) -> Offset:
        """Return the beginning of the selected field's first line."""
        return Offset(0, next((at for at, line in enumerate(self._lines) if line.field == self.cursor), 0))

    def on_click(self, event: events.Click) -> None:
        """Report the field that was clicked."""
        if 0 <= (number := self.line_at(event)) < len(self._lines) and self._lines[number].field >= 0:
            self.post_message(self.Picked(self._lines[number].field))

    @property
    def labelled(self) -> bool:
        """True while hint letters are drawn."""
        return bool(self._labels)

    def width_changed(self) -> None:
        """Lay out for the new width."""
        self._lay_out()
