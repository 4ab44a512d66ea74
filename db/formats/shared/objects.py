"""Reads parts of JSON objects that other programs wrote, whatever their form."""

from typing import Any, TypeGuard

from db.formats.format import Data


def object_at(data: Data, key: str) -> Data:
    """Return the object under a key; an empty one if there is none."""
    value = data.get(key)
    return value if isinstance(value, dict) else {}


def list_at(data: Data, key: str) -> list[Any]:
    """Return the list under a key; an empty one if there is none."""
    value = data.get(key)
    return value if isinstance(value, list) else []


def objects_in(value: object) -> list[Data]:
    """Return the objects in a list; none if the value is not a list."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def without(data: Data, *keys: str) -> Data:
    """Return an object without some of its keys."""
    return {key: value for key, value in data.items() if key not in keys}


def is_number(value: object) -> TypeGuard[float]:
    """Return True for a number that can be a confidence."""
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e300
