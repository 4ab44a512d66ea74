"""Suggests events that may be the same as another: of its type, near in time, with a party, place or count of it.

They are found through the index on names and values, so the time depends on how common the values are, not on how
large the file is.
"""

import sqlite3
from collections import defaultdict
from dataclasses import dataclass

from db.event_types import EventType
from db.kinds import date_range
from db.model import Event, Value, to_sql
from db.store.reading import QueueRow, read_queue_rows

MAX_DAYS_APART = 7  # events further apart are not the same
_MAX_EVENTS = 500  # looked at for one value: a more common value says little
_SHOWN = 20
_DISTINCTIVE_KINDS = {"actor", "place", "integer", "number"}
_MIN_LENGTH = 4  # characters of a distinctive text


@dataclass(frozen=True, slots=True)
class Similar:
    """An event that may be the same. ``why`` says what the two share."""

    row: QueueRow
    document: str
    same_document: bool
    why: str


def similar(connection: sqlite3.Connection, event: Event, types: dict[str, EventType]) -> list[Similar]:
    """Return at most 20 live events of the same type that share values, the most similar first.

    Leaves out duplicates of other events, and events whose date is more than a week apart.
    """
    spec = types.get(event.type, EventType(event.type))
    shared: dict[int, list[str]] = defaultdict(list)
    for name, value in dict.fromkeys((field.name, _plain(field.value)) for field in event.live_fields):
        if not _is_distinctive(spec.field(name).kind, value):
            continue
        rows = connection.execute(
            "SELECT DISTINCT event_id FROM fields WHERE name = ? AND value = ? AND state <> 'removed' LIMIT ?",
            (name, to_sql(value), _MAX_EVENTS),
        )
        for (event_id,) in rows:
            shared[event_id].append(name)
    shared.pop(event.id, None)
    documents = {}
    for event_id in sorted(shared, key=lambda id_: (-len(shared[id_]), id_))[:_MAX_EVENTS]:
        row = connection.execute(
            "SELECT document_id, documents.external_id FROM events JOIN documents ON documents.id = document_id"
            " WHERE events.id = ? AND type = ? AND live AND merged_into IS NULL",
            (event_id, event.type),
        ).fetchone()
        if row is not None:
            documents[event_id] = row
    headlines = {name: item.headline for name, item in types.items()}
    date = date_range(next((field.value for field in event.live_fields if field.name == "date"), None))
    found = []
    for row in read_queue_rows(connection, documents, headlines):
        other = date_range(row.date)
        apart = max(0, (other[0] - date[1]).days, (date[0] - other[1]).days) if date and other else None
        if apart is None or apart <= MAX_DAYS_APART:
            document_id, document = documents[row.id]
            why = ", ".join(dict.fromkeys(shared[row.id]))
            if apart is not None:
                why += ", same day" if apart == 0 else f", {apart} days apart"
            rank = (len(set(shared[row.id])) + (1 if apart is not None else 0), -(apart or 0))
            found.append((rank, Similar(row, document, document_id == event.document_id, why)))
    found.sort(key=lambda item: item[0], reverse=True)
    return [item for _, item in found[:_SHOWN]]


def _plain(value: Value) -> str | int | float | None:
    """Return a text or number, which a dict can hold, and None for any other value."""
    return value if isinstance(value, str | int | float) and not isinstance(value, bool) else None


def _is_distinctive(kind: str, value: Value) -> bool:
    if value is None or kind == "date":
        return False
    return kind in _DISTINCTIVE_KINDS or (isinstance(value, str) and len(value) >= _MIN_LENGTH)
