"""Mutates documents as data, so that the result is almost valid. Mutated bytes would rarely be JSON at all."""

import copy
import json
from random import Random
from typing import Any

_MAX_CHANGES = 4
_ODD: tuple[Any, ...] = (
    None, True, False, 0, -1, 1, 2**63, -(2**70), 10**400, 1.5, -0.0, 1e308, "", " ", "\x00", "a\u0301", "\U0001f468",
    "\u2028", "=1", "to 600", "about", "2025-02-30", [], {}, [[]], [0, 1], [1, 0], [[0, 1]], [[-1, 2]], [[0, 10**30]],
    [[True, 2]], {"name": "x", "value": 1}, {"document": "a", "event": "e", "extractor": ""}, "pending", "confirmed",
    "rejected", "added", "removed", "corrected", "extracted", "duplicate",
)  # fmt: skip
_KEYS = (
    "id title publisher url published language text events type extractor confidence fields name value group spans"
    " status reviewer decided_at reason reason_text note extracted_type state extracted extracted_name extracted_group"
    " extracted_modifier extracted_spans modifier added same_as x"
).split()


def mutated(document: Any, random: Random) -> Any:
    """Return a document with one to four changes: another value, another key, a repeated or a moved part."""
    whole = [copy.deepcopy(document)]
    for _ in range(random.randint(1, _MAX_CHANGES)):
        _change(whole, random)
    return whole[0]


def mutated_lines(data: bytes, random: Random) -> bytes:
    """Return a file with one line mutated or repeated; unchanged if the line isn't JSON."""
    lines = data.split(b"\n")
    place = random.randrange(len(lines))
    if len(lines) > 1 and random.random() < 0.2:
        lines.insert(random.randrange(len(lines)), lines[place])
        return b"\n".join(lines)
    try:
        document = json.loads(lines[place])
        changed = mutated(document, random)
        lines[place] = json.dumps(changed, ensure_ascii=random.random() < 0.3).encode("utf-8", "surrogatepass")
    except (ValueError, RecursionError):
        return data
    return b"\n".join(lines)


def _change(whole: list[Any], random: Random) -> None:
    places = list(_places(whole))
    holder, key = random.choice(places)
    match random.randrange(5):
        case 0:
            holder[key] = copy.deepcopy(random.choice(_ODD))
        case 1:
            other, at = random.choice(places)
            holder[key] = copy.deepcopy(other[at])
        case 2 if holder is not whole:
            del holder[key]
        case 3 if isinstance(holder[key], list) and holder[key]:
            holder[key].append(copy.deepcopy(random.choice(holder[key])))
        case 3 if isinstance(holder[key], int | float):
            holder[key] += random.choice((-1, 1, 1000))
        case _ if isinstance(holder[key], dict):
            holder[key][random.choice(_KEYS)] = copy.deepcopy(random.choice(_ODD))
        case _:
            holder[key] = copy.deepcopy(random.choice(_ODD))


def _places(holder: Any) -> Any:
    for key in holder if isinstance(holder, dict) else range(len(holder)):
        yield holder, key
        if isinstance(holder[key], dict | list):
            yield from _places(holder[key])
