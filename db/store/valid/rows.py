"""What a row of each table must be like: the types of its columns, the values of some, and JSON that is JSON."""

from collections.abc import Collection, Mapping
from math import isfinite
from typing import Any, TypeAlias, TypeVar

from db.errors import DamagedRowError
from db.kinds import KINDS
from db.model import ACTIONS, REASONS, STATES, STATUSES, Json, Span, Value, from_sql

T = TypeVar("T")

Row: TypeAlias = tuple[Any, ...]

_TYPES: dict[str, tuple[type, ...]] = {
    "int": (int,),
    "int?": (int, type(None)),
    "text": (str,),
    "text?": (str, type(None)),
    "real?": (float, type(None)),
    "any": (str, int, float, bytes),
    "any?": (str, int, float, bytes, type(None)),
}
_MAX_OFFSET = 2**31
_SMALL, _MOST_SMALL_OBJECTS = 40, 1000
_SMALL_OBJECTS: dict[tuple[str, str], Json] = {}
"""Valid objects by their JSON: most fields have one of a few, which say how they were found. They never change."""


class RowShape:
    """What the rows of a table must be like. ``columns``: the kinds of the columns that are read, in order."""

    def __init__(self, table: str, columns: Mapping[str, str], **one_of: Collection[object]) -> None:
        """``one_of``: the possible values of some columns, besides NULL where the column may be NULL."""
        self.table = table
        self.kinds = columns
        self.columns = tuple(columns)
        self._types = tuple(_TYPES[kind] for kind in columns.values())
        self._one_of = tuple((self.columns.index(name), frozenset(values)) for name, values in one_of.items())
        self._seen: dict[tuple[type, ...], tuple[int, ...]] = {}  # valid types of a row → the places of floats

    def check(self, row: Row) -> None:
        """Raise DamagedRowError if a value isn't what its column can have. The first column identifies the row."""
        types = tuple(map(type, row))
        floats = self._seen.get(types)
        if floats is None:
            floats = self._floats(row, types)
        for place in floats:
            if not isfinite(row[place]):
                raise DamagedRowError(self.table, row[0], f"{self.columns[place]} is not a finite number")
        for place, values in self._one_of:
            if row[place] not in values and row[place] is not None:
                raise DamagedRowError(self.table, row[0], f"{self.columns[place]} can't be {row[place]!r:.60}")

    def _floats(self, row: Row, types: tuple[type, ...]) -> tuple[int, ...]:
        for name, found, allowed in zip(self.columns, types, self._types, strict=True):
            if found not in allowed:
                raise DamagedRowError(self.table, row[0], f"{name} holds {_KIND_NAMES[found]}")
        self._seen[types] = tuple(place for place, found in enumerate(types) if found is float)
        return self._seen[types]


# Keys of the native form; in an export, an unknown key by such a name would replace what eventdesk writes.
_OWN_KEYS = {
    "documents": {"id", "title", "publisher", "url", "published", "language", "text", "events"},
    "events": {"id", "type", "extractor", "confidence", "fields"},
    "fields": {"name", "value", "group", "spans", "confidence"},
}
_KIND_NAMES = {int: "an integer", float: "a number", str: "text", bytes: "bytes", type(None): "nothing"}

