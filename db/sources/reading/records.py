"""The documents of a source database, each with its events from all event tables of a plan."""

from collections.abc import Collection, Container, Iterator, Mapping
from dataclasses import dataclass, replace
from heapq import merge
from typing import Any, NamedTuple

from db.errors import InputError
from db.formats.format import Data, ReadOptions, Record
from db.formats.tables.read.column_facts import ColumnFacts
from db.formats.tables.read.documents import read_table
from db.formats.tables.table import Row
from db.sources.database.database import Database
from db.sources.plan import EventTable, Plan
from db.sources.reading.connections import one_state
from db.sources.reading.documents import with_document_key
from db.sources.reading.fields_table import with_field_kinds
from db.sources.reading.lookups import Cells
from db.sources.reading.mappings import completed, of_texts
from db.sources.reading.texts.text_columns import have_offsets
from db.sources.reading.wide import WideTable, sorting

_Key = tuple[tuple[int, Any], ...]
_MOST_EVENTS = 1000  # of a record
_MOST_FOR_FACTS = 20_000  # rows that show what the cells of some rows mean


class _Keyed(NamedTuple):
    """A record, and what its place among those of the other tables is decided by."""

    key: _Key
    table: int
    record: Record


@dataclass(frozen=True, slots=True)
class _Either:
    """The names in one of two containers."""

    one: Container[str]
    two: Container[str]

    def __contains__(self, name: object) -> bool:
        return name in self.one or name in self.two


@dataclass(frozen=True, slots=True)
class Rows:
    """Which rows of event tables and tables of texts to read: those with these keys, by table; None for all."""

    keys: Mapping[str, Collection[Cells]] | None = None

    def of(self, table: str) -> Collection[Cells]:
        """Return the keys of a table."""
        return (self.keys or {}).get(table, ())


EVERY_ROW = Rows()


def read_plan(
    database: Database,
    plan: Plan,
    options: ReadOptions = ReadOptions(),  # noqa: B008 (frozen)
    rows: Rows = EVERY_ROW,
) -> Iterator[Record]:
    """Yield a record for each document, with its events from all event tables, in one state of the database.

    ``rows``: which ones to read. Raises InputError if the database lacks a table or column of the plan.
    """
    with one_state(database):
        exact = have_offsets(plan)
        tables = [_Reader(database, table, True, exact) for table in plan.events]
        tables += [_Reader(database, of_texts(table), False, exact) for table in plan.texts]
        streams = [
            table.records(number, options, rows)
            for number, table in enumerate(tables)
            if rows.keys is None or rows.of(table.table.table)
        ]
        current: _Keyed | None = None
        position = size = 0
        for item in merge(*streams, key=lambda item: (item.key, item.table)):
            if current is not None and _is_one_document(current, item):
                current = current._replace(record=_joined(current.record, item.record))
                continue
            if current is not None:
                position, size = position + 1, size + current.record.bytes_read
                yield current.record._replace(position=position, bytes_read=size)
            current = item
        if current is not None:
            empty = [
                f"row of {table.table.table} without event and text"
                for table in tables
                for _ in range(table.wide.empty)
            ]
            record = current.record._replace(unread=(*current.record.unread, *empty))
            yield record._replace(position=position + 1, bytes_read=size + record.bytes_read)


class _Reader:
    """Reads the records of one table of a plan."""

    def __init__(self, database: Database, table: EventTable, has_events: bool, exact: bool) -> None:
        self._database = database
        self._exact = exact
        table = with_field_kinds(database, with_document_key(database, table))
        self.table = replace(table, mapping=completed(table, ()))
        self.wide = WideTable(database, self.table, has_events=has_events, exact=exact)

    def _other_rows(self) -> Iterator[Row]:
        wide = WideTable(self._database, self.table, exact=self._exact)
        wide.restrict_to_first(_MOST_FOR_FACTS)
        return wide.table().rows()

    def records(self, number: int, options: ReadOptions, rows: Rows) -> Iterator[_Keyed]:
        """Yield the records of the table, in the order of its documents."""
        if rows.keys is not None:
            self.wide.restrict(rows.of(self.table.table))
        opened = self.wide.table()
        mapping = completed(self.table, opened.columns)
        facts = None
        if rows.keys is not None:
            # What cells mean, such as the order of day and month, depends on those of other rows.
            facts = ColumnFacts(replace(opened, rows=self._other_rows), mapping)
        keys = self.wide.keys
        before = 0
        for record in read_table(opened, mapping, options, facts=facts):
            while keys[0].number < record.position:
                keys.popleft()
            first = keys[0]
            size, before = record.bytes_read - before, record.bytes_read
            yield _Keyed(sorting(first.document), number, _of_database(record, self.table, size))


def _of_database(record: Record, table: EventTable, size: int) -> Record:
    """Return a record with the prefixes of its table, and without the cells that the database itself keeps."""
    document = record.document
    if isinstance(document, InputError):
        error = InputError(f"table {table.table}: {document}")
        return record._replace(document=error, bytes_read=size, of_table=False)
    if table.document_prefix:
        document["id"] = f"{table.document_prefix}{document['id']}"
    document.pop("table", None)
    for event in document["events"]:
        event.pop("table", None)
        if table.event_prefix:
            event["id"] = f"{table.event_prefix}{event['id']}"
    return record._replace(bytes_read=size, of_table=False, rewrite=_unwritten)


def _unwritten(_: Data) -> Iterator[Data]:
    """Return nothing: no export comes back as a source database."""
    return iter(())


def _is_one_document(one: _Keyed, two: _Keyed) -> bool:
    """Return True if two records of different tables are of the same document."""
    first, second = one.record.document, two.record.document
    if isinstance(first, InputError) or isinstance(second, InputError):
        return False
    return (
        first["id"] == second["id"]
        and first.get("text") == second.get("text")
        and len(first["events"]) + len(second["events"]) <= _MOST_EVENTS
    )


def _joined(one: Record, two: Record) -> Record:
    first, second = one.document, two.document
    assert isinstance(first, dict)
    assert isinstance(second, dict)
    document = second | first | {"events": [*first["events"], *second["events"]]}
    return one._replace(
        document=document,
        notes=(*one.notes, *two.notes),
        unread=(*one.unread, *two.unread),
        row_keys=(*one.row_keys, *two.row_keys),
        unsearched=_Either(one.unsearched or (), two.unsearched or ()),
        bytes_read=one.bytes_read + two.bytes_read,
    )
