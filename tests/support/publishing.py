"""Desks of imported tables and databases, with decisions, to publish from."""

import sqlite3
from collections.abc import Callable
from pathlib import Path

from db.decisions.review import Review
from db.formats.format import ReadOptions, Source
from db.formats.tables.mapping.loading import load_mapping
from db.importing.importing import import_source
from db.importing.report import ImportReport
from db.model import Event, Field, Value
from db.sources.publish.files.writing import publish_to_file
from db.sources.publish.report import PublishReport
from db.store.reading import read_event
from support.builders import create


def desk_of(path: Path, mapping: str | None = None) -> sqlite3.Connection:
    """Return a new eventdesk file, in which a table file is imported."""
    connection = create(path.with_suffix(".desk.db"))
    with path.open("rb") as stream:
        import_source(connection, Source(str(path), stream, path), ImportReport(), options=ReadOptions(mapping))
    return connection


def events(connection: sqlite3.Connection) -> list[Event]:
    """Return all events in the order of import."""
    return [
        read_event(connection, row[0]) for row in connection.execute("SELECT id FROM events ORDER BY id").fetchall()
    ]


def field_of(event: Event, name: str) -> Field:
    """Return the one field of that name."""
    (found,) = [field for field in event.fields if field.name == name and field.state != "removed"]
    return found


def correct(connection: sqlite3.Connection, at: int, name: str, value: Value, reviewer: str = "ana") -> None:
    """Correct a field of the event that was imported at that place, or add one without evidence."""
    (event_id,) = connection.execute("SELECT id FROM events ORDER BY id LIMIT 1 OFFSET ?", (at,)).fetchone()
    event = read_event(connection, event_id)
    review = Review(connection, reviewer)
    if any(field.name == name and field.state != "removed" for field in event.fields):
        review.correct(event, field_of(event, name), value, [])
    else:
        review.add(event, name, None, value, [])


def published(path: Path, connection: sqlite3.Connection, mapping: str | None = None, **options: bool) -> PublishReport:
    """Publish to a file."""
    return publish_to_file(connection, path, load_mapping(mapping) if mapping else None, **options)


def changed_lines(before: bytes, after: bytes, split: Callable[[bytes], list[bytes]] = bytes.splitlines) -> list[int]:
    """Return the numbers, from 1, of the lines that differ; the number of lines must be equal."""
    one, other = split(before), split(after)
    assert len(one) == len(other)
    return [number for number, pair in enumerate(zip(one, other, strict=True), 1) if pair[0] != pair[1]]
