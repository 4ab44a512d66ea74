"""Finds the list of objects in a model's answer: as JSON, within another object, or in JSON with words around it."""

from typing import Any, NamedTuple

from db.errors import InputError
from db.formats.format import Data
from db.formats.shared.objects import without
from db.io.json_answers import parse_answer
from db.io.json_lines import json_type

CONTAINERS = ("events", "items", "records", "results", "output", "response", "completion")
_MAX_DEPTH = 4  # containers within containers


class Answer(NamedTuple):
    """The objects of an answer, the key ``where`` that holds them, and the ``rest`` of the object around them."""

    items: list[Any]
    where: str
    rest: Data
    notes: tuple[str, ...] = ()


def answer_of(data: Data) -> Answer:
    """Return the answer that an object holds. Raises InputError if it holds none, or an unreadable one."""
    # An object may hold the answer in words as well, such as output next to events.
    held = sorted((key for key in CONTAINERS if data.get(key) is not None), key=lambda key: isinstance(data[key], str))
    if not held:
        raise InputError(f"no list of objects; add one under one of the keys {', '.join(CONTAINERS)}")
    where = held[0]
    value = data[where]
    notes: tuple[str, ...] = ()
    if isinstance(value, str):
        value, notes = parse_answer(value, where)
    if isinstance(value, dict):
        items = items_of(value)
        if items is None:
            return Answer([value], where, {}, notes)  # the object itself is the only event
        return Answer(items, where, without(value, *CONTAINERS), notes)
    if not isinstance(value, list):
        raise InputError(f"{where}: must be a list of objects, is {json_type(value)}")
    return Answer(value, where, {}, notes)


def items_of(value: Data, depth: int = 0) -> list[Any] | None:
    """Return the list of objects in an object, at any level of containers; None if it is an event itself."""
    for key in CONTAINERS:
        held = value.get(key)
        if isinstance(held, list) and all(isinstance(item, dict) for item in held):
            return held
        if isinstance(held, dict) and depth < _MAX_DEPTH and (items := items_of(held, depth + 1)) is not None:
            return items
    return None
