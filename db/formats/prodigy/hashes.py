"""The hashes by which Prodigy recognises an input and a question about it; they are equal to Prodigy's own."""

import json
from typing import Any

_HASHED = ("spans", "label", "options", "arcs")
_IGNORED = frozenset(("score", "rank", "model", "source", "pattern", "priority", "path"))


def input_hash(text: str) -> int:
    """Return the ``_input_hash`` of a text."""
    return murmur(f"text={_dumps(text)}".encode())


def task_hash(input_hash: int, task: dict[str, Any]) -> int:
    """Return the ``_task_hash`` of the question that a task asks about an input."""
    parts = [f"{key}={_dumps(_without_ignored(task[key]))}" for key in _HASHED if key in task]
    return murmur(f"{input_hash}{''.join(parts)}".encode())


def _without_ignored(value: object) -> object:
    if isinstance(value, list):
        return [_without_ignored(item) for item in value]
    if isinstance(value, dict):
        return {key: inner for key, inner in value.items() if key not in _IGNORED}
    return value


def _dumps(value: object) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"))


def murmur(data: bytes) -> int:
    """Return the 32-bit MurmurHash3 with seed 0, as a signed integer."""
    value = 0
    whole = len(data) // 4 * 4
    for at in range(0, whole, 4):
        value ^= _mixed(int.from_bytes(data[at : at + 4], "little"))
        value = (value << 13 | value >> 19) & 0xFFFFFFFF
        value = (value * 5 + 0xE6546B64) & 0xFFFFFFFF
    value ^= _mixed(int.from_bytes(data[whole:], "little"))
    value ^= len(data)
    for shift, factor in ((16, 0x85EBCA6B), (13, 0xC2B2AE35), (16, 1)):
        value ^= value >> shift
        value = value * factor & 0xFFFFFFFF
    return value - 2**32 if value >= 2**31 else value


def _mixed(block: int) -> int:
    block = block * 0xCC9E2D51 & 0xFFFFFFFF
    block = (block << 15 | block >> 17) & 0xFFFFFFFF
    return block * 0x1B873593 & 0xFFFFFFFF
