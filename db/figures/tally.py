"""Counts events under combinations of values, and adds up numbers for each, in memory.

An event counts once under each value of a field, or under None if it has no value. The fields of one group, such as
``transfer:1``, stay together: grouped by giver and recipient, a transfer counts under its own two, and its count is
added to its own recipient; a field missing in the group counts as None. Fields outside groups, and groups of another
kind, such as ``site:1``, combine with every group.
"""

import math
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import product
from typing import Literal, NamedTuple, TypeAlias, get_args

from db.errors import InputError
from db.figures.columns import Column
from db.kinds import is_date
from db.model import SqlValue, Value, from_sql

Period = Literal["year", "month", "day"]
PERIODS: tuple[Period, ...] = get_args(Period)
_LENGTHS: dict[Period, int] = {"year": 4, "month": 7, "day": 10}
_FIRST_DATE = re.compile(r"([0-9]{4}(?:-[0-9]{2}(?:-[0-9]{2}(?=$|[T /]))?)?)(?:$|[T /])")
_MAX_COMBINATIONS = 100_000  # of one event; no report has more, and they would take minutes
_CACHED = 50_000  # values, and shapes of events
_SUM_DIGITS = 15  # the precision of a double, so that 0.1 + 0.2 is 0.3
_NO_DATE = b""  # a label that no value can have, because a BLOB is JSON

Row = tuple[str | None, str | None, SqlValue]
"""Name, group and value of a field. The name is None for an event without any of the fields."""


@dataclass(frozen=True, slots=True)
class Key:
    """A column to group by, or the year, month or day of its dates. ``is_date``: True if its values are dates."""

    column: Column
    period: Period | None = None
    is_date: bool = False

    @property
    def name(self) -> str:
        """The key as typed, such as date:month."""
        return f"{self.column.name}:{self.period}" if self.period else self.column.name


@dataclass(frozen=True, slots=True)
class Group:
    """The events that share these values, one for each key, or None for no value. ``sum`` is None without a sum."""

    values: tuple[Value, ...]
    events: int
    sum: int | float | None = None


@dataclass(frozen=True, slots=True)
class Summary:
    """Groups, and the totals of all events, in which each event and each number counts once.

    ``no_numbers`` values are left out of the sum. ``no_dates`` has the number of values that are not dates and so count
    under None, by the name of the key.
    """

    groups: tuple[Group, ...]
    events: int
    sum: int | float | None = None
    no_numbers: int = 0
    no_dates: dict[str, int] = field(default_factory=dict)


_Label: TypeAlias = Callable[[SqlValue], SqlValue]
_Combination: TypeAlias = tuple[SqlValue, ...]


class _Item(NamedTuple):
    """A field: the slot that it can fill, its group, and its label for each key of that slot.

    ``number``: True if its value is a number to add up.
    """

    slot: int
    group: str | None
    labels: tuple[SqlValue, ...]
    number: bool


@dataclass(slots=True)
class _Shape:
    """Events that differ only in the numbers to add up: how many, and the sum for each of their fields."""

    times: int
    sums: list[int | float]


