"""Desks: the eventdesk files in which source databases are reviewed. A desk remembers its sources and their plans."""

import os
import sqlite3
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import quote, unquote

from db.decisions.journal import utc_now
from db.formats.format import printable_name
from db.formats.tables.mapping.mapping import Mapping
from db.sources.plan import Plan

_SUFFIX = ".eventdesk.db"
_FILE = '{"file": true}'  # the state of a table file, which publish reads and sync doesn't
_ENCODED = "file:"  # begins a path that is stored as a URL, since it is not all UTF-8
_COLUMNS = "id, path, absolute_path, plan, schema_digest, state, synced_at, published_at"


@dataclass(frozen=True, slots=True)
class StoredSource:
    """A source of a desk. path: from the desk's folder. plan: as TOML. state: a JSON object, as of the last sync."""

    id: int
    path: str
    absolute_path: str
    plan: str
    schema_digest: str
    state: str
    synced_at: str | None
    published_at: str | None

    def find(self, desk: Path) -> Path:
        """Return the path of the database: beside the desk, if both were moved, or else where it was before."""
        near = desk.resolve().parent / self.path
        return near if near.exists() else Path(self.absolute_path)


def desk_path(database: Path) -> Path:
    """Return the path of a database's desk, ``my.eventdesk.db`` beside ``my.db``."""
    return database.with_name(database.stem + _SUFFIX)


def sources_of(connection: sqlite3.Connection) -> list[StoredSource]:
    """Return the sources of a desk, in the order in which they were added; none if the file is no desk."""
    rows = connection.execute(f"SELECT {_COLUMNS} FROM sources WHERE state <> ? ORDER BY id", (_FILE,)).fetchall()
    return [StoredSource(id_, _path(near), _path(absolute), *rest) for id_, near, absolute, *rest in rows]


def store_source(
    connection: sqlite3.Connection, desk: Path, database: Path, plan: str, schema_digest: str
) -> StoredSource:
    """Add a database to the sources of a desk, or replace its plan; the caller holds the transaction.

    ``plan``: as TOML. After another plan or schema, the next sync reads every row.
    """
    absolute = database.resolve()
    path = _from(desk.resolve().parent, absolute)
    found = next((item for item in sources_of(connection) if absolute in _paths(item, desk)), None)
    if found is None:
        connection.execute(
            "INSERT INTO sources (path, absolute_path, plan, schema_digest, added_at) VALUES (?, ?, ?, ?, ?)",
            (storable(path), storable(str(absolute)), plan, schema_digest, utc_now()),
        )
    else:
        connection.execute(
            "UPDATE sources SET path = ?, absolute_path = ?, plan = ?, schema_digest = ? WHERE id = ?",
            (storable(path), storable(str(absolute)), plan, schema_digest, found.id),
        )
        if (found.plan, found.schema_digest) != (plan, schema_digest):
            connection.execute("UPDATE sources SET state = '{}' WHERE id = ?", (found.id,))
    stored = [item for item in sources_of(connection) if found is None or item.id == found.id]
    return stored[-1]


def store_mapping(connection: sqlite3.Connection, desk: Path, file: Path, mapping: Mapping) -> None:
    """Store the mapping by which a table file was imported; the caller holds the transaction."""
    from db.formats.tables.mapping.toml import to_toml  # slow to import, and rarely needed

    absolute = file.resolve()
    paths = storable(_from(desk.resolve().parent, absolute)), storable(str(absolute))
    connection.execute("DELETE FROM sources WHERE state = ? AND absolute_path = ?", (_FILE, paths[1]))
    connection.execute(
        "INSERT INTO sources (path, absolute_path, plan, schema_digest, state, added_at) VALUES (?, ?, ?, '', ?, ?)",
        (*paths, to_toml(mapping), _FILE, utc_now()),
    )


def stored_mapping(connection: sqlite3.Connection, desk: Path, file: Path) -> Mapping | None:
    """Return the mapping by which a table file was imported, if it was chosen on the screen. Raises InputError."""
    from db.formats.tables.mapping.toml import parse_mapping

    rows = connection.execute("SELECT path, absolute_path, plan FROM sources WHERE state = ?", (_FILE,)).fetchall()
    for near, absolute, plan in rows:
        if file.resolve() in ((desk.resolve().parent / _path(near)).resolve(), Path(_path(absolute))):
            return parse_mapping(plan, f"the mapping of {file.name}")
    return None


def storable(path: str) -> str:
    """Return a path as the desk stores it: a path may have bytes that aren't UTF-8."""
    is_text = printable_name(path) == path and not path.startswith(_ENCODED)
    return path if is_text else _ENCODED + quote(os.fsencode(path))


def _path(stored: str) -> str:
    is_encoded = stored.startswith(_ENCODED)
    return unquote(stored.removeprefix(_ENCODED), errors="surrogateescape") if is_encoded else stored


def note_published(connection: sqlite3.Connection, source_id: int) -> None:
    """Store that reviewed events were published to a source just now; the caller holds the transaction."""
    connection.execute("UPDATE sources SET published_at = ? WHERE id = ?", (utc_now(), source_id))


def with_prefix(plan: Plan, prefix: str) -> Plan:
    """Return a plan whose ids begin with a prefix, since those of another source could be the same."""

    def added(given: str) -> str:
        return given if given.startswith(prefix) else prefix + given

    events = (
        replace(table, event_prefix=added(table.event_prefix), document_prefix=added(table.document_prefix))
        for table in plan.events
    )
    texts = (replace(table, document_prefix=added(table.document_prefix)) for table in plan.texts)
    return replace(plan, events=tuple(events), texts=tuple(texts))


def _from(folder: Path, path: Path) -> str:
    try:
        return os.path.relpath(path, folder)
    except ValueError:  # on another drive
        return str(path)


def _paths(source: StoredSource, desk: Path) -> tuple[Path, ...]:
    return source.find(desk).resolve(), Path(source.absolute_path)
