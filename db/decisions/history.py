"""Which decision a reviewer's undo and redo mean, read from the decisions alone, so that it holds across sessions.

The decisions of one reviewer, newest first, are a stack: an undo hides one act below it, a redo brings one back.
"""

import sqlite3

_NEWEST_FIRST = "SELECT id, action, target_id FROM decisions WHERE reviewer = ? ORDER BY id DESC"


def to_undo(connection: sqlite3.Connection, reviewer: str) -> int | None:
    """The id of the last act of this reviewer that stands."""
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
    """The id of the act that this reviewer's last undo took back, if no act came since and no redo brought it back."""
    brought_back = 0
    for _, action, target_id in connection.execute(_NEWEST_FIRST, (reviewer,)):
        if action == "redo":
            brought_back += 1
        elif action != "undo":
            return None
        elif brought_back:
            brought_back -= 1
        else:
            return int(target_id)
    return None
