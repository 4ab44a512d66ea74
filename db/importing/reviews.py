"""What exports say that people decided becomes decisions of these people, at their times."""

import sqlite3
from collections.abc import Sequence

from db.decisions import patches
from db.decisions.adding import insert_field
from db.decisions.journal import append, utc_now
from db.importing.merging.contents import Piece, author_of
from db.importing.merging.differences import moment
from db.model import ACCEPTED, Action, Json, Patch
from db.native import UNKNOWN_REVIEWER, Author, NewEvent
from db.store.reading import read_event

_ACTIONS: dict[object, Action] = {
    "confirmed": "confirm",
    "corrected": "correct",
    "rejected": "reject",
    "unsure": "flag",
}
_FIELD_ACTIONS: dict[object, Action] = {"added": "add", "removed": "remove", "confirmed": "confirm"}


def add_imported_review(
    connection: sqlite3.Connection, event_id: int, event: NewEvent, field_ids: Sequence[int]
) -> int:
    """Append the decisions about a new event from an export, one for each person. Return their number."""
    pieces: dict[Author, Piece] = {}
    review, by = event.review, author_of(event.review)
    columns: Json = {}
    if review and review.status != "pending":
        columns = {column: getattr(review, column) for column in patches.STATUS}
    if event.extracted_type is None:
        columns |= {"type": event.type, "live": True}
    elif event.extracted_type != event.type or columns.get("status") in ACCEPTED:
        columns["type"] = event.type
    if columns:
        pieces[by] = Piece(columns)
    if review and review.note:
        pieces.setdefault(review.note_author or by, Piece()).event["note"] = review.note
    for field_id, item in zip(field_ids, event.fields, strict=True):
        if side := item.review:
            content: Json = {"note": side.note} if side.note else {}
            if side.state != "extracted":
                content |= {column: getattr(side, column) for column in patches.CONTENT}
                content["spans"] = patches.span_pairs(side.spans)
            pieces.setdefault(side.author or by, Piece()).fields[field_id] = content
    return append_pieces(connection, event_id, pieces)


def append_pieces(connection: sqlite3.Connection, event_id: int, pieces: dict[Author, Piece]) -> int:
    """Append a decision about an event for each person and time, in the order of time. Return their number."""
    now = utc_now()
    by_time = sorted(pieces.items(), key=lambda pair: str(moment(pair[0].decided_at or now)))
    for author, piece in by_time:
        reviewer, decided_at = author.reviewer or UNKNOWN_REVIEWER, author.decided_at or now
        columns = dict(piece.event)
        if "status" in columns:
            columns |= {"reviewer": reviewer, "decided_at": decided_at}
        fields = dict(piece.fields)
        for content in piece.added:
            name, group = str(content["name"]), content["group"]
            group = group if isinstance(group, str) else None
            fields[insert_field(connection, event_id, name, group, content["value"])] = content
        action, field_id = _act(piece, columns, fields)
        if isinstance(piece.agrees, int) and not fields:
            agreed = next(field for field in read_event(connection, event_id).fields if field.id == piece.agrees)
            fields = {agreed.id: patches.field_columns(agreed, ("name", "value", "modifier"))}
        append(connection, action, reviewer, decided_at, event_id, Patch({event_id: columns}, fields), field_id)
    return len(by_time)


def _act(piece: Piece, columns: Json, fields: dict[int, Json]) -> tuple[Action, int | None]:
    """Return the action that describes a decision best, and the field that it is about."""
    if columns.get("live"):
        return "add", None
    if "status" in columns:
        return _ACTIONS[columns["status"]], None
    if "merged_into" in columns:
        return "merge", None
    if "type" in columns:
        return "correct", None
    contents = {id_: content["state"] for id_, content in fields.items() if "state" in content}
    if len(contents) == 1:
        ((field_id, state),) = contents.items()
        return _FIELD_ACTIONS.get(state, "correct"), field_id
    if contents:
        return "correct", None
    if columns.get("note") or fields:
        return "note", None if columns.get("note") else next(iter(fields))
    if isinstance(piece.agrees, int):
        return "confirm", piece.agrees
    return "confirm" if piece.agrees in ACCEPTED else _ACTIONS[piece.agrees], None
