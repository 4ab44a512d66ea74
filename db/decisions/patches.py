"""Patches: what a decision changes. The same rules write them to the file and replay them in memory.

A patch sets columns of events (status, reason, reason_text, reviewer, decided_at, note, type, live, merged_into) and of
fields (name, group, value, modifier, spans, state, note). A field that is set to the state ``extracted`` follows the
machine, whatever else the patch says about it: undoing a correction after a new import shows the new extraction.
The type None follows the machine too: undoing an acceptance or another type gives the newest extracted type.
"""

import json
import sqlite3
from collections.abc import Iterable

from db.model import Event, Field, Json, Patch, Span, Value, same_value, to_sql
from db.store.lookup_index import index_values

CONTENT = ("name", "group", "value", "modifier", "spans", "state")
STATUS = ("status", "reason", "reason_text", "reviewer", "decided_at")

EVENT = (*STATUS, "note", "type", "live", "merged_into")

# Names of columns become SQL from here only, whatever a stored patch holds.
_EVENT_SQL = {column: f"{column} = ?, " for column in EVENT} | {"type": "type = coalesce(?, extracted_type, type), "}
_FIELD_SQL = {column: f"{column} = ?" for column in ("name", "value", "modifier", "state", "note")}
_FIELD_SQL["group"] = "field_group = ?"
_INDEXED = "SELECT name, value FROM fields WHERE id = ? AND state <> 'removed'"


def event_columns(event: Event, columns: Iterable[str] = EVENT) -> Json:
    """Return columns of an event as a patch has them."""
    return {column: getattr(event, column) for column in columns}


def field_columns(field: Field, columns: Iterable[str] = (*CONTENT, "note")) -> Json:
    """Return columns of a field as a patch has them; spans as sorted pairs."""
    values: Json = {column: getattr(field, column) for column in columns}
    if "spans" in values:
        values["spans"] = span_pairs(field.spans)
    return values


def span_pairs(spans: Iterable[Span]) -> list[Value]:
    """Return spans as JSON has them: sorted, without duplicates."""
    ordered = spans if isinstance(spans, tuple) and len(spans) < 2 else sorted(set(spans))
    return [[start, end] for start, end in ordered]


def initial_event(event: Event) -> Json:
    """Return the columns of an event before any decision: as extracted, or not live if a person added it."""
    added = event.extracted_type is None
    undecided: Json = {"status": "pending", "type": event.extracted_type or event.type, "live": not added}
    return dict.fromkeys(EVENT) | undecided


def initial_field(field: Field) -> Json:
    """Return the columns of a field before any decision: as extracted, or removed if it is not in the extraction."""
    machine = field.extracted
    if machine is None:
        return field_columns(field) | {"state": "removed", "note": None}
    return {
        "name": machine.name,
        "group": machine.group,
        "value": machine.value,
        "modifier": machine.modifier,
        "spans": span_pairs(machine.spans),
        "state": "extracted" if field.in_extraction else "removed",
        "note": None,
    }


def apply_to_event(columns: Json, change: Json, extracted_type: str | None) -> Json:
    """Return an event's columns after a change."""
    if change.get("type", "") is None:
        change = change | {"type": extracted_type or columns.get("type")}
    return columns | change


def apply_to_field(columns: Json, change: Json, initial: Json) -> Json:
    """Return a field's columns after a change; ``initial`` is what ``initial_field`` returns."""
    if change.get("state") == "extracted":
        machine = {column: initial[column] for column in CONTENT}
        return columns | change | machine
    return columns | change


def current(events: Iterable[Event], like: Patch) -> Patch:
    """Return the current values of the columns that another patch sets, of events and their fields."""
    by_id = {event.id: event for event in events}
    fields = {field.id: field for event in by_id.values() for field in event.fields}
    return Patch(
        {id_: event_columns(by_id[id_], columns) for id_, columns in like.events.items()},
        {id_: field_columns(fields[id_], columns) for id_, columns in like.fields.items()},
    )


def same_columns(left: Json, right: Json) -> bool:
    """Return True if two sets of columns are equal, including the types of their values."""
    return left.keys() == right.keys() and all(same_value(left[key], right[key]) for key in left)


def to_json(patch: Patch) -> str:
    """Return a patch as the decisions table stores it."""
    sides = {side: values for side, values in (("events", patch.events), ("fields", patch.fields)) if values}
    return json.dumps(sides, ensure_ascii=False, separators=(",", ":"))


def write_event(connection: sqlite3.Connection, event_id: int, columns: Json) -> None:
    """Set columns of an event and increment its revision."""
    settings = "".join(_EVENT_SQL[column] for column in columns)
    connection.execute(
        f"UPDATE events SET {settings} revision = revision + 1 WHERE id = ?", (*columns.values(), event_id)
    )


def write_field(connection: sqlite3.Connection, field: Field, columns: Json, stored: Json | None = None) -> None:
    """Set columns of a stored field, and its current evidence; write only what differs.

    ``stored``: these columns as they are now, if the caller knows them.
    """
    if columns.get("state") == "extracted":
        columns, stored = apply_to_field({}, columns, initial_field(field)), None
    if stored is None:
        stored = field_columns(field, columns)
    changed = {column: value for column, value in columns.items() if not _same_stored(value, stored[column])}
    spans = changed.pop("spans", None)
    if isinstance(spans, list):
        _write_current_spans(connection, field.id, [Span(*pair) for pair in spans])  # type: ignore[misc]
    if not changed:
        return
    settings = ", ".join(_FIELD_SQL[column] for column in changed)
    values = [to_sql(value) if column == "value" else value for column, value in changed.items()]
    update = (f"UPDATE fields SET {settings} WHERE id = ?", (*values, field.id))
    removed = changed.get("state", field.state) == "removed"
    if "name" not in changed and "value" not in changed and removed == (field.state == "removed"):
        connection.execute(*update)
        return
    before = connection.execute(_INDEXED, (field.id,)).fetchone()
    connection.execute(*update)
    after = connection.execute(_INDEXED, (field.id,)).fetchone()
    index_values(connection, [(*pair, more) for pair, more in ((before, -1), (after, 1)) if pair is not None])


def _same_stored(left: Value, right: Value) -> bool:
    if not same_value(left, right):
        return False
    # In lists and objects, 1 and 1.0 are equal but become different JSON.
    return not isinstance(left, list | dict) or repr(left) == repr(right)


def _write_current_spans(connection: sqlite3.Connection, field_id: int, spans: list[Span]) -> None:
    connection.execute("DELETE FROM evidence WHERE field_id = ? AND extracted = 0", (field_id,))
    connection.execute("UPDATE evidence SET current = 0 WHERE field_id = ?", (field_id,))
    position = -1
    machine: dict[Span, int] = {}
    for position, start, end in connection.execute(
        "SELECT position, start_offset, end_offset FROM evidence WHERE field_id = ? ORDER BY position", (field_id,)
    ).fetchall():
        machine.setdefault(Span(start, end), position)
    for span in spans:
        if span in machine:
            connection.execute(
                "UPDATE evidence SET current = 1 WHERE field_id = ? AND position = ?", (field_id, machine[span])
            )
        else:
            position += 1
            connection.execute("INSERT INTO evidence VALUES (?, ?, ?, ?, 0, 1)", (field_id, position, *span))
