"""Edits of a mapping: what each column is, and every change as a function. Nothing here knows a screen.

After any edits in any order, a mapping survives being written as TOML and read again.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from db.errors import InputError
from db.formats.tables.mapping.field_names import field_names
from db.formats.tables.mapping.mapping import MappedField, Mapping
from db.io.json_lines import shorten
from db.kinds import Kind
from db.notation.dates import Order

Part = Literal["document", "event", "review"]


@dataclass(frozen=True, slots=True)
class Role:
    """What a column can be besides a field or ignored: a key of a part of the mapping.

    joined: several columns may have the role, and their cells are joined; otherwise only one may.
    """

    part: Part
    key: str
    words: str
    joined: bool = False


TEXT = Role("document", "text", "document text", joined=True)
TITLE = Role("document", "title", "title", joined=True)
DOCUMENT_ID = Role("document", "id", "document id", joined=True)
URL = Role("document", "url", "url")
PUBLISHER = Role("document", "publisher", "publisher")
PUBLISHED = Role("document", "published", "published")
LANGUAGE = Role("document", "language", "language")
EVENT_ID = Role("event", "id", "event id", joined=True)
TYPE = Role("event", "type", "event type")
CONFIDENCE = Role("event", "confidence", "confidence")
EXTRACTOR = Role("event", "extractor", "extractor")
REVIEWS = (
    Role("review", "status", "review status"),
    Role("review", "reviewer", "reviewer"),
    Role("review", "decided_at", "when decided"),
    Role("review", "reason", "reason"),
    Role("review", "reason_text", "reason in words"),
    Role("review", "note", "note"),
)
ROLES = (
    *(TEXT, TITLE, DOCUMENT_ID, URL, PUBLISHER, PUBLISHED, LANGUAGE, EVENT_ID, TYPE, CONFIDENCE, EXTRACTOR),
    *REVIEWS,
)


@dataclass(frozen=True, slots=True)
class Uses:
    """What a column is: perhaps several things, such as title and field; nothing if the mapping doesn't mention it.

    modifies: the name of the field whose numbers it modifies.
    """

    roles: tuple[Role, ...] = ()
    fields: tuple[MappedField, ...] = ()
    modifies: str | None = None
    ignored: bool = False


def uses(mapping: Mapping) -> dict[str, Uses]:
    """Return what each column is that the mapping mentions."""
    found: dict[str, Uses] = {}
    for role in ROLES:
        for column in _columns(mapping, role):
            known = found.get(column, Uses())
            found[column] = replace(known, roles=(*known.roles, role))
    for item in mapping.fields:
        known = found.get(item.column, Uses())
        found[item.column] = replace(known, fields=(*known.fields, item))
        if item.modifier is not None:
            found[item.modifier] = replace(found.get(item.modifier, Uses()), modifies=item.name)
    for column in mapping.ignored:
        found[column] = replace(found.get(column, Uses()), ignored=True)
    return found


def assign(mapping: Mapping, column: str, role: Role, initial: Mapping) -> Mapping:
    """Make a column only this role, joined to others that have it if the role allows.

    A column that loses the role becomes the field that it is in ``initial``, or one named after it.
    Raises InputError for a column without a name, which can't have every role.
    """
    if not column and not role.joined:
        raise InputError(f"a column without a name can't be the {role.words}; make it a text, an id or a field")
    if _is_alone(mapping, column, role):
        return mapping
    joined = [other for other in _columns(mapping, role) if other != column] if role.joined else []
    return _with_all_columns(_with(without(mapping, column), role, (*joined, column)), mapping, initial)


def make_field(mapping: Mapping, column: str, initial: Mapping) -> Mapping:
    """Make a column only a field: the one that it is in ``initial``, or one with its own name and kind."""
    used = uses(mapping).get(column, Uses())
    if used.fields and used == Uses(fields=used.fields):
        return mapping
    made = next((item for item in initial.fields if item.column == column), MappedField("", column))
    rest = without(mapping, column)
    names = {item.name for item in rest.fields}
    if not made.name or made.name in names:
        made = replace(made, name=field_names([column], names)[0])
    if made.modifier in uses(rest):  # that column has become something else
        made = replace(made, modifier=None)
    place = {other: number for number, other in enumerate(mapping.columns)}
    fields = sorted((*rest.fields, made), key=lambda item: place.get(item.column, len(place)))
    return _with_all_columns(replace(rest, fields=tuple(fields)), mapping, initial)


def ignore(mapping: Mapping, column: str, initial: Mapping) -> Mapping:
    """Keep a column for export only."""
    if uses(mapping).get(column) == Uses(ignored=True):
        return mapping
    rest = without(mapping, column)
    return _with_all_columns(replace(rest, ignored=(*rest.ignored, column)), mapping, initial)


def without(mapping: Mapping, column: str) -> Mapping:
    """Return the mapping without any mention of a column, which reading then makes a field."""
    for role in ROLES:
        columns = _columns(mapping, role)
        if column in columns:
            mapping = _with(mapping, role, [other for other in columns if other != column])
    kept = tuple(
        replace(item, modifier=None) if item.modifier == column else item
        for item in mapping.fields
        if item.column != column
    )
    return replace(mapping, fields=kept, ignored=tuple(other for other in mapping.ignored if other != column))


def rename(mapping: Mapping, column: str, name: str) -> Mapping:
    """Rename a column's field, to a name that queries can use. Raises InputError."""
    if not name.strip():
        raise InputError("a field needs a name")
    return _changed(mapping, column, name=query_name(name))


