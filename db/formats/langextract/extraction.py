"""Checks the extractions of a LangExtract document and places them in its text."""

from dataclasses import dataclass
from typing import Any

from db.errors import InputError
from db.formats.format import Data, OffsetUnit
from db.formats.langextract import keys
from db.formats.shared.objects import object_at, without
from db.formats.shared.spans.placing import RawSpan, place_spans
from db.io.json_lines import json_type
from db.model import Span
from db.text.folded_text import fold


@dataclass(frozen=True, slots=True)
class Extraction:
    """An extraction.

    number: its position in the document, from 0.
    rest: its other keys, without those that are null.
    grounding: how the span was found, None if the file doesn't say.
    """

    number: int
    name: str
    text: Any
    attributes: Data
    rest: Data
    span: Span | None
    grounding: str | None


def extractions_of(data: Data, text: str | None, unit: OffsetUnit | None) -> tuple[list[Extraction], tuple[str, ...]]:
    """Return the extractions of a document, and notes on their spans. Raises InputError if one is invalid."""
    items = data.get("extractions")
    items = [] if items is None else items
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
        raise InputError(f"{where}: has no extraction_class; add it as text")
    if isinstance(item.get("extraction_text"), dict | list):
        raise InputError(f"{where}.extraction_text: must be text, is {json_type(item['extraction_text'])}")


def _spans(items: list[Data], text: str | None, unit: OffsetUnit | None) -> tuple[dict[int, Span], tuple[str, ...]]:
    marks = {number: mark for number, item in enumerate(items) if (mark := _mark(item, text or "")) is not None}
    if not marks:
        return {}, ()
    if text is None:
        return {}, (
            f"no text, so {len(marks)} spans are kept for export but not shown; to see them, add the text under the key"
            " text and import the file again",
        )
    placed = place_spans(text, list(marks.values()), unit)
    spans = {number: Span(*span) for number, span in zip(marks, placed.spans, strict=True) if span is not None}
    return spans, placed.notes


def _mark(item: Data, text: str) -> RawSpan | None:
    interval, quote = item.get("char_interval"), item.get("extraction_text")
    if not isinstance(interval, dict):
        return None
    start, end = interval.get("start_pos"), interval.get("end_pos")
    if type(start) is not int or type(end) is not int or start == end:
        return None
    if item.get("alignment_status") != "match_exact" or not isinstance(quote, str) or not quote:
        return RawSpan(start, end)
    # LangExtract's exact match ignores case and white space, so the text there counts as the quote.
    found = text[start:end] if 0 <= start < end else ""
    return RawSpan(start, end, found if found and _tokens(found) == _tokens(quote) else quote)


def _tokens(text: str) -> str:
    return fold(text).replace(" ", "")


def _extraction(number: int, item: Data, span: Span | None, text: str | None) -> Extraction:
    attributes = object_at(item, "attributes")
    others = without(item, "extraction_class", "extraction_text")
    rest = {key: value for key, value in others.items() if value is not None}
    if attributes:
        del rest["attributes"]
    if span is not None:
        del rest["char_interval"]
    status = item.get("alignment_status")
    grounding = keys.GROUNDING.get(status) if isinstance(status, str) else None
    if span is None and (text is not None or "char_interval" not in rest):
        grounding = "none"
    text_ = item.get("extraction_text")
    return Extraction(number, item["extraction_class"], text_, attributes, rest, span, grounding)
