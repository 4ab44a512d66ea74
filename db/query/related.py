"""Queries made from an event: for events with the same value, and for related events."""

import re
from datetime import timedelta

from db.describe import value_text
from db.event_types import EventType, FieldType
from db.kinds import date_range
from db.model import Event, Value
from db.query.grammar import quoted
from db.suggest.similar import MAX_DAYS_APART

_NAME = re.compile(r"[^\W\d][^\s()\":<>=!,]*(?<!-)")
_MAX_VALUES = 12  # parties or counts of an event to search for
_MIN_COUNT = 10  # events share smaller counts by chance


def value_query(name: str, value: Value) -> str | None:
    """Return the query for events with this value in this field, or None if a query can't contain one of them."""
    text = value_text(value)
    if not _NAME.fullmatch(name) or "\0" in text:
        return None
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return f"{name}:{value}" if number or date_range(value) else f"{name}:{quoted(text)}"


def related_query(event: Event, spec: EventType) -> str:
    """Return the query for events of the same type that share a party within a week, or a count, sorted by date.

    A party may have any role: who gave in one report may have received in another.
    """
    kinds = {field.name: spec.field(field.name).kind for field in event.live_fields}
    grouped = {field.name for field in event.live_fields if field.group}
    names = (*kinds, *(field.name for field in spec.fields))
    roles = dict.fromkeys(name for name in names if _is_party(spec.field(name), name in grouped))
    parties: dict[str, None] = {}
    counts: dict[str, None] = {}
    date = None
    for field in event.live_fields:
        kind, value = kinds[field.name], field.value
        query = value_query(field.name, value)
        if _is_party(spec.field(field.name), field.group is not None) and isinstance(value, str) and value:
            parties[value] = None
        elif kind in ("integer", "number") and query and _is_large(value):
            counts[query] = None
        elif kind == "date" and query and date_range(value):
            date = date or field
    shared = [value_query(name, value) for value in list(parties)[:_MAX_VALUES] for name in roles]
    alike = _any([query for query in shared if query])
    ends = date_range(date.value) if date else None
    if date and ends:
        first, last = ends[0] - timedelta(MAX_DAYS_APART), ends[1] + timedelta(MAX_DAYS_APART)
        alike = f"{date.name}:{first}..{last} {alike}".rstrip()
    alike = _any([f"({alike})" if counts and " " in alike else alike, *list(counts)[:_MAX_VALUES]])
    return " ".join(part for part in (value_query("type", event.type), alike, date and f"sort:{date.name}") if part)


def _is_party(field: FieldType, grouped: bool) -> bool:
    """Return True for actors, and for grouped texts of learnt types, which don't know actors."""
    return field.kind == "actor" or (field.kind == "text" and (grouped or field.group is not None))


def _is_large(value: Value) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value >= _MIN_COUNT


def _any(queries: list[str]) -> str:
    parts = [query for query in queries if query]
    return f"({' or '.join(parts)})" if len(parts) > 1 else "".join(parts)
