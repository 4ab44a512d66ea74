"""Finds the decision that a reviewer's undo or redo means, from the decisions alone, so that it works across sessions.

The decisions of one reviewer, newest first, form a stack: an undo hides the next act below it, a redo shows one again.
"""

import sqlite3

from db.store.reading import read_decision

_NEWEST_FIRST = "SELECT id, action, target_id FROM decisions WHERE reviewer = ? ORDER BY id DESC"


def to_undo(connection: sqlite3.Connection, reviewer: str) -> int | None:
    """Return the id of this reviewer's last act in effect; None if there is none."""
    hidden = 0
    for decision_id, action, _ in connection.execute(_NEWEST_FIRST, (reviewer,)):
        if action == "undo":
            hidden += 1
        elif action == "redo" or hidden:
            hidden -= 1
        else:
            return int(decision_id)
    return None


def to_redo(connection: sqlite3.Connection, reviewer: str) -> int | None:
    """Return the id of the act that this reviewer undid last; None if it was redone or a new act came since."""
    redone = 0
    for _, action, target_id in connection.execute(_NEWEST_FIRST, (reviewer,)):
        if action == "redo":
            redone += 1
        elif action != "undo":
            return None
        elif redone:
            redone -= 1
        else:
            return int(target_id)
    return None


def type_is_set(connection: sqlite3.Connection, event_id: int, before: int) -> bool:
    """Return True if a decision older than ``before`` set the type of an event, so that it doesn't follow the machine.

    An undo that gave the type back to the machine set it to None.
    """
    rows = connection.execute(
        "SELECT id FROM decisions WHERE id < :before AND instr(after, '\"type\"') AND (event_id = :event"
        " OR id IN (SELECT decision_id FROM decision_events WHERE event_id = :event)) ORDER BY id DESC",
        {"before": before, "event": event_id},
    )
    for (decision_id,) in rows:
        columns = read_decision(connection, decision_id).after.events.get(event_id, {})
        if "type" in columns:
            return columns["type"] is not None
    return False
