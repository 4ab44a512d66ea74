"""Columns with JSON: their objects become columns or groups, paths into them columns, and their lists rows."""

from collections.abc import Iterator, Sequence
from typing import Any

from db.errors import InputError
from db.formats.tables.mapping.mapping import Mapping
from db.io.answers.json_answers import parse_answer
from db.sources.plan import EventTable
from db.sources.reading.texts.json_values import with_places

NUMBER = "each.number"
"""The column with the number of an event among those of its row, from 1."""
_MAX_DEPTH = 4  # of objects around the list
_CONTAINERS = ("events", "items", "records", "results", "output", "response", "result", "data", "extractions")

Cells = list[Any]
Shaped = tuple[tuple[str, ...], Cells, bool]
"""The columns and cells of a row, and False if it has a document alone."""


class JsonColumns:
    """Reads the JSON of rows with these columns."""

    def __init__(self, table: EventTable, columns: Sequence[str]) -> None:
        self._columns = tuple(columns)
        at = {column: number for number, column in enumerate(columns)}
        named = named_columns(table.mapping)
        self._each_at, self._each_path = _split(table.each, at) if table.each else (None, ())
        self._json = {at[column] for column in table.json if column in at}
        if self._each_at is not None:
            self._json.add(self._each_at)
        self._objects = sorted(n for n in self._json if self._columns[n] not in named and n != self._each_at)
        paths = [(name, *_split(name, at)) for name in named if name not in at and "." in name]
        self._paths = [(name, start, keys) for name, start, keys in paths if start in self._json and start is not None]
        self._inner = [(name, tuple(name.split("."))) for name, start, _ in paths if start is None]
        self._fixed = (*self._columns, *(name for name, _, _ in self._paths))

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of every row."""
        return self._fixed

    def rows(self, cells: Cells, notes: list[str]) -> Iterator[Shaped]:
        """Yield the rows of a row of the database: one, or one for each event in the JSON list."""
        if not self._json:
            yield self._fixed, cells, True
            return
        for at in self._json:
            cells[at] = self._parsed(at, cells[at], notes)
        found = [_value_at(cells[at], keys) for _, at, keys in self._paths]
        held = None if self._each_at is None else cells[self._each_at]
        columns, cells = self._with_keys([*cells, *found])
        if self._each_at is None:
            yield *with_places(columns, cells), True
            return
        each = self._columns[self._each_at]
        items = _items(_value_at(held, self._each_path))
        base = [n for n, column in enumerate(columns) if column != each]
        names, values = [columns[n] for n in base], [cells[n] for n in base]
        if not items:
            yield (*names, NUMBER), [*values, None], False
        for number, item in enumerate(items, 1):
            keys = item if isinstance(item, dict) else {each: item}
            own = {key if key not in names else f"{each}.{key}": cell for key, cell in keys.items()}
            inner = {name: _value_at(item, path) for name, path in self._inner if name not in own}
            inner = {name: cell for name, cell in inner.items() if cell is not None}
            placed = with_places((*own, *inner), [*own.values(), *inner.values()])
            yield (*names, NUMBER, *placed[0]), [*values, number, *placed[1]], True

    def _parsed(self, at: int, cell: Any, notes: list[str]) -> Any:
        if not isinstance(cell, str) or not cell.strip():
            return cell if cell != "" else None
        column = self._columns[at]
        try:
            value, found = parse_answer(cell, f"column {column}")
        except InputError as error:
            notes.append(f"{error}; kept as text")
            return cell
        notes += found
        return value

    def _with_keys(self, cells: Cells) -> tuple[tuple[str, ...], Cells]:
        """Return a row with the keys of its objects as columns, as far as no path of the mapping names them."""
        objects = [n for n in self._objects if isinstance(cells[n], dict)]
        if not objects:
            return self._fixed, cells
        columns = [column for n, column in enumerate(self._fixed) if n not in objects]
        kept = [cell for n, cell in enumerate(cells) if n not in objects]
        for n in objects:
            rest = _without(cells[n], [keys for _, at, keys in self._paths if at == n])
            for key, cell in rest.items():
                columns.append(key if key not in columns and key not in self._columns else f"{self._columns[n]}.{key}")
                kept.append(cell)
        return tuple(columns), kept


def named_columns(mapping: Mapping) -> dict[str, None]:
    """Return every column that a mapping names."""
    named = dict.fromkeys(mapping.uses())
    for item in mapping.fields:
        named |= dict.fromkeys(item.place_columns)
    return named


def _split(path: str, at: dict[str, int]) -> tuple[int | None, tuple[str, ...]]:
    """Return where the column of a path is, and the keys from there."""
    keys = path.split(".")
    for size in range(len(keys), 0, -1):
        if (found := at.get(".".join(keys[:size]))) is not None:
            return found, tuple(keys[size:])
    return None, tuple(keys)


def _value_at(value: Any, keys: Sequence[str]) -> Any:
    """Return what is at a path in a JSON value; of the objects in a list, those that have it."""
    for number, key in enumerate(keys):
        if isinstance(value, str):
            value = _inside(value)
        if isinstance(value, list) and not key.isdecimal():
            found = [_value_at(item, keys[number:]) for item in value]
            return [item for item in found if item is not None] or None
        if isinstance(value, list):
            value = value[int(key)] if int(key) < len(value) else None
        else:
            value = value.get(key) if isinstance(value, dict) else None
    return value


def _without(value: dict[str, Any], paths: Sequence[Sequence[str]]) -> dict[str, Any]:
    """Return an object without what is at these paths."""
    rest: dict[str, Any] = {}
    for key, cell in value.items():
        inner = [path[1:] for path in paths if path and path[0] == key]
        if () in inner or (inner and isinstance(cell, list)):
            continue
        if inner and isinstance(cell, dict):
            cell = _without(cell, inner) or None
        if cell is not None or not inner:
            rest[key] = cell
    return rest


def _items(value: Any, depth: int = 0) -> list[Any]:
    """Return the events in the value of a JSON column: a list, that of an object, or the object as the only event."""
    if isinstance(value, str):
        value = _inside(value)
    if isinstance(value, list):
        return [item for item in value if item not in (None, "", {}, [])]
    if not isinstance(value, dict) or not value:
        return []
    inner = [value[key] for key in (*_CONTAINERS, *(list(value) if len(value) == 1 else ())) if key in value]
    for held in inner if depth < _MAX_DEPTH else ():
        if isinstance(held, list) and all(isinstance(item, dict) for item in held):
            return held
        if isinstance(held, dict) and any(isinstance(item, dict | list) for item in held.values()):
            return _items(held, depth + 1)
    return [value]


def _inside(text: str) -> Any:
    """Return the JSON that a text inside JSON is, such as the content of a model's message; None if it is none."""
    try:
        return parse_answer(text, "")[0]
    except InputError:
        return None