class Tally:
    """Counts events. ``slots`` are the names of the fields to read, for each key and for the sum.

    Keys of the same field, such as date:year and date:month, share a slot, and so does a sum of that field: one field
    of the event fills it.
    """

    def __init__(self, keys: Sequence[Key], summed: Column | None) -> None:
        self._keys = keys
        columns = [*(key.column for key in keys), *([summed] if summed else [])]
        self.slots = list(dict.fromkeys(column.fields for column in columns if column.fields))
        self._slot_of = {name: number for number, slot in enumerate(self.slots) for name in slot}
        self._sum_slot = self.slots.index(summed.fields) if summed else -1
        self._property_labels = [_labeller(key) for key in keys if key.column.sql]
        self._labels: list[list[_Label]] = [[] for _ in self.slots]
        # For each key, its slot and its place among the labels of the slot. Slot -1 holds the properties.
        self._from: list[tuple[int, int]] = []
        for key in keys:
            if key.column.sql:
                self._from.append((-1, sum(slot < 0 for slot, _ in self._from)))
            else:
                slot = self.slots.index(key.column.fields)
                self._from.append((slot, len(self._labels[slot])))
                self._labels[slot].append(_labeller(key))
        self._items: dict[Row, tuple[_Item, int | float]] = {}
        self._shapes: dict[tuple[tuple[SqlValue, ...], tuple[_Item, ...]], _Shape] = {}
        self._events: dict[_Combination, int] = {}
        self._sums: dict[_Combination, int | float] = {}
        self._count = 0
        self._sum: int | float = 0
        self._no_numbers = 0
        self._no_dates: dict[str, int] = {}

    def add(self, properties: Sequence[SqlValue], rows: Iterable[Row], times: int = 1) -> None:
        """Count an event, or ``times`` equal events: the values of the keys that are properties, and the fields.

        Raises InputError, here or in ``summary``, for an event with too many combinations of values.
        """
        read = [self._items.get(row) or self._read(row) for row in rows if row[0] is not None]
        key = (
            tuple([label(value) for label, value in zip(self._property_labels, properties, strict=True)]),
            tuple([item for item, _ in read]),
        )
        shape = self._shapes.get(key)
        if shape is None:
            if len(self._shapes) >= _CACHED:
                self._settle()
            shape = self._shapes[key] = _Shape(0, [0] * len(read))
        shape.times += times
        if self._sum_slot >= 0:
            for place, (_, number) in enumerate(read):
                if number:
                    shape.sums[place] += number

    def _read(self, row: Row) -> tuple[_Item, int | float]:
        name, group, value = row
        slot = self._slot_of[name or ""]
        number = _number(value) if slot == self._sum_slot else None
        item = _Item(slot, group, tuple([label(value) for label in self._labels[slot]]), number is not None)
        if len(self._items) >= _CACHED:
            self._items.clear()
        self._items[row] = item, number or 0
        return item, number or 0

    def _settle(self) -> None:
        """Add the shapes to the groups."""
        for (properties, items), shape in self._shapes.items():
            self._count += shape.times
            summands = [place for place, item in enumerate(items) if item.slot == self._sum_slot and item.number]
            self._no_numbers += shape.times * sum(item.slot == self._sum_slot and not item.number for item in items)
            self._sum += sum(shape.sums[place] for place in summands)
            for (slot, place), key in zip(self._from, self._keys, strict=True):
                labels = (
                    [properties[place]] if slot < 0 else [item.labels[place] for item in items if item.slot == slot]
                )
                if undated := labels.count(_NO_DATE):
                    self._no_dates[key.name] = self._no_dates.get(key.name, 0) + undated * shape.times
            combinations: dict[_Combination, None] = {}
            added: dict[tuple[int, _Combination], None] = {}
            for chosen in _chosen(items, len(self.slots)):
                combination = tuple([self._label(properties, items, chosen, slot, place) for slot, place in self._from])
                combinations[combination] = None
                summand = chosen[self._sum_slot] if summands else None
                if summand is not None and items[summand].number:
                    added[summand, combination] = None
            for combination in combinations:
                self._events[combination] = self._events.get(combination, 0) + shape.times
            for summand, combination in added:
                self._sums[combination] = self._sums.get(combination, 0) + shape.sums[summand]
        self._shapes.clear()

    @staticmethod
    def _label(
        properties: Sequence[SqlValue], items: Sequence[_Item], chosen: Sequence[int | None], slot: int, place: int
    ) -> SqlValue:
        item = None if slot < 0 else chosen[slot]
        if slot >= 0 and item is None:
            return None
        label = properties[place] if item is None else items[item].labels[place]
        return None if label == _NO_DATE else label

    def summary(self) -> Summary:
        """Return the groups, sorted, and the totals."""
        self._settle()
        summed = self._sum_slot >= 0
        groups = [
            Group(
                tuple(from_sql(value) for value in combination),
                count,
                _rounded(self._sums.get(combination, 0)) if summed else None,
            )
            for combination, count in self._events.items()
        ]
        total = _rounded(self._sum) if summed else None
        return Summary(tuple(_in_order(groups, self._keys)), self._count, total, self._no_numbers, self._no_dates)


