"""Changes within the JSON of a cell: other keys, their order and nesting stay."""

import copy
import json
from collections.abc import Sequence
from typing import Any

from db.errors import InputError
from db.io.answers.json_answers import parse_answer
from db.sources.publish.json_edit import edited, same_json

_CONTAINERS = ("events", "items", "records", "results", "output", "response", "data")


class JsonCell:
    """The JSON of one cell, which can be changed at several places. Raises InputError if it holds none."""

    def __init__(self, text: str) -> None:
        self._text = text
        try:
            self.value: Any = json.loads(text)
            self._is_strict = True
        except (ValueError, RecursionError):
            self.value, _ = parse_answer(text, "the cell")
            self._is_strict = False
        self.value = copy.deepcopy(self.value)

    def text(self) -> str:
        """Return the JSON with the changes."""
        if self._is_strict:
            return edited(self._text, self.value)
        return json.dumps(self.value, ensure_ascii=False)

    def items(self, path: Sequence[str]) -> list[tuple[list[Any] | None, int]]:
        """Return the places of the events in the list at a path: the list and the index; None for a single object."""
        found = _at(self.value, path)
        if isinstance(found, dict):
            held = next(
                (found[key] for key in _CONTAINERS if isinstance(found.get(key), list)
                 and all(isinstance(item, dict) for item in found[key])),
                None,
            )  # fmt: skip
            if held is None:
                return [(None, 0)]
            found = held
        if not isinstance(found, list):
            return []
        return [(found, number) for number, item in enumerate(found) if item not in (None, "", {}, [])]

    def object_at(self, path: Sequence[str], number: int | None) -> Any:
        """Return what is at a path, or the event of that number in the list there, from 1."""
        if number is None:
            return _at(self.value, path)
        places = self.items(path)
        if not 1 <= number <= len(places):
            raise InputError(f"has no event {number}")
        held, at = places[number - 1]
        return _at(self.value, path) if held is None else held[at]

    def replace_item(self, path: Sequence[str], number: int, value: Any) -> None:
        """Replace an event in a list of plain values."""
        held, at = self.items(path)[number - 1]
        if held is not None:
            held[at] = value


def set_at(holder: Any, keys: Sequence[str], old: Any, new: Any) -> bool:
    """Change what is at a path within an object from ``old`` to ``new``. Return False if that is impossible."""
    for at, key in enumerate(keys[:-1]):
        if isinstance(holder, list) and not key.isdecimal():
            return _set_in_list(holder, keys[at:], old, new)
        if isinstance(holder, list):
            holder = holder[int(key)]
        elif isinstance(holder, dict):
            holder = holder.setdefault(key, {})
    key = keys[-1]
    if isinstance(holder, list):
        if not key.isdecimal():
            return _set_in_list(holder, keys[-1:], old, new)
        holder[int(key)] = merged(holder[int(key)], old, new)
        return True
    if not isinstance(holder, dict):
        return False
    if new is None and old is not None:
        # A key whose value is null says what a missing key says; the shape of the object stays.
        holder[key] = None
    else:
        holder[key] = merged(holder.get(key), old, new)
    return True


def merged(now: Any, old: Any, new: Any) -> Any:
    """Return a value in which what differs between ``old`` and ``new`` is changed, and the rest stays."""
    if isinstance(now, dict) and isinstance(old, dict) and isinstance(new, dict):
        result = dict(now)
        for key in old:
            if key not in new:
                result.pop(key, None)
        for key, value in new.items():
            if key not in old or not same_json(old[key], value):
                result[key] = merged(now.get(key), old.get(key), value)
        return result
    if isinstance(now, list) and isinstance(old, list) and isinstance(new, list) and len(now) == len(old) == len(new):
        return [merged(*parts) for parts in zip(now, old, new, strict=True)]
    if isinstance(now, list) and not isinstance(new, list) and new is not None:
        return [new]  # a list of one value is read as that value
    return new


def _set_in_list(items: list[Any], keys: Sequence[str], old: Any, new: Any) -> bool:
    """Change a key of the objects in a list, whose values were read as one list."""
    having = [item for item in items if isinstance(item, dict) and item.get(keys[0]) is not None]
    olds = old if isinstance(old, list) else [old]
    news = new if isinstance(new, list) else [new]
    if not len(having) == len(olds) == len(news):
        return False
    return all(
        same_json(before, after) or set_at(item, keys, before, after)
        for item, before, after in zip(having, olds, news, strict=True)
    )


def _at(value: Any, path: Sequence[str]) -> Any:
    for key in path:
        if isinstance(value, list):
            value = value[int(key)] if key.isdecimal() and int(key) < len(value) else None
        else:
            value = value.get(key) if isinstance(value, dict) else None
    return value
