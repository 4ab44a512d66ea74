"""The modifiers of numbers in a table by a mapping: in a column beside the value, so that the value stays a number."""

from collections.abc import Collection, Iterable, Iterator
from typing import Any

from db.formats.tables.cells import Notation, boolean_number, read_cell, write_value
from db.formats.tables.mapping.mapping import MODIFIER_SUFFIX, MappedField, Mapping
from db.formats.tables.nested_cells import CellField, join_cell, may_be_from
from db.model import same_value


def modified_columns(mapping: Mapping, events: Iterable[dict[str, Any]], own: Iterable[str] = ()) -> set[str]:
    """Return the columns whose values need a column of modifiers beside them.

    A value needs one if its modifier is not in its imported cell, or if its table (with the columns ``own``) has one.
    """
    items = [item for item in mapping.fields if item.modifier is None and item.separator is None]
    found = {item.column for item in items if item.column + MODIFIER_SUFFIX in own}
    for event in events:
        for field in event.get("fields") or ():
            if field.get("modifier") is None or field.get("state") == "removed":
                continue
            for item in items:
                if may_be_from(item.name, item.group, field) and imported_cell(item, field) is None:
                    found.add(item.column)
    uses = mapping.uses() if found else {}
    return {column for column in found if column + MODIFIER_SUFFIX not in uses}


def with_modifiers(columns: tuple[str, ...], modified: Collection[str]) -> tuple[str, ...]:
    """Return the columns, with a column of modifiers after each of those that need it."""
    if not modified:
        return columns
    return tuple(
        name for column in columns for name in ((column, column + MODIFIER_SUFFIX) if column in modified else (column,))
    )


def modifiers_cell(item: MappedField, fields: list[dict[str, Any]]) -> Any:
    """Return the modifiers of a column's values, in the form of its cell with null for none; None if all lack one."""
    if all(field.get("modifier") is None for field in fields):
        return None
    return join_cell(
        item.name,
        item.group,
        [CellField(field["name"], field.get("group"), field.get("modifier"), field.get("key")) for field in fields],
    )


def imported_cell(item: MappedField, field: dict[str, Any], contradicts: bool = False) -> str | float | None:
    """Return the imported cell of a field if it still has the field's value and modifier, or None.

    contradicts: True if the cell had another modifier than the column of modifiers when it was imported.
    """
    cell, modifier = field.get("cell"), field.get("modifier")
    if isinstance(cell, bool) or not isinstance(cell, str | int | float):
        return None
    text = cell if isinstance(cell, str) else write_value(cell)
    if item.boolean and modifier is None and boolean_number(text) == field.get("value"):
        return cell
    for notation in _notations(item):
        read = read_cell(text, item.kind, notation)
        overridden = item.modifier and modifier and (read.modifier is None or contradicts)
        if same_value(read.value, field.get("value")) and (overridden or read.modifier == modifier):
            return cell
    return None


def _notations(item: MappedField) -> Iterator[Notation]:
    """Yield the notations in which a cell of this column may have been imported."""
    if item.kind == "date":
        for base in (item.serials,) if item.serials else (1900, 1904):
            for order in (item.dates,) if item.dates else (None, "dmy", "mdy", "ymd"):
                yield Notation(order, base)
        return
    for sign in (item.decimal,) if item.decimal else (None, ".", ","):
        yield Notation(sign=sign, unit=item.unit)
