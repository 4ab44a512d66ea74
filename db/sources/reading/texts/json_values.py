"""Objects in JSON: values with their places in the text, lists of such fields with their names, and inner objects."""

from collections.abc import Iterable, Sequence
from typing import Any

from db.formats.tables.read.column_names import folded_name
from db.formats.tables.values import PlacedValue, Values

_VALUE = frozenset("value text val mention mention_text surface answer argument filler content".split())
_NAME = frozenset("name field role argument_role field_name key slot type label attribute".split())
_START = frozenset(
    "start start_offset start_char char_start offset_start begin startoffset start_index start_pos from".split()
)
_END = frozenset("end end_offset end_char char_end offset_end stop endoffset end_index end_pos to".split())
_SPAN = frozenset("span spans offsets offset position charinterval char_interval char_span interval range".split())
_QUOTE = frozenset("quote evidence sentence snippet source_text context excerpt evidence_text supporting_text".split())
_LENGTH = frozenset(("length", "len"))
_CONFIDENCE = frozenset("confidence score probability certainty conf".split())
_KNOWN = _VALUE | _NAME | _START | _END | _SPAN | _QUOTE | _CONFIDENCE | _LENGTH | {"id"}
_MAX_DEPTH = 6  # of inner objects


def with_places(columns: tuple[str, ...], cells: Sequence[Any]) -> tuple[tuple[str, ...], list[Any]]:
    """Return columns and cells in which objects such as ``{"value": 14, "span": [3, 5]}`` are values with places.

    A list of objects that also have names is a column for each name.
    """
    if not any(isinstance(cell, dict | list) for cell in cells):
        return columns, list(cells)
    found: dict[str, Any] = {}
    named: dict[str, list[PlacedValue]] = {}
    for column, cell in zip(columns, cells, strict=True):
        items = cell if isinstance(cell, list) else [cell]
        if not items or not all(isinstance(item, dict) for item in items):
            found[column] = cell
        elif all(_name_of(item) for item in items):
            for item in items:
                named.setdefault(str(item[_name_of(item)]), []).append(_placed(item))
        elif all(_is_placed(item) for item in items):
            found[column] = Values(map(_placed, items))
        elif isinstance(cell, list):
            found[column] = [_flat(item) for item in items]
        else:
            found[column] = _flat(items[0])
    for name, values in named.items():
        column = name if name not in columns else f"{name}_2"
        found[column] = Values(values)
    return tuple(found), list(found.values())


def _key(item: dict[str, Any], names: Iterable[str]) -> str | None:
    """Return the key of an object that has one of these names, in any spelling."""
    return next((key for key in item if folded_name(key) in names), None)


def _is_placed(item: dict[str, Any]) -> bool:
    """Return True for an object that is one value with its place or quote, and nothing else."""
    if not all(folded_name(key) in _KNOWN for key in item) or (value := _key(item, _VALUE)) is None:
        return False
    has_place = _key(item, _SPAN) or (_key(item, _START) and _key(item, _END)) or _key(item, _QUOTE)
    return bool(has_place or _key(item, _CONFIDENCE)) and not isinstance(item[value], dict | list) and len(item) > 1


def _name_of(item: dict[str, Any]) -> str | None:
    """Return the key with the name of the field that an object is; None if it is none."""
    name = _key(item, _NAME)
    return name if name and _is_placed(item) and isinstance(item[name], str) and item[name].strip() else None


def _placed(item: dict[str, Any]) -> PlacedValue:
    start, end = (item[key] if (key := _key(item, names)) else None for names in (_START, _END))
    span = item[key] if (key := _key(item, _SPAN)) else None
    if isinstance(span, list) and span and isinstance(span[0], list | dict):
        span = span[0]
    if isinstance(span, list) and len(span) == 2:
        start, end = span
    elif isinstance(span, dict):
        return _placed({**item, key or "": None, **{f"{name}": cell for name, cell in span.items()}})
    elif isinstance(span, int) and (length := _key(item, _LENGTH)) and isinstance(item[length], int):
        start, end = span, span + item[length]
    value = _key(item, _VALUE)
    quote, confidence = (item[key] if (key := _key(item, names)) else None for names in (_QUOTE, _CONFIDENCE))
    return PlacedValue(item[value] if value else None, start, end, quote, confidence)


def _flat(item: dict[str, Any], depth: int = 0) -> dict[str, Any]:
    """Return an object whose inner objects are keys such as ``giver.name``; a value with a place is the value."""
    found: dict[str, Any] = {}
    for key, cell in item.items():
        if not isinstance(cell, dict) or not cell or depth >= _MAX_DEPTH:
            found[key] = cell
        elif _is_placed(cell):
            found[key] = _placed(cell).value
        else:
            found |= {f"{key}.{inner}": value for inner, value in _flat(cell, depth + 1).items()}
    return found
