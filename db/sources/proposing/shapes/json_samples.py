"""JSON in the samples of columns."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

_MOST = 4  # of five cells that must be alike
_DEEPEST = 3  # objects inside of objects


def parsed(values: Sequence[Any]) -> list[Any]:
    """Return the lists and objects in the cells of a column of JSON; empty if most cells are something else."""
    found = []
    for value in values:
        text = _unfenced(value) if isinstance(value, str) else None
        if text is None:
            continue
        try:
            item = json.loads(text)
        except ValueError:
            continue
        if isinstance(item, list | dict):
            found.append(item)
    return found if found and len(found) * 5 >= len(values) * _MOST else []


def keys_in_json(values: Sequence[Any]) -> list[str]:
    """Return the paths of the plain values in the objects of a column, the shortest first."""
    found = dict.fromkeys(path for value in parsed(values) for path in _paths(value, "", 0))
    return sorted(found, key=lambda path: path.count("."))


def _paths(value: Any, before: str, depth: int) -> Iterator[str]:
    if not isinstance(value, dict) or depth > _DEEPEST:
        return
    for key, item in value.items():
        if "." in key:
            continue
        if isinstance(item, dict):
            yield from _paths(item, f"{before}{key}.", depth + 1)
        elif isinstance(item, str | int | float):
            yield f"{before}{key}"


def _unfenced(cell: str) -> str | None:
    """Return a cell that may be a list or an object, without a code fence around it."""
    text = cell.strip()
    if text.startswith("```"):
        text = text.partition("\n")[2].rpartition("```")[0].strip()
    return text if text[:1] in ("{", "[") else None
