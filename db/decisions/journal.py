"""How a decision is written: one durable transaction that appends it and applies its patch, or refuses it whole."""

import sqlite3
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime

from db.decisions import history, patches
from db.describe import describe
from db.errors import ConflictError
from db.model import Action, Decision, Event, Field, Json, Patch
from db.store.connection import writing
from db.store.reading import read_decision, read_event

KEY_LOCK_TIMEOUT = 0.2  # seconds that a key waits for another process's write lock before the screen says so


@dataclass(frozen=True, slots=True)
class Change:
    """What a decision changed, for whoever shows it. The decision is on disk when this exists.

    ``event`` is the event that the decision is about. ``touched`` holds every event that it changed, as it was and as
    it is now.
    """

    decision: Decision
    event: Event
    touched: tuple[tuple[Event, Event], ...]


def utc_now() -> str:
    """Now, as decisions keep it: UTC, ISO 8601 with milliseconds."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class Deciding:
    """Appends one reviewer's decisions to one file, and takes them back.

    All of it raises BusyError where another process still writes after ``lock_timeout`` seconds.
    """

    def __init__(self, connection: sqlite3.Connection, reviewer: str, now: Callable[[], str] = utc_now) -> None:
        self.connection = connection
        self.reviewer = reviewer
        self.lock_timeout = KEY_LOCK_TIMEOUT
        self._now = now

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
        with self._writing():
            decision_id = find(self.connection, self.reviewer)
            if decision_id is None:
                return None
            target = read_decision(self.connection, decision_id)
            goal, expected = (target.before, target.after) if action == "undo" else (target.after, target.before)
            self._refuse_changed(expected, goal, target)
            return self._append(action, target.event_id, goal, target.field_id, target.id)

    def _decide(self, action: Action, events: Iterable[Event], after: Patch, field_id: int | None = None) -> Change:
        """Decide about events as they were seen; the decision is about the first."""
        seen = list(events)

        def mine() -> str:
            before = patches.present(seen, after)
            return describe(Decision(0, seen[0].id, field_id, action, self.reviewer, "", None, before, after))

        with self._writing():
            self._refuse_stale(*seen, mine=mine)
            return self._append(action, seen[0].id, after, field_id)

    def _writing(self) -> AbstractContextManager[None]:
        return writing(self.connection, self.lock_timeout)

    def _append(
        self, action: Action, event_id: int, after: Patch, field_id: int | None = None, target_id: int | None = None
    ) -> Change:
        """Append a decision and apply it. The caller holds the transaction."""
        ids = dict.fromkeys((event_id, *after.events))
        events = {id_: read_event(self.connection, id_) for id_ in ids}
        before = patches.present(events.values(), after)
        sides = (patches.to_json(before), patches.to_json(after))
        decision_id: int = self.connection.execute(
            "INSERT INTO decisions (event_id, field_id, action, reviewer, decided_at, target_id, before, after)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?) RETURNING id",
            (event_id, field_id, action, self.reviewer, self._now(), target_id, *sides),
        ).fetchone()[0]
        self.connection.executemany(
            "INSERT INTO decision_events VALUES (?, ?)", [(decision_id, id_) for id_ in ids if id_ != event_id]
        )
        fields = {field.id: field for event in events.values() for field in event.fields}
        for id_, columns in after.fields.items():
            applied = patches.apply_to_field({}, columns, patches.initial_field(fields[id_]))
            patches.write_field(self.connection, id_, applied)
        for id_ in ids:
            patches.write_event(self.connection, id_, after.events.get(id_, {}))
        touched = tuple((event, read_event(self.connection, event.id)) for event in events.values())
        return Change(read_decision(self.connection, decision_id), touched[0][1], touched)

    def _refuse_stale(self, *events: Event, mine: Callable[[], str]) -> None:
        """``mine`` says what was to be done to the first of the events, which people choose about."""
        for event in events:
            row = self.connection.execute("SELECT revision, live FROM events WHERE id = ?", (event.id,)).fetchone()
            if row is None or row[0] != event.revision:
                why = f"not taken: {self._latest(event.id)} since you opened this event; look again, then decide"
                if event is not events[0] or row is None or not row[1]:
                    raise ConflictError(why)
                raise ConflictError(why, self._latest(event.id, "{who}, {when}: {what}"), mine())

    def _refuse_changed(self, expected: Patch, goal: Patch, target: Decision) -> None:
        """Refuse to turn back what is not as the decision left it, or an event that others worked on since."""
        for event_id in dict.fromkeys((target.event_id, *expected.events)):
            event = read_event(self.connection, event_id)
            own = Patch(
                {event_id: expected.events[event_id]} if event_id in expected.events else {},
                {field.id: expected.fields[field.id] for field in event.fields if field.id in expected.fields},
            )
            there = patches.present([event], own)
            same = there.events == own.events and all(
                patches.same_columns(there.fields[field.id], _as_applied(field, own.fields[field.id]))
                for field in event.fields
                if field.id in own.fields
            )
            goes = goal.events.get(event_id, {}).get("live") is False
            if not same or (goes and any(field.id not in goal.fields for field in event.live_fields)):
                why = f"{self._latest(event_id)} after your {target.action} of {event.external_id}"
                raise ConflictError(f"not taken back: {why}; look at it first")

    def _latest(self, event_id: int, form: str = "{who} made a decision ({what}, {when})") -> str:
        row = self.connection.execute(
            "SELECT max(id) FROM (SELECT max(id) AS id FROM decisions WHERE event_id = :event"
            " UNION ALL SELECT max(decision_id) FROM decision_events WHERE event_id = :event)",
            {"event": event_id},
        ).fetchone()
        if row[0] is None:
            return "a new import changed it"
        latest = read_decision(self.connection, row[0])
        when = latest.decided_at[:16].replace("T", " ")
        return form.format(who=latest.reviewer, what=describe(latest), when=when)


def _as_applied(field: Field, columns: Json) -> Json:
    applied = patches.apply_to_field({}, columns, patches.initial_field(field))
    return {key: applied[key] for key in columns}
