"""Counts, groups and sums of the events that a query finds.

An event counts once in each value that its field has, and once under None where it has none. Fields that belong
together (``transfer:1``) are taken together: grouped by giver and recipient, a transfer counts under its own two, and a
sum of its counts goes to its own recipient. Where one of them is missing in the group, it counts under None. What is
in no group holds for the whole event, and so goes with every one; groups of another kind (``site:1``) too.
"""

import math
import re
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby, product
from operator import itemgetter
from typing import Literal, NamedTuple, TypeAlias, cast, get_args

from db.columns import Column, columns_of, join_documents
from db.errors import InputError
from db.kinds import is_date
from db.model import SqlValue, Value, from_sql
from db.query import Search
from db.query.names import OWN_DATES
from db.query.values import Sql

Period = Literal["year", "month", "day"]
PERIODS: tuple[Period, ...] = get_args(Period)
_LENGTHS: dict[Period, int] = {"year": 4, "month": 7, "day": 10}
_FIRST_DATE = re.compile(r"([0-9]{4}(?:-[0-9]{2}(?:-[0-9]{2}(?=$|[T /]))?)?)(?:$|[T /])")
_MOST_KEYS = 3
_MOST_COMBINATIONS = 100_000  # of one event: more are no report's, and would take minutes
_SUMMED_DIGITS = 15  # what a double holds: 0.1 + 0.2 is 0.3


@dataclass(frozen=True, slots=True)
class Key:
    """What to group by: a column, or the year, month or day of its dates."""

    column: Column
    period: Period | None = None

    @property
    def name(self) -> str:
        """As it is typed: date:month."""
        return f"{self.column.name}:{self.period}" if self.period else self.column.name


@dataclass(frozen=True, slots=True)
class Group:
    """The events that share these values, one for each key; None where there is none.

    ``sum`` adds up the summed field of these events; None where nothing is summed.
    """

    values: tuple[Value, ...]
    events: int
    sum: int | float | None = None


@dataclass(frozen=True, slots=True)
class Summary:
    """Groups, and the figures of all events found, each event and each summed value counted once.

    ``no_numbers`` values of the summed field were left out of the sum; ``no_dates`` gives, by the name of a key, how
    many values have no year, month or day, and so count under None.
    """

    groups: tuple[Group, ...]
    events: int
    sum: int | float | None = None
    no_numbers: int = 0
    no_dates: dict[str, int] = field(default_factory=dict)


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
        return Key(*columns_of(connection, [typed]))
    (column,) = columns_of(connection, [name])
    if period.lower() not in PERIODS:
        raise InputError(f"no period {period}; {name}:year, {name}:month or {name}:day")
    if column.own and column.name not in OWN_DATES:
        raise InputError(f"{name} is no date; a period goes with {', '.join(OWN_DATES)} and with fields")
    return Key(column, cast("Period", period.lower()))


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
    tally = _Tally(keys, summed)
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


class _Item(NamedTuple):
    """A field of an event. ``place`` tells it from another of the same value."""

    group: str | None
    value: SqlValue
    place: int


_Label: TypeAlias = Callable[[SqlValue], SqlValue]
_Combination: TypeAlias = tuple[SqlValue, ...]


class _Tally:
    """Counts events one after the other. ``slots``: the names of fields to be read of an event, for each key and sum.

    Two keys of the same field (date:year, date:month) share a slot, as does a sum by its own values: one field is
    chosen for both.
    """

    def __init__(self, keys: Sequence[Key], summed: Column | None) -> None:
        self._keys = keys
        self._summed = summed
        columns = [*(key.column for key in keys), *([summed] if summed else [])]
        self.slots = list(dict.fromkeys(column.fields for column in columns if column.fields))
        self._slot_of = {name: number for number, slot in enumerate(self.slots) for name in slot}
        self._sum_slot = self.slots.index(summed.fields) if summed else -1
        self._labels = [_labeller(key.period) for key in keys]
        # Where a key's value comes from: a slot, or ~n for the event's nth own value.
        self._from: list[int] = []
        for key in keys:
            owns = sum(source < 0 for source in self._from)
            self._from.append(~owns if key.column.own else self.slots.index(key.column.fields))
        self._dated = [
            (number, label, key.name)
            for number, label, key in zip(self._from, self._labels, keys, strict=True)
            if key.period
        ]
        self._events: dict[_Combination, int] = {}
        self._sums: dict[_Combination, int | float] = {}
        self._count = 0
        self._sum: int | float = 0
        self._no_numbers = 0
        self._no_dates: dict[str, int] = {}

    def add(self, own: Sequence[SqlValue], rows: Sequence[tuple[str, str | None, SqlValue]], times: int = 1) -> None:
        """Count an event, or ``times`` events alike, with its own values and rows of a field's name, group, value."""
        slots: list[list[_Item]] = [[] for _ in self.slots]
        for place, (name, group, value) in enumerate(rows):
            slots[self._slot_of[name]].append(_Item(group, value, place))
        self._count += times
        self._note_dates(own, slots, times)
        numbers: dict[int, int | float] = {}
        if self._summed:
            for item in slots[self._sum_slot]:
                number = _number(item.value)
                if number is None:
                    self._no_numbers += 1
                else:
                    numbers[item.place] = number
                    self._sum += number
        labels = list(zip(self._from, self._labels, strict=True))
        seen: set[_Combination] = set()
        added: set[tuple[int, _Combination]] = set()
        for chosen in _chosen(slots):
            combination = tuple(
                [label(own[~source] if source < 0 else _value(chosen[source])) for source, label in labels]
            )
            if combination not in seen:
                seen.add(combination)
                self._events[combination] = self._events.get(combination, 0) + times
            item = chosen[self._sum_slot] if numbers else None
            if item and item.place in numbers and (item.place, combination) not in added:
                added.add((item.place, combination))
                self._sums[combination] = self._sums.get(combination, 0) + numbers[item.place]

    def _note_dates(self, own: Sequence[SqlValue], slots: Sequence[Sequence[_Item]], times: int) -> None:
        for source, label, name in self._dated:
            values = [own[~source]] if source < 0 else [item.value for item in slots[source]]
            for value in values:
                if value is not None and value != "" and label(value) is None:
                    self._no_dates[name] = self._no_dates.get(name, 0) + times

    def summary(self) -> Summary:
        """What was counted."""
        groups = [
            Group(
                tuple(from_sql(value) for value in combination),
                count,
                _rounded(self._sums.get(combination, 0)) if self._summed else None,
            )
            for combination, count in self._events.items()
        ]
        return Summary(
            tuple(_in_order(groups, self._keys)),
            self._count,
            _rounded(self._sum) if self._summed else None,
            self._no_numbers,
            self._no_dates,
        )


