"""Patches: what a decision changes. The same rules write them to the file and replay them in memory.

A patch sets columns of events (status, reason, reason_text, reviewer, decided_at, note, type, live, merged_into) and of
fields (name, group, value, modifier, spans, state, note). A field that is set to the state ``extracted`` follows the
machine, whatever values the patch holds beside it: so undoing a correction after a new import shows the new extraction,
not the old one.
"""

import json
import sqlite3
from collections.abc import Iterable

from db.model import Event, Field, Json, Patch, Span, Value, same_value, to_sql
from db.store.lookup_index import index_values

CONTENT = ("name", "group", "value", "modifier", "spans", "state")
STATUS = ("status", "reason", "reason_text", "reviewer", "decided_at")

EVENT = (*STATUS, "note", "type", "live", "merged_into")

_COLUMNS = {"group": "field_group"}
_CURRENT = "SELECT name, value FROM fields WHERE id = ? AND state <> 'removed'"


def event_columns(event: Event, columns: Iterable[str] = EVENT) -> Json:
    """Columns of an event as a patch holds them."""
    return {column: getattr(event, column) for column in columns}


def field_columns(field: Field, columns: Iterable[str] = (*CONTENT, "note")) -> Json:
    """Columns of a field as a patch holds them; spans as sorted pairs."""
    values: Json = {column: getattr(field, column) for column in columns}
    if "spans" in values:
        values["spans"] = span_pairs(field.spans)
    return values


def span_pairs(spans: Iterable[Span]) -> list[Value]:
    """Spans as JSON keeps them: sorted, each once."""
    return [[start, end] for start, end in sorted(set(spans))]


def initial_event(event: Event) -> Json:
    """An event before any decision: as the machine has it, or not there where a person made it."""
    made = event.extracted_type is None
    undecided: Json = {"status": "pending", "type": event.extracted_type or event.type, "live": not made}
    return dict.fromkeys(EVENT) | undecided


def initial_field(field: Field) -> Json:
    """A field before any decision: as the machine has it, or removed where the newest extraction has it not."""
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


def apply_to_field(columns: Json, change: Json, initial: Json) -> Json:
    """A field's columns after a change; ``initial`` is what ``initial_field`` gives."""
    if change.get("state") == "extracted":
        machine = {column: initial[column] for column in CONTENT}
        return columns | change | machine
    return columns | change


def present(events: Iterable[Event], like: Patch) -> Patch:
    """The present columns of events and their fields, of those that another patch names."""
    by_id = {event.id: event for event in events}
    fields = {field.id: field for event in by_id.values() for field in event.fields}
    return Patch(
        {id_: event_columns(by_id[id_], columns) for id_, columns in like.events.items()},
        {id_: field_columns(fields[id_], columns) for id_, columns in like.fields.items()},
    )


def same_columns(left: Json, right: Json) -> bool:
    """Whether two sets of columns are the same, types of values included."""
    return left.keys() == right.keys() and all(same_value(left[key], right[key]) for key in left)


def to_json(patch: Patch) -> str:
    """A patch as the decisions table keeps it."""
    sides = {side: values for side, values in (("events", patch.events), ("fields", patch.fields)) if values}
    return json.dumps(sides, ensure_ascii=False, separators=(",", ":"))


def write_event(connection: sqlite3.Connection, event_id: int, columns: Json) -> None:
    """Set columns of an event and count its revision up."""
    settings = "".join(f"{column} = ?, " for column in columns)
    connection.execute(
        f"UPDATE events SET {settings} revision = revision + 1 WHERE id = ?", (*columns.values(), event_id)
    )


def write_field(connection: sqlite3.Connection, field_id: int, columns: Json) -> None:
    """Set columns of a field, its current evidence among them."""
    columns = dict(columns)
    spans = columns.pop("spans", None)
    if spans is not None:
        _write_current_spans(connection, field_id, [Span(*pair) for pair in spans])  # type: ignore[misc, union-attr]
    settings = ", ".join(f"{_COLUMNS.get(column, column)} = ?" for column in columns)
    values = [to_sql(value) if column == "value" else value for column, value in columns.items()]
    if columns:
        before = connection.execute(_CURRENT, (field_id,)).fetchone()
        connection.execute(f"UPDATE fields SET {settings} WHERE id = ?", (*values, field_id))
        after = connection.execute(_CURRENT, (field_id,)).fetchone()
        if before != after:
            index_values(connection, [(*pair, more) for pair, more in ((before, -1), (after, 1)) if pair is not None])


def _write_current_spans(connection: sqlite3.Connection, field_id: int, spans: list[Span]) -> None:
    connection.execute("DELETE FROM evidence WHERE field_id = ? AND extracted = 0", (field_id,))
    connection.execute("UPDATE evidence SET current = 0 WHERE field_id = ?", (field_id,))
    position = -1
    machine: dict[Span, int] = {}
    for position, start, end in connection.execute(
        "SELECT position, start_offset, end_offset FROM evidence WHERE field_id = ? ORDER BY position",
        (field_id,),
    ).fetchall():
        machine.setdefault(Span(start, end), position)
    for span in spans:
        if span in machine:
            connection.execute(
                "UPDATE evidence SET current = 1 WHERE field_id = ? AND position = ?",
                (field_id, machine[span]),
            )
        else:
            position += 1
            connection.execute("INSERT INTO evidence VALUES (?, ?, ?, ?, 0, 1)", (field_id, position, *span))
