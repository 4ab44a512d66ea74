"""Paths into JSON: ``trigger.start``, ``events.*``, ``2.0``, ``1:``, ``^.type``, ``@key``, ``/links`` and ``=place``.

A part is a key, a position in a list (``-1`` is the last), a slice (``1:``), or ``*`` for everything in a list or an
object. At the beginning, ``^`` is the object around an item, ``/`` the whole document, ``@key`` the nearest key that is
a name, and ``=`` introduces a constant. ``.`` is the item itself.
"""

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

CONSTANT, KEY, ROOT, PARENT, ITSELF = "=", "@key", "/", "^", "."
_POSITION = re.compile(r"-?\d{1,4}")
_SLICE = re.compile(r"(-?\d{1,4})?:(-?\d{1,4})?")
_MOST_ITEMS = 100_000  # of one document


class Place(NamedTuple):
    """A value in a document: with the containers around it, from the outermost, and its keys and positions there."""

    value: Any
    around: tuple[Any, ...] = ()
    keys: tuple[str | int, ...] = ()

    def inner(self, key: str | int, value: Any) -> "Place":
        """Return a place in this one."""
        return Place(value, (*self.around, self.value), (*self.keys, key))

    @property
    def root(self) -> "Place":
        """The document."""
        return Place(self.around[0]) if self.around else self

    @property
    def parent(self) -> "Place | None":
        """The nearest object around this place."""
        for depth in range(len(self.around) - 1, -1, -1):
            if isinstance(self.around[depth], dict):
                return Place(self.around[depth], self.around[:depth], self.keys[:depth])
        return None


def places_at(place: Place, path: str) -> Iterator[Place]:
    """Yield the places at a path, relative to a place; all of them if the path has ``*`` or a slice."""
    start, rest = _start(place, path)
    if start is not None:
        yield from _walk(start, rest.split(".") if rest else [])


def items_at(place: Place, path: str) -> Iterator[Place]:
    """Yield the items of the lists at a path, and what is there but is no list, such as the values of an object."""
    number = 0
    is_whole = path != "" and not _SLICE.fullmatch(path.rpartition(".")[2])  # a slice is the items themselves
    for found in places_at(place, path):
        is_list = isinstance(found.value, list) and is_whole
        for item in (found.inner(n, value) for n, value in enumerate(found.value)) if is_list else (found,):
            number += 1
            if number > _MOST_ITEMS:
                return
            yield item


def value_at(place: Place, path: str | None) -> Any:
    """Return the first value at a path; None if there is no path or nothing is there."""
    if path is None:
        return None
    if path.startswith(CONSTANT):
        return path.removeprefix(CONSTANT)
    if path == KEY:
        return next((key for key in reversed(place.keys) if isinstance(key, str)), None)
    return next((found.value for found in places_at(place, path)), None)


def first_key(path: str | None) -> str | None:
    """Return the key of an item that a path begins with; None if it doesn't begin with one."""
    if not path or path.startswith((CONSTANT, ROOT, PARENT, ITSELF, "@")):
        return None
    key = path.split(".")[0]
    return None if key == "*" or _POSITION.fullmatch(key) or _SLICE.fullmatch(key) else key


def _start(place: Place, path: str) -> tuple[Place | None, str]:
    if path.startswith(ROOT):
        return place.root, path.removeprefix(ROOT)
    if path == ITSELF:
        return place, ""
    start: Place | None = place
    while path.startswith(PARENT):
        start = start and start.parent
        path = path.removeprefix(PARENT).removeprefix(".")
    return start, path


def _walk(place: Place, parts: list[str]) -> Iterator[Place]:
    if not parts:
        if place.value is not None:
            yield place
        return
    part, rest, value = parts[0], parts[1:], place.value
    if isinstance(value, dict):
        for key in value if part == "*" else (part,):
            if key in value:
                yield from _walk(place.inner(key, value[key]), rest)
    elif isinstance(value, list):
        for number in _positions(part, len(value)):
            yield from _walk(place.inner(number, value[number]), rest)


def _positions(part: str, length: int) -> range:
    if part == "*":
        return range(length)
    if _POSITION.fullmatch(part):
        number = int(part) + (length if part.startswith("-") else 0)
        return range(number, number + 1) if 0 <= number < length else range(0)
    if match := _SLICE.fullmatch(part):
        return range(length)[slice(*(int(bound) if bound else None for bound in match.groups()))]
    return range(0)
