"""Writes metadata with which Datasette describes an eventdesk file: descriptions, facets, and common queries.

Datasette shows the events from the file itself, so the metadata holds none of its documents.
"""

import json
import re
from collections.abc import Iterator
from importlib.resources import files
from typing import Any

from db.event_types import EventType, FieldType
from db.formats.format import Export, Format
from db.io.toml import parse_toml

_MOST_FIELDS = 100  # of the query for an event type
_TYPE_QUERY = "Reviewed fields; several values are joined with ;. Leave status empty to list all events."


def metadata(types: dict[str, EventType], database: str) -> dict[str, Any]:
    """Return the metadata of a file with these event types; ``database`` is its name without ``.db``."""
    name = "metadata.toml"
    described = parse_toml((files(__package__) / name).read_text(encoding="utf-8"), name)
    tables: dict[str, Any] = described.pop("tables")
    queries: dict[str, Any] = described.pop("queries")
    for event_type in types.values():
        base = f"type_{re.sub(r'[^a-z0-9]+', '_', event_type.name.casefold()).strip('_')}"
        key, number = base, 1
        while key in queries:
            number += 1
            key = f"{base}_{number}"
        queries[key] = _of_type(event_type)
    for query in queries.values():
        query["sql"] = query["sql"].strip()
    return {**described, "databases": {database: {**described, "tables": tables, "queries": queries}}}


def _of_type(event_type: EventType) -> dict[str, Any]:
    """Return the query for the events of a type, with a column for each field and units in the column names."""
    shown = event_type.fields[:_MOST_FIELDS]
    columns = "".join(f",\n       {_field(item)}" for item in shown)
    helps = [f"{item.name}: {item.help}" for item in shown if item.help]
    return {
        "title": f"Events of type {event_type.name}",
        "description": " ".join([event_type.help, _TYPE_QUERY, *helps]).strip(),
        "params": ["status"],
        "sql": "SELECT documents.published, documents.external_id AS document, documents.title,\n"
        f"       events.external_id AS event, events.status{columns}\n"
        "FROM events JOIN documents ON documents.id = events.document_id\n"
        f"WHERE events.live AND events.type = {_literal(event_type.name)}"
        " AND (:status = '' OR events.status = :status)",
    }


def _field(item: FieldType) -> str:
    text = "CASE typeof(value) WHEN 'blob' THEN CAST(value AS TEXT) ELSE value END"
    modified = (
        f"CASE WHEN modifier LIKE 'to %' THEN {text} || ' ' || modifier"
        f" WHEN modifier IS NOT NULL THEN modifier || ' ' || {text} ELSE {text} END"
    )
    column = f"{item.name} ({item.unit})" if item.unit else item.name
    # A single value keeps its type, so that Datasette sorts numbers as numbers.
    return (
        "(SELECT CASE count(*) WHEN 1 THEN max(shown) ELSE group_concat(shown, '; ') END"
        f" FROM (SELECT {modified} AS shown FROM fields"
        f" WHERE event_id = events.id AND name = {_literal(item.name)} AND state <> 'removed' ORDER BY position))"
        f" AS {_identifier(column)}"
    )


def _literal(text: str) -> str:
    quoted = text.replace("'", "''")
    return f"'{quoted}'"


def _identifier(text: str) -> str:
    quoted = text.replace('"', '""')
    return f'"{quoted}"'


def _write(export: Export) -> Iterator[bytes]:
    yield json.dumps(metadata(export.types, export.database), ensure_ascii=False, indent=2).encode() + b"\n"


FORMAT = Format(
    name="datasette",
    about="metadata for Datasette: `datasette FILE.db --metadata metadata.json`",
    writes="descriptions of tables, views and columns, facets, and queries for common questions and each event type",
    loses="the events themselves, which Datasette reads from the file",
    write=_write,
)
