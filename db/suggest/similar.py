"""Events that may be the same as one: of its type, near in time, with a party, place or count of it.

Found by the index on names and values, so that it takes as long as its values are common, not as the file is large.
"""

import sqlite3
from calendar import monthrange
from collections import defaultdict
from dataclasses import dataclass
from datetime import date

from db.event_types import EventType
from db.kinds import is_date
from db.model import Event, Value, to_sql
from db.store.reading import QueueRow, read_queue_rows

DAYS = 7  # events whose dates are further apart are not the same
_PER_VALUE = 500  # events looked at for one value: a value that so many have tells little
_SHOWN = 20
_TELLING = {"actor", "place", "integer", "number"}
_LONG_ENOUGH = 4  # characters of a text that tells something


@dataclass(frozen=True, slots=True)
class Similar:
    """An event that may be the same; ``why`` says what the two share."""

    row: QueueRow
    document: str
    same_document: bool
    why: str


def similar(connection: sqlite3.Connection, event: Event, types: dict[str, EventType]) -> list[Similar]:
    """Live events of the same type that share values, the likeliest first: at most twenty.

    An event whose date is known and more than a week off is left out, and so is one that is a duplicate already.
    """
    spec = types.get(event.type, EventType(event.type))
    shared: dict[int, list[str]] = defaultdict(list)
    for name, value in dict.fromkeys((field.name, _hashable(field.value)) for field in event.live_fields):
        if not _tells(spec.field(name).kind, value):
            continue
        rows = connection.execute(
            "SELECT DISTINCT event_id FROM fields WHERE name = ? AND value = ? AND state <> 'removed' LIMIT ?",
            (name, to_sql(value), _PER_VALUE),
        )
        for (event_id,) in rows:
            shared[event_id].append(name)
    shared.pop(event.id, None)
    likeliest = sorted(shared, key=lambda id_: (-len(shared[id_]), id_))[:_PER_VALUE]
    kept = {}
    for event_id in likeliest:
        row = connection.execute(
            "SELECT document_id, documents.external_id FROM events JOIN documents ON documents.id = document_id"
            " WHERE events.id = ? AND type = ? AND live AND merged_into IS NULL",
            (event_id, event.type),
        ).fetchone()
        if row is not None:
            kept[event_id] = row
    headlines = {name: item.headline for name, item in types.items()}
    here = days(next((field.value for field in event.live_fields if field.name == "date"), None))
    found = []
    for row in read_queue_rows(connection, kept, headlines):
        there = days(row.date)
        apart = max(0, (there[0] - here[1]).days, (here[0] - there[1]).days) if here and there else None
        if apart is None or apart <= DAYS:
            document_id, document = kept[row.id]
            why = ", ".join(dict.fromkeys(shared[row.id]))
            if apart is not None:
                why += ", same day" if apart == 0 else f", {apart} days apart"
            rank = (len(set(shared[row.id])) + (1 if apart is not None else 0), -(apart or 0))
            found.append((rank, Similar(row, document, document_id == event.document_id, why)))
    found.sort(key=lambda item: item[0], reverse=True)
    return [item for _, item in found[:_SHOWN]]


def _hashable(value: Value) -> str | int | float | None:
    return value if isinstance(value, str | int | float) and not isinstance(value, bool) else None


def _tells(kind: str, value: Value) -> bool:
    if value is None or kind == "date":
        return False
    return kind in _TELLING or (isinstance(value, str) and len(value) >= _LONG_ENOUGH)


def days(value: Value) -> tuple[date, date] | None:
    """The first and the last day that a date of any precision, or an interval, may be; None where it is no date."""
    if not isinstance(value, str) or not is_date(value):
        return None
    first, _, last = value.partition("/")
    return _ends(first)[0], _ends(last or first)[1]


def _ends(text: str) -> tuple[date, date]:
    year, *rest = map(int, text.split("-"))
    match rest:
        case []:
            return date(year, 1, 1), date(year, 12, 31)
        case [month]:
            return date(year, month, 1), date(year, month, monthrange(year, month)[1])
        case _:
            day = date(year, *rest)
            return day, day
