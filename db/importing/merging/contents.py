"""What an export says that people decided, in the terms of the file that it comes into."""

from dataclasses import dataclass, field

from db.decisions import patches
from db.importing.merging.differences import About
from db.model import Event, Field, Json, Value, same_value
from db.native import UNKNOWN_REVIEWER, Author, EventReview, NewField


@dataclass(slots=True)
class Piece:
    """What one person decided: columns of the event, of its fields by their ids, and contents of new fields.

    ``agrees`` is the status, or the id of the field, with which the person only agrees.
    """

    event: Json = field(default_factory=dict)
    fields: dict[int, Json] = field(default_factory=dict)
    added: list[Json] = field(default_factory=list)
    agrees: str | int | None = None


def author_of(review: EventReview | None) -> Author:
    """Return who decided what an export says about an event."""
    return Author((review.reviewer if review else None) or UNKNOWN_REVIEWER, review.decided_at if review else None)


def set_status_after_edit(stored: Event, pieces: dict[Author, Piece]) -> None:
    """Say ``corrected`` instead of ``confirmed`` where an acceptance, the file's or an imported one, has changes."""
    states: dict[int, Value] = {item.id: item.state for item in stored.fields}
    event_type: Value = stored.type
    for piece in pieces.values():
        states |= {id_: columns["state"] for id_, columns in piece.fields.items() if "state" in columns}
        event_type = piece.event.get("type", event_type)
    in_extraction = {item.id for item in stored.fields if item.in_extraction}
    changed = event_type != stored.extracted_type or any(piece.added for piece in pieces.values())
    if not changed and not any(
        state in ("corrected", "added") or (state == "removed" and id_ in in_extraction)
        for id_, state in states.items()
    ):
        return
    judged = [piece for piece in pieces.values() if "status" in piece.event]
    for piece in judged:
        if piece.event["status"] == "confirmed":
            piece.event["status"] = "corrected"
    if not judged and stored.status == "confirmed":
        for by, piece in pieces.items():
            if piece.fields or piece.added or "type" in piece.event:
                piece.event |= {"status": "corrected", "reason": None, "reason_text": None}
                piece.event |= {"reviewer": by.reviewer, "decided_at": by.decided_at, "merged_into": None}


def status_words(status: Value, reason: Value, text: Value) -> str:
    """Return a status with its reason."""
    return " ".join(str(part) for part in (status, f"({reason})" if reason else None, text) if part)


def states_spans(item: NewField) -> bool:
    """Return True if an export says what evidence the reviewed value has: some tables and tools can't."""
    assert item.review is not None
    return bool(item.review.spans) or (item.by_machine and bool(item.spans))


def reviewed_content(stored: Field | None, item: NewField) -> Json:
    """Return the reviewed content of a field as a patch sets it, with its state in relation to this file's machine."""
    review = item.review
    assert review is not None
    if stored is not None and review.state == "removed":
        return patches.field_columns(stored, patches.CONTENT) | {"state": "removed"}
    spans = review.spans
    machine = stored.extracted if stored else None
    if stored is not None and not states_spans(item):
        for known in (stored, machine):
            if known and same_value(known.value, review.value):
                spans = known.spans
                break
    content: Json = {
        "name": review.name,
        "group": review.group,
        "value": review.value,
        "modifier": review.modifier,
        "spans": patches.span_pairs(spans),
    }
    if machine is None:
        return content | {"state": "added"}
    same = (review.name, review.group, review.modifier) == (machine.name, machine.group, machine.modifier)
    return content | {"state": "confirmed" if same and same_value(review.value, machine.value) else "corrected"}


def same_content(one: Json, two: Json, stated: bool) -> bool:
    """Return True if two contents are equal; the evidence counts only if it is ``stated``."""
    if "removed" in (one["state"], two["state"]):
        return one["state"] == two["state"]
    same = all(same_value(one.get(column), two.get(column)) for column in ("name", "group", "value", "modifier"))
    return same and (not stated or one.get("spans") == two.get("spans"))


def value_of(content: Json, about: About) -> tuple[Value, str | None]:
    """Return what a content says: value and modifier, or the evidence alone; nothing if it is removed."""
    if content["state"] == "removed":
        return None, None
    if about == "evidence":
        return content["spans"], None
    modifier = content["modifier"]
    return content["value"], modifier if isinstance(modifier, str) else None
