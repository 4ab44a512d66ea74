"""Keys of TOML that people write, each read as what it should be. All raise InputError that names place and key."""

import re
from collections.abc import Sequence
from typing import Any, cast

from db.errors import InputError


def refuse_unknown(where: str, table: dict[str, Any], known: Sequence[str]) -> None:
    """Raise InputError for a key that is none."""
    for key in table:
        if key not in known:
            raise InputError(f"{where}: unknown key {key!r}; one of {', '.join(sorted(known))}")


def table_of(where: str, table: dict[str, Any], key: str) -> dict[str, Any]:
    """A table within a table; empty where there is none."""
    value = table.get(key, {})
    if not isinstance(value, dict):
        raise InputError(f"{where}: {key} must be a table, as in [{key}]")
    return value


def text_of(where: str, table: dict[str, Any], key: str) -> str | None:
    """A text; None where there is none or an empty one."""
    value = table.get(key)
    if value is not None and not isinstance(value, str):
        raise InputError(f"{where}: {key} must be text")
    return value or None


def strings_of(where: str, table: dict[str, Any], key: str) -> tuple[str, ...]:
    """A list of texts; one text is a list of one."""
    value = table.get(key, [])
    if isinstance(value, str):
        value = [value]
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise InputError(f"{where}: {key} must be a text or a list of texts")
    return tuple(value)


def texts_of(where: str, table: dict[str, Any], key: str) -> dict[str, str]:
    """A table of texts."""
    value = table.get(key, {})
    if not isinstance(value, dict) or not all(isinstance(item, str) and item.strip() for item in value.values()):
        raise InputError(f"{where}: {key} must be a table of texts, as in [event.{key}]")
    return value


def patterns_of(where: str, table: dict[str, Any]) -> dict[str, str]:
    """A table of regular expressions."""
    shapes = texts_of(where, table, "shapes")
    for column, pattern in shapes.items():
        try:
            re.compile(pattern)
        except (re.error, RecursionError, OverflowError):
            raise InputError(f"{where}: shapes: the pattern of {column} is none; see Python's re") from None
    return shapes


def truth_of(where: str, table: dict[str, Any], key: str) -> bool | None:
    """True, false, or None where neither is said."""
    value = table.get(key)
    if value is not None and not isinstance(value, bool):
        raise InputError(f"{where}: {key} must be true or false")
    return value


def positive_of(where: str, table: dict[str, Any], key: str) -> float:
    """A number above 0; 1 where none is said."""
    value = table.get(key, 1.0)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < 1e9:
        raise InputError(f"{where}: {key} must be a number above 0, as 100 for per cent")
    return float(value)


def choice_of(where: str, table: dict[str, Any], key: str, known: Sequence[str]) -> str | None:
    """One of the known words."""
    value = table.get(key)
    if value is not None and value not in known:
        raise InputError(f"{where}: unknown {key} {value!r}; one of {', '.join(known)}")
    return cast("str | None", value)


def ground_of(where: str, table: dict[str, Any]) -> bool | tuple[str, ...]:
    """True, false, or a list of texts."""
    if isinstance(table.get("ground", False), bool):
        return bool(table.get("ground", False))
    return strings_of(where, table, "ground")


def delimiter_of(where: str, table: dict[str, Any]) -> str | None:
    """One character that may divide cells."""
    value = text_of(where, table, "delimiter")
    if value is not None and (len(value) != 1 or value in '\r\n"'):
        raise InputError(f'{where}: delimiter must be one character, as ";" or "\\t"')
    return value


def encoding_of(where: str, table: dict[str, Any]) -> str | None:
    """An encoding that Python knows."""
    import codecs

    value = text_of(where, table, "encoding")
    try:
        if value is not None:
            codecs.lookup(value)
            "a".encode(value)
    except (LookupError, ValueError):
        raise InputError(f"{where}: no encoding {value!r}; as utf-8, cp1252 or utf-16") from None
    return value
