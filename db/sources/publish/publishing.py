"""Publishes a desk: to the databases that its events came from, or to a file that was imported."""

import sqlite3
from pathlib import Path

from db.errors import InputError
from db.formats.tables.mapping.mapping import Mapping
from db.io.file_kinds import SQLITE, kind_of_file
from db.sources.desks import StoredSource, desk_path, note_published, sources_of, stored_mapping
from db.sources.plan import Plan
from db.sources.plan_toml import parse_plan
from db.sources.publish.report import PublishReport
from db.sources.publish.tables.publishing import publish_to_database
from db.store.connection import is_eventdesk_file, writing


def find_desk(path: Path) -> Path:
    """Return the eventdesk file itself, or that of a database or file. Raises InputError."""
    if not path.is_file() or is_eventdesk_file(path):
        return path
    desk = desk_path(path)
    if not desk.is_file():
        raise InputError(
            f"{path}: has not been reviewed; there is no {desk.name} beside it. Start with: eventdesk {path}"
        )
    return desk


def plan_of(source: StoredSource) -> Plan:
    """Return the plan of a source. Raises InputError."""
    return parse_plan(source.plan, f"the plan of {Path(source.path).name}")


def publish(
    connection: sqlite3.Connection,
    desk: Path,
    into: Path | None = None,
    mapping: Mapping | None = None,
    *,
    rehearsal: bool = False,
    drop_rejected: bool = False,
) -> list[tuple[Path, PublishReport]]:
    """Write the reviewed values to the databases of a desk, or to ``into`` alone; return what was written to each.

    Raises InputError and FileError; each database is written whole or not at all.
    """
    if into is not None and not _is_database(into):
        from db.sources.publish.files.writing import publish_to_file

        mapping = mapping or stored_mapping(connection, desk, into)
        report = publish_to_file(connection, into, mapping, rehearsal=rehearsal, drop_rejected=drop_rejected)
        return [(into, report)]
    done = []
    for source, path in _chosen(connection, desk, into):
        report = publish_to_database(connection, source.id, path, plan_of(source), rehearsal=rehearsal)
        if not rehearsal:
            with writing(connection):
                note_published(connection, source.id)
        done.append((path, report))
    return done


def publish_on_quit(connection: sqlite3.Connection, desk: Path) -> list[tuple[Path, PublishReport]]:
    """Publish to the databases whose plans say so for the end of each session."""
    chosen = [source for source in sources_of(connection) if plan_of(source).publish_on_quit]
    return [item for source in chosen for item in publish(connection, desk, source.find(desk))]


def _is_database(path: Path) -> bool:
    if not path.is_file():
        raise InputError(f"{path}: no such file")
    if is_eventdesk_file(path):
        raise InputError(f"{path}: is an eventdesk file; --into names the database or file that the events came from")
    return kind_of_file(path)[0] is SQLITE


def _chosen(connection: sqlite3.Connection, desk: Path, into: Path | None) -> list[tuple[StoredSource, Path]]:
    """Return the sources to publish to, with their paths. Raises InputError if there are none."""
    found = [(source, source.find(desk)) for source in sources_of(connection)]
    if not found:
        raise InputError(
            f"{desk}: its events came from no database that it remembers; for a table file, give --into FILE"
        )
    if into is not None:
        known = ", ".join(str(path) for _, path in found)
        found = [(source, path) for source, path in found if path.resolve() == into.resolve()]
        if not found:
            raise InputError(f"{into}: is not the database that {desk.name} was synced with, which is {known}")
    for _, path in found:
        if not path.is_file():
            raise InputError(f"{path}: the database of {desk.name} is gone; move it back beside {desk.name}")
    return found