def _chosen(slots: Sequence[Sequence[_Item]]) -> Iterable[tuple[_Item | None, ...]]:
    """Each way to choose one field for each slot, of fields that belong together; None where there is none."""
    if len(slots) == 1:
        return [(item,) for item in slots[0]] or [(None,)]
    groups = dict.fromkeys(item.group for slot in slots for item in slot if item.group is not None)
    kinds: dict[str, list[str]] = {}
    for group in groups:
        kinds.setdefault(group[: group.find(":") + 1], []).append(group)
    _check_few(len(members) for members in kinds.values())
    chosen: dict[tuple[_Item | None, ...], None] = {}
    for part in product(*kinds.values()):  # one group of each kind; (), where no field is in a group
        choices = [[item for item in slot if item.group is None or item.group in part] or [None] for slot in slots]
        _check_few([len(chosen) + 1, *(len(items) for items in choices)])
        chosen.update(dict.fromkeys(product(*choices)))
    return chosen


def _check_few(sizes: Iterable[int]) -> None:
    if math.prod(sizes) > _MOST_COMBINATIONS:
        raise InputError(
            f"an event has more than {_MOST_COMBINATIONS:,} combinations of these values; name fewer fields"
        )


def _value(item: _Item | None) -> SqlValue:
    return item.value if item else None


def _labeller(period: Period | None) -> _Label:
    """What a value counts under, as it is stored; a function that remembers, since most values come again."""
    if period is None:
        return _plain
    known: dict[SqlValue, SqlValue] = {}

    def label(value: SqlValue) -> SqlValue:
        if value not in known:
            known[value] = date_in(value, period)
        return known[value]

    return label


def _plain(value: SqlValue) -> SqlValue:
    return None if value == b"null" else value


def date_in(value: SqlValue, period: Period) -> str | None:
    """The year, month or day of a date, or as much of it as the date tells: the month of 2024 is 2024.

    Of an interval, that of its first day. None where it is no date; a whole number of four digits is a year.
    """
    text = str(value) if isinstance(value, int) else value
    match = _FIRST_DATE.match(text) if isinstance(text, str) else None
    return match[1][: _LENGTHS[period]] if match and is_date(match[1]) else None


def _number(value: SqlValue) -> int | float | None:
    plain = from_sql(value)
    return plain if isinstance(plain, int | float) and not isinstance(plain, bool) else None


def _rounded(number: int | float) -> int | float:
    return float(f"{number:.{_SUMMED_DIGITS}g}") if isinstance(number, float) else number


def _in_order(groups: list[Group], keys: Sequence[Key], place: int = 0) -> Iterator[Group]:
    if not any(key.period or key.name in OWN_DATES for key in keys):
        yield from sorted(groups, key=lambda group: (-group.events, *map(_sortable, group.values)))
    elif place < len(keys):
        members: dict[tuple[int, float, str], list[Group]] = {}
        for group in groups:
            members.setdefault(_sortable(group.values[place]), []).append(group)
        dated = keys[place].period or keys[place].name in OWN_DATES
        sizes = {key: 0 if dated else -sum(group.events for group in found) for key, found in members.items()}
        for key in sorted(members, key=lambda key: (sizes[key], key)):
            yield from _in_order(members[key], keys, place + 1)
    else:
        yield from groups


def _sortable(value: Value) -> tuple[int, float, str]:
    """Numbers before texts, each in its order; None last."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return 0, value, ""
    return (2, 0, "") if value is None else (1, 0, value if isinstance(value, str) else str(value))
