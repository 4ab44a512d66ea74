"""What a reviewer can do to the events of a file and their fields. Each act is one decision in one transaction."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

from db.decisions import patches
from db.decisions.adding import insert_event, insert_field
from db.decisions.journal import Journal
from db.describe import value_words
from db.errors import ConflictError
from db.model import (
    ACCEPTED,
    Action,
    Change,
    Event,
    Field,
    Json,
    Patch,
    Reason,
    Span,
    Status,
    Value,
    same_value,
)


class Review(Journal):
    """One reviewer's acts on one file.

    Each act takes the event as the reviewer saw it, and raises ConflictError, without writing anything, if somebody has
    decided about the event since. It returns when the decision is on disk.
    """

    # Whole events

    def accept(self, event: Event) -> Change:
        """Accept the event: confirmed, or corrected if a person changed, added or removed anything.

        Its type, and the fields that nobody reviewed, are confirmed with it, so that a later import can't change an
        accepted event.
        """
        fields = {
            field.id: patches.field_columns(field, patches.CONTENT) | {"state": "confirmed"}
            for field in event.live_fields
            if field.state == "extracted"
        }
        columns = self._status(_accepted_status(event, event.fields)) | {"type": event.type}
        return self._decide("confirm", event, Patch({event.id: columns}, fields))

    def reject(self, event: Event, reason: Reason, text: str | None = None) -> Change:
        """Reject the event for a reason; ``text`` explains the reason ``other``."""
        return self._decide("reject", event, Patch({event.id: self._status("rejected", reason, text or None)}, {}))

    def flag(self, event: Event) -> Change:
        """Mark the event as unsure."""
        return self._decide("flag", event, Patch({event.id: self._status("unsure")}, {}))

    def note(self, event: Event, text: str, field: Field | None = None) -> Change:
        """Set the note of the event or of a field; an empty text removes it."""
        note: Json = {"note": text.strip() or None}
        if field is None:
            return self._decide("note", event, Patch({event.id: note}, {}))
        return self._decide("note", event, Patch({event.id: {}}, {field.id: note}), field.id)

    def set_type(self, event: Event, event_type: str) -> Change:
        """Change the type of the event and keep its fields."""
        columns: Json = {"type": event_type}
        accepted = _accepted_status(event, event.fields, event_type)
        return self._decide("correct", event, Patch({event.id: columns | self._status_after_edit(event, accepted)}, {}))

    def add_event(self, document_id: int, event_type: str) -> Change:
        """Add an event that the machine missed, pending and without fields."""
        with self._writing():
            event_id = insert_event(self.connection, document_id, event_type)
            return self._append("add", event_id, Patch({event_id: {"live": True, "type": event_type}}, {}))

    def copy(self, event: Event) -> Change:
        """Add a copy of the event with the same fields to the same document."""
        with self._writing():
            self._refuse_stale(event, intention=lambda: "copy the event")
            event_id = insert_event(self.connection, event.document_id, event.type)
            fields = self._insert_fields(event_id, event.live_fields)
            return self._append("add", event_id, Patch({event_id: {"live": True, "type": event.type}}, fields))

    def split(self, event: Event, groups: Iterable[str]) -> Change:
        """Move the fields of some groups into a new event of the same type; fields without a group are in both.

        The decision is about the new event.
        """
        moved = set(groups)
        with self._writing():
            self._refuse_stale(event, intention=lambda: f"split off {', '.join(sorted(moved))}")
            event_id = insert_event(self.connection, event.document_id, event.type)
            live = event.live_fields
            fields = self._insert_fields(event_id, [item for item in live if item.group is None or item.group in moved])
            removed = {
                item.id: patches.field_columns(item, patches.CONTENT) | {"state": "removed"}
                for item in live
                if item.group in moved
            }
            events: dict[int, Json] = {event_id: {"live": True, "type": event.type}}
            events[event.id] = self._status_after_edit(event, "corrected")
            return self._append("split", event_id, Patch(events, fields | removed))

    def merge(self, duplicate: Event, into: Event, *, fill: bool = False) -> Change:
        """Reject an event as a duplicate of another, in any document, and link the two.

        ``fill`` adds the fields whose names the other event lacks, with their evidence if both are of one document.
        Raises ConflictError if ``into`` is itself a duplicate.
        """
        if into.merged_into is not None or into.id == duplicate.id:
            raise ConflictError(
                f"not saved: {into.external_id} is itself a duplicate; choose the event that it was merged into"
            )
        with self._writing():
            self._refuse_stale(duplicate, into, intention=lambda: f"merge it into {into.external_id}")
            events: dict[int, Json] = {
                duplicate.id: self._status("rejected", "duplicate") | {"merged_into": into.id},
                into.id: {},
            }
            for (earlier,) in self.connection.execute("SELECT id FROM events WHERE merged_into = ?", (duplicate.id,)):
                events[earlier] = {"merged_into": into.id}
            fields: dict[int, Json] = {}
            names = {field.name for field in into.live_fields}
            missing = [field for field in duplicate.live_fields if field.name not in names]
            if fill and missing:
                fields = self._insert_fields(into.id, missing, evidence=duplicate.document_id == into.document_id)
                events[into.id] = self._status_after_edit(into, "corrected")
            return self._append("merge", duplicate.id, Patch(events, fields))

    # Fields

    def confirm_field(self, event: Event, field: Field) -> Change:
        """Confirm a field with its current value."""
        state = field.state if field.state in ("corrected", "added") else "confirmed"
        return self._edit("confirm", event, {field.id: {"state": state}}, field)

    def correct(
        self, event: Event, field: Field, value: Value, spans: Sequence[Span], modifier: str | None = None
    ) -> Change:
        """Give a field another value and the evidence for it."""
        change: Json = {"value": value, "modifier": modifier, "spans": patches.span_pairs(spans)}
        return self._edit("correct", event, {field.id: change}, field)

    def move(self, event: Event, field: Field, name: str, *, group: str | None) -> Change:
        """Give a field another name and group, and keep its value and evidence."""
        return self._edit("correct", event, {field.id: {"name": name, "group": group}}, field)

    def swap(self, event: Event, field: Field, other: Field) -> Change:
        """Exchange value, modifier and evidence of two fields."""
        content = ("value", "modifier", "spans")
        changes = {field.id: patches.field_columns(other, content), other.id: patches.field_columns(field, content)}
        return self._edit("correct", event, changes, field)

    def remove(self, event: Event, *fields: Field) -> Change:
        """Remove fields from the event."""
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
            self._refuse_stale(event, intention=lambda: f"add {name} {value_words(value, modifier)}")
            field_id = insert_field(self.connection, event.id, name, group, value)
            content: Json = {
                "name": name,
                "group": group,
                "value": value,
                "modifier": modifier,
                "spans": patches.span_pairs(spans),
                "state": "added",
            }
            after = Patch({event.id: self._status_after_edit(event, "corrected")}, {field_id: content})
            return self._append("add", event.id, after, field_id)

    def _edit(self, action: Action, event: Event, changes: dict[int, Json], about: Field) -> Change:
        by_id = {item.id: item for item in event.fields}
        contents: dict[int, Json] = {}
        edited = dict(by_id)
        for id_, change in changes.items():
            if id_ not in by_id:
                raise ConflictError(f"not saved: {about.name} is not a field of {event.external_id}; select it again")
            field = by_id[id_]  # the event's own, not the caller's, which may be older
            content = patches.field_columns(field, patches.CONTENT) | change
            if "state" not in change:
                content["state"] = _edited_state(field, content)
            contents[id_] = content
            edited[id_] = replace(field, state=content["state"])  # type: ignore[arg-type]
        status = self._status_after_edit(event, _accepted_status(event, edited.values()))
        return self._decide(action, event, Patch({event.id: status}, contents), about.id)

    def _insert_fields(self, event_id: int, fields: Sequence[Field], *, evidence: bool = True) -> dict[int, Json]:
        """Insert copies of fields, removed until a decision adds them. Return what that decision sets, by id."""
        return {
            insert_field(self.connection, event_id, item.name, item.group, item.value): patches.field_columns(
                item, patches.CONTENT
            )
            | {"state": "added"}
            | ({} if evidence else {"spans": []})
            for item in fields
        }

    def _status(self, status: Status, reason: Reason | None = None, text: str | None = None) -> Json:
        values: tuple[Value, ...] = (status, reason, text, self.reviewer, self._now())
        return dict(zip(patches.STATUS, values, strict=True)) | {"merged_into": None}

    def _status_after_edit(self, event: Event, accepted: Status) -> Json:
        """Return the columns to set so that an accepted event stays accepted: an edit can make it corrected, or not."""
        return self._status(accepted) if event.status in ACCEPTED and event.status != accepted else {}


class ReviewInTransaction(Review):
    """A reviewer whose acts belong to the transaction of the caller. ``decisions`` is their number."""

    decisions = 0

    @contextmanager
    def _writing(self) -> Iterator[None]:
        yield
        self.decisions += 1


def _accepted_status(event: Event, fields: Iterable[Field], event_type: str | None = None) -> Status:
    """Return ``corrected`` if a person made or retyped the event or changed a field, else ``confirmed``."""
    if (event_type or event.type) != event.extracted_type:
        return "corrected"
    for field in fields:
        if field.state in ("corrected", "added") or (field.state == "removed" and field.in_extraction):
            return "corrected"
    return "confirmed"


def _edited_state(field: Field, content: Json) -> str:
    """Return the state of a field after an edit: confirmed if it is back at the extracted name, group and value."""
    machine = field.extracted
    if machine is None:
        return "added"
    same = content["name"] == machine.name and same_value(content["value"], machine.value)
    same = same and content["group"] == machine.group and content["modifier"] == machine.modifier
    return "confirmed" if same else "corrected"
