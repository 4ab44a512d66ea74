"""Asks for a value in a line and for its place in the text, and saves it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from db.describe import value_text, value_words
from db.errors import KindError
from db.event_types import FieldType
from db.kinds import Typed, fits
from db.model import Change, Event, Field, Span, Value, same_value
from db.query.known_values import known_values
from db.suggest.candidates import Candidate, candidates
from db.suggest.typed import typed_value
from db.text.evidence import find_value, nearest
from tui.review.host import Host
from tui.text.marks import KIND_WORDS, shown
from tui.text.safe import safe
from tui.widgets.question import TextQuestion

Decide = Callable[[Event, Value, Sequence[Span], str | None], Change]


@dataclass(frozen=True, slots=True)
class ValueRequest:
    """A value to ask for.

    field: the field that gets the value; None for a new field.
    near: spans near which the value is likely.
    then: called once it is saved. skip: called by space, where a value can be skipped.
    """

    spec: FieldType
    decide: Decide
    field: Field | None = None
    near: tuple[Span, ...] = ()
    then: Callable[[], None] | None = None
    skip: Callable[[], None] | None = None
    title: str = ""

    @property
    def label(self) -> str:
        """What the value is of, in words."""
        return self.title or f"{self.spec.name}{f' ({self.spec.unit})' if self.spec.unit else ''}"


class TypedValues:
    """Asks for typed values."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self._dialogs = host.dialogs

    def type(self, request: ValueRequest, spans: Sequence[Span] | None = None, text: str | None = None) -> None:
        """Ask for the value in a line. ``spans`` are its evidence, if that is known."""
        spec, field, host = request.spec, request.field, self._host
        written = value_words(field.value, field.modifier) if field else ""
        before = safe(written)
        known = [value_text(value) for value in self._known(request) if fits(spec.kind, value)]
        alternatives = field.extra.get("alternatives") if field else None
        more = [value_text(value) for value in alternatives] if isinstance(alternatives, list) else []
        suggestions = tuple(dict.fromkeys([*spec.choices, *more, *([] if spec.choices else known)]))

        def remark(typed: str) -> str:
            if typed == before:
                return f"{KIND_WORDS[spec.kind]}{f'. {spec.help}' if spec.help else ''}"
            try:
                value = self._parse(spec, typed)
            except KindError as error:
                host.show_selection()
                return str(error)
            places = self._places(value.value, request) if spans is None else list(spans)
            host.panes.source.show_evidence(places[1:], places[:1])
            few = ("not in the text: no evidence", "occurs once in the text")
            where = few[len(places)] if len(places) < 2 else f"occurs {len(places)} times: enter asks which"
            return f"{safe(value_words(value.value, value.modifier))} · {where}"

        def submit(typed: str, confirmed: bool) -> str | None:
            if field is not None and typed == before and spans is None:
                host.show_selection()
                return None
            try:
                value = self._parse(spec, typed)
            except KindError as error:
                if not confirmed or not typed.strip():
                    return str(error) + ("; enter again saves it anyway" if typed.strip() else "")
                value = Typed(typed.strip())
            places = self._places(value.value, request) if spans is None else list(spans)
            if len(places) > 1 and spans is None:
                self._ask_where(value, places, 0, lambda one: self.save(request, value.value, one, value.modifier))
                return None
            return self.save(request, value.value, places, value.modifier)

        self._dialogs.text(TextQuestion(request.label, submit, written if text is None else text, suggestions, remark))

    def _parse(self, spec: FieldType, typed: str) -> Typed:
        """Parse a typed value, a date or a number in words too. Raises KindError."""
        return typed_value(spec, typed, self._host.session.document)

    def _places(self, value: Value, request: ValueRequest) -> list[Span]:
        """Where a value occurs, the nearest to the old evidence first; of an unchanged value, its evidence."""
        if request.field is not None and same_value(value, request.field.value):
            return list(request.field.spans)
        document = self._host.session.document
        return nearest(find_value(value, document.source if document else ""), request.near)

    def _ask_where(self, value: Typed, spans: list[Span], number: int, submit: Callable[[list[Span]], object]) -> None:
        """Show one place of a value, and ask by keys for this one, another or none."""

        def answered(key: str) -> None:
            if key == "enter":
                submit([spans[number]])
            elif key == "o":
                submit([])
            else:
                step = 1 if key in ("j", "n", "tab", "down") else -1
                self._ask_where(value, spans, (number + step) % len(spans), submit)

        answers = {"enter": "this place", "j": "next", "k": "previous", "o": "no evidence"}
        answers |= dict.fromkeys(("n", "p", "tab", "shift+tab", "down", "up"), "")
        question = f"Where is “{shown(value.value)}”? Place {number + 1} of {len(spans)}"
        self._dialogs.key(question, answers, answered)
        self._host.panes.show("source")
        self._host.panes.source.show_evidence(spans, [spans[number]])

    def _known(self, request: ValueRequest) -> list[Value]:
        """Values of the field elsewhere in the file, the most frequent first."""
        return known_values(self._host.session.connection, request.spec.name)

    def _candidates(self, request: ValueRequest, known: Sequence[Value]) -> list[Candidate]:
        document = self._host.session.document
        if document is None:
            return []
        spec = request.spec
        fitting = [value for value in known if fits(spec.kind, value)]
        near = request.near[0].start if request.near else self._host.panes.source.first_in_view
        found = candidates(
            spec.kind, document.source, document.published, document.language, fitting, spec.choices, near
        )
        return [item for item in found if fits(spec.kind, item.value, spec.choices)]

    # Saving

    def save(
        self, request: ValueRequest, value: Value, spans: Sequence[Span], modifier: str | None = None
    ) -> str | None:
        """Save a value with its evidence. Return why it was refused: then a question stays open with what was typed."""
        host = self._host

        def saved(change: Change) -> None:
            place = host.panes.fields.place_of(change.decision.field_id or 0)
            if place is not None:
                host.select_field(place)
            if not spans:
                host.say(f"“{shown(value)}” doesn't occur in the text; saved without evidence", "")
            if request.then is not None:
                request.then()

        return host.decide(lambda event: request.decide(event, value, spans, modifier), saved)

    def save_selection(self, request: ValueRequest, span: Span) -> None:
        """Save selected text as the value and its evidence; ask for the value if the text doesn't fit the field."""
        document = self._host.session.document
        text = " ".join(document.source[span.start : span.end].split()) if document else ""
        found = [
            item
            for item in self._candidates(request, self._known(request))
            if span.start <= item.span.start and item.span.end <= span.end
        ]
        if request.spec.kind not in ("integer", "number", "date", "choice"):
            self.save(request, text, [span])
        elif len({(repr(item.value), item.modifier) for item in found}) == 1:
            self.save(request, found[0].value, [span], found[0].modifier)
        else:
            self.type(request, [span], text)
