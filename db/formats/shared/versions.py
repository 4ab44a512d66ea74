"""The two versions of a field or event in an export: as reviewed, and as the machine extracted it."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from db.model import Value

TEXTS_COMMENT = "; eventdesk: texts"
"""The beginning of the texts beside MUC templates, which aren't imported on their own."""


class FieldVersion(NamedTuple):
    """One version of a field. ``spans`` are pairs of offsets in code points."""

    name: str
    group: str | None
    value: Value
    modifier: str | None
    spans: tuple[tuple[int, int], ...]


def reviewed_version(field: Mapping[str, Any]) -> FieldVersion | None:
    """Return the reviewed version of a field; None if a reviewer removed it."""
    return None if field.get("state") == "removed" else _current(field)


def extracted_version(field: Mapping[str, Any]) -> FieldVersion | None:
    """Return the extracted version of a field; None if a reviewer added it."""
    if field.get("state") == "added":
        return None
    current = _current(field)
    return FieldVersion(
        field.get("extracted_name", current.name),
        field.get("extracted_group", current.group) or None,
        field.get("extracted", current.value),
        field.get("extracted_modifier", current.modifier),
        _spans(field["extracted_spans"]) if "extracted_spans" in field else current.spans,
    )


def seen_version(field: Mapping[str, Any]) -> FieldVersion | None:
    """Return the version that the reviewer saw when deciding, which a later extraction may have replaced."""
    seen = field.get("seen")
    return _current(seen) if isinstance(seen, dict) else extracted_version(field)


def extracted_type_of(event: Mapping[str, Any]) -> str | None:
    """Return the extracted type of an event; None if a reviewer added the event."""
    if event.get("added") is True:
        return None
    extracted: str = event.get("extracted_type", event["type"])
    return extracted


def seen_type_of(event: Mapping[str, Any]) -> str | None:
    """Return the type that the reviewer saw when deciding, which a later extraction may have replaced."""
    seen = event.get("seen_type")
    return seen if isinstance(seen, str) and event.get("added") is not True else extracted_type_of(event)


def has_decisions(document: Mapping[str, Any]) -> bool:
    """Return True if anybody decided about an event of an exported document or about one of its fields."""
    for event in document.get("events") or ():
        if event.get("status") not in (None, "pending") or event.get("note") or event.get("added"):
            return True
        if "extracted_type" in event or any(
            field.get("state") not in (None, "extracted") or field.get("note") for field in event.get("fields") or ()
        ):
            return True
    return False


def source_text(document: Mapping[str, Any]) -> str:
    """Return the string that the spans of a document refer to: its text, or the title of a document without text."""
    text = document.get("text")
    return text if isinstance(text, str) else document.get("title") or ""


def quote_of(source: str, spans: tuple[tuple[int, int], ...]) -> str | None:
    """Return the text at the spans, joined by ellipses; None without spans."""
    return " … ".join(source[start:end] for start, end in spans) if spans else None


def _current(field: Mapping[str, Any]) -> FieldVersion:
    return FieldVersion(
        field["name"], field.get("group") or None, field["value"], field.get("modifier"), _spans(field.get("spans"))
    )


def _spans(pairs: Sequence[Sequence[int]] | None) -> tuple[tuple[int, int], ...]:
    return tuple((start, end) for start, end in pairs or ())
