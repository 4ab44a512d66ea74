"""Asks for a value in a line, and where it stands in the text; decides it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from db.decisions.review import Change
from db.describe import value_text, value_words
from db.errors import KindError
from db.event_types import FieldType
from db.kinds import Typed, fits, parse_typed
from db.model import Event, Field, Span, Value, same_value
from db.query.known_values import known_values
from db.suggest.candidates import Candidate, candidates
from db.text.evidence import find_value, nearest
from tui.text.looks import KIND_WORDS, shown
from tui.text.safe import safe
from tui.widgets.question import TextQuestion

if TYPE_CHECKING:
    from tui.review.screen import ReviewScreen

Decide = Callable[[Event, Value, Sequence[Span], str | None], Change]


@dataclass(frozen=True, slots=True)
class Wanted:
    """A value that is asked for: of which field, what is done with it, and what comes after it.

    ``field`` is None for a field that is to be added. ``near`` are spans in whose neighbourhood the value is likely.
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
        """What the question is called."""
        return self.title or f"{self.spec.name}{f' ({self.spec.unit})' if self.spec.unit else ''}"


class TypedValues:
    """Asks for typed values on one review screen."""

    def __init__(self, screen: "ReviewScreen") -> None:
        self._asking = screen.asking
        self._screen = screen

    def type(self, wanted: Wanted, spans: Sequence[Span] | None = None, text: str | None = None) -> None:
        """Ask for the value in a line. ``spans`` are its evidence where that is settled already."""
        spec, field = wanted.spec, wanted.field
        before = safe(self._written(field)) if field else ""
        known = [value_text(value) for value in self._known(wanted) if fits(spec.kind, value)]
        alternatives = field.extra.get("alternatives") if field else None
        more = [value_text(value) for value in alternatives] if isinstance(alternatives, list) else []
        suggestions = tuple(dict.fromkeys([*spec.choices, *more, *([] if spec.choices else known)]))

        def remark(typed: str) -> str:
            if typed == before:
                return f"{KIND_WORDS[spec.kind]}{f'. {spec.help}' if spec.help else ''}"
            try:
                value = self._parsed(spec, typed)
            except KindError as error:
                self._screen.show_selection()
                return str(error)
            places = self._places(value.value, wanted) if spans is None else list(spans)
            self._screen.source_view.show_evidence(places[1:], places[:1])
            said = ("not in the text: without evidence", "stands once in the text")
            where = said[len(places)] if len(places) < 2 else f"stands {len(places)} times: enter asks which"
            return f"{safe(value_words(value.value, value.modifier))} · {where}"

        def take(typed: str, again: bool) -> str | None:
            if field is not None and typed == before and spans is None:
                self._screen.show_selection()
                return None
            try:
                value = self._parsed(spec, typed)
            except KindError as error:
                if not again or not typed.strip():
                    return str(error) + ("; enter again keeps it as it is, marked" if typed.strip() else "")
                value = Typed(typed.strip())
            places = self._places(value.value, wanted) if spans is None else list(spans)
            if len(places) > 1 and spans is None:
                self._ask_where(value, places, 0, lambda one: self.settle(wanted, value.value, one, value.modifier))
                return None
            return self.settle(wanted, value.value, places, value.modifier)

        initial = text if text is not None else self._written(field) if field else ""
        self._asking.text(TextQuestion(wanted.label, take, initial, suggestions, remark))

    def _parsed(self, spec: FieldType, typed: str) -> Typed:
        """What was typed as it will be stored: also a date or a number in words."""
        try:
            return parse_typed(spec.kind, typed, spec.choices)
        except KindError:
            document = self._screen.document
            published, language = (document.published, document.language) if document else (None, None)
            for item in candidates(spec.kind, typed.strip(), published, language):
                if item.span == Span(0, len(typed.strip())):
                    return Typed(item.value, item.modifier)
            raise

    @staticmethod
    def _written(field: Field) -> str:
        return value_words(field.value, field.modifier)

    def _places(self, value: Value, wanted: Wanted) -> list[Span]:
        """Where the value stands, nearest to the old evidence first; for an unchanged value, the evidence it has."""
        if wanted.field is not None and same_value(value, wanted.field.value):
            return list(wanted.field.spans)
        source = self._screen.document.source if self._screen.document else ""
        return nearest(find_value(value, source), wanted.near)

    def _ask_where(self, value: Typed, spans: list[Span], number: int, take: Callable[[list[Span]], object]) -> None:
        """Show one of the places; enter takes it, other keys show another."""

        def answered(key: str) -> None:
            if key == "enter":
                take([spans[number]])
            elif key == "o":
                take([])
            else:
                step = 1 if key in ("j", "n", "tab", "down") else -1
                self._ask_where(value, spans, (number + step) % len(spans), take)

        answers = {"enter": "this place", "j": "next", "k": "previous", "o": "no evidence"}
        answers |= dict.fromkeys(("n", "p", "tab", "shift+tab", "down", "up"), "")
        self._asking.key(f"{shown(value.value)} stands here? {number + 1} of {len(spans)}", answers, answered)
        self._screen.show_pane("source")
        self._screen.source_view.show_evidence(spans, [spans[number]])

    def _known(self, wanted: Wanted) -> list[Value]:
        """Values that the field has elsewhere, the most used first."""
        return known_values(self._screen.connection, wanted.spec.name)

    def _candidates(self, wanted: Wanted, known: Sequence[Value]) -> list[Candidate]:
        document = self._screen.document
        if document is None:
            return []
        spec = wanted.spec
        fitting = [value for value in known if fits(spec.kind, value)]
        near = wanted.near[0].start if wanted.near else self._screen.source_view.first_in_view
        found = candidates(
            spec.kind, document.source, document.published, document.language, fitting, spec.choices, near
        )
        return [item for item in found if fits(spec.kind, item.value, spec.choices)]

    # Taken

    def settle(self, wanted: Wanted, value: Value, spans: Sequence[Span], modifier: str | None = None) -> str | None:
        """Decide; what is returned is why it was not taken, and a question for it stays open with what was typed."""
        screen = self._screen

        def settled(change: Change) -> None:
            if change.decision.field_id is not None:
                place = screen.fields_view.place_of(change.decision.field_id)
                if place is not None:
                    screen.fields_view.move_to(place)
                    screen.show_selection()
            if not spans:
                screen.say(f"{shown(value)} does not stand in the text: taken without evidence", "")
            if wanted.then is not None:
                wanted.then()

        change = screen.decide(lambda event: wanted.decide(event, value, spans, modifier), settled)
        return None if change else screen.refusal

    def from_selection(self, wanted: Wanted, span: Span) -> None:
        """Make selected text the value, with that text as its evidence; ask for the value where it does not fit."""
        document = self._screen.document
        text = " ".join(document.source[span.start : span.end].split()) if document else ""
        found = [
            item
            for item in self._candidates(wanted, self._known(wanted))
            if span.start <= item.span.start and item.span.end <= span.end
        ]
        spec = wanted.spec
        if spec.kind in ("integer", "number", "date", "choice"):
            if len({(repr(item.value), item.modifier) for item in found}) == 1:
                self.settle(wanted, found[0].value, [span], found[0].modifier)
            else:
                self.type(wanted, [span], text)
        else:
            self.settle(wanted, text, [span])
