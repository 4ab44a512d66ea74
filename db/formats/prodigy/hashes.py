"""The hashes by which Prodigy knows an input and a question about it again, as it makes them itself."""

import json
from typing import Any

_QUESTION = ("spans", "label", "options", "arcs")
_NO_QUESTION = frozenset(("score", "rank", "model", "source", "pattern", "priority", "path"))


def input_hash(text: str) -> int:
    """The ``_input_hash`` of a text."""
    return murmur(f"text={_dumps(text)}".encode())


def task_hash(input_hash: int, task: dict[str, Any]) -> int:
    """The ``_task_hash`` of what a task asks about an input."""
    parts = [f"{key}={_dumps(_asked(task[key]))}" for key in _QUESTION if key in task]
    return murmur(f"{input_hash}{''.join(parts)}".encode())


def _asked(value: object) -> object:
    if isinstance(value, list):
        return [_asked(item) for item in value]
    if isinstance(value, dict):
        return {key: inner for key, inner in value.items() if key not in _NO_QUESTION}
    return value


def _dumps(value: object) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"))


def murmur(data: bytes) -> int:
    """MurmurHash3 of 32 bits with seed 0, as a signed number."""
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
