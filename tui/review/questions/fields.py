"""Asks about fields: which one, a new one, a whole group, another name."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from db.decisions.journal import Change
from db.event_types import FieldType
from db.model import Event, Field, Span, Value
from db.query.known_values import known_names
from tui.review.questions.picking import ValueQuestions
from tui.review.questions.values import Wanted
from tui.text.hints import labels
from tui.text.looks import KIND_WORDS, shown
from tui.text.safe import safe
from tui.widgets.question import LabelQuestion, TextQuestion

if TYPE_CHECKING:
    from tui.review.screen import ReviewScreen

_GROUPS_SHOWN = 9
_NEW_GROUP = "a new group: "


class FieldQuestions:
    """Asks about the fields of the event shown."""

    def __init__(self, screen: "ReviewScreen", values: ValueQuestions) -> None:
        self._asking = screen.asking
        self._screen = screen
        self._values = values

    def which(self, verb: str, act: Callable[[Field], None]) -> None:
        """Act on the selected field where the fields have the focus; elsewhere ask which, by a letter."""
        view = self._screen.fields_view
        # Not has_focus, which a message sets: keys typed ahead of it would meet the pane before.
        if self._screen.focused is view and view.selected is not None:
            act(view.selected)
            return
        fields = self._screen.event.live_fields if self._screen.event else ()
        by_label = dict(zip(labels(len(fields)), fields, strict=False))

        def show(typed: str) -> None:
            view.show_labels(
                {item.id: label[len(typed) :] for label, item in by_label.items() if label.startswith(typed)}
            )

        def take(label: str) -> None:
            place = view.place_of(by_label[label].id)
            if place is not None:
                self._screen.select(place)
            act(by_label[label])

        if by_label:
            meanings = dict.fromkeys(by_label, "")
            self._asking.label(
                LabelQuestion(f"{verb} which field? Its letter stands before it.", "fields", meanings, take, show, {})
            )
        else:
            self._screen.say("this event has no fields; o adds one, O a group")

    # Values

    def pick(self) -> None:
        """Pick a field's value from the text."""
        self.which("Pick", lambda field: self._values.pick(self.wanted(field)))

    def edit(self) -> None:
        """Type a field's value, or choose it where its type lists choices."""

        def edit(field: Field) -> None:
            wanted = self.wanted(field)
            (self._values.pick if wanted.spec.choices else self._values.type)(wanted)

        self.which("Edit", edit)

    def wanted(self, field: Field) -> Wanted:
        """Another value of a field."""
        review = self._screen.review
        spec = self._screen.field_type(field.name)

        def decide(event: Event, value: Value, spans: Sequence[Span], modifier: str | None) -> Change:
            return review.correct(event, field, value, spans, modifier)

        return Wanted(spec, decide, field, field.spans or self._near(field.group))

    def _near(self, group: str | None) -> tuple[Span, ...]:
        """Where a value of a group is likely: by the evidence of its other fields, else of the event's."""
        fields = self._screen.event.live_fields if self._screen.event else ()
        same = tuple(span for field in fields if field.group == group and group for span in field.spans)
        return same or tuple(span for field in fields for span in field.spans)

    def _new(self, spec: FieldType, group: str | None) -> Wanted:
        review = self._screen.review

        def decide(event: Event, value: Value, spans: Sequence[Span], modifier: str | None) -> Change:
            return review.add(event, spec.name, group, value, spans, modifier)

        title = f"{spec.name} of {group.replace(':', ' ')}" if group else ""
        return Wanted(spec, decide, None, self._near(group), title=title)

    # New fields and groups

    def add(self) -> None:
        """Ask for a field's name, its group where its type has one, and its value."""
        screen = self._screen
        there = {field.name for field in screen.event.live_fields} if screen.event else set()
        ours = [item.name for item in screen.event_type.fields]
        groups = [f"{_NEW_GROUP}{group}" for group in self._group_names()]
        names = list(
            dict.fromkeys([*sorted(ours, key=lambda name: name in there), *groups, *known_names(screen.connection)])
        )

        def take(name: str, again: bool) -> str | None:
            if name in groups:
                self._walk(name.removeprefix(_NEW_GROUP))
                return None
            refusal = self._refuse_name(name, again)
            if refusal is None:
                self.of_group(screen.field_type(name.strip()), self._values.pick)
            return refusal

        self._asking.text(TextQuestion("Add field", take, suggestions=tuple(names), remark=self._about_name, pick=True))

    def of_group(self, spec: FieldType, take: Callable[[Wanted], None]) -> None:
        """A new field, after asking for its group where its type has one."""
        self.group_of(spec.name, spec.group, lambda group: take(self._new(spec, group)))

    def group_of(self, what: str, name: str | None, take: Callable[[str | None], object]) -> None:
        """Ask which group of a name something belongs to: one that is there, a new one or none."""
        screen = self._screen
        if name is None or screen.event is None:
            take(None)
            return
        there = dict.fromkeys(field.group for field in screen.event.live_fields if field.group)
        groups = [group for group in there if group.partition(":")[0] == name][:_GROUPS_SHOWN]
        new = self._next_group(name)
        by_key: dict[str, str | None] = {str(n): group for n, group in enumerate(groups, 1)}
        by_key |= {"n": new, "o": None}
        selected = screen.fields_view.selected
        if selected is not None and selected.group in groups:
            by_key = {"enter": selected.group, **by_key}
        answers = {key: safe(group.replace(":", " ")) if group else "no group" for key, group in by_key.items()}
        answers["n"] = f"new: {answers['n']}"

        def answered(key: str) -> None:
            take(by_key[key])

        self._asking.key(f"{safe(what)} of which group?", answers, answered)

    def add_group(self) -> None:
        """Add a group: at once where the type has one kind of it, else ask which."""
        names = self._group_names()[:_GROUPS_SHOWN]
        if len(names) == 1:
            self._walk(names[0])
        elif names:
            answers = {str(n): safe(name) for n, name in enumerate(names, 1)}
            self._asking.key("Add which group?", answers, lambda key: self._walk(names[int(key) - 1]))
        else:
            self._screen.say("this event type has no groups; o adds a field")

    def _group_names(self) -> list[str]:
        screen = self._screen
        ours = [item.group for item in screen.event_type.fields if item.group]
        if not ours and not screen.event_type.declared:
            ours = [item.group for item in screen.field_types if item.group]
        there = (
            [field.group.partition(":")[0] for field in screen.event.live_fields if field.group] if screen.event else []
        )
        return list(dict.fromkeys([*ours, *there]))

    def _next_group(self, name: str) -> str:
        taken = {field.group for field in self._screen.event.live_fields} if self._screen.event else set()
        return next(group for n in range(1, len(taken) + 2) if (group := f"{name}:{n}") not in taken)

    def _walk(self, name: str) -> None:
        """Ask for each field of a new group in turn; what is taken is kept when the rest is left."""
        group = self._next_group(name)
        specs = [item for item in self._screen.event_type.fields if item.group == name]
        specs = specs or [item for item in self._screen.field_types if item.group == name]

        def ask(number: int) -> None:
            if number < len(specs):
                wanted = self._new(specs[number], group)
                follow = lambda: ask(number + 1)  # noqa: E731 (a def of one line says no more)
                self._values.pick(Wanted(wanted.spec, wanted.decide, None, wanted.near, follow, follow, wanted.title))
            else:
                self._screen.show_selection()

        ask(0)

    # Names

    def move(self) -> None:
        """Ask for another name of a field, or another group."""
        self.which("Move", self._move)

    def _move(self, field: Field) -> None:
        screen = self._screen
        groups = {f"group {name}": name for name in self._group_names()}
        names = dict.fromkeys([*(item.name for item in screen.event_type.fields), *known_names(screen.connection)])
        names.pop(field.name, None)

        def to(name: str, group: str | None) -> str | None:
            moved = screen.decide(lambda event: screen.review.move(event, field, name, group=group))
            return None if moved else screen.refusal

        def take(name: str, again: bool) -> str | None:
            if name in groups:
                self.group_of(field.name, groups[name], lambda group: to(field.name, group))
                return None
            refusal = self._refuse_name(name, again)
            if refusal is not None or name.strip() == field.name:
                return refusal
            wanted = screen.field_type(name.strip()).group
            if wanted == (field.group.partition(":")[0] if field.group else None):
                return to(name.strip(), field.group)
            self.group_of(name.strip(), wanted, lambda group: to(name.strip(), group))
            return None

        label = f"Move {field.name} {shown(field.value)} to"
        suggestions = (*names, *groups)
        self._asking.text(TextQuestion(label, take, suggestions=suggestions, remark=self._about_name, pick=True))

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
        return f"{spec.name}: {KIND_WORDS[spec.kind]}{f'. {spec.help}' if spec.help else ''}"

    # Acts without a question but which field

    def swap(self) -> None:
        """Exchange a field's value with the next of its kind in its group."""
        self.which("Swap", self._swap)

    def _swap(self, field: Field) -> None:
        screen = self._screen
        kind = screen.field_type(field.name).kind
        fields = screen.event.live_fields if screen.event else ()
        alike = [item for item in fields if item.group == field.group and screen.field_type(item.name).kind == kind]
        place = alike.index(field) if field in alike else 0
        if len(alike) < 2:
            screen.say(f"nothing to swap {field.name} with: no other field of its kind in its group")
            return
        other = alike[place + 1] if place + 1 < len(alike) else alike[place - 1]
        swapped = f"swapped {field.name} and {other.name}; u takes it back"
        screen.decide(lambda event: screen.review.swap(event, field, other), lambda _: screen.say(swapped, ""))

    def remove_group(self) -> None:
        """Remove the selected field's group, or ask which."""
        screen = self._screen
        live = screen.event.live_fields if screen.event else ()
        groups = list(dict.fromkeys(field.group for field in live if field.group))[:_GROUPS_SHOWN]

        def remove(group: str) -> None:
            fields = [field for field in live if field.group == group]
            removed = f"removed {group.replace(':', ' ')}; u brings it back"
            screen.decide(lambda event: screen.review.remove(event, *fields), lambda _: screen.say(removed, ""))

        selected = screen.fields_view.selected
        if screen.focused is screen.fields_view and selected is not None and selected.group:
            remove(selected.group)
        elif groups:
            answers = {str(n): safe(group.replace(":", " ")) for n, group in enumerate(groups, 1)}
            self._asking.key("Remove which group?", answers, lambda key: remove(groups[int(key) - 1]))
        else:
            screen.say("this event has no groups; d removes a field")