def query_name(name: str) -> str:
    """Return a name in the form that queries can use: ``event_date`` for ``Event Date``."""
    return field_names([name.strip()])[0]


def regroup(mapping: Mapping, column: str, group: str) -> Mapping:
    """Put a column's field into a group such as ``transfer:1``, or into none if it is empty. Raises InputError."""
    return _changed(mapping, column, group=group.strip() or None)


def set_kind(mapping: Mapping, column: str, kind: Kind | None, dates: Order | None = None) -> Mapping:
    """Set the kind of a column's values; None detects it per cell. ``dates``: the order of day and month.

    Raises InputError.
    """
    return _changed(mapping, column, kind=kind, dates=dates)


def set_separator(mapping: Mapping, column: str, separator: str) -> Mapping:
    """Set the separator of several values in a cell; empty for one value per cell. Raises InputError."""
    return _changed(mapping, column, separator=separator or None)


def toggle_ground(mapping: Mapping, column: str) -> Mapping:
    """Start or stop searching the text for a field's values, as their evidence. Raises InputError."""
    return _changed(mapping, column, ground=not field_of(mapping, column).ground)


def set_scale(mapping: Mapping, certain: float) -> Mapping:
    """Set the confidence that means certain: 1, or 100 for percentages."""
    return replace(mapping, event=replace(mapping.event, confidence_of=certain))


def set_constant_type(mapping: Mapping, name: str) -> Mapping:
    """Set the type of events whose row has none; empty for no such type.

    Raises InputError if no column is the event type either.
    """
    name = name.strip()
    if not name and mapping.event.type is None:
        raise InputError("every event needs a type and no column is one; press y on a column to make it the type")
    return replace(mapping, event=replace(mapping.event, constant_type=name or None))


def field_of(mapping: Mapping, column: str) -> MappedField:
    """Return the first field that a column is. Raises InputError if it isn't one."""
    for item in mapping.fields:
        if item.column == column:
            return item
    raise InputError("this column isn't a field; press f to make it one")


def _columns(mapping: Mapping, role: Role) -> tuple[str, ...]:
    value = getattr(getattr(mapping, role.part), role.key)
    return value if isinstance(value, tuple) else () if value is None else (value,)


def _with(mapping: Mapping, role: Role, columns: Sequence[str]) -> Mapping:
    value: Any = tuple(columns) if role.joined else columns[0] if columns else None
    return _replaced(mapping, role.part, replace(getattr(mapping, role.part), **{role.key: value}))


def _replaced(mapping: Mapping, part: Part, value: Any) -> Mapping:
    changed: dict[str, Any] = {part: value}
    return replace(mapping, **changed)


def _is_alone(mapping: Mapping, column: str, role: Role) -> bool:
    return uses(mapping).get(column) == Uses(roles=(role,))


def _with_all_columns(mapping: Mapping, before: Mapping, initial: Mapping) -> Mapping:
    """Make fields of the columns that a change left without a meaning, such as the former url or a modifier."""
    for column in uses(before):
        if column not in uses(mapping):
            mapping = make_field(mapping, column, initial)
    return mapping


def _changed(mapping: Mapping, column: str, **change: Any) -> Mapping:
    """Change a column's field. Raises InputError if it isn't one, or if another has that name and group."""
    old = field_of(mapping, column)
    new = replace(old, **change)
    place = mapping.fields.index(old)
    for number, item in enumerate(mapping.fields):
        if number != place and (item.name, item.group) == (new.name, new.group):
            where = f" in the group {_line(new.group)}" if new.group else ""
            raise InputError(
                f"{_line(new.name)}{where} is already column {_line(item.column)}; choose another name or group"
            )
    return replace(mapping, fields=(*mapping.fields[:place], new, *mapping.fields[place + 1 :]))


def _line(text: str) -> str:
    return shorten(" ".join(text.split()))
