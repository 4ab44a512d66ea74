"""One extraction of a LangExtract file, checked and with its place in the text; and the names that both ways use."""

from dataclasses import dataclass
from typing import Any

from db.errors import InputError
from db.formats.format import OffsetUnit
from db.formats.shared.folded_text import fold
from db.formats.shared.spans import Mark, place
from db.io.json_lines import json_type
from db.model import Span

KEYS = (
    "extraction_class", "extraction_text", "char_interval", "alignment_status", "extraction_index", "group_index",
    "description", "attributes", "token_interval",
)  # fmt: skip
GROUNDING = {"match_exact": "exact", "match_greater": "greater", "match_lesser": "lesser", "match_fuzzy": "fuzzy"}
OURS = "langextract"  # the key of documents, events and fields for what the native form has no place for

# Attributes of an extraction that is a field of an event from elsewhere, and the document's key for its own more.
EVENT_ID, EVENT_TYPE, EVENT_EXTRACTOR = "eventdesk_id", "eventdesk_type", "eventdesk_extractor"
EVENT_MORE, DOCUMENT_MORE = "eventdesk_event", "eventdesk"
# What of native documents, events and fields is not for another program to say, or has a place of its own.
OF_DOCUMENT = frozenset((OURS, "id", "title", "publisher", "url", "published", "language", "text", "events"))
OF_EVENT = frozenset(
    (OURS, "id", "type", "extractor", "fields", "status", "reviewer", "decided_at", "reason", "reason_text", "note",
     "added", "extracted_type")
)  # fmt: skip
OF_FIELD = frozenset(
    (OURS, "name", "state", "note", "extracted", "extracted_name", "extracted_group", "extracted_modifier",
     "extracted_spans", EVENT_ID, EVENT_TYPE, EVENT_EXTRACTOR, EVENT_MORE)
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Extraction:
    """``rest`` is what the file has beside class, text and attributes, without null. ``grounding`` says how the span
    was found, None where the file does not.
    """

    number: int
    name: str
    text: Any
    attributes: dict[str, Any]
    rest: dict[str, Any]
    span: Span | None
    grounding: str | None


def extractions_of(
    data: dict[str, Any], text: str | None, unit: OffsetUnit | None
) -> tuple[list[Extraction], tuple[str, ...]]:
    """The extractions of a document, and what a person should know of their places. Raises InputError."""
    items = data.get("extractions")
    if items is None:
        items = []
    if not isinstance(items, list):
        raise InputError(f"extractions: must be a list, is {json_type(items)}")
    for number, item in enumerate(items):
        _check(item, f"extractions[{number}]")
    spans, notes = _spans(items, text, unit)
    return [_extraction(number, item, spans.get(number), text) for number, item in enumerate(items)], notes


def _check(item: object, where: str) -> None:
    if not isinstance(item, dict):
        raise InputError(f"{where}: must be an object, is {json_type(item)}")
    name = item.get("extraction_class")
    if not isinstance(name, str) or not name.strip():
        raise InputError(f"{where}: has no extraction_class; give the class as text")
    if isinstance(item.get("extraction_text"), dict | list):
        raise InputError(f"{where}.extraction_text: must be text, is {json_type(item['extraction_text'])}")


def _spans(
    items: list[dict[str, Any]], text: str | None, unit: OffsetUnit | None
) -> tuple[dict[int, Span], tuple[str, ...]]:
    marks = {number: mark for number, item in enumerate(items) if (mark := _mark(item, text or "")) is not None}
    if not marks:
        return {}, ()
    if text is None:
        return {}, (
            f"has no text, so that {len(marks)} places in it are kept for export alone; add its text under the key text"
            " before the import to see them",
        )
    placed = place(text, list(marks.values()), unit)
    return {
        number: Span(*span) for number, span in zip(marks, placed.spans, strict=True) if span is not None
    }, placed.notes


def _mark(item: dict[str, Any], text: str) -> Mark | None:
    interval, quote = item.get("char_interval"), item.get("extraction_text")
    if not isinstance(interval, dict):
        return None
    start, end = interval.get("start_pos"), interval.get("end_pos")
    if type(start) is not int or type(end) is not int or start == end:
        return None
    if item.get("alignment_status") != "match_exact" or not isinstance(quote, str) or not quote:
        return Mark(start, end)
    # Tokens are the same to LangExtract whatever their case and what stands between them.
    stands = text[start:end] if 0 <= start < end else ""
    return Mark(start, end, stands if stands and _tokens(stands) == _tokens(quote) else quote)


def _tokens(text: str) -> str:
    return fold(text).replace(" ", "")


def _extraction(number: int, item: dict[str, Any], span: Span | None, text: str | None) -> Extraction:
    attributes = item.get("attributes")
    rest = {
        key: value
        for key, value in item.items()
        if key not in ("extraction_class", "extraction_text") and value is not None
    }
    if isinstance(attributes, dict) and attributes:
        del rest["attributes"]
    if span is not None:
        del rest["char_interval"]
    status = item.get("alignment_status")
    grounding = GROUNDING.get(status) if isinstance(status, str) else None
    if span is None and (text is not None or "char_interval" not in rest):
        grounding = "none"
    return Extraction(
        number,
        item["extraction_class"],
        item.get("extraction_text"),
        attributes if isinstance(attributes, dict) else {},
        rest,
        span,
        grounding,
    )
