"""Counts, groups and sums of the events that a query finds. ``db.figures.tally`` says what counts where."""

import sqlite3
from collections.abc import Iterable, Sequence
from itertools import groupby
from operator import itemgetter
from typing import cast

from db.errors import DamagedRowError, InputError
from db.figures.columns import Column, columns_of, join_documents
from db.figures.tally import PERIODS, Group, Key, Period, Summary, Tally
from db.model import SqlValue, from_sql
from db.query import Search
from db.query.names import DATE_PROPERTIES
from db.query.values import Sql
from db.store.valid.fetching import Skipped

__all__ = ["PERIODS", "Group", "Key", "Period", "Summary", "count_events", "keys_of", "summarise"]

_MAX_KEYS = 3


def keys_of(connection: sqlite3.Connection, names: Iterable[str]) -> tuple[Key, ...]:
    """Parse keys such as ``type`` and ``date:month``. Raises InputError for unknown or repeated names, or too many."""
    keys = tuple(_key(connection, name.strip()) for name in names)
    if len(keys) > _MAX_KEYS:
        raise InputError(f"{len(keys)} names, but at most {_MAX_KEYS} are possible; leave some out")
    for key in keys:
        if keys.count(key) > 1:
            raise InputError(f"{key.name} is there twice; remove one")
    return keys


def _key(connection: sqlite3.Connection, typed: str) -> Key:
    name, colon, period = typed.rpartition(":")
    if not colon:
        (column,) = columns_of(connection, [typed])
        return Key(column, None, column.name in DATE_PROPERTIES or _is_date(connection, column))
    (column,) = columns_of(connection, [name])
    if period.lower() not in PERIODS:
        raise InputError(f"unknown period {period}; use {name}:year, {name}:month or {name}:day")
    if column.sql and column.name not in DATE_PROPERTIES:
        raise InputError(f"{name} has no dates; only {', '.join(DATE_PROPERTIES)} and fields can have a period")
    return Key(column, cast("Period", period.lower()), True)


def _is_date(connection: sqlite3.Connection, column: Column) -> bool:
    marks = ",".join("?" * len(column.fields))
    sql = f"SELECT 1 FROM event_type_fields WHERE name IN ({marks}) AND kind = 'date' LIMIT 1"
    return connection.execute(sql, column.fields).fetchone() is not None


def count_events(connection: sqlite3.Connection, search: Search) -> int:
    """Return the number of events that a query finds."""
    sql, parameters = search.where
    statement = f"SELECT count(*) FROM events WHERE events.live AND {sql}"
    count: int = connection.execute(statement, parameters).fetchone()[0]
    return count


def summarise(
    connection: sqlite3.Connection,
    search: Search,
    keys: Sequence[Key],
    summed: Column | None = None,
    skipped: Skipped = lambda _: None,
) -> Summary:
    """Group the events that a query finds, and add up the numbers of a field.

    A modifier, as in "about 500", or the end of a range doesn't count. Groups are sorted by their number of events, the
    largest first; if a key is a date, they are sorted by the keys in turn, dates by time. Damaged events go to
    ``skipped``. Raises InputError for an event with too many combinations of values.
    """
    tally = Tally(keys, summed)
    if tally.slots:
        statement, parameters = _events_with_fields(search, keys, tally.slots)
        for event_id, rows in groupby(connection.execute(statement, parameters), itemgetter(0)):
            event = list(rows)
            if damage := _damage(event[0][1:-3], (row[-1] for row in event)):
                skipped(DamagedRowError("events", event_id, damage))
            else:
                tally.add(event[0][1:-3], [row[-3:] for row in event])
        return tally.summary()
    statement, parameters = _events_alike(search, [key.column for key in keys])
    for *values, count in connection.execute(statement, parameters):
        if damage := _damage(values, ()):
            skipped(DamagedRowError("events", f"(one of {count:,})", damage))
        else:
            tally.add(values, (), count)
    return tally.summary()


def _damage(properties: Iterable[SqlValue], values: Iterable[SqlValue]) -> str:
    """Return what is wrong with properties or with values of fields, or an empty text."""
    if any(type(item) is bytes for item in properties):
        return "a property holds bytes"
    try:
        for value in values:
            if type(value) is bytes:
                from_sql(value)
    except ValueError as error:
        return f"a value {error}"
    return ""


def _events_alike(search: Search, columns: Sequence[Column]) -> Sql:
    """Return SQL for rows of property values and the number of events that have them. Rows may repeat."""
    condition, parameters = search.where
    names = [str(column.sql) for column in columns if not column.of_document]
    documents = [str(column.sql) for column in columns if column.of_document]
    grouped = ", ".join([*["events.document_id"] * bool(documents), *names])
    counted = f"SELECT {grouped}, count(*) AS times FROM events WHERE events.live AND {condition} GROUP BY {grouped}"
    if not documents:
        return counted, parameters
    # Events are counted by document first, since there are fewer documents to look up than events.
    every = ", ".join(str(column.sql) for column in columns)
    return f"SELECT {every}, times FROM ({counted}) AS events{join_documents(columns)}", parameters


def _events_with_fields(search: Search, keys: Sequence[Key], slots: Iterable[tuple[str, ...]]) -> Sql:
    """Return SQL for rows of an event's id, its property values, and a field's name, group and value, by event."""
    properties = [key.column for key in keys if key.column.sql]
    names = [name for slot in slots for name in slot]
    sql, parameters = search.where
    columns = ", ".join(["events.id", *(str(column.sql) for column in properties)])
    # Both tables are read in their own order, so that a million events are read page after page.
    return (
        f"SELECT {columns}, fields.name, fields.field_group, fields.value"
        f" FROM events NOT INDEXED{join_documents(properties)}"
        " LEFT JOIN fields INDEXED BY fields_by_event ON fields.event_id = events.id"
        f" AND fields.name IN ({','.join('?' * len(names))}) AND fields.state <> 'removed'"
        f" WHERE events.live AND {sql} ORDER BY events.id",
        [*names, *parameters],
    )
