"""The one write of a decision: a durable transaction appends it and applies its patch, or rejects it."""

import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from db.decisions import history, patches
from db.describe import describe
from db.errors import ConflictError, DamagedRowError
from db.model import ACCEPTED, Action, Change, Decision, Event, Field, Json, Patch, Value
from db.store.connection import writing
from db.store.identity import read_restored
from db.store.reading import read_decision, read_event

KEY_LOCK_TIMEOUT = 0.2  # seconds that a key waits for another process's write lock before the screen says so


def utc_now() -> str:
    """Return the current time as decisions store it: UTC, ISO 8601 with milliseconds."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def newest_decision(connection: sqlite3.Connection) -> tuple[int, str]:
    """Return the id and the time of the newest decision in a file; 0 and an empty time if it has none."""
    sql = "SELECT id, CAST(decided_at AS BLOB) FROM decisions ORDER BY id DESC LIMIT 1"
    row = connection.execute(sql).fetchone()
    return (row[0], row[1].decode(errors="replace")) if row else (0, "")


def has_decision(connection: sqlite3.Connection, decision: tuple[int, str]) -> bool:
    """Return True if a file still has a decision of this id and time. One that was never made is in every file."""
    row = connection.execute("SELECT CAST(decided_at AS BLOB) FROM decisions WHERE id = ?", decision[:1]).fetchone()
    return decision[0] == 0 or (row is not None and row[0].decode(errors="replace") == decision[1])


def append(
    connection: sqlite3.Connection,
    action: Action,
    reviewer: str,
    decided_at: str,
    event_id: int,
    after: Patch,
    field_id: int | None = None,
    target_id: int | None = None,
    *,
    current: Iterable[Event] = (),
) -> Change:
    """Append a decision of a reviewer and apply its patch. The caller holds the transaction.

    ``current``: events that are known to be as stored, which spares reading them.
    """
    known = {event.id: event for event in current}
    ids = dict.fromkeys((event_id, *after.events))
    events = {id_: known.get(id_) or read_event(connection, id_) for id_ in ids}
    before = patches.current(events.values(), after)
    decision_id: int = connection.execute(
        "INSERT INTO decisions (event_id, field_id, action, reviewer, decided_at, target_id, before, after)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?) RETURNING id",
        (event_id, field_id, action, reviewer, decided_at, target_id,
         patches.to_json(before), patches.to_json(after)),
    ).fetchone()[0]  # fmt: skip
    connection.executemany(
        "INSERT INTO decision_events VALUES (?, ?)", [(decision_id, id_) for id_ in ids if id_ != event_id]
    )
    fields = {field.id: field for event in events.values() for field in event.fields}
    for id_, columns in after.fields.items():
        patches.write_field(connection, fields[id_], columns, before.fields[id_])
    for id_ in ids:
        patches.write_event(connection, id_, after.events.get(id_, {}))
    decision = Decision(decision_id, event_id, field_id, action, reviewer, decided_at, target_id, before, after)
    touched = tuple((event, read_event(connection, event.id)) for event in events.values())
    return Change(decision, touched[0][1], touched)


class Journal:
    """Appends one reviewer's decisions to one file, and undoes and redoes them.

    Each write raises BusyError if another process still holds the write lock after ``lock_timeout`` seconds.
    """

    def __init__(self, connection: sqlite3.Connection, reviewer: str, now: Callable[[], str] = utc_now) -> None:
        self.connection = connection
        self.reviewer = reviewer
        self.lock_timeout = KEY_LOCK_TIMEOUT
        self.restored = read_restored(connection)
        """The name of the last restore of the file that the reviewer has seen; no decision is made on another one."""
        self.newest = newest_decision(connection)
        """The id and time of a decision that the reviewer has seen; none is made on a file that lacks it."""
        self._appended: tuple[int, str] | None = None
        self.skip_unchanged = False
        """True: append nothing for an act that changes nothing after this reviewer's newest decision."""
        self._now = now

    def last(self) -> Decision | None:
        """Return the decision that ``undo`` would undo, or None."""
        decision_id = history.to_undo(self.connection, self.reviewer)
        return read_decision(self.connection, decision_id) if decision_id else None

    def undo(self) -> Change | None:
        """Undo this reviewer's last decision in effect; None if there is none.

        Raises ConflictError if what it set has changed since.
        """
        return self._reverse(history.to_undo, "undo")

    def redo(self) -> Change | None:
        """Redo what this reviewer last undid; None if there is nothing, or a new decision came after it."""
        return self._reverse(history.to_redo, "redo")

    def _reverse(self, find: Callable[[sqlite3.Connection, str], int | None], action: Action) -> Change | None:
        with self._writing():
            decision_id = find(self.connection, self.reviewer)
            if decision_id is None:
                return None
            target = read_decision(self.connection, decision_id)
            before = self._with_machine_types(target)
            goal, expected = (before, target.after) if action == "undo" else (target.after, before)
            events = self._refuse_changed(expected, goal, target, action)
            if not goal.fields.keys() <= {field.id for event in events for field in event.fields}:
                raise DamagedRowError("decisions", target.id, "changes fields that its events don't have")
            return self._append(action, target.event_id, goal, target.field_id, target.id, current=events)

    def _with_machine_types(self, target: Decision) -> Patch:
        """Return what a decision changed, with the type None where the type was the machine's, which may be new."""
        events = dict(target.before.events)
        for event_id, columns in events.items():
            if "type" not in columns or history.type_is_set(self.connection, event_id, target.id):
                continue
            row = self.connection.execute("SELECT status, extracted_type FROM events WHERE id = ?", (event_id,))
            status, machine = row.fetchone()
            # An event that stays accepted keeps the type that was seen: older files' acceptances don't set it.
            if machine is not None and columns.get("status", status) not in ACCEPTED:
                events[event_id] = columns | {"type": None}
        return Patch(events, target.before.fields)

    def _decide(self, action: Action, event: Event, after: Patch, field_id: int | None = None) -> Change:
        """Decide about an event as the reviewer saw it; with ``skip_unchanged``, perhaps return an earlier decision."""

        def intention() -> str:
            before = patches.current([event], after)
            return describe(Decision(0, event.id, field_id, action, self.reviewer, "", None, before, after))

        with self._writing():
            self._refuse_stale(event, intention=intention)
            if self.skip_unchanged and (decision := self._decided_already(event, after, field_id)) is not None:
                return Change(decision, event, ())
            return self._append(action, event.id, after, field_id, current=[event])

    def _decided_already(self, event: Event, after: Patch, field_id: int | None) -> Decision | None:
        """Return the newest decision about an event or field if it is this reviewer's, and a patch changes nothing."""
        if event.changed:  # a decision settles what a later import extracted
            return None
        fields = {field.id: field for field in event.fields}
        applied = {id_: _as_applied(fields[id_], columns) for id_, columns in after.fields.items()}
        stored = patches.current([event], after)
        if _without_time(stored) != _without_time(Patch(after.events, applied)):
            return None
        newest = self.connection.execute(
            "SELECT id, reviewer FROM decisions WHERE event_id = ? AND field_id IS ? ORDER BY id DESC LIMIT 1",
            (event.id, field_id),
        ).fetchone()
        if newest is None or newest[1] != self.reviewer:
            return None
        return read_decision(self.connection, newest[0])

    @contextmanager
    def _writing(self) -> Iterator[None]:
        with writing(self.connection, self.lock_timeout):
            # Row numbers and revisions of the restored file may be those of other events.
            if read_restored(self.connection) != self.restored:
                raise ConflictError("not saved: the file was restored or repaired; check the event, then decide again")
            if not has_decision(self.connection, self.newest):
                raise ConflictError("not saved: another program replaced what the file holds; decisions are missing")
            self._appended = None
            yield
        self.newest = self._appended or self.newest

    def _append(
        self,
        action: Action,
        event_id: int,
        after: Patch,
        field_id: int | None = None,
        target_id: int | None = None,
        current: Iterable[Event] = (),
    ) -> Change:
        """Append a decision and apply its patch. The caller holds the transaction.

        ``current``: events that are known to be as stored, which spares reading them.
        """
        change = append(
            self.connection, action, self.reviewer, self._now(), event_id, after, field_id, target_id, current=current
        )
        self._appended = change.decision.id, change.decision.decided_at
        return change

    def _refuse_stale(self, *events: Event, intention: Callable[[], str]) -> None:
        """Raise ConflictError if an event has changed since the reviewer saw it.

        ``intention`` describes what was to be done to the first event, for the reviewer to choose between both.
        """
        for event in events:
            row = self.connection.execute("SELECT revision, live FROM events WHERE id = ?", (event.id,)).fetchone()
            if row is None or row[0] != event.revision:
                why = f"not saved: {self._latest(event.id)} after you opened this event; check it, then decide again"
                if event is not events[0] or row is None or not row[1]:
                    raise ConflictError(why)
                raise ConflictError(why, self._latest(event.id, "{who}, {when}: {what}"), intention())

    def _refuse_changed(self, expected: Patch, goal: Patch, target: Decision, action: Action) -> list[Event]:
        """Raise ConflictError if what a decision set has changed, or others have worked on an event that it added.

        Return its events.
        """
        events = []
        for event_id in dict.fromkeys((target.event_id, *expected.events)):
            event = read_event(self.connection, event_id)
            events.append(event)
            own = Patch(
                {event_id: expected.events[event_id]} if event_id in expected.events else {},
                {field.id: expected.fields[field.id] for field in event.fields if field.id in expected.fields},
            )
            stored = patches.current([event], own)
            applied = {id_: patches.apply_to_event({}, own.events[id_], event.extracted_type) for id_ in own.events}
            same = stored.events == applied and all(
                patches.same_columns(stored.fields[field.id], _as_applied(field, own.fields[field.id]))
                for field in event.fields
                if field.id in own.fields
            )
            columns = goal.events.get(event_id, {})
            removed_in_use = columns.get("live") is False and self._is_in_use(event, goal)
            if not same or removed_in_use or not self._is_mergeable(columns.get("merged_into"), goal):
                since = f"{self._latest(event_id, others=True)} after your {target.action} of {event.external_id}"
                raise ConflictError(f"can't {action}: {since}; check it first")
        return events

    def _is_in_use(self, event: Event, goal: Patch) -> bool:
        """Return True if anybody decided about an added event, added to it, or merged another event into it."""
        others = any(field.id not in goal.fields or field.note for field in event.live_fields)
        merged = "SELECT 1 FROM events WHERE merged_into = ? AND live"
        return (
            others
            or event.status != "pending"
            or event.note is not None
            or self.connection.execute(merged, (event.id,)).fetchone() is not None
        )

    def _is_mergeable(self, event_id: Value, goal: Patch) -> bool:
        """Return True unless it is the id of an event that is gone or itself a duplicate, also after the change."""
        if not isinstance(event_id, int):
            return True
        live, merged_into = self.connection.execute(
            "SELECT live, merged_into FROM events WHERE id = ?", (event_id,)
        ).fetchone()
        after = goal.events.get(event_id, {})
        return bool(after.get("live", live)) and after.get("merged_into", merged_into) is None

    def _latest(
        self, event_id: int, form: str = "{who} made a decision ({what}, {when})", *, others: bool = False
    ) -> str:
        """Describe the newest decision about an event; with ``others``, another reviewer's if there is one."""
        row = self.connection.execute(
            "SELECT id FROM decisions WHERE event_id = :event"
            " OR id IN (SELECT decision_id FROM decision_events WHERE event_id = :event)"
            " ORDER BY :others AND reviewer = :reviewer, id DESC LIMIT 1",
            {"event": event_id, "reviewer": self.reviewer, "others": others},
        ).fetchone()
        if row is None:
            return "a new import changed it"
        latest = read_decision(self.connection, row[0])
        when = latest.decided_at[:16].replace("T", " ")
        return form.format(who=latest.reviewer, what=describe(latest), when=when)


def _without_time(patch: Patch) -> str:
    """Return a patch as JSON without the time of the decision. In JSON, unlike Python, 1 and 1.0 differ."""
    events = {
        id_: {key: columns[key] for key in columns if key != "decided_at"} for id_, columns in patch.events.items()
    }
    return patches.to_json(Patch(events, patch.fields))


def _as_applied(field: Field, columns: Json) -> Json:
    applied = patches.apply_to_field({}, columns, patches.initial_field(field))
    return {key: applied[key] for key in columns}
