"""Writes the annotation.conf of a brat folder: the types that its documents use."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

_VALID_NAME = re.compile(r"[a-zA-Z0-9_-]+")
_MAX_VALUES = 50  # listed values of an attribute


@dataclass(slots=True)
class UsedTypes:
    """The types in a folder: labels of text, roles of events, arguments of relations, values of attributes."""

    labels: set[str] = field(default_factory=set)
    events: dict[str, set[str]] = field(default_factory=dict)
    relations: dict[str, tuple[str, ...]] = field(default_factory=dict)
    equivalences: set[str] = field(default_factory=set)
    attributes: dict[str, set[str]] = field(default_factory=dict)

    def add_attribute(self, name: str, value: str | None) -> None:
        """Add an attribute and one of its values, None if it is binary."""
        values = self.attributes.setdefault(name, set())
        if value is not None and _VALID_NAME.fullmatch(value) and len(values) < _MAX_VALUES:
            values.add(value)

    def conf(self) -> bytes:
        """Return the content of annotation.conf. Names that brat doesn't allow there are left out."""
        symmetric = ("Arg1:<ANY>", "Arg2:<ANY>", "<REL-TYPE>:symmetric-transitive")
        relations = {name: [f"{role}:<ANY>" for role in roles] for name, roles in self.relations.items()}
        sections: dict[str, Mapping[str, Iterable[str]]] = {
            "entities": dict.fromkeys(self.labels - self.events.keys() or {"Entity"}, ()),
            "relations": relations | dict.fromkeys(self.equivalences, symmetric),
            "events": {
                name: [f"{role}*:<ANY>" for role in sorted(roles) if _VALID_NAME.fullmatch(role)]
                for name, roles in self.events.items()
            },
            "attributes": {
                name: ["Arg:<ANY>", *([f"Value:{'|'.join(sorted(values))}"] if values else [])]
                for name, values in self.attributes.items()
            },
        }
        parts = []
        for section, items in sections.items():
            names = [name for name in sorted(items) if _VALID_NAME.fullmatch(name)]
            lines = [f"{name}\t{', '.join(items[name])}".rstrip() for name in names]
            parts.append("\n".join([f"[{section}]", *lines]))
        return "\n\n".join(parts).encode() + b"\n"
