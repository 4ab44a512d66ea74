"""Finds the objects in what a model answered: in a list, in an object that holds one, or in text around JSON."""

import re
from typing import Any, NamedTuple

from db.errors import InputError
from db.io.json_lines import json_type, parse_json

CONTAINERS = ("events", "items", "records", "results", "output", "response")
_FENCED = re.compile(r"```[\w-]*[ \t]*\n(.*?)(?:\n[ \t]*```|\Z)", re.DOTALL)
_BEGINS = re.compile(r'[\[{]\s*["{\[\]}]')
_GOES_BEFORE = re.compile(r'(?:[\[{]|["}\]\d]\s*[,:])\s*\Z')
_LOOK_BACK = 100  # characters
_DEEPEST = 4  # containers within containers
_MOST_TRIED = 50  # blocks of an answer, or places where JSON may begin


class Answer(NamedTuple):
    """The objects of an answer; ``where`` is the key that they stand under, ``rest`` what stands beside them."""

    items: list[Any]
    where: str
    rest: dict[str, Any]
    notes: tuple[str, ...] = ()


def answer_of(data: dict[str, Any]) -> Answer:
    """The answer that an object holds. Raises InputError where there is none that can be read."""
    # A text in words may stand under the key of another answer, as output beside events.
    held = [key for key in CONTAINERS if data.get(key) is not None]
    held.sort(key=lambda key: isinstance(data[key], str))
    if not held:
        raise InputError(f"holds no objects; give them as a list under one of {', '.join(CONTAINERS)}")
    where = held[0]
    value = data[where]
    notes: tuple[str, ...] = ()
    if isinstance(value, str):
        value, notes = _parsed(value, where)
    if isinstance(value, dict):
        items = items_of(value)
        if items is None:
            return Answer([value], where, {}, notes)  # an answer of one object
        return Answer(items, where, _rest(value, items), notes)
    if not isinstance(value, list):
        raise InputError(f"{where}: must be a list of objects, is {json_type(value)}")
    return Answer(value, where, {}, notes)


def items_of(value: dict[str, Any], depth: int = 0) -> list[Any] | None:
    """The list of objects that an object holds under the name of a container; None where it is an event itself."""
    for key in CONTAINERS:
        held = value.get(key)
        if isinstance(held, list) and all(isinstance(item, dict) for item in held):
            return held
        if isinstance(held, dict) and depth < _DEEPEST and (items := items_of(held, depth + 1)) is not None:
            return items
    return None


def _rest(value: dict[str, Any], items: list[Any]) -> dict[str, Any]:
    return {key: other for key, other in value.items() if other is not items and key not in CONTAINERS}


def _parsed(text: str, where: str) -> tuple[Any, tuple[str, ...]]:
    """The JSON that stands in a text, alone, in a fence, one object a line, or with words around it."""
    plain = _without_thoughts(text.strip())
    fenced = [match[1] for _, match in zip(range(_MOST_TRIED), _FENCED.finditer(plain), strict=False)]
    why: InputError | None = None
    read: list[Any] = []
    for candidate in (plain, *fenced):
        try:
            value = _value(candidate)
        except InputError as error:
            why = error  # the last one tried is the likeliest to have been meant
            continue
        if isinstance(value, dict | list):
            read.append(value)
    if read:
        more = (f"{where}: holds {len(read)} blocks of JSON; the first was taken",) if len(read) > 1 else ()
        return read[0], more
    starts = [match.start() for _, match in zip(range(_MOST_TRIED), _BEGINS.finditer(plain), strict=False)]
    end = max(plain.rfind("]"), plain.rfind("}")) + 1
    for start in starts:
        if _is_part(plain[:start], plain[end:]):
            continue  # of JSON that was cut short: what is left of it is not what was answered
        try:
            value = _value(plain[start:end])
        except InputError as error:
            why = why or error
            continue
        if isinstance(value, dict | list):
            return value, (f"{where}: JSON with words around it; these were left out",)
    if not starts:
        raise InputError(f"{where}: holds no JSON but words; ask the model for a JSON list of objects")
    raise InputError(f"{where}: holds no JSON that can be read ({why}); mend it and import it again")


def _without_thoughts(text: str) -> str:
    """What follows a model's thinking aloud, which some put before their answer."""
    if not text.startswith("<think"):
        return text
    _, ended, rest = text.partition("</think")
    return rest.partition(">")[2].strip() if ended else text


def _is_part(before: str, after: str) -> bool:
    return bool(_GOES_BEFORE.search(before[-_LOOK_BACK:])) or "{" in after or "[" in after


def _value(text: str) -> Any:
    """A JSON value, or a list of one a line. Raises InputError."""
    try:
        return parse_json(text.encode())
    except InputError:
        lines = [line for line in text.splitlines() if line.strip()]
        if len(lines) < 2 or not all(line.lstrip().startswith("{") and line.rstrip().endswith("}") for line in lines):
            raise
    return [parse_json(line.encode()) for line in lines]
