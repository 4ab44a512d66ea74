"""A source database and its desk for tests of sync."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from db.formats.tables.mapping.mapping import MappedField
from db.importing.report import ImportReport
from db.sources.desks import desk_path, sources_of
from db.sources.plan import Children, FieldRows, Label, Link, Plan
from db.sources.sync.syncing import Synced, add_source, sync_source
from db.store.connection import open_file
from support.source_tables import ARTICLES, event_table, mapped

ROWS = """
    CREATE TABLE articles (id INTEGER PRIMARY KEY, title TEXT, body TEXT);
    INSERT INTO articles VALUES (1, 'First', 'Five people died in Kyiv on Monday.'),
        (2, 'Second', 'Nobody died in Lviv.'), (3, 'Third', 'Seven people died in Odesa, a city.');
    CREATE TABLE places (id INTEGER PRIMARY KEY, name TEXT);
    INSERT INTO places VALUES (1, 'Kyiv'), (2, 'Lviv'), (3, 'Odesa');
    CREATE TABLE events (id INTEGER PRIMARY KEY, article_id INTEGER, killed INTEGER, place INTEGER, model TEXT);
    INSERT INTO events VALUES (1, 1, 5, 1, 'm1'), (2, 1, 4, 1, 'm1'), (3, 2, 0, 2, 'm1'), (4, 3, 7, 3, 'm1'),
        (5, 3, 8, 3, 'm1');
    CREATE TABLE victims (event_id INTEGER, name TEXT);
    INSERT INTO victims VALUES (1, 'Ann'), (1, 'Bob'), (4, 'Eve');
    CREATE TABLE facts (event_id INTEGER, name TEXT, value TEXT);
    INSERT INTO facts VALUES (1, 'weapon', 'drone'), (3, 'weapon', 'missile');
"""
PLAN = Plan(
    (
        event_table(
            mapping=mapped(MappedField("killed", "killed", "integer"), extractor="model"),
            joined=(ARTICLES,),
            labels=(Label("place", Link(("place",), "places", ("id",)), "name"),),
            children=(Children("victims", Link(("id",), "victims", ("event_id",)), ("name",)),),
            fields=FieldRows(Link(("id",), "facts", ("event_id",)), "name", "value"),
        ),
    )
)


class Desk:
    """The desk of a source database ``my.db`` in a folder."""

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        self.path = path
        self.connection = connection
        self.file = desk_path(path)

    def write(self, script: str) -> None:
        """Run SQL in the source."""
        with closing(sqlite3.connect(self.path)) as source:
            source.executescript(script)

    def sync(self, script: str = "", **options: Any) -> Synced:
        """Run SQL in the source, and sync."""
        if script:
            self.write(script)
        self.report = ImportReport()
        [source] = sources_of(self.connection)
        return sync_source(self.connection, self.file, source, self.report, **options)

    def values(self, event: int) -> dict[str, Any]:
        """The current values of an event."""
        rows = self.connection.execute(
            "SELECT name, value FROM fields JOIN events ON events.id = event_id WHERE external_id = ?"
            " AND state <> 'removed' ORDER BY fields.position",
            (str(event),),
        )
        found: dict[str, list[Any]] = {}
        for name, value in rows:
            found.setdefault(name, []).append(value)
        return {name: values[0] if len(values) == 1 else values for name, values in found.items()}

    def gone(self) -> list[str]:
        """The ids of the events whose rows are gone."""
        sql = "SELECT external_id FROM source_events JOIN events ON id = event_id WHERE gone_at IS NOT NULL ORDER BY 1"
        return [row[0] for row in self.connection.execute(sql)]


@contextmanager
def desk(folder: Path, rows: str = ROWS, plan: Plan = PLAN) -> Iterator[Desk]:
    """Make a source and its desk, which is synced once."""
    path = folder / "my.db"
    with closing(sqlite3.connect(path)) as source:
        source.executescript(rows)
    with closing(open_file(desk_path(path), create=True)) as connection:
        add_source(connection, desk_path(path), path, plan)
        made = Desk(path, connection)
        made.sync()
        yield made
