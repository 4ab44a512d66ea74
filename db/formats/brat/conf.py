"""annotation.conf of a brat folder: the types that its documents use."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

_IN_CONF = re.compile(r"[a-zA-Z0-9_-]+")  # what brat takes for a name of a type
_MOST_VALUES = 50  # of an attribute that are listed


@dataclass(slots=True)
class Used:
    """The types of a folder: labels of text, roles of events, arguments of relations, values of attributes."""

    labels: set[str] = field(default_factory=set)
    events: dict[str, set[str]] = field(default_factory=dict)
    relations: dict[str, tuple[str, ...]] = field(default_factory=dict)
    equivalences: set[str] = field(default_factory=set)
    attributes: dict[str, set[str]] = field(default_factory=dict)

    def add_attribute(self, name: str, value: str | None) -> None:
        """One more value of an attribute, None where it is there or not."""
        values = self.attributes.setdefault(name, set())
        if value is not None and _IN_CONF.fullmatch(value) and len(values) < _MOST_VALUES:
            values.add(value)

    def conf(self) -> bytes:
        """annotation.conf; without names that can't stand there."""
        symmetric = ("Arg1:<ANY>", "Arg2:<ANY>", "<REL-TYPE>:symmetric-transitive")
        relations = {name: [f"{role}:<ANY>" for role in roles] for name, roles in self.relations.items()}
        sections: dict[str, Mapping[str, Iterable[str]]] = {
            "entities": dict.fromkeys(self.labels - self.events.keys() or {"Entity"}, ()),
            "relations": relations | dict.fromkeys(self.equivalences, symmetric),
            "events": {
                name: [f"{role}*:<ANY>" for role in sorted(roles) if _IN_CONF.fullmatch(role)]
                for name, roles in self.events.items()
            },
            "attributes": {
                name: ["Arg:<ANY>", *([f"Value:{'|'.join(sorted(values))}"] if values else [])]
                for name, values in self.attributes.items()
            },
        }
        parts = []
        for section, items in sections.items():
            names = [name for name in sorted(items) if _IN_CONF.fullmatch(name)]
            lines = [f"{name}\t{', '.join(items[name])}".rstrip() for name in names]
            parts.append("\n".join([f"[{section}]", *lines]))
        return "\n\n".join(parts).encode() + b"\n"
