"""A mapping while it is made: what each column is, every change as a function, and undo. Nothing here knows a screen.

Whatever is done in whatever order, the mapping is one that its TOML gives back.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from db.errors import InputError
from db.formats.tables.mapping.field_names import field_names
from db.formats.tables.mapping.mapping import MappedField, Mapping, Order
from db.io.json_lines import shorten
from db.kinds import Kind

Part = Literal["document", "event", "review"]


@dataclass(frozen=True, slots=True)
class Role:
    """What a column can be, other than a field or ignored: a key of a part of the mapping.

    ``joined``: of several columns that have the role, the cells are put together; else only one can have it.
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
    """What a column is: it may be several things at once, as title and field, and nothing where nobody speaks of it.

    modifies: the name of the field of whose numbers it is the modifier.
    """

    roles: tuple[Role, ...] = ()
    fields: tuple[MappedField, ...] = ()
    modifies: str | None = None
    ignored: bool = False


def uses(mapping: Mapping) -> dict[str, Uses]:
    """What each column is that the mapping speaks of."""
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


def assign(mapping: Mapping, column: str, role: Role, first: Mapping) -> Mapping:
    """Give a column a role, and nothing else; it joins others where the role can be several columns'.

    A column that loses the role by that becomes a field: the one that it is in ``first``, or of its own name.
    Raises InputError for a column without a name, which cannot have every role.
    """
    if not column and not role.joined:
        raise InputError(f"a column without a name can't be the {role.words}; it can be a text, an id or a field")
    if _is_alone(mapping, column, role):
        return mapping
    joined = [other for other in _columns(mapping, role) if other != column] if role.joined else []
    return _speaking_of_all(_with(forget(mapping, column), role, (*joined, column)), mapping, first)


def make_field(mapping: Mapping, column: str, first: Mapping) -> Mapping:
    """Make a column a field, and nothing else: the one that it is in ``first``, or of its own name and kind."""
    used = uses(mapping).get(column, Uses())
    if used.fields and used == Uses(fields=used.fields):
        return mapping
    made = next((item for item in first.fields if item.column == column), MappedField("", column))
    rest = forget(mapping, column)
    taken = {item.name for item in rest.fields}
    if not made.name or made.name in taken:
        made = replace(made, name=field_names([column], taken)[0])
    if made.modifier in uses(rest):  # it has been given another meaning
        made = replace(made, modifier=None)
    place = {other: number for number, other in enumerate(mapping.columns)}
    fields = sorted((*rest.fields, made), key=lambda item: place.get(item.column, len(place)))
    return _speaking_of_all(replace(rest, fields=tuple(fields)), mapping, first)


def ignore(mapping: Mapping, column: str, first: Mapping) -> Mapping:
    """Make a column no field: it only comes back on export."""
    if uses(mapping).get(column) == Uses(ignored=True):
        return mapping
    rest = forget(mapping, column)
    return _speaking_of_all(replace(rest, ignored=(*rest.ignored, column)), mapping, first)


def forget(mapping: Mapping, column: str) -> Mapping:
    """The mapping as if it had never spoken of a column, which then is a field by itself when it is read."""
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
    """Give a column's field another name, in letters that a query can hold. Raises InputError."""
    if not name.strip():
        raise InputError("a field needs a name")
    return _changed(mapping, column, name=addressable(name))


def addressable(name: str) -> str:
    """A name as a query can have it: ``Event Date`` is ``event_date``."""
    return field_names([name.strip()])[0]


def regroup(mapping: Mapping, column: str, group: str) -> Mapping:
    """Put a column's field into a group, as ``transfer:1``, or with an empty text into none. Raises InputError."""
    return _changed(mapping, column, group=group.strip() or None)


def set_kind(mapping: Mapping, column: str, kind: Kind | None, dates: Order | None = None) -> Mapping:
    """Say what a column's values are; None: what each cell shows itself. ``dates``: which of day and month is first.

    Raises InputError.
    """
    return _changed(mapping, column, kind=kind, dates=dates)


def set_separator(mapping: Mapping, column: str, separator: str) -> Mapping:
    """Say what stands between the values of a list in a cell; an empty text: a cell is one value. Raises InputError."""
    return _changed(mapping, column, separator=separator or None)


def toggle_ground(mapping: Mapping, column: str) -> Mapping:
    """Have a field's values looked for in the text, or no more. Raises InputError."""
    return _changed(mapping, column, ground=not field_of(mapping, column).ground)


def set_scale(mapping: Mapping, certain: float) -> Mapping:
    """Say which confidence is certain: 1, or 100 of per cent."""
    return replace(mapping, event=replace(mapping.event, confidence_of=certain))


def set_constant_type(mapping: Mapping, name: str) -> Mapping:
    """Say which type events have where no column tells; an empty text takes that back.

    Raises InputError where nothing would be left that tells.
    """
    name = name.strip()
    if not name and mapping.event.type is None:
        raise InputError("no column is the event type, so each event needs this one; y makes a column the type")
    return replace(mapping, event=replace(mapping.event, constant_type=name or None))


def field_of(mapping: Mapping, column: str) -> MappedField:
    """The field that a column is, the first of several. Raises InputError where it is none."""
    for item in mapping.fields:
        if item.column == column:
            return item
    raise InputError("this column is no field; f makes it one")


@dataclass(frozen=True, slots=True)
class Draft:
    """A mapping with what it was before each change, and what undo took back; ``first`` is what it began as.

    Each change has words for people.
    """

    first: Mapping
    mapping: Mapping
    past: tuple[tuple[str, Mapping], ...] = ()
    future: tuple[tuple[str, Mapping], ...] = ()

    @classmethod
    def of(cls, mapping: Mapping) -> "Draft":
        """A draft that nobody has changed."""
        return cls(mapping, mapping)

    def changed(self, mapping: Mapping, words: str) -> "Draft":
        """The draft after a change; itself where nothing is different."""
        if mapping == self.mapping:
            return self
        return replace(self, mapping=mapping, past=(*self.past, (words, self.mapping)), future=())

    def undone(self) -> "Draft":
        """The draft without its last change; itself where there is none."""
        if not self.past:
            return self
        *past, (words, before) = self.past
        return replace(self, mapping=before, past=tuple(past), future=(*self.future, (words, self.mapping)))

    def redone(self) -> "Draft":
        """The draft with the change that was undone last; itself where there is none."""
        if not self.future:
            return self
        *future, (words, after) = self.future
        return replace(self, mapping=after, past=(*self.past, (words, self.mapping)), future=tuple(future))


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


def _speaking_of_all(mapping: Mapping, before: Mapping, first: Mapping) -> Mapping:
    """The mapping with every column a field that lost its meaning, as a role of one column alone, or a modifier's."""
    for column in uses(before):
        if column not in uses(mapping):
            mapping = make_field(mapping, column, first)
    return mapping


def _changed(mapping: Mapping, column: str, **change: Any) -> Mapping:
    """The mapping with a column's field changed. Raises InputError where it is none, or as another one already is."""
    old = field_of(mapping, column)
    new = replace(old, **change)
    place = mapping.fields.index(old)
    for number, item in enumerate(mapping.fields):
        if number != place and (item.name, item.group) == (new.name, new.group):
            where = f" in the group {_line(new.group)}" if new.group else ""
            raise InputError(
                f"{_line(new.name)}{where} is the column {_line(item.column)} already; take another name or group"
            )
    return replace(mapping, fields=(*mapping.fields[:place], new, *mapping.fields[place + 1 :]))


def _line(text: str) -> str:
    return shorten(" ".join(text.split()))
