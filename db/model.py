"""The vocabulary as immutable data: documents, events, fields, evidence, decisions."""

import json
from dataclasses import dataclass, field
from math import isfinite
from typing import Literal, NamedTuple, TypeAlias, get_args

Value: TypeAlias = str | int | float | bool | list["Value"] | dict[str, "Value"] | None
"""The value of a field: any JSON value. Most are text, integers or numbers."""

MAX_NESTING = 100
"""Levels of lists and objects in a value; writing deeper ones as JSON fails within the stack of a screen."""

SqlValue: TypeAlias = str | int | float | bytes | None
Json: TypeAlias = dict[str, Value]

Status = Literal["pending", "confirmed", "corrected", "rejected", "unsure"]
State = Literal["extracted", "confirmed", "corrected", "added", "removed"]
Reason = Literal["not_an_event", "historical_mention", "duplicate", "boilerplate", "generic", "other"]
Action = Literal["confirm", "correct", "reject", "flag", "note", "add", "remove", "merge", "split", "undo", "redo"]

APPLICATION_ID = 0x6576646B  # "evdk", in the header of eventdesk's SQLite files; the `file` command shows it
STATUSES: tuple[Status, ...] = get_args(Status)
STATES: tuple[State, ...] = get_args(State)
REASONS: tuple[Reason, ...] = get_args(Reason)
ACTIONS: tuple[Action, ...] = get_args(Action)
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
        """The string that spans refer to: the text, or the title of a document without text."""
        return self.text if self.text is not None else self.title or ""


@dataclass(frozen=True, slots=True)
class Extracted:
    """A field as the machine extracted it."""

    name: str
    group: str | None
    value: Value
    modifier: str | None
    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Field:
    """A named value of an event in its current state, with the extracted one beside it.

    ``extracted`` is None for a field that a person added. ``in_extraction`` is False for that one, and for one that
    the newest extraction no longer has. ``modifier`` qualifies a number: about, at least, at most, or ``to 600`` for
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
    """One record with its fields, including removed ones. Each decision increments ``revision``.

    ``extracted_type`` is None for an event that a person added; ``live`` is False if that was undone. ``merged_into``
    is the integer id of the event that a duplicate was merged into. ``changed`` is True if a later import extracted
    something else than people had decided, and nobody has decided about the event since. ``run`` names the run or
    version of the extractor that made the machine's side. ``gone`` is the time (UTC) at which the row that it comes
    from was no longer in its database.
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
    run: str | None = None
    gone: str | None = None

    @property
    def live_fields(self) -> tuple[Field, ...]:
        """The fields that are not removed; members of a group are adjacent."""
        first: dict[str | None, int] = {}
        live = [field for field in self.fields if field.state != "removed"]
        for item in live:
            first.setdefault(item.group, item.position)
        ungrouped = -1
        return tuple(sorted(live, key=lambda f: (first[f.group] if f.group else ungrouped, f.position)))


@dataclass(frozen=True, slots=True)
class Decision:
    """One act of a person, appended and never changed. ``db.decisions.patches`` explains ``before`` and ``after``."""

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

    ``event`` is the event that the decision is about. ``touched`` has each event that changed, before and after; it is
    empty if the decision is an earlier one that says the same, and nothing was appended.
    """

    decision: Decision
    event: Event
    touched: tuple[tuple[Event, Event], ...]


class Patch(NamedTuple):
    """Columns to set on events and fields, by their integer ids; a field's ``spans`` count as a column.

    ``events`` has a key for every event that changes, even if only fields of it change.
    """

    events: dict[int, Json]
    fields: dict[int, Json]


def to_sql(value: Value) -> SqlValue:
    """Return a value as SQLite stores it: text and numbers unchanged, anything else as a BLOB of JSON."""
    if isinstance(value, bool) or value is None or isinstance(value, list | dict):
        return json.dumps(value, ensure_ascii=False).encode()
    if isinstance(value, int) and not -(2**63) <= value < 2**63:
        return json.dumps(value).encode()
    return value


def from_sql(value: SqlValue) -> Value:
    """Return the value that ``to_sql`` stored. Raises ValueError, which says what is wrong, for any other BLOB."""
    if not isinstance(value, bytes):
        return value
    try:
        decoded = parse_json(value.decode())
    except UnicodeDecodeError:
        raise ValueError("is not valid JSON") from None
    if is_too_deep(decoded):
        raise ValueError(f"is nested more than {MAX_NESTING} levels deep")
    return decoded


def parse_json(text: str) -> Value:
    """Parse the JSON of a stored value, of any depth. Raises ValueError, which says what is wrong."""
    try:
        parsed: Value = _decode(text)
    except (ValueError, RecursionError):
        raise ValueError("is not valid JSON") from None
    return parsed


def _finite(digits: str) -> float:
    number = float(digits)
    if not isfinite(number):
        raise ValueError(digits)
    return number


_decode = json.JSONDecoder(parse_constant=_finite, parse_float=_finite).decode  # json.loads would make one each time


def is_too_deep(value: Value) -> bool:
    """Return True if lists and objects are nested deeper than MAX_NESTING."""
    level: list[Value] = [value]
    for _ in range(MAX_NESTING + 1):
        level = [
            item
            for part in level
            if isinstance(part, list | dict)
            for item in (part.values() if isinstance(part, dict) else part)
        ]
        if not level:
            return False
    return True


def same_value(left: Value, right: Value) -> bool:
    """Return True if two values are equal and of one type: 1, 1.0 and true are three values."""
    return type(left) is type(right) and left == right
