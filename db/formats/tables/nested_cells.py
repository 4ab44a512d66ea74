"""Cells that hold lists and objects: split into repeated and grouped fields, and joined again."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from db.formats.tables.mapping.field_names import field_names


class CellField(NamedTuple):
    """A field that a cell holds; ``key`` is its key in an object, if that differs from the name."""

    name: str
    group: str | None
    value: Any
    key: str | None = None


def split_cell(name: str, group: str | None, cell: Any) -> list[CellField]:
    """Return the fields of a cell: one for each plain value in a list, and a group for each object.

    A list that mixes plain values and objects is one value. An empty list or object has no fields.
    """
    base = group or name
    if isinstance(cell, dict):
        return _of_object(base, cell)
    if isinstance(cell, list):
        if cell and all(isinstance(item, dict) and item for item in cell):
            return [part for number, item in enumerate(cell, 1) for part in _of_object(f"{base}:{number}", item)]
        if not any(isinstance(item, dict | list) for item in cell):
            return [CellField(name, group, item) for item in cell]
    return [CellField(name, group, cell)]


def join_cell(name: str, group: str | None, parts: Sequence[CellField]) -> Any:
    """Return the cell of fields that ``split_cell`` returned, except that a list of one value becomes that value."""
    base = group or name
    groups = list(dict.fromkeys(part.group for part in parts))
    if any(part.group == group and part.name == name for part in parts) and groups == [group]:
        return parts[0].value if len(parts) == 1 else [part.value for part in parts]
    objects = [{part.key or part.name: part.value for part in parts if part.group == one} for one in groups]
    return objects[0] if groups == [base] else objects


def may_be_from(name: str, group: str | None, field: Mapping[str, Any]) -> bool:
    """Return True if ``split_cell`` may have made a field from a column of this name and group."""
    base, other = group or name, field.get("group")
    if other == group and field.get("name") == name:
        return True
    return isinstance(other, str) and (other == base or other.startswith(f"{base}:"))


def _of_object(group: str, cell: dict[str, Any]) -> list[CellField]:
    names = field_names(list(cell))
    return [
        CellField(name, group, value, key if key != name else None)
        for (key, value), name in zip(cell.items(), names, strict=True)
    ]


def split_list(separator: str | None, cell: str) -> list[str]:
    """Return the values of a list in a cell, without surrounding white space."""
    return [part.strip() for part in cell.split(separator) if part.strip()]
