"""Asks what selected text is for: the selected field, another field of the event, or a new one of its type."""

from db.errors import NotWrittenError
from db.event_types import FieldType
from db.model import Span
from tui.review.host import Host
from tui.review.questions.fields import FieldQuestions
from tui.review.questions.picking import ValueQuestions
from tui.review.questions.values import ValueRequest
from tui.widgets.question import TextQuestion
from tui.widgets.select import SelectPrompt


class SelectQuestions:
    """Selects text, and saves it as a value or as evidence."""

    def __init__(self, host: Host, prompt: SelectPrompt, fields: FieldQuestions, values: ValueQuestions) -> None:
        self._host = host
        self._dialogs = host.dialogs
        self._prompt = prompt
        self._fields = fields
        self._values = values

    def select(self, start: Span | None = None) -> None:
        """Select text: from the span that the mouse marked, or else from the evidence of the selected field."""
        panes = self._host.panes
        if start is None:
            selected = panes.fields.selected
            offset = selected.spans[0].start if selected and selected.spans else panes.source.first_in_view
            start = Span(offset, offset)
        field = panes.fields.selected if panes.focused == "fields" else None
        self._dialogs.open_in("source")
        about = field.name if field else ""
        self._prompt.begin(panes.source, start, start.end > start.start, about, self._submit, self._ask_find)
        self._host.show_foot()

    def _ask_find(self) -> None:
        def resume() -> None:
            self._dialogs.open_in("source")
            self._prompt.resume()
            self._host.show_foot()

        def submit(text: str, _: bool) -> str | None:
            if text.strip() and not self._prompt.find(text.strip()):
                return f"{text.strip()} is not in the text"
            resume()
            return None

        self._dialogs.text(TextQuestion("Find in the text", submit, on_cancel=resume, enter="find"))

    def _submit(self, span: Span | None, as_evidence: bool) -> None:
        host = self._host
        on_field = self._dialogs.close() == "fields"
        host.show_selection()
        if span is None:
            return
        document = host.session.document
        if document is None or not document.source[span.start : span.end].strip():
            host.say("only white space is selected")
            return
        field = host.panes.fields.selected
        if not on_field or field is None:
            self._ask_field(span, as_evidence)
            return
        try:
            self._save(self._fields.request(field), span, as_evidence)
        except NotWrittenError:
            self._dialogs.open_in("source")
            raise

    def _save(self, request: ValueRequest, span: Span, as_evidence: bool) -> None:
        if as_evidence and request.field is not None:
            self._values.save(request, request.field.value, [span], request.field.modifier)
        else:
            self._values.save_selection(request, span)

    def _ask_field(self, span: Span, as_evidence: bool) -> None:
        """Ask for one of the event's fields, by name and value, or for a new field of its type."""
        session = self._host.session
        lines: dict[str, ValueRequest | FieldType] = {}
        for field in session.event.live_fields if session.event else ():
            group = f" of {field.group.replace(':', ' ')}" if field.group else ""
            lines[f"{field.name}{group}: {field.value}"] = self._fields.request(field)
        for spec in session.event_type.fields:
            lines[f"+ {spec.name}"] = spec
        text = session.document.source[span.start : span.end] if session.document else ""

        def submit(typed: str, _: bool) -> str | None:
            chosen = lines.get(typed)
            if chosen is None:
                return f"no field matches {typed}; choose one with ↓"
            if isinstance(chosen, ValueRequest):
                self._save(chosen, span, as_evidence)
            else:
                self._fields.add_to_group(chosen, lambda request: self._values.save_selection(request, span))
            return None

        label = f"Save “{' '.join(text.split())}” as"
        self._dialogs.text(TextQuestion(label, submit, suggestions=tuple(lines), pick=True))
        self._host.panes.source.show_evidence((), (span,))
