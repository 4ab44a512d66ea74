"""What people decided where the decision itself is lost: the events and fields still hold what came of it."""

import sqlite3

from db.decisions import patches
from db.decisions.journal import utc_now
from db.decisions.replay import replay
from db.maintenance.check import DECIDED, READ_ERRORS
from db.maintenance.salvage.mending import Dropped
from db.maintenance.salvage.remains import Remains
from db.model import Action, Event, Patch
from db.store.reading import read_decisions, read_event

_ACTIONS: dict[str, Action] = {
    "confirmed": "confirm", "corrected": "correct", "rejected": "reject", "unsure": "flag", "pending": "correct"
}  # fmt: skip
_NOBODY = "salvage"  # who decided what nobody is known to have decided


def keep_states(connection: sqlite3.Connection, remains: Remains, dropped: Dropped) -> int:
    """Append a decision of the last reviewer's to each event that is not what its decisions say, for what it is.

    How many were appended. The caller holds the transaction, and knows that decisions are lost: else a difference
    would be a flaw in what is stored.
    """
    kept = 0
    for event_id in _candidates(connection):
        if event_id in remains.rebuilt["events"]:
            continue
        try:
            event = read_event(connection, event_id)
            before, after = _difference(connection, event, remains)
        except READ_ERRORS:
            continue
        if not (after.events[event_id] or after.fields):
            continue
        dropped.note(event_id, "decisions")
        kept += 1
        connection.execute(
            "INSERT INTO decisions (id, event_id, action, reviewer, decided_at, before, after) VALUES"
            " ((SELECT max(coalesce(max(id), 0), ?) + 1 FROM decisions), ?, ?, ?, ?, ?, ?)",
            (
                remains.highest["decisions"],
                event_id,
                "add" if event.extracted_type is None else _ACTIONS[event.status],
                event.reviewer or _NOBODY,
                event.decided_at or utc_now(),
                patches.to_json(before),
                patches.to_json(after),
            ),
        )
    return kept


def _candidates(connection: sqlite3.Connection) -> list[int]:
    """Events that somebody decided about, as far as decisions or states tell."""
    rows = connection.execute(
        f"SELECT event_id FROM ({DECIDED}) UNION SELECT id FROM events WHERE (status, note, reason, reviewer, type,"
        " live, merged_into) IS NOT ('pending', NULL, NULL, NULL, extracted_type, 1, NULL) UNION SELECT event_id FROM"
        " fields WHERE (name, field_group, value, modifier, state, note) IS NOT (extracted_name, extracted_group,"
        " extracted_value, extracted_modifier, iif(in_extraction, 'extracted', 'removed'), NULL) ORDER BY 1"
    )
    return [row[0] for row in rows]


def _difference(connection: sqlite3.Connection, event: Event, remains: Remains) -> tuple[Patch, Patch]:
    """What the decisions that are there say of an event, and what it is, where these are not the same."""
    columns, fields = replay(event, read_decisions(connection, event.id))
    stored = patches.event_columns(event)
    merged = stored["merged_into"]
    if merged is not None and not connection.execute("SELECT 1 FROM events WHERE id = ?", (merged,)).fetchone():
        stored["merged_into"] = None
    differing = [name for name in stored if stored[name] != columns[name]]
    before, after = Patch({event.id: {}}, {}), Patch({event.id: {}}, {})
    before.events[event.id].update({name: columns[name] for name in differing})
    after.events[event.id].update({name: stored[name] for name in differing})
    for item in event.fields:
        there = patches.field_columns(item)
        if item.id not in remains.rebuilt["fields"] and not patches.same_columns(there, fields[item.id]):
            before.fields[item.id], after.fields[item.id] = fields[item.id], there
    return before, after
