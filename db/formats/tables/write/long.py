"""The long table: a row a field, with both sides, where it stands in the text and how that was found."""

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
from db.formats.tables.write.wide import MACHINE, events_of
from db.io.csv import cell_of, csv_of, defused

COLUMNS = {
    "document": "id of the document",
    "event": "id of the event, which is its own within a document and an extractor",
    "extractor": "who extracted the event",
    "type": "type of the event, as reviewed",
    MACHINE: "type of the event as the machine extracted it; empty where a person made the event",
    "status": "what was decided about the event: pending, confirmed, corrected, rejected or unsure",
    "reviewer": "who decided about the event",
    "decided_at": "when that was decided, UTC",
    "field": "name of the field, as reviewed; empty where the event has no fields at all",
    "field.machine": "name of the field as the machine extracted it; empty where a person added the field",
    "group": "what the fields of an event share that belong together, as reviewed",
    "group.machine": "that of the machine",
    "value": "the value as reviewed; empty where a person removed the field",
    "value.machine": "the value as the machine extracted it; empty where a person added the field",
    "modifier": "of a number, as reviewed: about, at least, at most, or to 600 for the upper end of a range",
    "modifier.machine": "that of the machine",
    "state": "what was decided about the field: extracted (nothing yet), confirmed, corrected, added or removed",
    "confidence": "how sure the extractor is of the field, from 0 to 1",
    "start": "where the first span of the reviewed value begins: characters of the document's text, from 0",
    "end": "where that span ends: the first character after it",
    "quote": "the text of all spans of the reviewed value",
    "spans": "all spans of the reviewed value as JSON: [[start, end], …]",
    "spans.machine": "all spans of the machine's value as JSON",
    "grounding": "how the spans were found, where the extractor did not give them: exact, folded, number_words, date,"
    " greater, lesser, fuzzy, none",
    "note": "what the reviewer wrote about the field",
}
"""The columns of a long table, and what they hold."""


def columns(export: Export) -> list[str]:
    """The columns of this table: those of the machine's side are left out where it is not known."""
    return [name for name in COLUMNS if not (export.reviewed and (name.endswith(".machine") or name == "state"))]


def rows(export: Export) -> Iterator[list[str]]:
    """The line of names and a row for each field, as cells; one for an event without fields too."""
    names = columns(export)
    yield [defused(name) for name in names]
    for values in _all_values(export):
        yield ["" if (value := values.get(name)) is None else cell_of(value) for name in names]


def write(export: Export) -> Iterator[bytes]:
    """The long table as CSV."""
    return csv_of(rows(export))


def _all_values(export: Export) -> Iterator[dict[str, Any]]:
    """What stands in each row by column; None or absent where nothing does."""
    for document, event in events_of(export):
        source = source_text(document)
        head = {
            "document": document["id"],
            "event": event["id"],
            "extractor": event.get("extractor"),
            "type": event["type"],
            MACHINE: extracted_type_of(event),
            **{key: event.get(key) for key in ("status", "reviewer", "decided_at")},
        }
        fields = event.get("fields")
        if not fields:
            yield head
        for field in fields or ():
            yield head | _of_field(field, source)


def _of_field(field: dict[str, Any], source: str) -> dict[str, Any]:
    reviewed, machine = reviewed_version(field), extracted_version(field)
    values: dict[str, Any] = {key: field.get(key) for key in ("state", "confidence", "grounding", "note")}
    if reviewed is not None:
        values |= _of_side(reviewed, "")
        if reviewed.spans:
            values |= {"start": reviewed.spans[0][0], "end": reviewed.spans[0][1]}
            values["quote"] = quote_of(source, reviewed.spans)
    if machine is not None:
        values |= _of_side(machine, ".machine")
    return values


def _of_side(side: FieldVersion, suffix: str) -> dict[str, Any]:
    return {
        f"field{suffix}": side.name,
        f"group{suffix}": side.group,
        # A value that is null is no empty cell.
        f"value{suffix}": json.dumps(None) if side.value is None else side.value,
        f"modifier{suffix}": side.modifier,
        f"spans{suffix}": json.dumps(side.spans) if side.spans else None,
    }
