"""The one way in which a person's acts reach the file: each is one decision in one durable transaction."""

from collections.abc import Sequence
from dataclasses import replace

from db.decisions import patches
from db.decisions.event_acts import EventActs, accepted_status
from db.decisions.journal import Change, utc_now
from db.describe import value_words
from db.errors import ConflictError
from db.model import Action, Event, Field, Json, Patch, Span, Value, same_value

__all__ = ["Change", "Review", "utc_now"]


class Review(EventActs):
    """One reviewer's acts on one file: those on events, and these on their fields."""

    def confirm_field(self, event: Event, field: Field) -> Change:
        """Confirm one field as it stands."""
        state = field.state if field.state in ("corrected", "added") else "confirmed"
        return self._edit("confirm", event, {field.id: {"state": state}}, field)

    def correct(
        self, event: Event, field: Field, value: Value, spans: Sequence[Span], modifier: str | None = None
    ) -> Change:
        """Give a field another value and the evidence that it rests on."""
        change: Json = {"value": value, "modifier": modifier, "spans": patches.span_pairs(spans)}
        return self._edit("correct", event, {field.id: change}, field)

    def move(self, event: Event, field: Field, name: str, *, group: str | None) -> Change:
        """Give a field another name and group; value and evidence stay."""
        return self._edit("correct", event, {field.id: {"name": name, "group": group}}, field)

    def swap(self, event: Event, field: Field, other: Field) -> Change:
        """Exchange value, modifier and evidence of two fields."""
        content = ("value", "modifier", "spans")
        change = {
            field.id: patches.field_columns(other, content),
            other.id: patches.field_columns(field, content),
        }
        return self._edit("correct", event, change, field)

    def remove(self, event: Event, *fields: Field) -> Change:
        """Take fields out of the event."""
        return self._edit("remove", event, {field.id: {"state": "removed"} for field in fields}, fields[0])

    def add(
        self,
        event: Event,
        name: str,
        group: str | None,
        value: Value,
        spans: Sequence[Span],
        modifier: str | None = None,
    ) -> Change:
        """Add a field that the machine missed."""
        with self._writing():
            self._refuse_stale(event, mine=lambda: f"add {name} {value_words(value, modifier)}")
            field_id = self._insert_field(event.id, name, group, value)
            content: Json = {
                "name": name,
                "group": group,
                "value": value,
                "modifier": modifier,
                "spans": patches.span_pairs(spans),
                "state": "added",
            }
            after = Patch({event.id: self._restated(event, "corrected")}, {field_id: content})
            return self._append("add", event.id, after, field_id)

    def _edit(self, action: Action, event: Event, changes: dict[int, Json], about: Field) -> Change:
        by_id = {item.id: item for item in event.fields}
        contents: dict[int, Json] = {}
        edited = dict(by_id)
        for id_, change in changes.items():
            if id_ not in by_id:
                raise ConflictError(f"not taken: {about.name} is not a field of {event.external_id}; select it again")
            field = by_id[id_]  # as the event has it, not as it was
            content = patches.field_columns(field, patches.CONTENT) | change
            if "state" not in change:
                content["state"] = _edited_state(field, content)
            contents[id_] = content
            edited[id_] = replace(field, state=content["state"])  # type: ignore[arg-type]
        status = self._restated(event, accepted_status(event, edited.values()))
        return self._decide(action, [event], Patch({event.id: status}, contents), about.id)


def _edited_state(field: Field, content: Json) -> str:
    """What a field is after an edit: back at the machine's own name and value, it is confirmed."""
    machine = field.extracted
    if machine is None:
        return "added"
    same = content["name"] == machine.name and same_value(content["value"], machine.value)
    same = same and content["group"] == machine.group and content["modifier"] == machine.modifier
    return "confirmed" if same else "corrected"
