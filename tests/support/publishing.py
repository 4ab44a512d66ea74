"""Desks of imported tables and databases, with decisions, to publish from."""

import re
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from db.decisions.review import Review
from db.formats.format import ReadOptions, Source
from db.formats.tables.mapping.loading import load_mapping
from db.importing.importing import import_source
from db.importing.report import ImportReport
from db.model import Event, Field, Value
from db.sources.database.database import open_database
from db.sources.desks import sources_of
from db.sources.plan import EventTable, Plan
from db.sources.proposing.propose import propose
from db.sources.publish.files.writing import publish_to_file
from db.sources.publish.report import PublishReport
from db.sources.publish.tables.publishing import publish_to_database
from db.sources.sync.syncing import add_source, sync_source
from db.store.reading import read_event
from support.builders import create
from support.databases.sample import Sample

_PUBLISHED = re.compile(r"^(CREATE TABLE|INSERT INTO) \"[^\"]*_(reviewed|corrections)\"")


def desk_of(path: Path, mapping: str | None = None) -> sqlite3.Connection:
    """Return a new eventdesk file, in which a table file is imported."""
    connection = create(path.with_suffix(".desk.db"))
    with path.open("rb") as stream:
        import_source(connection, Source(str(path), stream, path), ImportReport(), options=ReadOptions(mapping))
    return connection


@dataclass(frozen=True)
class Desk:
    """A database, and the eventdesk file in which it is reviewed."""

    path: Path
    connection: sqlite3.Connection
    source: int
    plan: Plan

    def sync(self) -> None:
        """Import what changed."""
        desk = self.path.with_name(f"{self.path.stem}.eventdesk.db")
        (source,) = sources_of(self.connection)
        sync_source(self.connection, desk, source, ImportReport())

    def publish(self, *, rehearsal: bool = False) -> PublishReport:
        """Publish to the database."""
        return publish_to_database(self.connection, self.source, self.path, self.plan, rehearsal=rehearsal)

    def event(self, id_: str) -> Event:
        """Return an event by its id."""
        query = "SELECT id FROM events WHERE external_id = ?"
        return read_event(self.connection, self.connection.execute(query, (id_,)).fetchone()[0])

    def correct(self, id_: str, name: str, value: Value, at: int = 0, group: str | None = None) -> None:
        """Correct a field of an event: that of this number among those of the name."""
        event = self.event(id_)
        found = [f for f in event.fields if f.name == name and f.state != "removed" and group in (None, f.group)]
        Review(self.connection, "ana").correct(event, found[at], value, [])

    def remove(self, id_: str, name: str, at: int = 0) -> None:
        """Remove a field of an event."""
        event = self.event(id_)
        found = [field for field in event.fields if field.name == name and field.state != "removed"]
        Review(self.connection, "ana").remove(event, found[at])

    def add(self, id_: str, name: str, value: Value, group: str | None = None) -> None:
        """Add a field to an event."""
        Review(self.connection, "ana").add(self.event(id_), name, group, value, [])

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Return the rows of a query of the database."""
        with closing(sqlite3.connect(self.path)) as connection:
            return connection.execute(query).fetchall()

    def dump(self) -> list[str]:
        """Return the dump of the database's own tables, and its settings."""
        with closing(sqlite3.connect(self.path)) as connection:
            names = ("user_version", "application_id", "journal_mode", "encoding", "page_size")
            settings = [str(connection.execute(f"PRAGMA {name}").fetchone()) for name in names]
            lines = [line for line in connection.iterdump() if not _PUBLISHED.search(line)]
        return settings + lines


def database_desk(path: Path, script: str, *tables: EventTable) -> Desk:
    """Make a database by a script, and the desk of it, in which the events of these tables are imported."""
    with closing(sqlite3.connect(path)) as made:
        made.executescript(script)
    connection = create(path.with_name(f"{path.stem}.eventdesk.db"))
    plan = Plan(tables)
    source = add_source(connection, path.with_name(f"{path.stem}.eventdesk.db"), path, plan)
    desk = Desk(path, connection, source.id, plan)
    desk.sync()
    return desk


def desk_of_sample(path: Path, sample: Sample) -> Desk:
    """Make the database of a sample, and a desk in which it is imported by the plan that is proposed."""
    sample.write(path)
    with open_database(path) as database:
        plan = propose(database)
    return database_desk(path, "", *plan.events)


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
