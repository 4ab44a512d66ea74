"""Fields whose values their texts usually don't have: that a value is nowhere in its text says nothing there.

An event is marked for a value that isn't found only if values of that field, by that extractor, usually are. What
was found is stored with each field, so this needs no state of its own: a sample of each extractor's events decides.
"""

import json
import sqlite3
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from math import sqrt

from db.describe import weak_evidence
from db.model import Event, Field, SqlValue

_SAMPLED = 200  # events of an extractor
_MOST_EXTRACTORS = 100
_FEWEST = 5  # values of a field that say something about it
_SHARE = 0.25  # of values that are nowhere
NOWHERE = '"grounding": "none"'  # as importing writes it into the column extra


# Jumps from extractor to extractor in the index.
_EXTRACTORS = (
    "WITH RECURSIVE known (name) AS (SELECT min(extractor) FROM events WHERE live UNION ALL"
    " SELECT (SELECT min(extractor) FROM events WHERE extractor > known.name AND live) FROM known"
    f" WHERE name IS NOT NULL LIMIT {_MOST_EXTRACTORS}) SELECT name FROM known WHERE name IS NOT NULL"
)


# Each step takes one seek in the index of extractors, which ends in the id.
_SAMPLE = (
    "WITH RECURSIVE steps (at) AS (SELECT :first UNION ALL SELECT at + :step FROM steps WHERE at + :step <= :last)"
    " SELECT extracted_name, count(*), sum(instr(fields.extra, :nowhere) > 0) FROM (SELECT DISTINCT (SELECT min(id)"
    " FROM events WHERE extractor = :extractor AND live AND id >= at) AS id FROM steps) AS sampled"
    " CROSS JOIN fields ON fields.event_id = sampled.id"
    " WHERE instr(fields.extra, '\"grounding\"') AND typeof(extracted_name) = 'text' GROUP BY extracted_name"
)


@dataclass(slots=True)
class Searched:
    """How many values of a field were searched in their texts, and how many of them are nowhere."""

    values: int = 0
    absent: int = 0

    def add(self, is_absent: bool) -> None:
        """Count one more value."""
        self.values += 1
        self.absent += is_absent

    @property
    def found(self) -> int:
        """The number of values that are in their texts."""
        return self.values - self.absent

    @property
    def usually_absent(self) -> bool:
        """True if so many values are nowhere that one more says nothing: a quarter, and more than chance may add."""
        return self.values >= _FEWEST and self.absent > _SHARE * self.values + sqrt(_SHARE * self.values)


def searched_fields(connection: sqlite3.Connection) -> dict[tuple[str, str], Searched]:
    """Return what was searched, by extractor and field name, in a sample of events spread evenly over the file."""
    found: dict[tuple[str, str], Searched] = {}
    with suppress(sqlite3.Error):  # `check` names what is damaged
        for (extractor,) in connection.execute(_EXTRACTORS).fetchall():
            bounds = "SELECT min(id), max(id) FROM events WHERE extractor = ? AND live"
            first, last = connection.execute(bounds, (extractor,)).fetchone()
            step = max(1, (last - first) // _SAMPLED)
            values = {"extractor": extractor, "first": first, "last": last, "step": step, "nowhere": NOWHERE}
            for name, searched, absent in connection.execute(_SAMPLE, values):
                found[extractor, name] = Searched(searched, absent)
    return found


class MissingValues:
    """The values of one file that are marked because they are nowhere in their texts. Counts when they are needed."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    @cached_property
    def usual(self) -> frozenset[tuple[str, str]]:
        """The fields, by extractor and name, whose values their texts usually don't have."""
        return frozenset(key for key, counts in searched_fields(self._connection).items() if counts.usually_absent)

    @cached_property
    def _choices(self) -> frozenset[tuple[str, str]]:
        rows = self._connection.execute("SELECT event_type, name FROM event_type_fields WHERE kind = 'choice'")
        return frozenset(map(tuple, rows))

    def is_usual(self, event_type: str, extractor: str, name: str) -> bool:
        """Return True for a field whose values their texts usually don't have, or whose type lists its choices."""
        return (extractor, name) in self.usual or (event_type, name) in self._choices

    def weak_evidence(self, event: Event, item: Field) -> str | None:
        """Describe the weak evidence of a field's value; None if it is good, or if its absence says nothing."""
        weak = weak_evidence(item)
        if weak and item.extra.get("grounding") == "none":
            return None if self.is_usual(event.type, event.extractor, item.name) else weak
        return weak

    def events(self, ids: Sequence[int]) -> set[int]:
        """Return those of some events that have a value that is marked."""
        try:
            rows = self._connection.execute(
                "SELECT event_id, events.type, extractor, name FROM fields JOIN events ON events.id = event_id"
                f" WHERE event_id IN ({','.join('?' * len(ids))}) AND state = 'extracted' AND instr(fields.extra, ?)"
                " AND status = 'pending'",
                (*ids, NOWHERE),
            ).fetchall()
            return {event_id for event_id, *place in rows if not self.is_usual(*place)}
        except sqlite3.Error:  # whoever opens the event reports the damage
            return set()


def weak_condition(connection: sqlite3.Connection) -> tuple[str, list[SqlValue]]:
    """Return the SQL condition for events with a value that is nowhere in the text, and marked for it."""
    condition = (
        "EXISTS (SELECT 1 FROM fields WHERE event_id = events.id AND state = 'extracted' AND instr(extra, ?)"
        " AND NOT EXISTS (SELECT 1 FROM json_each(?) AS usual WHERE usual.value ->> 0 = events.extractor"
        " AND usual.value ->> 1 = fields.name)"
        " AND NOT EXISTS (SELECT 1 FROM event_type_fields AS spec WHERE spec.event_type = events.type"
        " AND spec.name = fields.name AND spec.kind = 'choice'))"
    )
    return condition, [NOWHERE, json.dumps(sorted(MissingValues(connection).usual))]
