"""Gives the values of a row the modifiers in the columns beside them."""

from json import dumps
from typing import Any

from db.formats.tables.cells import shown
from db.formats.tables.mapping.mapping import MappedField
from db.formats.tables.nested_cells import join_cell, split_cell
from db.kinds import is_modifier


def attach_modifier(item: MappedField, cell: str, modifier: Any, field: dict[str, Any], kept: dict[str, Any]) -> None:
    """Give the field of a text cell a valid modifier, and keep what the export can't write again from both."""
    in_cell = field.get("modifier")  # such as that of ~30
    field["modifier"] = modifier
    if in_cell != modifier:
        kept.pop(item.modifier or "")
        if in_cell is not None:
            kept[item.column] = cell


def unused_modifier(column: str, kept: dict[str, Any]) -> str | None:
    """Return a note on a text in a column of modifiers that isn't one; the export writes it again."""
    cell = kept.get(column)
    if not isinstance(cell, str) or not cell.strip() or is_modifier(cell):
        return None
    return f"column {column}: {shown(cell)} is not about, at least, at most or, for example, to 600; kept for export"


def attach_modifiers(item: MappedField, cell: Any, fields: list[dict[str, Any]], kept: dict[str, Any]) -> None:
    """Give the fields of a cell that is a JSON value, which are the last ones, the modifiers in a cell of its form."""
    column = item.modifier or ""
    marks = split_cell(item.name, item.group, kept.get(column))
    parts = split_cell(item.name, item.group, cell)
    if [part[:2] for part in marks] != [part[:2] for part in parts]:
        return
    modifiers = [part.value for part in marks]
    if not any(modifiers) or not all(each is None or is_modifier(each) for each in modifiers):
        return
    if dumps(join_cell(item.name, item.group, marks)) == dumps(kept[column]):  # else the export can't write it again
        del kept[column]
        for field, modifier in zip(fields[-len(parts) :], modifiers, strict=True):
            if modifier is not None:
                field["modifier"] = modifier
