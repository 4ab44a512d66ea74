"""Metadata with which Datasette explains an eventdesk file: words, facets, and queries for the usual questions.

They are of the file as a whole: it is the file that Datasette shows, so nothing of its documents is written.
"""

import json
import re
from collections.abc import Iterator
from importlib.resources import files
from typing import Any

from db.event_types import EventType, FieldType
from db.formats.format import Export, Format
from db.io.toml import parse_toml

_MOST_FIELDS = 100  # columns of a query


def metadata(types: dict[str, EventType], database: str) -> dict[str, Any]:
    """What Datasette is told of a file with these event types that it calls ``database``, its name without ``.db``."""
    name = "metadata.toml"
    told = parse_toml((files(__package__) / name).read_text(encoding="utf-8"), name)
    tables: dict[str, Any] = told.pop("tables")
    queries: dict[str, Any] = told.pop("queries")
    for event_type in types.values():
        base = f"type_{re.sub(r'[^a-z0-9]+', '_', event_type.name.casefold()).strip('_')}"
        key, number = base, 1
        while key in queries:
            number += 1
            key = f"{base}_{number}"
        queries[key] = _of_type(event_type)
    for query in queries.values():
        query["sql"] = query["sql"].strip()
    return {**told, "databases": {database: {**told, "tables": tables, "queries": queries}}}


def _of_type(event_type: EventType) -> dict[str, Any]:
    """The query for the events of a type, a column a field; numbers have their unit in the name of the column."""
    shown = event_type.fields[:_MOST_FIELDS]
    columns = "".join(f",\n       {_field(item)}" for item in shown)
    helps = [f"{item.name}: {item.help}" for item in shown if item.help]
    return {
        "title": f"Events of the type {event_type.name}",
        "description": " ".join(
            [event_type.help, "Fields as reviewed, several values joined by ;. An empty status finds all.", *helps]
        ).strip(),
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
    # One value keeps its type, so that Datasette shows and sorts a number as one.
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
    about="metadata with which Datasette explains this file: `datasette FILE.db --metadata metadata.json`",
    writes="what each table, view and column is, facets, and queries for the usual questions and for each event type",
    loses="the events themselves: Datasette shows them from the file",
    write=_write,
)
