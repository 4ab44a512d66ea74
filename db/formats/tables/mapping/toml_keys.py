"""Typed access to the keys of a TOML mapping. Every function raises InputError that names the place and the key."""

import re
from collections.abc import Sequence
from typing import Any, cast

from db.errors import InputError


def refuse_unknown(where: str, table: dict[str, Any], known: Sequence[str]) -> None:
    """Raise InputError for an unknown key."""
    for key in table:
        if key not in known:
            raise InputError(f"{where}: unknown key {key!r}; choose one of {', '.join(sorted(known))}")


def table_of(where: str, table: dict[str, Any], key: str) -> dict[str, Any]:
    """Return a nested table; empty if there is none."""
    value = table.get(key, {})
    if not isinstance(value, dict):
        raise InputError(f"{where}: {key} must be a table: [{key}]")
    return value


def text_of(where: str, table: dict[str, Any], key: str) -> str | None:
    """Return a text; None if it is missing or empty."""
    value = table.get(key)
    if value is not None and not isinstance(value, str):
        raise InputError(f"{where}: {key} must be text")
    return value or None


def strings_of(where: str, table: dict[str, Any], key: str) -> tuple[str, ...]:
    """Return a list of texts; a single text counts as a list of one."""
    value = table.get(key, [])
    if isinstance(value, str):
        value = [value]
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise InputError(f"{where}: {key} must be text or a list of texts")
    return tuple(value)


def texts_of(where: str, table: dict[str, Any], key: str) -> dict[str, str]:
    """Return a table of texts."""
    value = table.get(key, {})
    if not isinstance(value, dict) or not all(isinstance(item, str) and item.strip() for item in value.values()):
        raise InputError(f"{where}: {key} must be a table of texts: [event.{key}]")
    return value


def patterns_of(where: str, table: dict[str, Any]) -> dict[str, str]:
    """Return the table ``shapes`` of regular expressions."""
    shapes = texts_of(where, table, "shapes")
    for column, pattern in shapes.items():
        try:
            re.compile(pattern)
        except (re.error, RecursionError, OverflowError):
            raise InputError(f"{where}: shapes: the pattern of {column} is not a regular expression") from None
    return shapes


def boolean_of(where: str, table: dict[str, Any], key: str) -> bool | None:
    """Return True, False, or None if the key is missing."""
    value = table.get(key)
    if value is not None and not isinstance(value, bool):
        raise InputError(f"{where}: {key} must be true or false")
    return value


def positive_of(where: str, table: dict[str, Any], key: str) -> float:
    """Return a number above 0; 1 if the key is missing."""
    value = table.get(key, 1.0)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < 1e9:
        raise InputError(f"{where}: {key} must be a number above 0, such as 100 for percentages")
    return float(value)


def choice_of(where: str, table: dict[str, Any], key: str, known: Sequence[str]) -> str | None:
    """Return one of the known words; None if the key is missing."""
    value = table.get(key)
    if value is not None and value not in known:
        raise InputError(f"{where}: unknown {key} {value!r}; choose one of {', '.join(known)}")
    return cast("str | None", value)


def ground_of(where: str, table: dict[str, Any]) -> bool | tuple[str, ...]:
    """Return the key ``ground``: True, False, or a list of texts."""
    value = table.get("ground", False)
    return value if isinstance(value, bool) else strings_of(where, table, "ground")


def delimiter_of(where: str, table: dict[str, Any]) -> str | None:
    """Return the key ``delimiter``: one character that can separate cells."""
    value = text_of(where, table, "delimiter")
    if value is not None and (len(value) != 1 or value in '\r\n"'):
        raise InputError(f'{where}: delimiter must be one character, such as ";" or "\\t"')
    return value


def encoding_of(where: str, table: dict[str, Any]) -> str | None:
    """Return the key ``encoding``: an encoding that Python knows."""
    import codecs

    value = text_of(where, table, "encoding")
    try:
        if value is not None:
            codecs.lookup(value)
            "a".encode(value)
    except (LookupError, ValueError):
        raise InputError(f"{where}: unknown encoding {value!r}; use for example utf-8, cp1252 or utf-16") from None
    return value
