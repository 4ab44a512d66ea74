"""Counts, groups and sums of the events that a query finds; what counts under what is told in ``db.tally``."""

import sqlite3
from collections.abc import Iterable, Sequence
from itertools import groupby
from operator import itemgetter
from typing import cast

from db.columns import Column, columns_of, join_documents
from db.errors import InputError
from db.query import Search
from db.query.names import OWN_DATES
from db.query.values import Sql
from db.tally import PERIODS, Group, Key, Period, Summary, Tally

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
    count: int = connection.execute(f"SELECT count(*) FROM events WHERE events.live AND {sql}", parameters).fetchone()[
        0
    ]
    return count


def summarise(
    connection: sqlite3.Connection, search: Search, keys: Sequence[Key], summed: Column | None = None
) -> Summary:
    """Group the events that a query finds, and add up a field's numbers.

    The first summand of a range or of "about 500" is the number that stands there. Groups are in order of their number
    of events, the largest first; with a date among the keys in the order of the keys, dates in time order. Raises
    InputError for an event with too many combinations of values.
    """
    tally = Tally(keys, summed)
    if summed is None and all(key.column.own for key in keys):
        own = [str(key.column.own) for key in keys]
        names = ", ".join(own)
        sql, parameters = search.where
        joined = join_documents(key.column for key in keys)
        rows = connection.execute(
            f"SELECT {names}, count(*) FROM events{joined} WHERE events.live AND {sql} GROUP BY {names}", parameters
        )
        for *values, count in rows:
            tally.add(values, (), count)
    else:
        statement, parameters = _events_with_fields(search, keys, tally.slots)
        for _, event in groupby(connection.execute(statement, parameters), itemgetter(0)):
            rows_of_event = list(event)
            tally.add(rows_of_event[0][1:-3], [row[-3:] for row in rows_of_event if row[-3] is not None])
    return tally.summary()


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
