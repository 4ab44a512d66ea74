"""Finds the objects of a model's answer, each with its place in the record: as JSON, or as JSON within words."""

import re
from typing import Any, NamedTuple

from db.errors import InputError
from db.formats.format import Data
from db.formats.llm_json.dialogues import Part, Path, Refused, Turn, answer_in, turns_of
from db.formats.shared.objects import without
from db.io.answers.json_answers import blocks_of
from db.io.answers.json_places import Key
from db.io.json_lines import json_type

CONTAINERS = (
    "events", "items", "records", "results", "output", "response", "completion", "answer", "answers", "result",
    "parsed", "structured_output", "structured_response", "structured", "generated_text", "generation", "generations",
    "prediction", "predictions", "predicted", "extracted", "extracted_events", "model_output", "llm_output",
    "llm_response", "model_response", "raw_output", "raw_response", "outputs", "reply", "expected_output",
)  # fmt: skip
"""Keys under which a record holds its list of objects."""

TYPES = ("type", "event_type", "event", "class", "category")
"""Keys of an object that name its type."""

_ALWAYS = CONTAINERS[:7]
_UNTYPED = (*CONTAINERS[7:], "data")

_MAX_DEPTH = 4  # containers within containers
_NO_TYPE = re.compile(
    r"(?:extract|save|submit|record|report|return|get|set|create|add|emit|log|store|output|respond|response|answer|json"
    r"|final|event|function|tool|result|schema|item|data|list|main|structured|parse)",
    re.IGNORECASE,
)


class Item(NamedTuple):
    """An object of an answer and its place. kind: the name of the list or tool that says what it is."""

    value: Any
    at: Path
    kind: str | None = None


class Answer(NamedTuple):
    """The objects of an answer, the key ``where`` that holds them, and the ``rest`` of the object around them.

    list_at: the place of the list that further objects belong to; None if there is none. parts: what holds the answer.
    """

    items: tuple[Item, ...]
    where: str
    rest: Data
    notes: tuple[str, ...] = ()
    list_at: Path | None = None
    parts: tuple[Part, ...] = ()


def answer_of(data: Data) -> Answer:
    """Return the answer that a record holds. Raises InputError if it holds none, or an unreadable one."""
    refusal: Refused | None = None
    try:
        if parts := answer_in(data, ()):
            return _answer(parts, str(parts[0].places[0][0]))
    except Refused as error:
        refusal = error
    # An object may hold the answer in words as well, such as output next to events.
    held = sorted((key for key in CONTAINERS if data.get(key) is not None), key=lambda key: isinstance(data[key], str))
    held = [key for key in held if not _is_dialogue(data[key]) and not _is_refused(data[key])]
    if held:
        value = data[held[0]]
        if isinstance(value, dict) and not lists_of(value) and _holds_answer(value):
            return _within(held[0], answer_of(value))
        return _answer((Part(data[held[0]], ((held[0],),)),), held[0])
    if refusal is not None:
        raise InputError(f"{refusal}; ask the model again") from refusal
    turns = turns_of(data)
    answered = next((turn for turn in reversed(turns) if turn.role == "model" and turn.parts), None)
    if answered is not None:
        return _answer(answered.parts, str(answered.parts[0].places[0][0]))
    raise InputError(f"no list of objects; add one under one of the keys {', '.join(CONTAINERS[:7])}")


def beside_answer(words: str) -> Answer:
    """Return the answer in a file beside its text: JSON, which may have words around it. Raises InputError."""
    blocks, notes = blocks_of(words, "answer")
    value = blocks[0].value
    if len(blocks) > 1 or not isinstance(value, dict) or not _holds_answer(value):
        return _answer((Part(words, ((),)),), "answer")
    inner = _within(None, answer_of(value))
    return inner._replace(notes=(*notes, *inner.notes))


def _within(key: Key, inner: Answer) -> Answer:
    """Return the answer in the value under a key, with its places from there."""
    return inner._replace(
        items=tuple(item._replace(at=(key, *item.at)) for item in inner.items),
        list_at=None if inner.list_at is None else (key, *inner.list_at),
        parts=tuple(part._replace(places=tuple((key, *at) for at in part.places)) for part in inner.parts),
    )


