"""Queries made from an event: others with a value of it, and others near it, which may be duplicates or a series."""

import re
from datetime import timedelta

from db.describe import value_text
from db.event_types import EventType, FieldType
from db.model import Event, Value
from db.query.grammar import quoted
from db.suggest.similar import DAYS, days

_NAME = re.compile(r"[^\W\d][^\s()\":<>=!,]*(?<!-)")
_MOST = 12  # parties or counts of an event that are looked for
_TELLING = 10  # a count below is shared by chance


def with_value(name: str, value: Value) -> str | None:
    """The query for events whose field of that name has that value; None where the name can't stand in a query."""
    if not _NAME.fullmatch(name):
        return None
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return f"{name}:{value}" if number or days(value) else f"{name}:{quoted(value_text(value))}"


def near(event: Event, spec: EventType) -> str:
    """The query for events of its type with a party of it within a week, or with a count of it, in time order.

    A party counts whatever its part in either: who gave in one report may have received in another.
    """
    kinds = {field.name: spec.field(field.name).kind for field in event.live_fields}
    grouped = {field.name for field in event.live_fields if field.group}
    roles = dict.fromkeys(name for name in (*kinds, *_names_of(spec)) if _is_party(spec.field(name), name in grouped))
    parties: dict[str, None] = {}
    counts: dict[str, None] = {}
    date = None
    for field in event.live_fields:
        kind, value = kinds[field.name], field.value
        alone = with_value(field.name, value)
        if _is_party(spec.field(field.name), field.group is not None) and isinstance(value, str) and value:
            parties[value] = None
        elif kind in ("integer", "number") and alone and _tells(value):
            counts[alone] = None
        elif kind == "date" and alone and days(value):
            date = date or field
    alike = _any([query for value in list(parties)[:_MOST] for name in roles if (query := with_value(name, value))])
    ends = days(date.value) if date else None
    if date and ends:
        first, last = ends[0] - timedelta(DAYS), ends[1] + timedelta(DAYS)
        alike = f"{date.name}:{first}..{last} {alike}".rstrip()
    alike = _any([f"({alike})" if counts and " " in alike else alike, *list(counts)[:_MOST]])
    return " ".join(part for part in (f"type:{quoted(event.type)}", alike, date and f"sort:{date.name}") if part)


def _is_party(field: FieldType, grouped: bool) -> bool:
    """Whether a field names who took part. Of a learnt type kinds tell no actors: then the texts of its groups do."""
    return field.kind == "actor" or (field.kind == "text" and (grouped or field.group is not None))


def _names_of(spec: EventType) -> list[str]:
    return [field.name for field in spec.fields]


def _tells(value: Value) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value >= _TELLING


def _any(queries: list[str]) -> str:
    wanted = [query for query in queries if query]
    return f"({' or '.join(wanted)})" if len(wanted) > 1 else "".join(wanted)
