"""The native form of documents and events: as JSON holds it, and as checked objects.

Every format is translated into this form. The contract is in docs/format.md; unknown keys are allowed everywhere.
"""

import hashlib
import json
import re
from dataclasses import dataclass
from typing import NamedTuple, Required, TypedDict

from db.model import Json, Reason, Span, State, Status, Value

UNKNOWN_REVIEWER = "import"
"""Whom an import names where an export doesn't name the reviewer of a decision."""

WAITING_LINK = "same_as (waiting)"
"""The key under which the file keeps an export's ``same_as`` until the event that it names arrives.

No line can set it: an extraction's own ``same_as`` is an unknown key, and links nothing.
"""

_DERIVED_ID = re.compile(r"/[0-9a-f]{16}(\.[0-9]+)?")


class NativeField(TypedDict, total=False):
    """A field as JSON holds it. The keys after ``modifier`` appear in exports only."""

    name: Required[str]
    value: Required[Value]
    group: str | None
    spans: list[list[int]] | None  # [start, end) in code points of the document's source
    confidence: float | None
    alternatives: list[Value]
    optional: bool
    modifier: str | None
    state: State
    note: str | None
    reviewer: str | None  # if not the event's
    decided_at: str | None
    seen: Json  # what the machine said when it was decided, if that is not what it says now
    extracted: Value
    extracted_name: str
    extracted_group: str | None
    extracted_modifier: str | None
    extracted_spans: list[list[int]]


class NativeEvent(TypedDict, total=False):
    """An event as JSON holds it. The keys after ``same_as`` appear in exports only."""

    id: str
    type: Required[str]
    extractor: str | None
    run: str | None
    confidence: float | None
    fields: list[NativeField]
    same_as: Value
    status: Status
    reviewer: str | None
    decided_at: str | None
    reason: Reason | None
    reason_text: str | None
    note: str | None
    note_reviewer: str | None  # if not the event's
    note_decided_at: str | None
    added: bool  # True: a person made the event
    extracted_type: str
    sources: list[Json]


class NativeDocument(TypedDict, total=False):
    """A document as JSON holds it, one per line. Either ``text`` or ``title`` is required."""

    id: str
    title: str | None
    publisher: str | None
    url: str | None
    published: str | None
    language: str | None
    text: str | None
    events: list[NativeEvent]


class Author(NamedTuple):
    """Who decided something, and when; as far as an export says it."""

    reviewer: str | None
    decided_at: str | None


@dataclass(frozen=True, slots=True)
class FieldReview:
    """The reviewed side of a field in an export."""

    name: str
    group: str | None
    value: Value
    modifier: str | None
    spans: tuple[Span, ...]
    state: State
    note: str | None
    author: Author | None = None  # None: that of the event


class NewField(NamedTuple):
    """A checked field: the extracted side, and the reviewed side if the line comes from an export.

    A tuple, because an import makes about ten for each event, and a tuple takes a third of the time.
    """

    name: str
    group: str | None
    value: Value
    modifier: str | None
    spans: tuple[Span, ...]
    confidence: float | None
    extra: Json
    review: FieldReview | None

    @property
    def by_machine(self) -> bool:
        """True if a machine extracted the field, False if a person added it."""
        return self.review is None or self.review.state != "added"


@dataclass(frozen=True, slots=True)
class EventReview:
    """The reviewed side of an event in an export. ``same_as`` names the event that it was merged into."""

    status: Status
    reviewer: str | None
    decided_at: str | None
    reason: Reason | None
    reason_text: str | None
    note: str | None
    note_author: Author | None = None  # None: that of the event
    same_as: Json | None = None


@dataclass(frozen=True, slots=True)
class NewEvent:
    """A checked event. ``extracted_type`` is None if a person made the event.

    ``id_is_derived`` is True if the line has no id, so that ``external_id`` is derived from the content. ``run`` names
    the run or version of the extractor.
    """

    external_id: str
    type: str
    extracted_type: str | None
    extractor: str
    confidence: float | None
    fields: tuple[NewField, ...]
    extra: Json
    review: EventReview | None
    id_is_derived: bool
    run: str | None = None

    @property
    def has_decisions(self) -> bool:
        """True if the line comes from an export: it tells what people decided, and nothing about the machine's side."""
        return (
            self.review is not None
            or self.extracted_type != self.type
            or any(item.review is not None for item in self.fields)
        )


@dataclass(frozen=True, slots=True)
class NewDocument:
    """A checked document with its events."""

    external_id: str
    title: str | None
    publisher: str | None
    url: str | None
    published: str | None
    language: str | None
    text: str | None
    extra: Json
    events: tuple[NewEvent, ...]

    @property
    def source(self) -> str:
        """The string that spans refer to: the text, or the title of a document without text."""
        return self.text if self.text is not None else self.title or ""

    @property
    def has_spans(self) -> bool:
        """True if any field has evidence in the source."""
        return any(field.spans for event in self.events for field in event.fields)


def is_derived_id(external_id: str, document_id: str) -> bool:
    """Return True if an event's id looks derived from the content of an event of that document."""
    return external_id.startswith(document_id) and _DERIVED_ID.fullmatch(external_id, len(document_id)) is not None


def numbered(derived_id: str, number: int) -> str:
    """Return the id of the event of that number among those of equal content."""
    return derived_id if number == 1 else f"{derived_id}.{number}"


def unnumbered(derived_id: str) -> str:
    """Return a derived id without the number that it has among those of equal content."""
    return derived_id[: derived_id.rindex("/") + 17]


_canonical = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode


def digest(content: object) -> str:
    """Return 16 hexadecimal digits that are equal for equal JSON values; ids are derived from them."""
    return hashlib.sha256(_canonical(content).encode()).hexdigest()[:16]
