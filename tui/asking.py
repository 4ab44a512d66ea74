"""The reviewer's questions: for a value and where it stands, for a name, a group, a reason, a note, a query."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from textual import actions

from db.completion import known_names, known_values, matching
from db.describe import value_text
from db.errors import KindError
from db.event_types import FieldType
from db.evidence import find_value, nearest
from db.kinds import fits, parse
from db.model import Event, Field, Reason, Span, Value, same_value
from db.query import QueryError, compile_query
from db.query import parse as parse_query
from db.review import Change
from tui import keys
from tui.looks import KIND_WORDS, shown, words
from tui.safe_text import safe
from tui.widgets.prompt import KeyPrompt, TextPrompt, TextQuestion

if TYPE_CHECKING:
    from tui.screens.review import ReviewScreen


class Asking:
    """Asks on one review screen, and hands the answers to it."""

    def __init__(self, screen: "ReviewScreen") -> None:
        self._screen = screen

    # One line or one key, then back to the pane that had the focus

    def _ask_text(self, question: TextQuestion) -> None:
        self._open()

        def take(text: str, again: bool) -> str | None:
            pane = self._close()
            refusal = question.take(text, again)
            if refusal is not None:
                self._open(pane)
            return refusal

        self._screen.query_one(TextPrompt).ask(replace(question, take=take), self._leave)

    def _ask_key(self, question: str, answers: Mapping[str, str], take: Callable[[str], None]) -> None:
        self._open(lines=False)

        def answered(key: str) -> None:
            self._close()
            if key == "escape":
                self._screen.show_selection()
            else:
                take(key)

        self._screen.query_one(KeyPrompt).ask(question, answers, answered)

    def abandon(self) -> None:
        """Leave any question because the mouse went to a pane: the answer would be about another event or field."""
        for prompt in (self._screen.query_one(TextPrompt), self._screen.query_one(KeyPrompt)):
            if prompt.display:
                prompt.display = False
                self._show_foot()

    def _open(self, pane: str | None = None, lines: bool = True) -> None:
        focused = self._screen.focused
        self._pane = pane or (focused.id if focused is not None and focused.id else "queue")
        self._screen.set_class(lines, "-asking")
        self._screen.query_one("#detail").display = False
        self._screen.query_one("#hints").display = False

    def _close(self) -> str:
        self._show_foot()
        self._screen.set_focus(self._screen.query_one(f"#{self._pane}"))
        return self._pane

    def _show_foot(self) -> None:
        self._screen.remove_class("-asking")
        self._screen.query_one("#detail").display = True
        self._screen.query_one("#hints").display = True

    def _leave(self) -> None:
        self._close()
        self._screen.show_selection()

    # Reject, note, query

    def reject(self, reasons: Mapping[str, Reason]) -> None:
        """Ask for the reason with one key; ``other`` asks for words as well."""
        screen = self._screen

        def take(key: str) -> None:
            reason = reasons[key]
            if reason == "other":
                self._ask_text(TextQuestion("Reject, because", lambda text, _: done(reason, text)))
            else:
                done(reason, None)

        def done(reason: Reason, text: str | None) -> str | None:
            if not screen.decide(lambda event: screen.review.reject(event, reason, text)):
                return screen.refusal
            screen.go_on()
            return None

        if screen.event is not None:
            self._ask_key("Reject as", {key: words(reason) for key, reason in reasons.items()}, take)

    def note(self, on_field: bool) -> None:
        """Ask for the note on the event, or on the selected field."""
        screen = self._screen
        field = screen.fields_view.selected if on_field else None
        if screen.event is None:
            return
        before = (field.note if field else screen.event.note) or ""

        def take(text: str, _: bool) -> str | None:
            if text != safe(before) and not screen.decide(lambda event: screen.review.note(event, text, field)):
                return screen.refusal
            return None

        about = f"Note on {field.name}" if field else "Note on this event"
        self._ask_text(TextQuestion(about, take, before))

    def query(self) -> None:
        """Ask for the query."""
        screen = self._screen

        def take(text: str, _: bool) -> str | None:
            try:
                screen.show_queue(text.strip())
            except QueryError as error:
                return str(error)
            return None

        def remark(text: str) -> str:
            try:
                compile_query(parse_query(text))
            except QueryError as error:
                return str(error)
            return "as in: type:attack status:pending killed>=10 date>=2024-10 -publisher:RBC confidence<0.6"

        self._ask_text(TextQuestion("Query", take, screen.queue.query, remark=remark))

    def command(self, pane: str) -> None:
        """Ask for a command by some of its words, and run the first that has them."""
        commands = keys.commands(pane)

        def take(text: str, _: bool) -> str | None:
            found = matching(list(commands), text, 1)
            if not found:
                return f"no command has {text} in its name; esc leaves"
            _namespace, name, arguments = actions.parse(commands[found[0]].action)
            getattr(self._screen, f"action_{name}")(*arguments)
            return None

        self._ask_text(TextQuestion("Command", take, suggestions=tuple(commands)))

    # Fields

    def edit(self) -> None:
        """Ask for another value of the selected field."""
        field = self._screen.fields_view.selected
        if field is None:
            return
        spec = self._screen.event_type.field(field.name)
        alternatives = field.extra.get("alternatives")
        more = [value_text(value) for value in alternatives] if isinstance(alternatives, list) else []

        def done(event: Event, value: Value, spans: list[Span]) -> Change:
            return self._screen.review.correct(event, field, value, spans)

        self._ask_value(spec, done, field, tuple(more))

    def add(self) -> None:
        """Ask for a field's name, its group where its type has one, and its value."""
        screen = self._screen
        if screen.event is None:
            return
        there = {field.name for field in screen.event.live_fields}
        ours = [item.name for item in screen.event_type.fields]
        names = sorted(ours, key=lambda name: name in there)

        def take(name: str, again: bool) -> str | None:
            refusal = self._refuse_name(name, again)
            if refusal is None:
                self._ask_group(screen.event_type.field(name.strip()))
            return refusal

        self._ask_text(TextQuestion("Add field", take, suggestions=tuple(names), remark=self._about_name))

    def _ask_group(self, spec: FieldType) -> None:
        screen = self._screen
        if spec.group is None or screen.event is None:
            self._ask_added(spec, None)
            return
        there = [field.group for field in screen.event.fields if field.group and field.state != "removed"]
        groups = [group for group in dict.fromkeys(there) if group.partition(":")[0] == spec.group]
        taken = {field.group for field in screen.event.fields}
        number = next(n for n in range(1, len(taken) + 2) if f"{spec.group}:{n}" not in taken)
        answers = {str(n): safe(group.replace(":", " ")) for n, group in enumerate(groups[:9], 1)}
        answers |= {"n": f"new: {spec.group} {number}", "o": "no group"}

        def take(key: str) -> None:
            group = {"n": f"{spec.group}:{number}", "o": None}.get(key) if key in "no" else groups[int(key) - 1]
            self._ask_added(spec, group)

        self._ask_key(f"{spec.name} of which group?", answers, take)

    def _ask_added(self, spec: FieldType, group: str | None) -> None:
        def done(event: Event, value: Value, spans: list[Span]) -> Change:
            return self._screen.review.add(event, spec.name, group, value, spans)

        self._ask_value(spec, done)

    def move(self) -> None:
        """Ask for another name of the selected field."""
        screen = self._screen
        field = screen.fields_view.selected
        if field is None:
            return
        ours = [item.name for item in screen.event_type.fields]
        names = dict.fromkeys([*ours, *known_names(screen.connection)])
        names.pop(field.name, None)

        def take(name: str, again: bool) -> str | None:
            refusal = self._refuse_name(name, again)
            if refusal is None and name.strip() != field.name:
                moved = screen.decide(lambda event: screen.review.move(event, field, name.strip(), group=field.group))
                refusal = None if moved else screen.refusal
            return refusal

        label = f"Move {field.name} {shown(field.value)} to"
        self._ask_text(TextQuestion(label, take, suggestions=tuple(names), remark=self._about_name))

    def _refuse_name(self, name: str, again: bool) -> str | None:
        """A name that no event type has is more often a slip than meant: enter twice takes it."""
        name = name.strip()
        if not name:
            return "type a name, or go to one with ↓"
        known = {item.name for item in self._screen.event_type.fields} | set(known_names(self._screen.connection))
        return None if again or name in known else f"{name} is a new name in this file; enter again takes it"

    def _about_name(self, name: str) -> str:
        spec = next((item for item in self._screen.event_type.fields if item.name == name.strip()), None)
        if spec is None:
            return f"{name.strip()}: a name that this event type does not have yet" if name.strip() else ""
        return f"{spec.name}: {KIND_WORDS[spec.kind]}. {spec.help}"

    # Values and their evidence

    def _ask_value(
        self,
        spec: FieldType,
        done: Callable[[Event, Value, list[Span]], Change],
        field: Field | None = None,
        alternatives: tuple[str, ...] = (),
    ) -> None:
        screen = self._screen
        source = screen.document.source if screen.document else ""
        before = safe(value_text(field.value)) if field else ""
        used = known_values(screen.connection, spec.name)
        known = [value_text(value) for value in used if fits(spec.kind, value)]
        suggestions = tuple(dict.fromkeys([*spec.choices, *alternatives, *([] if spec.choices else known)]))

        def remark(text: str) -> str:
            if text == before:
                return f"{KIND_WORDS[spec.kind]}. {spec.help}"
            try:
                value = parse(spec.kind, text, spec.choices)
            except KindError as error:
                screen.show_selection()
                return str(error)
            spans = self._spans(value, source, field)
            screen.source_view.show_evidence(spans[1:], spans[:1])
            places = ("not in the text: without evidence", "stands once in the text")
            where = places[len(spans)] if len(spans) < 2 else f"stands {len(spans)} times: enter asks which"
            return f"{shown(value)} · {where}"

        def take(text: str, again: bool) -> str | None:
            if field is not None and text == before:
                screen.show_selection()
                return None
            try:
                value = parse(spec.kind, text, spec.choices)
            except KindError as error:
                if not again or not text.strip():
                    return str(error) + ("; enter again keeps it as it is, marked" if text.strip() else "")
                value = text.strip()
            spans = self._spans(value, source, field)
            if len(spans) > 1:
                self._ask_where(value, spans, 0, lambda chosen: self._take_value(done, value, chosen))
                return None
            return self._take_value(done, value, spans)

        label = f"{spec.name}{f' ({spec.unit})' if spec.unit else ''}"
        self._ask_text(TextQuestion(label, take, value_text(field.value) if field else "", suggestions, remark))

    def _spans(self, value: Value, source: str, field: Field | None) -> list[Span]:
        """Where the value stands, nearest to the old evidence first; for an unchanged value, the evidence it has."""
        if field is not None and same_value(value, field.value):
            return list(field.spans)
        return nearest(find_value(value, source), field.spans if field else ())

    def _ask_where(self, value: Value, spans: list[Span], number: int, take: Callable[[list[Span]], object]) -> None:
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
        self._ask_key(f"{shown(value)} stands here? {number + 1} of {len(spans)}", answers, answered)
        self._screen.source_view.show_evidence(spans, [spans[number]])

    def _take_value(
        self, done: Callable[[Event, Value, list[Span]], Change], value: Value, spans: list[Span]
    ) -> str | None:
        """Decide; what is returned is why it was not taken, and the question stays open with what was typed."""
        screen = self._screen
        change = screen.decide(lambda event: done(event, value, spans))
        if change is None:
            return screen.refusal
        if change.decision.field_id is not None:
            place = screen.fields_view.place_of(change.decision.field_id)
            if place is not None:
                screen.fields_view.move_to(place)
                screen.show_selection()
        if not spans:
            screen.say(f"{shown(value)} does not stand in the text: taken without evidence", "")
        return None