def _chosen(items: Sequence[_Item], slots: int) -> Iterable[tuple[int | None, ...]]:
    """Return every way to fill the slots with fields of one group, as the places of fields; None is an empty slot."""
    if slots == 1:
        return [(place,) for place in range(len(items))] or [(None,)]
    kinds: dict[str, list[str]] = {}
    for group in dict.fromkeys(item.group for item in items if item.group is not None):
        kinds.setdefault(group[: group.find(":") + 1], []).append(group)
    _check_few(len(groups) for groups in kinds.values())
    found: dict[tuple[int | None, ...], None] = {}
    for part in product(*kinds.values()):  # one group of each kind, or () without groups
        choices: list[list[int | None]] = [[] for _ in range(slots)]
        for place, item in enumerate(items):
            if item.group is None or item.group in part:
                choices[item.slot].append(place)
        _check_few([len(places) for places in choices if places])
        found.update(dict.fromkeys(product(*(places or [None] for places in choices))))
        _check_few([len(found)])
    return found


def _check_few(sizes: Iterable[int]) -> None:
    if math.prod(sizes) > _MAX_COMBINATIONS:
        raise InputError(
            f"an event has more than {_MAX_COMBINATIONS:,} combinations of these values; group by fewer fields"
        )


def _labeller(key: Key) -> _Label:
    """Return the function that turns a stored value into the label that it counts under."""
    if key.period:
        return partial(_date_label, key.period)
    return _property_label if key.column.sql else _field_label


def _date_label(period: Period, value: SqlValue) -> SqlValue:
    return None if value in (None, "", b"null") else date_in(value, period) or _NO_DATE


def _property_label(value: SqlValue) -> SqlValue:
    return None if value == "" else value


def _field_label(value: SqlValue) -> SqlValue:
    return None if value == b"null" else value


def date_in(value: SqlValue, period: Period) -> str | None:
    """Return the year, month or day of a date, or the date if it is less precise: the month of 2024 is 2024.

    For an interval, return that of its first day; a whole number of four digits is a year. Return None for no date.
    """
    text = str(value) if isinstance(value, int) else value
    match = _FIRST_DATE.match(text) if isinstance(text, str) else None
    return match[1][: _LENGTHS[period]] if match and is_date(match[1]) else None


def _number(value: SqlValue) -> int | float | None:
    plain = from_sql(value)
    return plain if isinstance(plain, int | float) and not isinstance(plain, bool) else None


def _rounded(number: int | float) -> int | float:
    return float(f"{number:.{_SUM_DIGITS}g}") if isinstance(number, float) else number


def _in_order(groups: list[Group], keys: Sequence[Key], place: int = 0) -> Iterator[Group]:
    """Sort by number of events, the largest first, or if a key is a date, by the keys in turn, dates by time."""
    if not any(key.is_date for key in keys):
        yield from sorted(groups, key=lambda group: (-group.events, *map(_sortable, group.values)))
    elif place < len(keys):
        members: dict[tuple[int, float, str], list[Group]] = {}
        for group in groups:
            members.setdefault(_sortable(group.values[place]), []).append(group)
        by_time = keys[place].is_date
        sizes = {key: 0 if by_time else -sum(group.events for group in found) for key, found in members.items()}
        for key in sorted(members, key=lambda key: (sizes[key], key)):
            yield from _in_order(members[key], keys, place + 1)
    else:
        yield from groups


def _sortable(value: Value) -> tuple[int, float, str]:
    """Return a sort key: numbers, then texts, then None."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return 0, value, ""
    return (2, 0, "") if value is None else (1, 0, value if isinstance(value, str) else str(value))
