"""Changes within the JSON of a cell: other keys, their order and nesting stay."""

import copy
import json
from collections.abc import Iterator, Sequence
from typing import Any

from db.errors import InputError
from db.formats.tables.read.column_names import folded_name
from db.io.answers.json_answers import parse_answer
from db.sources.publish.json_edit import edited, same_json

_CONTAINERS = ("events", "items", "records", "results", "output", "response", "result", "data", "extractions")
_MAX_DEPTH = 4  # of objects around the list of events


class JsonCell:
    """The JSON of one cell, which can be changed at several places. Raises InputError if it holds none.

    Texts inside that are JSON too, such as the content of a model's message, are changed as JSON.
    """

    def __init__(self, text: str) -> None:
        self._text = text
        try:
            self.value: Any = json.loads(text)
            self._is_strict = True
        except (ValueError, RecursionError):
            self.value, _ = parse_answer(text, "the cell")
            self._is_strict = False
        self._before = copy.deepcopy(self.value)
        self._inner: list[tuple[Any, Any, str, JsonCell]] = []

    def text(self) -> str:
        """Return the JSON with the changes; the same characters if there are none."""
        for holder, key, text, cell in self._inner:
            if (new := cell.text()) != text:
                holder[key] = new
        if same_json(self.value, self._before):
            return self._text
        return edited(self._text, self.value) if self._is_strict else json.dumps(self.value, ensure_ascii=False)

    def at(self, path: Sequence[str]) -> Any:
        """Return what is at a path."""
        value = self.value
        for key in path:
            if isinstance(value, list) and key.isdecimal() and int(key) < len(value):
                value = self._opened(value, int(key))
            elif isinstance(value, dict) and key in value:
                value = self._opened(value, key)
            else:
                return None
        return value

    def item(self, path: Sequence[str], number: int) -> Any:
        """Return the event of that number, from 1, in what is at a path. Raises InputError."""
        items = self._items(self.at(path))
        if not 1 <= number <= len(items):
            raise InputError(f"has no event {number}")
        return items[number - 1]

    def leaves(self, holder: Any, names: tuple[str, ...] = ()) -> Iterator[tuple[Any, Any, tuple[str, ...]]]:
        """Yield the places of plain values in an object: what holds each, its key there, and what names it.

        A value is named by the keys that lead to it, and by the short texts beside it, such as its role.
        """
        keys = list(holder) if isinstance(holder, dict) else range(len(holder)) if isinstance(holder, list) else ()
        beside = [cell for cell in holder.values() if isinstance(cell, str)] if isinstance(holder, dict) else []
        for key in keys:
            value = self._opened(holder, key)
            own = (*names, *beside, str(key)) if isinstance(holder, dict) else names
            if isinstance(value, dict | list):
                yield from self.leaves(value, own)
            else:
                yield holder, key, own

    def _items(self, value: Any, depth: int = 0) -> list[Any]:
        if isinstance(value, list):
            return [item for item in value if item not in (None, "", {}, [])]
        if not isinstance(value, dict) or not value:
            return []
        keys = [key for key in (*_CONTAINERS, *(list(value) if len(value) == 1 else ())) if key in value]
        for held in [self._opened(value, key) for key in keys] if depth < _MAX_DEPTH else ():
            if isinstance(held, list) and all(isinstance(item, dict) for item in held):
                return held
            if isinstance(held, dict) and any(isinstance(item, dict | list) for item in held.values()):
                return self._items(held, depth + 1)
        return [value]

    def _opened(self, holder: Any, key: Any) -> Any:
        """Return what an object or list has at a key; of a text that is JSON, its value."""
        value = holder[key]
        if not isinstance(value, str) or not any(sign in value for sign in "{["):
            return value
        known = next((cell for one, at, _, cell in self._inner if one is holder and at == key), None)
        if known is None:
            try:
                known = JsonCell(value)
            except InputError:
                return value
            if not isinstance(known.value, dict | list):
                return value
            self._inner.append((holder, key, value, known))
        return known.value


def set_leaf(cell: JsonCell, holder: Any, names: Sequence[str], old: Any, new: Any) -> bool:
    """Change the one value in an object that is ``old`` and has one of these names. Return False if there is none."""
    wanted = {folded_name(name) for name in names}
    found = [
        (one, key) for one, key, given in cell.leaves(holder)
        if same_json(one[key], old) and wanted & {folded_name(name) for name in given}
    ]  # fmt: skip
    if not found:
        return False
    one, key = found[0]
    one[key] = new
    return True


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
    elif isinstance(holder.get(key), dict) and not isinstance(old, dict):
        return False  # the value is inside
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
