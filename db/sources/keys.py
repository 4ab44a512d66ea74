"""Keys of rows as texts, so that a desk can store from which row of a database an event comes."""

import json
from collections.abc import Sequence
from typing import Any

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
_HEX = "hex"


def row_key(values: Sequence[Any]) -> str:
    """Return the cells of a key as a JSON array; bytes that are no text are written as ``{"hex": "00ff"}``."""
    if len(values) == 1 and type(values[0]) is int:
        return f"[{values[0]}]"  # as it would be encoded, and the usual case
    return _encode([_to_json(value) if isinstance(value, bytes) else value for value in values])


def key_text(loaded: Sequence[Any]) -> str:
    """Return a key as text from its JSON array, as it was loaded."""
    return f"[{loaded[0]}]" if len(loaded) == 1 and type(loaded[0]) is int else _encode(loaded)


def key_values(key: str) -> tuple[Any, ...]:
    """Return the cells of a key. Raises ValueError if the text is none."""
    loaded = json.loads(key)
    if not isinstance(loaded, list):
        raise ValueError(f"not a key: {key:.60}")
    return tuple(_from_json(value) for value in loaded)


def _to_json(value: bytes) -> object:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return {_HEX: value.hex()}


def _from_json(value: Any) -> Any:
    if isinstance(value, dict):
        return bytes.fromhex(str(value.get(_HEX, "")))
    if isinstance(value, list):
        raise ValueError("a key holds no lists")
    return value
