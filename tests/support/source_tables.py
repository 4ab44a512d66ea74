"""Source databases for tests, from SQL, and the documents that a plan makes of them."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from db.errors import InputError
from db.formats.format import ReadOptions, Record
from db.formats.tables.mapping.mapping import DocumentColumns, EventColumns, MappedField, Mapping
from db.sources.database.database import Database
from db.sources.plan import EventTable, Joined, Link, Plan
from db.sources.reading.records import read_plan
from db.store.sqlite import Deadline

ARTICLES = Joined("articles", Link(("article_id",), "articles", ("id",)), ("title", "body"))


@contextmanager
def database(script: str, path: Path = Path("my.db")) -> Iterator[Database]:
    """Open a database in memory that a script made."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        connection.executescript(script)
        yield Database(path, connection, Deadline(60))


def mapped(
    *fields: MappedField,
    id: tuple[str, ...] = (),
    title: tuple[str, ...] = ("articles.title",),
    text: tuple[str, ...] = ("articles.body",),
    type: str | None = None,
    **event: Any,
) -> Mapping:
    """A mapping of these fields over events with articles."""
    return Mapping(
        document=DocumentColumns(id=id, title=title, text=text), event=EventColumns(type=type, **event), fields=fields
    )


def event_table(*fields: MappedField, mapping: Mapping | None = None, **changes: Any) -> EventTable:
    """The table ``events``, joined with its articles by a foreign key."""
    parts: dict[str, Any] = {"key": ("id",), "joined": (ARTICLES,)} | changes
    return EventTable("events", mapping=mapping or mapped(*fields), **parts)


def records(script: str, *tables: EventTable, options: ReadOptions = ReadOptions(), **plan: Any) -> list[Record]:  # noqa: B008
    """Read a database in memory by a plan."""
    with database(script) as opened:
        return list(read_plan(opened, Plan(tables, **plan), options))


def documents(script: str, *tables: EventTable, **plan: Any) -> dict[str, dict[str, Any]]:
    """The documents of a database in memory, by id. Each row must be valid."""
    found = {}
    for record in records(script, *tables, **plan):
        assert not isinstance(record.document, InputError), record.document
        found[record.document["id"]] = record.document
    return found


def events_of(documents: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """The events of documents, by id."""
    return {event["id"]: event for document in documents.values() for event in document["events"]}


def values_of(event: dict[str, Any]) -> dict[str, list[Any]]:
    """The values of an event's fields, by group and name, such as ``victims:1.age``."""
    found: dict[str, list[Any]] = {}
    for field in event["fields"]:
        name = f"{field['group']}.{field['name']}" if "group" in field else field["name"]
        found.setdefault(name, []).append(field["value"])
    return found
