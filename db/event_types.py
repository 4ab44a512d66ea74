"""Event types: the fields that an event of a type has, declared by people or learnt from the data."""

from dataclasses import dataclass

from db.kinds import Kind


@dataclass(frozen=True, slots=True)
class FieldType:
    """A field of an event type. ``unit`` and ``help`` are shown to reviewers."""

    name: str
    kind: Kind = "text"
    required: bool = False
    repeated: bool = False
    group: str | None = None
    choices: tuple[str, ...] = ()
    unit: str | None = None
    help: str = ""


@dataclass(frozen=True, slots=True)
class EventType:
    """An event type; ``headline`` names the fields that a list shows of an event."""

    name: str
    help: str = ""
    headline: tuple[str, ...] = ()
    fields: tuple[FieldType, ...] = ()
    declared: bool = False

    def field(self, name: str) -> FieldType:
        """Return the field of that name; an unknown one is of kind text."""
        return next((field for field in self.fields if field.name == name), FieldType(name))
