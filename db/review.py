"""The one way in which a person's acts reach the file: each is one decision in one durable transaction."""

import sqlite3
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from db import history, patches
from db.describe import describe
from db.errors import ConflictError
from db.file import writing
from db.model import (
    ACCEPTED,
    Action,
    Decision,
    Event,
    Field,
    Json,
    Patch,
    Reason,
    Span,
    Status,
    Value,
    same_value,
    to_sql,
)
from db.reading import read_decision, read_event


@dataclass(frozen=True, slots=True)
class Change:
    """What a decision changed, for whoever shows it. The decision is on disk when this exists."""

    decision: Decision
    event: Event
    status_before: Status


def utc_now() -> str:
    """Now, as decisions keep it: UTC, ISO 8601 with milliseconds."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class Review:
    """One reviewer's acts on one file.

    Each act takes the event as the reviewer saw it and raises ConflictError when somebody has decided about that event
    since: nothing is written then. It returns when the decision is on disk.
    """

    def __init__(self, connection: sqlite3.Connection, reviewer: str, now: Callable[[], str] = utc_now) -> None:
        self.connection = connection
        self.reviewer = reviewer
        self._now = now

    def accept(self, event: Event) -> Change:
        """Take the event as it stands: confirmed, or corrected where a person changed, added or removed a field.

        Its untouched fields are confirmed with it, so that a later import can't change what was accepted.
        """
        fields = {
            field.id: patches.field_columns(field, patches.CONTENT) | {"state": "confirmed"}
            for field in event.live_fields
            if field.state == "extracted"
        }
        return self._decide("confirm", event, self._status(_accepted_status(event.fields)), fields)

    def reject(self, event: Event, reason: Reason, text: str | None = None) -> Change:
        """Reject the event for a reason; ``text`` says more, for ``other``."""
        return self._decide("reject", event, self._status("rejected", reason, text or None))

    def flag(self, event: Event) -> Change:
        """Mark the event as unsure."""
        return self._decide("flag", event, self._status("unsure"))

    def note(self, event: Event, text: str, field: Field | None = None) -> Change:
        """Set the note of the event or of one field; an empty text takes it away."""
        note: Json = {"note": text.strip() or None}
        if field is None:
            return self._decide("note", event, note)
        return self._decide("note", event, {}, {field.id: note}, field.id)

    def confirm_field(self, event: Event, field: Field) -> Change:
        """Confirm one field as it stands."""
        state = field.state if field.state in ("corrected", "added") else "confirmed"
        return self._edit("confirm", event, field, {"state": state})

    def correct(self, event: Event, field: Field, value: Value, spans: Sequence[Span]) -> Change:
        """Give a field another value and the evidence that it rests on."""
        return self._edit("correct", event, field, {"value": value, "spans": patches.span_pairs(spans)})

    def move(self, event: Event, field: Field, name: str) -> Change:
        """Give a field another name; value, group and evidence stay."""
        return self._edit("correct", event, field, {"name": name})

    def remove(self, event: Event, field: Field) -> Change:
        """Take a field out of the event."""
        return self._edit("remove", event, field, {"state": "removed"})

    def add(self, event: Event, name: str, group: str | None, value: Value, spans: Sequence[Span]) -> Change:
        """Add a field that the machine missed."""
        with writing(self.connection):
            self._refuse_stale(event)
            position = max((field.position for field in event.fields), default=-1) + 1
            field_id: int = self.connection.execute(
                "INSERT INTO fields (event_id, position, name, field_group, value, state, in_extraction)"
                " VALUES (?, ?, ?, ?, ?, 'removed', 0) RETURNING id",
                (event.id, position, name, group, to_sql(value)),
            ).fetchone()[0]
            content: Json = {"name": name, "group": group, "value": value, "spans": patches.span_pairs(spans)}
            before = Patch({}, {field_id: content | {"state": "removed"}})
            after = Patch(self._restated(event, "corrected"), {field_id: content | {"state": "added"}})
            before.events.update(_before(event, after.events))
            decision = self._append("add", event.id, field_id, None, before, after)
        return self._change(decision, event.status)

    def last(self) -> Decision | None:
        """The decision that ``undo`` would take back, or None."""
        decision_id = history.to_undo(self.connection, self.reviewer)
        return read_decision(self.connection, decision_id) if decision_id else None

    def undo(self) -> Change | None:
        """Take back this reviewer's last decision that stands; None when there is none.

        Raises ConflictError when what it had set was changed by somebody since.
        """
        return self._turn(history.to_undo, "undo")

    def redo(self) -> Change | None:
        """Do again what this reviewer's last undo took back; None when a new decision came after it."""
        return self._turn(history.to_redo, "redo")

    def _turn(self, find: Callable[[sqlite3.Connection, str], int | None], action: Action) -> Change | None:
        with writing(self.connection):
            decision_id = find(self.connection, self.reviewer)
            if decision_id is None:
                return None
            target = read_decision(self.connection, decision_id)
            goal, expected = (target.before, target.after) if action == "undo" else (target.after, target.before)
            event = read_event(self.connection, target.event_id)
            self._refuse_changed(event, expected, target)
            decision = self._append(action, event.id, target.field_id, target.id, _present(event, goal), goal)
        return self._change(decision, event.status)

    def _edit(self, action: Action, event: Event, field: Field, change: Json) -> Change:
        by_id = {item.id: item for item in event.fields}
        if field.id not in by_id:
            raise ConflictError(f"not taken: {field.name} is not a field of {event.external_id}; select it again")
        field = by_id[field.id]  # as the event has it, not as it was
        content = patches.field_columns(field, patches.CONTENT) | change
        if "state" not in change:
            content["state"] = _edited_state(field, content)
        edited = [replace(item, state=content["state"]) if item is field else item for item in event.fields]  # type: ignore[arg-type]
        status = self._restated(event, _accepted_status(edited)).get(event.id, {})
        return self._decide(action, event, status, {field.id: content}, field.id)

    def _restated(self, event: Event, accepted: Status) -> dict[int, Json]:
        """An accepted event stays accepted when a field of it is edited; confirmed may become corrected, or back."""
        differs = event.status in ACCEPTED and event.status != accepted
        return {event.id: self._status(accepted)} if differs else {}

    def _status(self, status: Status, reason: Reason | None = None, text: str | None = None) -> Json:
        values: tuple[Value, ...] = (status, reason, text, self.reviewer, self._now())
        return dict(zip(patches.STATUS, values, strict=True))

    def _decide(
        self,
        action: Action,
        event: Event,
        columns: Json,
        fields: dict[int, Json] | None = None,
        about: int | None = None,
    ) -> Change:
        after = Patch({event.id: columns} if columns else {}, fields or {})
        with writing(self.connection):
            self._refuse_stale(event)
            decision = self._append(action, event.id, about, None, _present(event, after), after)
        return self._change(decision, event.status)

    def _append(
        self,
        action: Action,
        event_id: int,
        field_id: int | None,
        target_id: int | None,
        before: Patch,
        after: Patch,
    ) -> Decision:
        decision_id: int = self.connection.execute(
            "INSERT INTO decisions (event_id, field_id, action, reviewer, decided_at, target_id, before, after)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?) RETURNING id",
            (
                event_id,
                field_id,
                action,
                self.reviewer,
                self._now(),
                target_id,
                patches.to_json(before),
                patches.to_json(after),
            ),
        ).fetchone()[0]
        event = read_event(self.connection, event_id)
        by_id = {field.id: field for field in event.fields}
        for id_, columns in after.fields.items():
            applied = patches.apply_to_field({}, columns, patches.initial_field(by_id[id_]))
            patches.write_field(self.connection, id_, applied)
        patches.write_event(self.connection, event_id, after.events.get(event_id, {}))
        return read_decision(self.connection, decision_id)

    def _change(self, decision: Decision, status_before: Status) -> Change:
        return Change(decision, read_event(self.connection, decision.event_id), status_before)

    def _refuse_stale(self, event: Event) -> None:
        row = self.connection.execute("SELECT revision FROM events WHERE id = ?", (event.id,)).fetchone()
        if row is not None and row[0] == event.revision:
            return
        raise ConflictError(f"not taken: {self._latest(event.id)} since you opened this event; look again, then decide")

    def _refuse_changed(self, event: Event, expected: Patch, target: Decision) -> None:
        present = _present(event, expected)
        fields = {field.id: field for field in event.fields}
        for id_, columns in expected.fields.items():
            wanted = patches.apply_to_field({}, columns, patches.initial_field(fields[id_]))
            if not patches.same_columns(present.fields[id_], wanted):
                break
        else:
            if present.events == expected.events:
                return
        raise ConflictError(
            f"not taken back: {self._latest(event.id)} after your {target.action} of {event.external_id};"
            " look at it first"
        )

    def _latest(self, event_id: int) -> str:
        row = self.connection.execute("SELECT max(id) FROM decisions WHERE event_id = ?", (event_id,)).fetchone()
        if row[0] is None:
            return "a new import changed it"
        latest = read_decision(self.connection, row[0])
        when = latest.decided_at[:16].replace("T", " ")
        return f"{latest.reviewer} made a decision ({describe(latest)}, {when})"


def _accepted_status(fields: Iterable[Field]) -> Status:
    """``corrected`` where a person changed, added or removed a field, else ``confirmed``."""
    for field in fields:
        if field.state in ("corrected", "added") or (field.state == "removed" and field.in_extraction):
            return "corrected"
    return "confirmed"


def _edited_state(field: Field, content: Json) -> str:
    """What a field is after an edit: back at the machine's own name and value, it is confirmed."""
    machine = field.extracted
    if machine is None:
        return "added"
    same = content["name"] == machine.name and same_value(content["value"], machine.value)
    return "confirmed" if same and content["group"] == machine.group else "corrected"


def _present(event: Event, like: Patch) -> Patch:
    """The event's present columns, of those that another patch names."""
    fields = {field.id: field for field in event.fields}
    return Patch(
        _before(event, like.events),
        {id_: patches.field_columns(fields[id_], columns) for id_, columns in like.fields.items()},
    )


def _before(event: Event, like: dict[int, Json]) -> dict[int, Json]:
    return {id_: patches.event_columns(event, columns) for id_, columns in like.items()}
