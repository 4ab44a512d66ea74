"""Counts, groups and sums of the events that a query finds; what counts under what is told in ``db.figures.tally``."""

import sqlite3
from collections.abc import Iterable, Sequence
from itertools import groupby
from operator import itemgetter
from typing import cast

from db.errors import InputError
from db.figures.columns import Column, columns_of, join_documents
from db.figures.tally import PERIODS, Group, Key, Period, Summary, Tally
from db.query import Search
from db.query.names import OWN_DATES
from db.query.values import Sql

__all__ = ["PERIODS", "Group", "Key", "Period", "Summary", "count_events", "keys_of", "summarise"]

_MOST_KEYS = 3


def keys_of(connection: sqlite3.Connection, names: Iterable[str]) -> tuple[Key, ...]:
    """Keys as typed: ``type``, ``date:month``. Raises InputError for unknown names, too many, or one that is twice."""
    keys = tuple(_key(connection, name.strip()) for name in names)
    if len(keys) > _MOST_KEYS:
        raise InputError(f"{len(keys)} names; at most {_MOST_KEYS} at once")
    for key in keys:
        if keys.count(key) > 1:
            raise InputError(f"{key.name} stands twice; take one out")
    return keys


def _key(connection: sqlite3.Connection, typed: str) -> Key:
    name, colon, period = typed.rpartition(":")
    if not colon:
        (column,) = columns_of(connection, [typed])
        return Key(column, None, column.name in OWN_DATES or _is_date(connection, column))
    (column,) = columns_of(connection, [name])
    if period.lower() not in PERIODS:
        raise InputError(f"no period {period}; {name}:year, {name}:month or {name}:day")
    if column.own and column.name not in OWN_DATES:
        raise InputError(f"{name} is no date; a period goes with {', '.join(OWN_DATES)} and with fields")
    return Key(column, cast("Period", period.lower()), True)


def _is_date(connection: sqlite3.Connection, column: Column) -> bool:
    marks = ",".join("?" * len(column.fields))
    sql = f"SELECT 1 FROM event_type_fields WHERE name IN ({marks}) AND kind = 'date' LIMIT 1"
    return connection.execute(sql, column.fields).fetchone() is not None


def count_events(connection: sqlite3.Connection, search: Search) -> int:
    """How many events a query finds."""
    sql, parameters = search.where
    statement = f"SELECT count(*) FROM events WHERE events.live AND {sql}"
    count: int = connection.execute(statement, parameters).fetchone()[0]
    return count


def summarise(
    connection: sqlite3.Connection, search: Search, keys: Sequence[Key], summed: Column | None = None
) -> Summary:
    """Group the events that a query finds, and add up a field's numbers.

    Of "about 500", and of a range, the number that stands as the value is added. Groups are in order of their number
    of events, the largest first; with a date among the keys in the order of the keys, dates in time order. Raises
    InputError for an event with too many combinations of values.
    """
    tally = Tally(keys, summed)
    if tally.slots:
        statement, parameters = _events_with_fields(search, keys, tally.slots)
        for _, rows in groupby(connection.execute(statement, parameters), itemgetter(0)):
            event = list(rows)
            tally.add(event[0][1:-3], [row[-3:] for row in event])
        return tally.summary()
    statement, parameters = _events_alike(search, [key.column for key in keys])
    for *values, count in connection.execute(statement, parameters):
        tally.add(values, (), count)
    return tally.summary()


def _events_alike(search: Search, columns: Sequence[Column]) -> Sql:
    """Rows of values of the event's and document's own and the number of events that have them; some come again."""
    condition, parameters = search.where
    names = [str(column.own) for column in columns if not column.of_document]
    documents = [str(column.own) for column in columns if column.of_document]
    grouped = ", ".join([*["events.document_id"] * bool(documents), *names])
    counted = f"SELECT {grouped}, count(*) AS times FROM events WHERE events.live AND {condition} GROUP BY {grouped}"
    if not documents:
        return counted, parameters
    # Counted by document first, and those are looked up: they are fewer than their events.
    every = ", ".join(str(column.own) for column in columns)
    return f"SELECT {every}, times FROM ({counted}) AS events{join_documents(columns)}", parameters


def _events_with_fields(search: Search, keys: Sequence[Key], slots: Iterable[tuple[str, ...]]) -> Sql:
    """Rows of an event's integer id, its own values, and name, group and value of a field: an event's side by side."""
    own = [key.column for key in keys if key.column.own]
    names = [name for slot in slots for name in slot]
    sql, parameters = search.where
    columns = ", ".join(["events.id", *(str(column.own) for column in own)])
    # In the order of both tables, whatever the query: a million events are read from their pages one after the other.
    return (
        f"SELECT {columns}, fields.name, fields.field_group, fields.value FROM events NOT INDEXED{join_documents(own)}"
        " LEFT JOIN fields INDEXED BY fields_by_event ON fields.event_id = events.id"
        f" AND fields.name IN ({','.join('?' * len(names))}) AND fields.state <> 'removed'"
        f" WHERE events.live AND {sql} ORDER BY events.id",
        [*names, *parameters],
    )
