"""Values of events as cells of a database's columns."""

import json
from typing import Any

from db.formats.tables.cells import write_value
from db.model import SqlValue
from db.notation.same_way import written_like

_INTEGERS, _WIDEST = ("INT", "INTEGER"), 2**63


def as_cell(value: Any) -> SqlValue:
    """Return a value as a cell: true and false as 1 and 0, lists and objects as JSON, the rest as it is."""
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, list | dict) or (isinstance(value, int) and not -_WIDEST <= value < _WIDEST):
        return json.dumps(value, ensure_ascii=False)
    assert value is None or isinstance(value, str | int | float)
    return value


def in_notation(cell: Any, old: Any, new: Any) -> Any:
    """Return a new value in the notation and storage class of the cell that holds the old one."""
    if isinstance(cell, bool) or not isinstance(cell, str | int | float):
        return new
    like = written_like(cell, old, new)
    if like is None and isinstance(cell, str) and isinstance(new, int | float) and not isinstance(new, bool):
        return write_value(new)
    return new if like is None else like


def fits(cell: SqlValue, declared: str, strict: bool) -> bool:
    """Return True if a column of that type accepts a cell. Only those of a STRICT table accept less than all."""
    kind = declared.upper()
    if not strict or cell is None or kind == "ANY":
        return True
    if kind in _INTEGERS:
        return isinstance(cell, int) or (isinstance(cell, str) and cell.lstrip("-").isdecimal())
    if kind == "REAL":
        return isinstance(cell, int | float)
    return kind == "TEXT" or (kind == "BLOB" and isinstance(cell, bytes))
