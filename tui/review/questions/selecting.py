"""Asks what selected text is for: the selected field, or one of this event's and its type's."""

from typing import TYPE_CHECKING

from db.errors import NotWrittenError
from db.event_types import FieldType
from db.model import Span
from tui.review.questions.fields import FieldQuestions
from tui.review.questions.picking import ValueQuestions
from tui.review.questions.values import Wanted
from tui.widgets.question import TextQuestion
from tui.widgets.select import SelectPrompt

if TYPE_CHECKING:
    from tui.review.screen import ReviewScreen


class SelectQuestions:
    """Selects text and makes it a value, with its evidence."""

    def __init__(self, screen: "ReviewScreen", fields: FieldQuestions, values: ValueQuestions) -> None:
        self._asking = screen.asking
        self._screen = screen
        self._fields = fields
        self._values = values

    def select(self, start: Span) -> None:
        """Select from a stretch of the text: one that the mouse marked, or an empty one where the cursor begins."""
        screen = self._screen
        prompt = screen.query_one(SelectPrompt)
        selected = screen.fields_view.selected if screen.focused is screen.fields_view else None
        self._asking.open_in("source")
        about = selected.name if selected else ""
        prompt.begin(screen.source_view, start, start.end > start.start, about, self._take, self._find)
        screen.show_foot()

    def _find(self) -> None:
        prompt = self._screen.query_one(SelectPrompt)

        def resume() -> None:
            self._asking.open_in("source")
            prompt.resume()
            self._screen.show_foot()

        def take(text: str, _: bool) -> str | None:
            if text.strip() and not prompt.look_for(text.strip()):
                return f"{text.strip()} is not in the text"
            resume()
            return None

        self._asking.text(TextQuestion("Find in the text", take, on_cancel=resume, enter="find"))

    def _take(self, span: Span | None, evidence: bool) -> None:
        screen = self._screen
        on_field = self._asking.close() == "fields"
        screen.show_selection()
        if span is None:
            return
        if screen.document is None or not screen.document.source[span.start : span.end].strip():
            screen.say("nothing but white space is selected")
            return
        selected = screen.fields_view.selected
        if not on_field or selected is None:
            self._ask_field(span, evidence)
            return
        try:
            self._assign(self._fields.wanted(selected), span, evidence)
        except NotWrittenError:
            self._asking.open_in("source")
            raise

    def _assign(self, wanted: Wanted, span: Span, evidence: bool) -> None:
        if evidence and wanted.field is not None:
            self._values.settle(wanted, wanted.field.value, [span], wanted.field.modifier)
        else:
            self._values.from_selection(wanted, span)

    def _ask_field(self, span: Span, evidence: bool) -> None:
        """One of the event's fields by name and value, or a new one of its type's."""
        screen = self._screen
        live = screen.event.live_fields if screen.event else ()
        lines: dict[str, Wanted | FieldType] = {}
        for field in live:
            group = f" of {field.group.replace(':', ' ')}" if field.group else ""
            lines[f"{field.name}{group}: {field.value}"] = self._fields.wanted(field)
        for spec in screen.event_type.fields:
            lines[f"+ {spec.name}"] = spec
        text = screen.document.source[span.start : span.end] if screen.document else ""

        def take(typed: str, _: bool) -> str | None:
            chosen = lines.get(typed)
            if chosen is None:
                return f"no field has {typed}; ↓ goes through them"
            if isinstance(chosen, Wanted):
                self._assign(chosen, span, evidence)
            else:
                self._fields.of_group(chosen, lambda wanted: self._values.from_selection(wanted, span))
            return None

        self._asking.text(TextQuestion(f"“{' '.join(text.split())}” is", take, suggestions=tuple(lines), pick=True))
        screen.source_view.show_evidence((), (span,))
