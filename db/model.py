"""The words of the design as data: documents, events, fields, evidence, decisions. All immutable."""

import json
from dataclasses import dataclass, field
from typing import Literal, NamedTuple, TypeAlias, get_args

Value: TypeAlias = str | int | float | bool | list["Value"] | dict[str, "Value"] | None
"""What a field can hold: any JSON value. Most are text, integers or numbers."""

SqlValue: TypeAlias = str | int | float | bytes | None
Json: TypeAlias = dict[str, Value]

Status = Literal["pending", "confirmed", "corrected", "rejected", "unsure"]
State = Literal["extracted", "confirmed", "corrected", "added", "removed"]
Reason = Literal["not_an_event", "historical_mention", "duplicate", "boilerplate", "generic", "other"]
Action = Literal["confirm", "correct", "reject", "flag", "note", "add", "remove", "merge", "split", "undo", "redo"]

STATUSES: tuple[Status, ...] = get_args(Status)
STATES: tuple[State, ...] = get_args(State)
REASONS: tuple[Reason, ...] = get_args(Reason)
ACCEPTED: tuple[Status, ...] = ("confirmed", "corrected")


class Span(NamedTuple):
    """Characters ``[start, end)`` of a document's source text, in code points."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Document:
    """One source text."""

    id: int
    external_id: str
    title: str | None = None
    publisher: str | None = None
    url: str | None = None
    published: str | None = None
    language: str | None = None
    text: str | None = None
    extra: Json = field(default_factory=dict)

    @property
    def source(self) -> str:
        """What spans count in: the text, or the title of a document that has no more than that."""
        return self.text if self.text is not None else self.title or ""


@dataclass(frozen=True, slots=True)
class Extracted:
    """The machine's side of a field."""

    name: str
    group: str | None
    value: Value
    modifier: str | None
    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Field:
    """A named value of an event as it stands now, with the machine's side beside it.

    ``extracted`` is None for a field that a person added. ``in_extraction`` is False as well for one that the
    newest extraction no longer holds. ``modifier`` qualifies a number: about, at least, at most, or ``to 600`` for
    the upper end of a range that begins at the value.
    """

    id: int
    event_id: int
    position: int
    name: str
    group: str | None
    value: Value
    modifier: str | None
    spans: tuple[Span, ...]
    state: State
    note: str | None
    confidence: float | None
    in_extraction: bool
    extracted: Extracted | None
    extra: Json = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Event:
    """One record with its fields, removed ones included; ``revision`` tells a stale view.

    ``extracted_type`` is None for an event that a person made; ``live`` is False when that was undone. A duplicate has
    in ``merged_into`` the integer id of the event that it was merged into. ``changed``: an import had the machine say
    otherwise than people had decided, and nobody has decided about the event since.
    """

    id: int
    document_id: int
    external_id: str
    extractor: str
    type: str
    extracted_type: str | None
    live: bool
    merged_into: int | None
    confidence: float | None
    status: Status
    reason: Reason | None
    reason_text: str | None
    note: str | None
    reviewer: str | None
    decided_at: str | None
    revision: int
    changed: bool
    fields: tuple[Field, ...]
    extra: Json = field(default_factory=dict)

    @property
    def live_fields(self) -> tuple[Field, ...]:
        """The fields that are not removed, the members of a group side by side."""
        first: dict[str | None, int] = {}
        live = [field for field in self.fields if field.state != "removed"]
        for item in live:
            first.setdefault(item.group, item.position)
        ungrouped = -1
        return tuple(sorted(live, key=lambda f: (first[f.group] if f.group else ungrouped, f.position)))


@dataclass(frozen=True, slots=True)
class Decision:
    """One appended act of a person. ``before`` and ``after`` are patches, see ``db.decisions.patches``."""

    id: int
    event_id: int
    field_id: int | None
    action: Action
    reviewer: str
    decided_at: str
    target_id: int | None
    before: "Patch"
    after: "Patch"


@dataclass(frozen=True, slots=True)
class Change:
    """What a decision changed, so that views can update. The decision is on disk when this exists.

    ``event`` is the event that the decision is about. ``touched`` has each event that changed, before and after.
    """

    decision: Decision
    event: Event
    touched: tuple[tuple[Event, Event], ...]


class Patch(NamedTuple):
    """Columns set on events and fields, by their integer ids; a field's ``spans`` counts as a column.

    Every event that is changed, or a field of it, has a key in ``events``, if need be with nothing to set.
    """

    events: dict[int, Json]
    fields: dict[int, Json]


def to_sql(value: Value) -> SqlValue:
    """A value as SQLite keeps it: text, integers and numbers as they are, the rest as a BLOB of JSON."""
    if isinstance(value, bool) or value is None or isinstance(value, list | dict):
        return json.dumps(value, ensure_ascii=False).encode()
    if isinstance(value, int) and not -(2**63) <= value < 2**63:
        return json.dumps(value).encode()
    return value


def from_sql(value: SqlValue) -> Value:
    """The inverse of ``to_sql``."""
    if isinstance(value, bytes):
        decoded: Value = json.loads(value)
        return decoded
    return value


def same_value(left: Value, right: Value) -> bool:
    """Whether two values are the same, type included: 1, 1.0 and true are three values."""
    return type(left) is type(right) and left == right
