"""Assigns the fields of an event to columns of the wide table.

A grouped field has a column for each group of its kind (``transfer:1.count``, ``transfer:2.count``), a repeated field
one for each value (``mediator``, ``mediator.2``). So every cell holds one value, and numbers stay numbers.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from db.formats.shared.versions import FieldVersion, extracted_version, reviewed_version
from db.native import NativeField

MAX_REPEATS = 20  # columns for fields of one name in one group, and for groups of one kind
_NUMBERED = re.compile(r".*:([1-9][0-9]?)", re.DOTALL)


class ColumnKey(NamedTuple):
    """The column of a field: kind and number of its group, its name, and which field of that name it is."""

    group_kind: str | None
    group_number: int
    name: str
    repeat: int

    def __str__(self) -> str:
        group = "" if self.group_kind is None else f"{self.group_kind}:{self.group_number}."
        return f"{group}{self.name}{f'.{self.repeat}' if self.repeat > 1 else ''}"


@dataclass(slots=True)
class Versions:
    """The two versions in one column, and the position of the reviewed one's field, if there is one, in the event."""

    reviewed: FieldVersion | None = None
    extracted: FieldVersion | None = None
    place: int | None = None


@dataclass(frozen=True, slots=True)
class WideFields:
    """The fields of an event by column, and those beyond the last column."""

    columns: dict[ColumnKey, Versions]
    rest: list[Versions]


def assign_columns(fields: Sequence[NativeField]) -> WideFields:
    """Assign the fields of an exported event to columns.

    Both versions of a field share a column, unless a reviewer moved it to another name or group. An added value shares
    the column of a removed value of the same name, so that they can be compared. Other removed values come last, so
    that a reviewed column is empty only if all columns after it are.
    """
    pairs = [(reviewed_version(field), extracted_version(field)) for field in fields]
    numbers = _group_numbers(side.group for pair in pairs for side in pair if side is not None and side.group)
    by_field: dict[tuple[str | None, int, str], list[Versions]] = {}
    unpaired: list[tuple[int, FieldVersion]] = []
    for place, (reviewed, extracted) in enumerate(pairs):
        if reviewed is not None and extracted is not None and (reviewed.name, reviewed.group) != extracted[:2]:
            by_field.setdefault(_key(reviewed, numbers), []).append(Versions(reviewed, place=place))
            unpaired.append((place, extracted))
        elif reviewed is not None:
            by_field.setdefault(_key(reviewed, numbers), []).append(Versions(reviewed, extracted, place))
        elif extracted is not None:
            unpaired.append((place, extracted))
    added = {key: iter([item for item in items if item.extracted is None]) for key, items in by_field.items()}
    for place, extracted in unpaired:
        key = _key(extracted, numbers)
        versions = next(added.get(key, iter(())), None)
        if versions is None:
            by_field.setdefault(key, []).append(Versions(extracted=extracted, place=place))
        else:
            versions.extracted = extracted
    columns, rest = {}, []
    for key, items in by_field.items():
        for repeat, versions in enumerate(items, 1):
            if repeat <= MAX_REPEATS and key[1] <= MAX_REPEATS:
                columns[ColumnKey(*key, repeat)] = versions
            else:
                rest.append(versions)
    return WideFields(columns, rest)


def _key(version: FieldVersion, numbers: dict[str, tuple[str, int]]) -> tuple[str | None, int, str]:
    return (*numbers[version.group], version.name) if version.group else (None, 0, version.name)


def _group_numbers(groups: Iterable[str]) -> dict[str, tuple[str, int]]:
    """Return the kind and the number of each group of an event.

    The number is the one that the group ends in (``transfer:2``), if all groups of its kind end in a small one; else
    the position among them, as for named groups (``transfer:north``).
    """
    kinds: dict[str, list[str]] = {}
    for group in dict.fromkeys(groups):
        kinds.setdefault(group.partition(":")[0], []).append(group)
    numbers = {}
    for kind, members in kinds.items():
        own = [int(match[1]) if (match := _NUMBERED.fullmatch(group)) else 0 for group in members]
        if len(set(own)) < len(own) or min(own) < 1 or max(own) > MAX_REPEATS:
            own = list(range(1, len(own) + 1))
        numbers.update({group: (kind, number) for group, number in zip(members, own, strict=True)})
    return numbers
