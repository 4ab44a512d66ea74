"""Cells that hold lists and objects: as repeated fields and groups, and those as a cell again."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from db.formats.tables.mapping.names import plain_names


class Part(NamedTuple):
    """A field that a cell holds; ``key``: that of its object, where the name is not the same."""

    name: str
    group: str | None
    value: Any
    key: str | None = None


def expand(name: str, group: str | None, cell: Any) -> list[Part]:
    """The fields of a cell: of a list of plain values one each, of an object or several a group each.

    A list that mixes them is one value. Of an empty list or object there are none.
    """
    base = group or name
    if isinstance(cell, dict):
        return _of_object(base, cell)
    if isinstance(cell, list):
        if cell and all(isinstance(item, dict) and item for item in cell):
            return [part for number, item in enumerate(cell, 1) for part in _of_object(f"{base}:{number}", item)]
        if not any(isinstance(item, dict | list) for item in cell):
            return [Part(name, group, item) for item in cell]
    return [Part(name, group, cell)]


def collapse(name: str, group: str | None, parts: Sequence[Part]) -> Any:
    """The cell of fields that ``expand`` made, as far as they tell: one plain value alone is no list."""
    base = group or name
    groups = list(dict.fromkeys(part.group for part in parts))
    if any(part.group == group and part.name == name for part in parts) and groups == [group]:
        return parts[0].value if len(parts) == 1 else [part.value for part in parts]
    objects = [{part.key or part.name: part.value for part in parts if part.group == one} for one in groups]
    return objects[0] if groups == [base] else objects


def belongs(name: str, group: str | None, field: dict[str, Any]) -> bool:
    """Whether a field is one that a column of this name and group may have been expanded to."""
    base, other = group or name, field.get("group")
    if other == group and field.get("name") == name:
        return True
    return isinstance(other, str) and (other == base or other.startswith(f"{base}:"))


def _of_object(group: str, cell: dict[str, Any]) -> list[Part]:
    names = plain_names(list(cell))
    return [
        Part(name, group, value, key if key != name else None)
        for (key, value), name in zip(cell.items(), names, strict=True)
    ]
