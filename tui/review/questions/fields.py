"""Asks about fields: which one to act on, a new one, a group of them, another name."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from db.event_types import FieldType
from db.model import Change, Event, Field, Span, Value
from db.query.known_values import known_names
from tui.review.host import Host
from tui.review.questions.picking import ValueQuestions
from tui.review.questions.queries import QueryQuestions
from tui.review.questions.values import ValueRequest
from tui.text.hints import labels
from tui.text.marks import KIND_WORDS, shown
from tui.text.safe import safe
from tui.widgets.question import LabelQuestion, NumberedQuestion, TextQuestion

_NEW_GROUP = "a new group: "


class FieldQuestions:
    """Asks about the fields of the open event."""

    def __init__(self, host: Host, values: ValueQuestions) -> None:
        self._host = host
        self._dialogs = host.dialogs
        self._values = values

    @property
    def _fields(self) -> tuple[Field, ...]:
        event = self._host.session.event
        return event.live_fields if event else ()

    def which(self, verb: str, act: Callable[[Field], None]) -> None:
        """Act on the selected field if the fields have the focus; else ask for a field by hint letters."""
        host, view = self._host, self._host.panes.fields
        if host.panes.focused == "fields" and view.selected is not None:
            act(view.selected)
            return
        by_label = dict(zip(labels(len(self._fields)), self._fields, strict=False))

        def draw(typed: str) -> None:
            view.show_labels(
                {item.id: label[len(typed) :] for label, item in by_label.items() if label.startswith(typed)}
            )

        def submit(label: str) -> None:
            place = view.place_of(by_label[label].id)
            if place is not None:
                host.select_field(place)
            act(by_label[label])

        if by_label:
            meanings = dict.fromkeys(by_label, "")
            question = f"{verb} which field? Press its letter."
            self._dialogs.label(LabelQuestion(question, "fields", meanings, submit, draw, {}))
        else:
            host.say("this event has no fields; o adds one, O a group")

    # One field

    def confirm(self) -> None:
        """Confirm a field, and go to the next."""
        host = self._host

        def confirm(field: Field) -> None:
            host.decide(
                lambda event: host.session.review.confirm_field(event, field),
                lambda _: host.select_field(host.panes.fields.cursor + 1),
            )

        self.which("Confirm", confirm)

    def remove(self) -> None:
        """Remove a field."""
        host = self._host

        def remove(field: Field) -> None:
            removed = f"removed {field.name} {shown(field.value)}; u undoes"
            host.decide(lambda event: host.session.review.remove(event, field), lambda _: host.say(removed, ""))

        self.which("Remove", remove)

    def pick(self) -> None:
        """Pick a field's value from the text."""
        self.which("Pick", lambda field: self._values.pick(self.request(field)))

    def edit(self) -> None:
        """Type a field's value, or pick it if its type lists choices."""

        def edit(field: Field) -> None:
            request = self.request(field)
            (self._values.pick if request.spec.choices else self._values.type)(request)

        self.which("Edit", edit)

    def swap(self) -> None:
        """Swap a field's value with the next of its kind in its group."""
        self.which("Swap", self._swap)

    def _swap(self, field: Field) -> None:
        host, field_type = self._host, self._host.session.field_type
        kind = field_type(field.name).kind
        alike = [item for item in self._fields if item.group == field.group and field_type(item.name).kind == kind]
        place = alike.index(field) if field in alike else 0
        if len(alike) < 2:
            host.say(f"can't swap {field.name}: its group has no other field of its kind")
            return
        other = alike[place + 1] if place + 1 < len(alike) else alike[place - 1]
        swapped = f"swapped {field.name} and {other.name}; u undoes"
        host.decide(lambda event: host.session.review.swap(event, field, other), lambda _: host.say(swapped, ""))

    def look_up(self) -> None:
        """Look up events with the value of a field."""
        self.which("Look up", QueryQuestions(self._host).look_up_value)

    def request(self, field: Field) -> ValueRequest:
        """A request for another value of a field."""
        review = self._host.session.review
        spec = self._host.session.field_type(field.name)

        def decide(event: Event, value: Value, spans: Sequence[Span], modifier: str | None) -> Change:
            return review.correct(event, field, value, spans, modifier)

        return ValueRequest(spec, decide, field, field.spans or self._near(field.group))

    def _new(self, spec: FieldType, group: str | None) -> ValueRequest:
        review = self._host.session.review

        def decide(event: Event, value: Value, spans: Sequence[Span], modifier: str | None) -> Change:
            return review.add(event, spec.name, group, value, spans, modifier)

        title = f"{spec.name} of {group.replace(':', ' ')}" if group else ""
        return ValueRequest(spec, decide, None, self._near(group), title=title)

    def _near(self, group: str | None) -> tuple[Span, ...]:
        """Where a value of a group is likely: near the evidence of its other fields, or else of the event's."""
        same = tuple(span for field in self._fields if field.group == group and group for span in field.spans)
        return same or tuple(span for field in self._fields for span in field.spans)

    # New fields and groups

    def add(self) -> None:
        """Ask for a field's name, for its group if its type has one, and for its value."""
        session = self._host.session
        present = {field.name for field in self._fields}
        own = [item.name for item in session.event_type.fields]
        groups = [f"{_NEW_GROUP}{group}" for group in self._group_names()]
        missing_first = sorted(own, key=lambda name: name in present)
        names = dict.fromkeys([*missing_first, *groups, *known_names(session.connection)])

        def submit(name: str, confirmed: bool) -> str | None:
            if name in groups:
                self._add_group(name.removeprefix(_NEW_GROUP))
                return None
            refusal = self._refuse_name(name, confirmed)
            if refusal is None:
                self.add_to_group(session.field_type(name.strip()), self._values.pick)
            return refusal

        self._dialogs.text(
            TextQuestion("Add field", submit, suggestions=tuple(names), remark=self._about_name, pick=True, enter="add")
        )

    def add_to_group(self, spec: FieldType, ask: Callable[[ValueRequest], None]) -> None:
        """Ask for the group of a new field if its type has one, then for its value."""
        self._ask_group(spec.name, spec.group, lambda group: ask(self._new(spec, group)))

    def _ask_group(self, what: str, name: str | None, submit: Callable[[str | None], object]) -> None:
        """Ask which group of a name something belongs to: one that is there, a new one or none."""
        if name is None or self._host.session.event is None:
            submit(None)
            return
        groups = [group for group in self._groups if group.partition(":")[0] == name]
        selected = self._host.panes.fields.selected
        here = selected.group if selected is not None and selected.group in groups else None
        by_key = {"enter": here, "n": self._next_group(name), "o": None}
        more = {"n": f"new: {_group_words(self._next_group(name))}", "o": "no group"}
        first = {"enter": _group_words(here)} if here is not None else {}
        label = f"Put {safe(what)} in which group?"
        self._choose(label, groups, submit, more, lambda key: submit(by_key[key]), first)

    def add_group(self) -> None:
        """Add a group: at once if the type has one kind of group, else ask which."""
        names = self._group_names()
        if len(names) == 1:
            self._add_group(names[0])
        elif names:
            self._choose("Add which group?", names, self._add_group)
        else:
            self._host.say("this event type has no groups; o adds a field")

    def _choose(self, label: str, groups: list[str], act: Callable[[str], object], *more: Any) -> None:
        """Ask for a group. ``more``: further keys, what they do, and keys listed before the groups."""
        choices = list(map(_group_words, groups))
        self._dialogs.numbered(NumberedQuestion(label, choices, lambda number: act(groups[number]), *more))

    @property
    def _groups(self) -> list[str]:
        """The groups that the fields are in, such as transfer:1, in their order."""
        return list(dict.fromkeys(field.group for field in self._fields if field.group))

    def _group_names(self) -> list[str]:
        session = self._host.session
        own = [item.group for item in session.event_type.fields if item.group]
        if not own and not session.event_type.declared:
            own = [item.group for item in session.field_types if item.group]
        present = [field.group.partition(":")[0] for field in self._fields if field.group]
        return list(dict.fromkeys([*own, *present]))

    def _next_group(self, name: str) -> str:
        used = {field.group for field in self._fields}
        return next(group for n in range(1, len(used) + 2) if (group := f"{name}:{n}") not in used)

    def _add_group(self, name: str) -> None:
        """Ask for each field of a new group in turn; cancelling keeps those that were saved."""
        group = self._next_group(name)
        specs = [item for item in self._host.session.event_type.fields if item.group == name]
        specs = specs or [item for item in self._host.session.field_types if item.group == name]

        def ask(number: int) -> None:
            if number < len(specs):
                ask_next = lambda: ask(number + 1)  # noqa: E731 (a def of one line says no more)
                self._values.pick(replace(self._new(specs[number], group), then=ask_next, skip=ask_next))
            else:
                self._host.show_selection()

        ask(0)

    def remove_group(self) -> None:
        """Remove the selected field's group, or ask which."""
        host = self._host
        groups = self._groups

        def remove(group: str) -> None:
            fields = [field for field in self._fields if field.group == group]
            removed = f"removed {group.replace(':', ' ')}; u undoes"
            host.decide(lambda event: host.session.review.remove(event, *fields), lambda _: host.say(removed, ""))

        selected = host.panes.fields.selected
        if host.panes.focused == "fields" and selected is not None and selected.group:
            remove(selected.group)
        elif groups:
            self._choose("Remove which group?", groups, remove)
        else:
            host.say("this event has no groups; d removes a field")

    # Names

    def move(self) -> None:
        """Ask for another name or group of a field."""
        self.which("Move", self._move)

    def _move(self, field: Field) -> None:
        session = self._host.session
        groups = {f"group {name}": name for name in self._group_names()}
        names = dict.fromkeys([*(item.name for item in session.event_type.fields), *known_names(session.connection)])
        names.pop(field.name, None)

        def move(name: str, group: str | None) -> str | None:
            return self._host.decide(lambda event: session.review.move(event, field, name, group=group))

        def submit(name: str, confirmed: bool) -> str | None:
            if name in groups:
                self._ask_group(field.name, groups[name], lambda group: move(field.name, group))
                return None
            refusal = self._refuse_name(name, confirmed)
            if refusal is not None or name.strip() == field.name:
                return refusal
            group_name = session.field_type(name.strip()).group
            if group_name == (field.group.partition(":")[0] if field.group else None):
                return move(name.strip(), field.group)
            self._ask_group(name.strip(), group_name, lambda group: move(name.strip(), group))
            return None

        label = f"Move {field.name} {shown(field.value)} to"
        suggestions = (*names, *groups)
        self._dialogs.text(
            TextQuestion(label, submit, suggestions=suggestions, remark=self._about_name, pick=True, enter="move")
        )

    def _refuse_name(self, name: str, confirmed: bool) -> str | None:
        """Refuse a name that no event type has, unless it is confirmed: more often it is a typo."""
        name = name.strip()
        if not name:
            return "type a name, or choose one with ↓"
        session = self._host.session
        known = {item.name for item in session.event_type.fields} | set(known_names(session.connection))
        return None if confirmed or name in known else f"{name} is a new name in this file; enter again saves it"

    def _about_name(self, name: str) -> str:
        spec = next((item for item in self._host.session.event_type.fields if item.name == name.strip()), None)
        if spec is None:
            return f"{name.strip()}: a new name in this event type" if name.strip() else ""
        return f"{spec.name}: {KIND_WORDS[spec.kind]}{f'. {spec.help}' if spec.help else ''}"


def _group_words(group: str) -> str:
    return safe(group.replace(":", " "))