def _holds_answer(value: Data) -> bool:
    """Return True if an object is a response or has an answer under a key, and is no event itself."""
    try:
        if answer_in(value, ()):
            return True
    except Refused:
        return True
    is_typed = any(isinstance(value.get(key), str) for key in TYPES)
    for key in CONTAINERS[:3] if is_typed else CONTAINERS:
        held = value.get(key)
        if isinstance(held, str) and key != "events":
            if held.lstrip().startswith(("{", "[", "`")):
                return True
            continue
        if lists_of({"events": held}) or (isinstance(held, dict) and lists_of(held)):
            return True
    return False


def _is_refused(value: Any) -> bool:
    try:
        answer_in(value, ())
    except Refused:
        return True
    return False


def _is_dialogue(value: Any) -> bool:
    return isinstance(value, dict) and bool(turns_of(value))


def _answer(parts: tuple[Part, ...], where: str) -> Answer:
    items: list[Item] = []
    notes: tuple[str, ...] = ()
    rest: Data = {}
    list_at: Path | None = None
    for part in parts:
        at = part.places[0]
        if isinstance(part.value, str):
            blocks, notes = blocks_of(part.value, where)
            values = [(block.value, (*at, None, *((n,) if len(blocks) > 1 else ()))) for n, block in enumerate(blocks)]
            if len(blocks) > 1:
                list_at = (*at, None)
        else:
            values = [(part.value, at)]
        several = [_objects(value, path, part.tool, where) for value, path in values]
        if len(several) > 1 and any(place is not None for _, place, _ in several):
            notes += (f"{where}: {len(several)} blocks of JSON; all are imported, equal objects once",)
        for found, place, around in several:
            known = [item.value for item in items] if len(several) > 1 else []
            items += (item for item in found if item.value not in known)
            list_at = place if place is not None else list_at
            rest = rest or around
    return Answer(tuple(items), where, rest, notes, list_at, parts)


def _objects(value: Any, at: Path, tool: str | None, where: str) -> tuple[list[Item], Path | None, Data]:
    """Return the objects in a value, the place of their list, and the keys beside it."""
    if isinstance(value, list):
        return [Item(item, (*at, number)) for number, item in enumerate(value)], at, {}
    if not isinstance(value, dict):
        if value is None:
            raise InputError(f"{where}: is null: the model gave no answer; ask it again")
        raise InputError(f"{where}: must be a list of objects, is {json_type(value)}")
    lists = lists_of(value)
    if not lists:
        kind = tool if tool and not _NO_TYPE.match(tool) else None
        return [Item(value, at, kind)], None, {}  # the object itself is the only event
    items = [
        Item(item, (*at, *path, number), str(path[-1]) if len(lists) > 1 else None)
        for path, found in lists
        for number, item in enumerate(found)
    ]
    names = {str(path[0]) for path, _ in lists}
    return items, (*at, *lists[-1][0]), without(value, *CONTAINERS, *names)


def lists_of(value: Data, depth: int = 0) -> list[tuple[Path, list[Any]]]:
    """Return the lists of objects in an object with their places, at any level of containers.

    None if the object is an event itself: one with a type has no other list than ``events`` and the like. An object
    that holds nothing but lists of objects has a list for each type.
    """
    is_typed = any(isinstance(value.get(key), str) for key in TYPES)
    for key in _ALWAYS if is_typed else (*_ALWAYS, *_UNTYPED):
        held = value.get(key)
        if isinstance(held, list) and all(isinstance(item, dict) for item in held):
            return [((key,), held)]
        if isinstance(held, dict) and depth < _MAX_DEPTH and (inner := lists_of(held, depth + 1)):
            return [((key, *path), found) for path, found in inner]
    objects = [isinstance(held, list) and all(isinstance(item, dict) for item in held) for held in value.values()]
    if objects and all(objects) and any(value.values()):
        return [((key,), held) for key, held in value.items()]
    return []


def asked(turns: list[Turn]) -> list[str]:
    """Return the words of the user's messages, in order."""
    return [turn.text for turn in turns if turn.role == "user" and turn.text]