DOCUMENT = RowShape(
    "documents",
    dict.fromkeys(("id",), "int") | {"external_id": "text"}
    | dict.fromkeys(("title", "publisher", "url", "published", "language", "text", "extra"), "text?"),
)  # fmt: skip
EVENT = RowShape(
    "events",
    {"id": "int", "document_id": "int", "external_id": "text", "extractor": "text", "type": "text",
     "extracted_type": "text?", "live": "int", "merged_into": "int?", "confidence": "real?", "status": "text",
     "reason": "text?", "reason_text": "text?", "note": "text?", "reviewer": "text?", "decided_at": "text?",
     "revision": "int", "changed": "int", "run": "text?", "gone": "text?",
     "extra": "text?"},
    status=STATUSES, reason=REASONS,
)  # fmt: skip
FIELD = RowShape(
    "fields",
    {"id": "int", "event_id": "int", "position": "int", "name": "text", "field_group": "text?", "value": "any",
     "modifier": "text?", "state": "text", "note": "text?", "confidence": "real?", "in_extraction": "int",
     "extracted_name": "text?", "extracted_group": "text?", "extracted_value": "any?", "extracted_modifier": "text?",
     "extra": "text?"},
    state=STATES,
)  # fmt: skip
STORED_EVENT = RowShape(
    "events",
    {name: kind for name, kind in EVENT.kinds.items() if name not in ("changed", "gone")},
    status=STATUSES,
    reason=REASONS,
)
EARLIER_TEXT = RowShape(
    "earlier_texts",
    {"id": "int", "document_id": "int", "last_decision": "int", "replaced_at": "text", "moved": "int", "lost": "int",
     "only_event": "int?", "text": "text"},
)  # fmt: skip
SOURCE = RowShape(
    "sources",
    {"id": "int"} | dict.fromkeys(("path", "absolute_path", "plan", "schema_digest", "state", "added_at"), "text")
    | {"synced_at": "text?", "published_at": "text?"},
)  # fmt: skip
SOURCE_EVENT = RowShape(
    "source_events",
    {"event_id": "int", "source_id": "int", "table_name": "text", "row_key": "text", "gone_at": "text?"},
)
SOURCE_BLOCK = RowShape(
    "source_blocks",
    {"id": "int", "source_id": "int", "table_name": "text", "position": "int", "row_count": "int", "hash": "int",
     "row_hashes": "text"},
)  # fmt: skip
FIELD_VALUE = RowShape("field_values", {"id": "int", "name": "text", "value": "any", "folded": "text", "uses": "int"})
PRESENCE = RowShape("presence", {"process": "text", "reviewer": "text", "event_id": "int", "seen_at": "text"})
QUEUE_EVENT = RowShape(
    "events",
    {"id": "int", "external_id": "text", "type": "text", "status": "text", "confidence": "real?", "extractor": "text"},
    status=STATUSES,
)
QUEUE_FIELD = RowShape("fields", {"id": "int", "event_id": "int", "name": "text", "value": "any", "modifier": "text?"})
DECISION = RowShape(
    "decisions",
    {"id": "int", "event_id": "int", "field_id": "int?", "action": "text", "reviewer": "text", "decided_at": "text",
     "target_id": "int?", "before": "text", "after": "text"},
    action=ACTIONS,
)  # fmt: skip

EVENT_TYPE = RowShape("event_types", dict.fromkeys(("name", "help", "headline", "source"), "text"))
EVENT_TYPE_FIELD = RowShape(
    "event_type_fields",
    {"event_type || ' ' || name": "text", "event_type": "text", "name": "text", "kind": "text", "required": "int",
     "repeated": "int", "field_group": "text?", "choices": "text", "unit": "text?", "help": "text"},
    kind=KINDS,
)  # fmt: skip
SAVED_QUERY = RowShape("saved_queries", dict.fromkeys(("name", "query", "help"), "text"))


def check_field(row: Row) -> None:
    """Raise DamagedRowError if a row of fields holds a BLOB or extra keys that are not JSON."""
    for place in (FIELD.columns.index("value"), FIELD.columns.index("extracted_value")):
        checked_value(FIELD, row, place)
    checked_object(FIELD, row)


def checked_value(shape: RowShape, row: Row, place: int) -> Value:
    """Return a value of a row of fields. Raises DamagedRowError if it is a BLOB that isn't JSON."""
    try:
        return from_sql(row[place])
    except ValueError as error:
        raise DamagedRowError(shape.table, row[0], f"{shape.columns[place]} {error}") from None


def checked_object(shape: RowShape, row: Row, place: int = -1) -> Json:
    """Return the JSON object of a column of a row, empty for NULL. Raises DamagedRowError."""
    text = row[place]
    if not text:
        return {}
    if (known := _SMALL_OBJECTS.get((shape.table, text))) is not None:
        return known
    try:
        loaded = from_sql(text.encode())
    except ValueError as error:
        raise DamagedRowError(shape.table, row[0], f"{shape.columns[place]} {error}") from None
    if not isinstance(loaded, dict):
        raise DamagedRowError(shape.table, row[0], f"{shape.columns[place]} is not a JSON object")
    if own := loaded.keys() & _OWN_KEYS[shape.table]:
        raise DamagedRowError(
            shape.table, row[0], f"{shape.columns[place]} has the key {min(own)}, which is eventdesk's"
        )
    if len(text) <= _SMALL and len(_SMALL_OBJECTS) < _MOST_SMALL_OBJECTS:
        _SMALL_OBJECTS[shape.table, text] = loaded
    return loaded


def is_span(start: object, end: object) -> bool:
    """Return True for the offsets of evidence."""
    return type(start) is int and type(end) is int and 0 <= start < end < _MAX_OFFSET


def add_span(spans: dict[int, tuple[list[Span], list[Span]]], row: Row) -> None:
    """Add a row of evidence to the spans of its field: the machine's, and the reviewed ones."""
    field_id, start, end, extracted, current = row
    if not is_span(start, end):
        problem = f"[{start!r:.20}, {end!r:.20}] is not a part of a text"
        raise DamagedRowError("evidence", f"of field {field_id}", problem)
    machine, reviewed = spans.setdefault(field_id, ([], []))
    if extracted:
        machine.append(Span(start, end))
    if current:
        reviewed.append(Span(start, end))
