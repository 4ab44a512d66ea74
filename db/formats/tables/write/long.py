"""The long table: one row per field with both versions, its place in the text, and how it was found there."""

import json
from collections.abc import Iterator
from typing import Any

from db.formats.format import Export
from db.formats.shared.versions import (
    FieldVersion,
    extracted_type_of,
    extracted_version,
    quote_of,
    reviewed_version,
    source_text,
)
from db.formats.tables.write.wide import EVENT_COLUMNS, EXTRACTED_TYPE, events_of
from db.io.csv import cell_of, csv_of, defused
from db.native import NativeField

_OF_EVENT = ("document", "event", "extractor", "type", EXTRACTED_TYPE, "status", "reviewer", "decided_at")
COLUMNS = {
    **{name: EVENT_COLUMNS[name] for name in _OF_EVENT},
    "field": "name of the field, as reviewed; empty if the event has no fields",
    "field.machine": "extracted name of the field; empty if a reviewer added the field",
    "group": "group of the field, as reviewed: fields that belong together share one",
    "group.machine": "extracted group of the field",
    "value": "value as reviewed; empty if a reviewer removed the field",
    "value.machine": "extracted value; empty if a reviewer added the field",
    "modifier": "modifier of a number, as reviewed: about, at least, at most, or to 600 for the upper end of a range",
    "modifier.machine": "extracted modifier",
    "state": "state of the field: extracted (no decision), confirmed, corrected, added or removed",
    "confidence": "the extractor's confidence in the field, from 0 to 1",
    "start": "start of the first span of the reviewed value, in characters of the document's text from 0",
    "end": "end of that span: the first character after it",
    "quote": "text of all spans of the reviewed value",
    "spans": "all spans of the reviewed value as JSON: [[start, end], …]",
    "spans.machine": "all spans of the extracted value as JSON",
    "grounding": "how the spans were found if the extractor gave none: exact, folded, number_words, date, normalised,"
    " several, computed, greater, lesser, fuzzy, none",
    "note": "the reviewer's note on the field",
}
"""The columns of a long table, with their descriptions."""


def columns(export: Export) -> list[str]:
    """Return the columns of this table, without those of extracted versions if they are not known."""
    return [name for name in COLUMNS if not (export.reviewed and (name.endswith(".machine") or name == "state"))]


def rows(export: Export) -> Iterator[list[str]]:
    """Yield the header and a row for each field, and one for each event without fields."""
    names = columns(export)
    yield [defused(name) for name in names]
    for values in _all_values(export):
        yield ["" if (value := values.get(name)) is None else cell_of(value) for name in names]


def write(export: Export) -> Iterator[bytes]:
    """Yield the long table as CSV."""
    return csv_of(rows(export))


def _all_values(export: Export) -> Iterator[dict[str, Any]]:
    """Yield the values of each row by column; None or missing for an empty cell."""
    for document, event in events_of(export):
        source = source_text(document)
        event_values = {
            "document": document["id"],
            "event": event["id"],
            "extractor": event.get("extractor"),
            "type": event["type"],
            EXTRACTED_TYPE: extracted_type_of(event),
            **{key: event.get(key) for key in ("status", "reviewer", "decided_at")},
        }
        fields = event.get("fields")
        if not fields:
            yield event_values
        for field in fields or ():
            yield event_values | _field_values(field, source)


def _field_values(field: NativeField, source: str) -> dict[str, Any]:
    reviewed, extracted = reviewed_version(field), extracted_version(field)
    values: dict[str, Any] = {key: field.get(key) for key in ("state", "confidence", "grounding", "note")}
    if reviewed is not None:
        values |= _version_values(reviewed, "")
        if reviewed.spans:
            values |= {"start": reviewed.spans[0][0], "end": reviewed.spans[0][1]}
            values["quote"] = quote_of(source, reviewed.spans)
    if extracted is not None:
        values |= _version_values(extracted, ".machine")
    return values


def _version_values(version: FieldVersion, suffix: str) -> dict[str, Any]:
    return {
        f"field{suffix}": version.name,
        f"group{suffix}": version.group,
        # A null value is written as null, since an empty cell means that there is no field.
        f"value{suffix}": json.dumps(None) if version.value is None else version.value,
        f"modifier{suffix}": version.modifier,
        f"spans{suffix}": json.dumps(version.spans) if version.spans else None,
    }
