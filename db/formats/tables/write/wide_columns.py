"""Which column of a wide table each field of an event goes to.

A field of a group has a column for each group of its kind (``transfer:1.count``, ``transfer:2.count``), one that
repeats a column for each time (``mediator``, ``mediator.2``), so that every cell holds one value: numbers stay numbers.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from db.formats.shared.versions import FieldVersion, extracted_version, reviewed_version

MOST_TIMES = 20  # columns for fields of one name in one group, and for groups of one kind
_NUMBERED = re.compile(r".*:([1-9][0-9]?)", re.DOTALL)


class Slot(NamedTuple):
    """A field's place in an event: the kind of its group and which of them, its name, and which of that name."""

    kind: str | None
    group: int
    name: str
    time: int

    def __str__(self) -> str:
        head = "" if self.kind is None else f"{self.kind}:{self.group}."
        return f"{head}{self.name}{f'.{self.time}' if self.time > 1 else ''}"


@dataclass(slots=True)
class Pair:
    """What stands in a slot: what a person left there, and what the machine extracted."""

    reviewed: FieldVersion | None = None
    machine: FieldVersion | None = None


@dataclass(frozen=True, slots=True)
class Placed:
    """The fields of an event by slot, and those that are too many for columns."""

    pairs: dict[Slot, Pair]
    rest: list[Pair]


def place(fields: Sequence[dict[str, Any]]) -> Placed:
    """Put each field of an exported event in its slot.

    Both sides of a field share a slot unless a person moved it to another name or group. A value that a person added
    stands beside one of that name that was removed, so that the two can be compared; what is left of the machine's
    comes after the values that are there, so that a reviewed column is empty only where all after it are.
    """
    sides = [(reviewed_version(field), extracted_version(field)) for field in fields]
    numbers = _numbers(side.group for pair in sides for side in pair if side is not None and side.group)
    made: dict[tuple[str | None, int, str], list[Pair]] = {}
    alone: list[FieldVersion] = []  # of the machine
    for reviewed, machine in sides:
        if reviewed is not None and machine is not None and (reviewed.name, reviewed.group) != machine[:2]:
            made.setdefault(_key(reviewed, numbers), []).append(Pair(reviewed))
            alone.append(machine)
        elif reviewed is not None:
            made.setdefault(_key(reviewed, numbers), []).append(Pair(reviewed, machine))
        elif machine is not None:
            alone.append(machine)
    added = {key: iter([pair for pair in pairs if pair.machine is None]) for key, pairs in made.items()}
    for machine in alone:
        key = _key(machine, numbers)
        beside = next(added.get(key, iter(())), None)
        if beside is None:
            made.setdefault(key, []).append(Pair(machine=machine))
        else:
            beside.machine = machine
    placed, rest = {}, []
    for key, pairs in made.items():
        for time, pair in enumerate(pairs, 1):
            if time <= MOST_TIMES and key[1] <= MOST_TIMES:
                placed[Slot(*key, time)] = pair
            else:
                rest.append(pair)
    return Placed(placed, rest)


def _key(side: FieldVersion, numbers: dict[str, tuple[str, int]]) -> tuple[str | None, int, str]:
    return (*numbers[side.group], side.name) if side.group else (None, 0, side.name)


def _numbers(groups: Iterable[str]) -> dict[str, tuple[str, int]]:
    """The kind and the number of each group of an event: the one it ends in (``transfer:2``), where all of its kind
    have one that is small; else its place among them, as of groups with names (``transfer:north``).
    """
    kinds: dict[str, list[str]] = {}
    for group in dict.fromkeys(groups):
        kinds.setdefault(group.partition(":")[0], []).append(group)
    numbers = {}
    for kind, members in kinds.items():
        said = [int(match[1]) if (match := _NUMBERED.fullmatch(group)) else 0 for group in members]
        if len(set(said)) < len(said) or min(said) < 1 or max(said) > MOST_TIMES:
            said = list(range(1, len(said) + 1))
        numbers.update({group: (kind, number) for group, number in zip(members, said, strict=True)})
    return numbers
