"""Counts, groups and sums of the events that a query finds.

An event counts once in each value that its field has, and once under None where it has none. Fields that belong
together (``transfer:1``) are taken together: grouped by giver and recipient, a transfer counts under its own two, and a
sum of its counts goes to its own recipient. Where one of them is missing in the group, it counts under None. What is
in no group holds for the whole event, and so goes with every one; groups of another kind (``site:1``) too.
"""

import math
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Literal, NamedTuple, TypeAlias, get_args

from db.columns import Column
from db.errors import InputError
from db.kinds import is_date
from db.model import SqlValue, Value, from_sql

Period = Literal["year", "month", "day"]
PERIODS: tuple[Period, ...] = get_args(Period)
_LENGTHS: dict[Period, int] = {"year": 4, "month": 7, "day": 10}
_FIRST_DATE = re.compile(r"([0-9]{4}(?:-[0-9]{2}(?:-[0-9]{2}(?=$|[T /]))?)?)(?:$|[T /])")
_MOST_COMBINATIONS = 100_000  # of one event: more are no report's, and would take minutes
_SUMMED_DIGITS = 15  # what a double holds: 0.1 + 0.2 is 0.3


@dataclass(frozen=True, slots=True)
class Key:
    """What to group by: a column, or the year, month or day of its dates. ``in_time``: its values are dates."""

    column: Column
    period: Period | None = None
    in_time: bool = False

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


class _Item(NamedTuple):
    """A field of an event. ``place`` tells it from another of the same value."""

    group: str | None
    value: SqlValue
    place: int


_Label: TypeAlias = Callable[[SqlValue], SqlValue]
_Combination: TypeAlias = tuple[SqlValue, ...]


class Tally:
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
        self._labels = [_labeller(key) for key in keys]
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
        return [(item,) for item in slots[0] or (None,)]
    groups = dict.fromkeys(item.group for slot in slots for item in slot if item.group is not None)
    kinds: dict[str, list[str]] = {}
    for group in groups:
        kinds.setdefault(group[: group.find(":") + 1], []).append(group)
    _check_few(len(members) for members in kinds.values())
    found: dict[tuple[_Item | None, ...], None] = {}
    for part in product(*kinds.values()):  # one group of each kind; (), where no field is in a group
        choices = [_within(slot, part) for slot in slots]
        _check_few(len(items) for items in choices)
        found.update(dict.fromkeys(product(*choices)))
        _check_few([len(found)])
    return found


def _within(slot: Iterable[_Item], part: Sequence[str]) -> Sequence[_Item | None]:
    return [item for item in slot if item.group is None or item.group in part] or [None]


def _check_few(sizes: Iterable[int]) -> None:
    if math.prod(sizes) > _MOST_COMBINATIONS:
        raise InputError(
            f"an event has more than {_MOST_COMBINATIONS:,} combinations of these values; name fewer fields"
        )


def _value(item: _Item | None) -> SqlValue:
    return item.value if item else None


def _labeller(key: Key) -> _Label:
    """What a value counts under, as it is stored; dates are remembered, since most come again."""
    period = key.period
    if period is None:
        return _own if key.column.own else _plain
    known: dict[SqlValue, SqlValue] = {}

    def label(value: SqlValue) -> SqlValue:
        if value not in known:
            known[value] = date_in(value, period)
        return known[value]

    return label


def _own(value: SqlValue) -> SqlValue:
    return None if value == "" else value


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
    if not any(key.in_time for key in keys):
        yield from sorted(groups, key=lambda group: (-group.events, *map(_sortable, group.values)))
    elif place < len(keys):
        members: dict[tuple[int, float, str], list[Group]] = {}
        for group in groups:
            members.setdefault(_sortable(group.values[place]), []).append(group)
        sizes = {
            key: 0 if keys[place].in_time else -sum(group.events for group in found) for key, found in members.items()
        }
        for key in sorted(members, key=lambda key: (sizes[key], key)):
            yield from _in_order(members[key], keys, place + 1)
    else:
        yield from groups


def _sortable(value: Value) -> tuple[int, float, str]:
    """Numbers before texts, each in its order; None last."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return 0, value, ""
    return (2, 0, "") if value is None else (1, 0, value if isinstance(value, str) else str(value))
