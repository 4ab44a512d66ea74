"""Reconstructs lost decisions from what they left: the reviewed side of events and fields."""

import sqlite3

from db.decisions import patches
from db.decisions.journal import utc_now
from db.decisions.replay import replay
from db.maintenance.check import DECIDED, READ_ERRORS
from db.maintenance.salvage.cleanup import Cleanup
from db.maintenance.salvage.lost_rows import LostRows
from db.model import ACCEPTED, Action, Event, Patch
from db.store.reading import read_decisions, read_event

_ACTIONS: dict[str, Action] = {
    "confirmed": "confirm", "corrected": "correct", "rejected": "reject", "unsure": "flag", "pending": "correct"
}  # fmt: skip
_REVIEWER = "salvage"  # if the event doesn't name one


def reconstruct_decisions(connection: sqlite3.Connection, lost_rows: LostRows, cleanup: Cleanup) -> int:
    """Append a decision to each event that differs from what its decisions give; return how many were appended.

    The caller holds the transaction and knows that decisions are lost. Otherwise, a difference means that the stored
    state is damaged.
    """
    appended = 0
    for event_id in _candidates(connection):
        if event_id in lost_rows.rebuilt["events"]:
            continue
        try:
            event = read_event(connection, event_id)
            before, after = _difference(connection, event, lost_rows)
        except READ_ERRORS:
            continue
        if not (after.events[event_id] or after.fields):
            continue
        cleanup.add_loss(event_id, "decisions")
        appended += 1
        action = "add" if event.extracted_type is None else _ACTIONS[event.status]
        connection.execute(
            "INSERT INTO decisions (id, event_id, action, reviewer, decided_at, before, after) VALUES"
            " ((SELECT max(coalesce(max(id), 0), ?) + 1 FROM decisions), ?, ?, ?, ?, ?, ?)",
            (
                lost_rows.highest["decisions"],
                event_id,
                action,
                event.reviewer or _REVIEWER,
                event.decided_at or utc_now(),
                patches.to_json(before),
                patches.to_json(after),
            ),
        )
    return appended


def _candidates(connection: sqlite3.Connection) -> list[int]:
    """Return the events that have decisions, or a state that only a decision can give."""
    rows = connection.execute(
        f"SELECT event_id FROM ({DECIDED}) UNION SELECT id FROM events WHERE (status, note, reason, reviewer, type,"
        " live, merged_into) IS NOT ('pending', NULL, NULL, NULL, extracted_type, 1, NULL) UNION SELECT event_id FROM"
        " fields WHERE (name, field_group, value, modifier, state, note) IS NOT (extracted_name, extracted_group,"
        " extracted_value, extracted_modifier, iif(in_extraction, 'extracted', 'removed'), NULL) ORDER BY 1"
    )
    return [row[0] for row in rows]


def _difference(connection: sqlite3.Connection, event: Event, lost_rows: LostRows) -> tuple[Patch, Patch]:
    """Return where an event's stored state differs from what its decisions give: their result, and the stored state."""
    columns, fields = replay(event, read_decisions(connection, event.id))
    stored = patches.event_columns(event)
    merged = stored["merged_into"]
    if merged is not None and not connection.execute("SELECT 1 FROM events WHERE id = ?", (merged,)).fetchone():
        stored["merged_into"] = None
    differing = [name for name in stored if stored[name] != columns[name]]
    if "status" in differing and "type" not in differing and event.status in ACCEPTED:
        differing.append("type")  # an acceptance sets the type, so that it doesn't follow a later extraction
    before = Patch({event.id: {name: columns[name] for name in differing}}, {})
    after = Patch({event.id: {name: stored[name] for name in differing}}, {})
    for item in event.fields:
        current = patches.field_columns(item)
        if item.id not in lost_rows.rebuilt["fields"] and not patches.same_columns(current, fields[item.id]):
            before.fields[item.id], after.fields[item.id] = fields[item.id], current
    return before, after
