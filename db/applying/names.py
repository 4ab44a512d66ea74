"""Finds the field that a name means: ``killed``, ``mediator[2]``, ``transfer:2.count``."""

import re
from collections.abc import Collection, Iterable
from typing import NamedTuple

from db.errors import InputError
from db.event_types import EventType, FieldType
from db.model import Event, Field
from db.query.names import suggestion
from db.text.folding import canonical

PROPERTIES = ("type", "status", "reason", "note")
"""Names that mean the event itself; ``field.note`` means a field of that name."""

_FIELD = "field."
_NUMBERED = re.compile(r"(.+)\[([1-9]\d{0,5})\]|(.+)\.([1-9]\d{0,5})")


class Place(NamedTuple):
    """A field of an event, or a new one with this name and group."""

    name: str
    group: str | None = None
    field: Field | None = None

    def __str__(self) -> str:
        return f"{self.group}.{self.name}" if self.group else self.name


class FieldNames:
    """The names of the fields of a file. ``allow_new``: a name that no event has is a new field."""

    def __init__(self, types: dict[str, EventType], known: Collection[str], *, allow_new: bool) -> None:
        self._types = types
        self._known = frozenset(known)
        self._allow_new = allow_new

    def spec(self, event: Event, name: str) -> FieldType:
        """Return what is known of a field: by the event's type, or else by another type."""
        own = self._types.get(event.type, EventType(event.type))
        types = (own, *self._types.values())
        return next((item for one in types for item in one.fields if item.name == name), FieldType(name))

    def find(self, event: Event, typed: str) -> Place:
        """Return the place that a name means. Raises InputError if there is none, or if it could mean several."""
        typed = typed.removeprefix(_FIELD).strip()
        place = self._find(event, typed, None)
        if place is None and (match := _NUMBERED.fullmatch(typed)):
            name, number = (match[1], match[2]) if match[1] else (match[3], match[4])
            place = self._find(event, name, int(number))
        if place is not None:
            return place
        if not typed:
            raise InputError("a name is missing before =")
        if self._allow_new:
            group, dot, name = typed.rpartition(".")
            return Place(name, group) if dot and ":" in group else Place(typed)
        own = list(dict.fromkeys(field.name for field in event.live_fields))
        raise InputError(f"no field {typed}{suggestion(typed, [*own, *sorted(self._known)], own)}; --new adds one")

    def _find(self, event: Event, typed: str, number: int | None) -> Place | None:
        for group, name in _readings(event, typed):
            known = self._name(event, name)
            if known is None:
                continue
            fields = [field for field in event.live_fields if field.name == known]
            if group is not None:
                fields = [field for field in fields if field.group == group]
            return self._choose(event, Place(known, group), fields, number)
        return None

    def _choose(self, event: Event, place: Place, fields: list[Field], number: int | None) -> Place:
        if number is not None:
            if number <= len(fields):
                return Place(place.name, fields[number - 1].group, fields[number - 1])
            if number > len(fields) + 1:
                raise InputError(
                    f"{place}[{number}]: the event has {len(fields)} of it; the next is [{len(fields) + 1}]"
                )
            return self._new(event, place)
        if len(fields) == 1:
            return Place(place.name, fields[0].group, fields[0])
        if fields:
            groups = [field.group for field in fields]
            several = len(set(groups)) == len(groups) and None not in groups
            ways = [f"{group}.{place.name}" if several else f"{place}[{n}]" for n, group in enumerate(groups, 1)]
            raise InputError(f"{place} has {len(fields)} values; write {' or '.join(ways[:3])}")
        return self._new(event, place)

    def _new(self, event: Event, place: Place) -> Place:
        """Return the place of a new value: that of a removed one, if there is one."""
        if place.group is None and (base := self.spec(event, place.name).group) is not None:
            groups = _groups(event, base)
            if len(groups) > 1:
                ways = " or ".join(f"{group}.{place.name}" for group in groups[:3])
                raise InputError(f"{place.name} belongs to one of {len(groups)} groups; write {ways}")
            place = Place(place.name, groups[0] if groups else f"{base}:1")
        removed = (
            field
            for field in event.fields
            if field.state == "removed" and field.in_extraction and (field.name, field.group) == place[:2]
        )
        return place._replace(field=next(removed, None))

    def _name(self, event: Event, typed: str) -> str | None:
        """Return the known name that equals a typed one, but for case and normal form if there is no other."""
        own = {field.name for field in event.fields}
        if typed in own or typed in self._known:
            return typed
        return next((name for name in (*own, *self._known) if canonical(name) == canonical(typed)), None)


def _readings(event: Event, typed: str) -> Iterable[tuple[str | None, str]]:
    """Yield the groups and names that a name may consist of."""
    yield None, typed
    for at in (match.start() for match in re.finditer(r"\.", typed)):
        group, name = typed[:at], typed[at + 1 :]
        if ":" in group:
            yield group, name
        elif groups := _groups(event, group):
            if len(groups) > 1:
                raise InputError(f"{group} is one of {len(groups)} groups; write {groups[0]}.{name}")
            yield groups[0], name


def _groups(event: Event, base: str) -> list[str]:
    names = dict.fromkeys(field.group for field in event.live_fields if field.group)
    return [group for group in names if group.partition(":")[0] == base]
