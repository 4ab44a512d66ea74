"""The reviewed side of an imported export becomes decisions of its reviewers."""

import json
import sqlite3

from db.decisions import patches
from db.decisions.journal import utc_now
from db.decisions.replay import rebuild
from db.model import Action, Json, Patch
from db.native import NewEvent
from db.store.reading import read_event

_ACTIONS: dict[str, Action] = {"confirmed": "confirm", "corrected": "correct", "rejected": "reject", "unsure": "flag"}


def add_imported_review(connection: sqlite3.Connection, event_id: int, event: NewEvent, field_ids: list[int]) -> None:
    """Append one decision that holds the reviewed side of an event from an export."""
    review = event.review
    columns: Json = {}
    if review and review.status != "pending":
        columns = {column: getattr(review, column) for column in patches.STATUS}
    if review and review.note:
        columns["note"] = review.note
    if event.extracted_type is None:
        columns |= {"type": event.type, "live": True}
    elif event.extracted_type != event.type:
        columns["type"] = event.type
    after = Patch({event_id: columns}, {})
    for field_id, item in zip(field_ids, event.fields, strict=True):
        if side := item.review:
            reviewed: Json = {column: getattr(side, column) for column in (*patches.CONTENT, "note")}
            after.fields[field_id] = reviewed | {"spans": patches.span_pairs(side.spans)}
    if not columns and not after.fields:
        return
    stored = read_event(connection, event_id)
    before = Patch(
        {event_id: patches.event_columns(stored, columns)},
        {item.id: patches.initial_field(item) for item in stored.fields if item.id in after.fields},
    )
    action: Action = "add" if event.extracted_type is None else "correct" if after.fields else "note"
    if review:
        action = _ACTIONS.get(review.status, action)
    reviewer = (review.reviewer if review else None) or "import"
    decided_at = (review.decided_at if review else None) or utc_now()
    _append(connection, event_id, action, reviewer, decided_at, before, after)


def link_duplicates(connection: sqlite3.Connection) -> None:
    """Merge each rejected event into the event its ``same_as`` names, within the caller's transaction.

    The other event may come later in the file, or never; until then ``same_as`` stays among the unknown keys.
    """
    waiting = connection.execute(
        "SELECT id, extra FROM events WHERE status = 'rejected' AND live AND merged_into IS NULL"
        " AND extra LIKE '%\"same_as\"%'"
    ).fetchall()
    for event_id, extra in waiting:
        keys = json.loads(extra)
        target_id = _event_id(connection, keys.pop("same_as", None))
        if target_id is None or target_id == event_id:
            continue
        event = read_event(connection, event_id)
        before, after = (Patch({event_id: {"merged_into": id_}}, {}) for id_ in (None, target_id))
        rest = json.dumps(keys, ensure_ascii=False) if keys else None
        connection.execute("UPDATE events SET extra = ? WHERE id = ?", (rest, event_id))
        _append(connection, event_id, "merge", event.reviewer or "import", event.decided_at or utc_now(), before, after)


def _event_id(connection: sqlite3.Connection, same_as: object) -> int | None:
    if not isinstance(same_as, dict):
        return None
    names = [same_as.get(key) for key in ("event", "extractor", "document")]
    if not all(isinstance(name, str) for name in names):
        return None
    row = connection.execute(
        "SELECT events.id FROM events JOIN documents ON documents.id = document_id"
        " WHERE events.external_id = ? AND extractor = ? AND documents.external_id = ? AND merged_into IS NULL",
        names,
    ).fetchone()
    return int(row[0]) if row else None


def _append(
    connection: sqlite3.Connection,
    event_id: int,
    action: Action,
    reviewer: str,
    decided_at: str,
    before: Patch,
    after: Patch,
) -> None:
    connection.execute(
        "INSERT INTO decisions (event_id, action, reviewer, decided_at, before, after) VALUES (?, ?, ?, ?, ?, ?)",
        (event_id, action, reviewer, decided_at, patches.to_json(before), patches.to_json(after)),
    )
    rebuild(connection, event_id)
