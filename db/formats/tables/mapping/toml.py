"""Mappings as TOML: parsed from files that people write, and written for the mapping screen.

Every reader of a key raises InputError that names the place and the key.
"""

import codecs
import re
from collections.abc import Callable, Sequence
from dataclasses import fields, replace
from functools import partial
from typing import Any

from db.errors import InputError
from db.formats.tables.mapping.field_names import field_names
from db.formats.tables.mapping.mapping import (
    DocumentColumns,
    EventColumns,
    MappedField,
    Mapping,
    Markup,
    ReviewColumns,
)
from db.io.toml import parse_toml
from db.kinds import KINDS
from db.notation.dates import ORDERS
from db.notation.numbers import SIGNS

_Table = dict[str, Any]
_Reader = Callable[[str, _Table, str], Any]  # returns the value of a key in the table at a place


def parse_mapping(toml: str, where: str) -> Mapping:
    """Return the mapping in a TOML text. Raises InputError that names ``where`` and the key."""
    return mapping_of(parse_toml(toml, where), where)


def mapping_of(table: _Table, where: str) -> Mapping:
    """Return the mapping in the table of a TOML file. Raises InputError that names ``where`` and the key."""
    mapping: Mapping = _parse(Mapping, where, table)
    _refuse_contradictions(where, mapping)
    used = mapping.uses()
    places = (column for item in mapping.fields for column in item.place_columns if column not in used)
    return replace(mapping, ignored=(*mapping.ignored, *dict.fromkeys(places)))  # kept, and written again


def to_toml(mapping: Mapping) -> str:
    """Return a mapping as TOML that ``parse_mapping`` reads back."""
    import tomli_w

    return tomli_w.dumps(mapping_table(mapping))


def mapping_table(mapping: Mapping) -> _Table:
    """Return a mapping as the table of a TOML file, which ``mapping_of`` reads back."""
    table = _table(replace(mapping, fields=(), document=DocumentColumns(), event=EventColumns(), markup=None))
    for key in ("document", "event", "review"):
        table.pop(key, None)
        if part := _table(getattr(mapping, key)):
            table[key] = part
    for key in ("header", "quoted"):
        if getattr(mapping, key) is False:
            table[key] = False
    if mapping.markup:
        table["markup"] = {"column": mapping.markup.column, **mapping.markup.marks}
    if mapping.fields:
        table["fields"] = [_table(item) for item in mapping.fields]
    return table


def _table(part: Any) -> _Table:
    """Return the keys of a part of a mapping that differ from their defaults."""
    table: _Table = {}
    for item in fields(part):
        value = getattr(part, item.name)
        is_default = value is None if item.name == "missing" else value in (None, (), "", {}, False)
        if item.name in ("guessed", "ground") or (is_default and item.name != "column"):
            if item.name == "ground" and value is not True:
                table["ground"] = list(value) if isinstance(value, tuple) else value
            continue
        if item.name == "confidence_of" and value == 1.0:
            continue
        if item.name in ("id", "title", "text") and len(value) == 1:
            value = value[0]
        if isinstance(value, tuple):
            value = list(value)
        table[item.name] = dict(value) if item.name in ("types", "shapes", "aliases") else value
    return table


def _parse(cls: type[Any], where: str, table: _Table) -> Any:
    """Return a part of a mapping from a table whose keys are the fields of its class."""
    names = [item.name for item in fields(cls) if item.name != "guessed"]
    table = _with_aliases(where, table, names)
    for key in table:
        if key not in names:
            raise InputError(f"{where}: unknown key {key!r}; choose one of {', '.join(sorted(names))}")
    return cls(**{name: _READERS.get(name, _text)(where, table, name) for name in names})


def _with_aliases(where: str, table: _Table, names: Sequence[str]) -> _Table:
    """Return a table with ``thousands`` as the other sign for decimals, and ``scale`` as the highest confidence."""
    table = dict(table)
    if "decimal" in names and (thousands := table.pop("thousands", None)) is not None:
        if (
            not isinstance(thousands, str)
            or thousands not in (".", ",", " ", "'", "_")
            or thousands == table.get("decimal")
        ):
            raise InputError(f"{where}: thousands must be one of . , ' _ or a blank, and another sign than decimal")
        if thousands in SIGNS:
            table.setdefault("decimal", "," if thousands == "." else ".")
    if "confidence_of" in names and (scale := table.pop("scale", None)) is not None:
        if scale not in ("percent", "share"):
            raise InputError(f"{where}: scale must be percent or share")
        table.setdefault("confidence_of", 100.0 if scale == "percent" else 1.0)
    return table


def _words(where: str, table: _Table, key: str) -> tuple[str, ...] | None:
    return read_strings(where, table, key) if key in table else None


def _serials(where: str, table: _Table, key: str) -> Any:
    value = table.get(key)
    if value not in (None, 1900, 1904):
        raise InputError(f"{where}: {key} must be 1900 or 1904, the year from which the spreadsheet counts days")
    return value


def _part(cls: type[Any], where: str, table: _Table, key: str) -> Any:
    part = table.get(key, {})
    if not isinstance(part, dict):
        raise InputError(f"{where}: {key} must be a table: [{key}]")
    return _parse(cls, f"{where}: [{key}]", part)


def _fields(where: str, table: _Table, key: str) -> tuple[MappedField, ...]:
    items = table.get(key, [])
    if not isinstance(items, list):
        raise InputError(f"{where}: fields must be a list of tables: [[fields]]")
    mapped = []
    for number, item in enumerate(items, 1):
        here = f"{where}: field {number}"
        if not isinstance(item, dict):
            raise InputError(f"{here}: must be a table with a column")
        column = item.get("column")
        if not isinstance(column, str):  # "" is a valid name: the index column of a data frame has it
            raise InputError(f'{here}: has no column; add column = "…"')
        name = _text(here, item, "name")
        mapped.append(
            _parse(MappedField, f"{where}: field {name or column}", item | {"name": name or field_names([column])[0]})
        )
    return tuple(mapped)


def _markup(where: str, table: _Table, key: str) -> Markup | None:
    if key not in table:
        return None
    marks = read_texts(where, table, key)
    if "column" not in marks:
        raise InputError(f'{where}: [markup] has no column; add column = "…"')
    return Markup(marks["column"], {mark: column for mark, column in marks.items() if mark != "column"})


def _text(where: str, table: _Table, key: str) -> str | None:
    value = table.get(key)
    if value is not None and not isinstance(value, str):
        raise InputError(f"{where}: {key} must be text")
    return value or None


def read_strings(where: str, table: _Table, key: str) -> tuple[str, ...]:
    """Return a list of texts; a single text counts as a list of one."""
    value = table.get(key, [])
    if isinstance(value, str):
        value = [value]
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise InputError(f"{where}: {key} must be text or a list of texts")
    return tuple(value)


def read_texts(where: str, table: _Table, key: str) -> dict[str, str]:
    """Return a table of texts."""
    value = table.get(key, {})
    if not isinstance(value, dict) or not all(isinstance(item, str) and item.strip() for item in value.values()):
        raise InputError(f"{where}: {key} must be a table of texts: [event.{key}]")
    return value


def _patterns(where: str, table: _Table, key: str) -> dict[str, str]:
    patterns = read_texts(where, table, key)
    for column, pattern in patterns.items():
        try:
            re.compile(pattern)
        except (re.error, RecursionError, OverflowError):
            raise InputError(f"{where}: {key}: the pattern of {column} is not a regular expression") from None
    return patterns


def read_boolean(where: str, table: _Table, key: str) -> bool | None:
    """Return true or false, or None if the key is missing."""
    value = table.get(key)
    if value is not None and not isinstance(value, bool):
        raise InputError(f"{where}: {key} must be true or false")
    return value


def _positive(where: str, table: _Table, key: str) -> float:
    value = table.get(key, 1.0)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < 1e9:
        raise InputError(f"{where}: {key} must be a number above 0, such as 100 for percentages")
    return float(value)


def read_choice(where: str, table: _Table, key: str, known: Sequence[str]) -> Any:
    """Return one of the known texts, or None if the key is missing."""
    value = table.get(key)
    if value is not None and value not in known:
        raise InputError(f"{where}: unknown {key} {value!r}; choose one of {', '.join(known)}")
    return value


def _delimiter(where: str, table: _Table, key: str) -> str | None:
    value = _text(where, table, key)
    if value is not None and (len(value) != 1 or value in '\r\n"'):
        raise InputError(f'{where}: {key} must be one character, such as ";" or "\\t"')
    return value


def _encoding(where: str, table: _Table, key: str) -> str | None:
    value = _text(where, table, key)
    try:
        if value is not None:
            codecs.lookup(value)
            "a".encode(value)  # raises for codecs that don't encode text, such as zip
    except (LookupError, ValueError):
        raise InputError(f"{where}: unknown encoding {value!r}; use for example utf-8, cp1252 or utf-16") from None
    return value


_READERS: dict[str, _Reader] = {
    **dict.fromkeys(("id", "title", "text", "columns", "ignored", "muted", "recognise"), read_strings),
    **dict.fromkeys(("header", "quoted"), read_boolean),
    "document": partial(_part, DocumentColumns),
    "event": partial(_part, EventColumns),
    "review": partial(_part, ReviewColumns),
    "fields": _fields,
    "markup": _markup,
    "about": lambda where, table, key: _text(where, table, key) or "",
    **dict.fromkeys(("protected", "boolean"), lambda where, table, key: bool(read_boolean(where, table, key))),
    "column": lambda _, table, key: table[key],
    "ground": lambda where, table, key: (
        value if isinstance(value := table.get(key, True), bool) else read_strings(where, table, key)
    ),
    "kind": partial(read_choice, known=KINDS),
    "dates": partial(read_choice, known=ORDERS),
    "decimal": partial(read_choice, known=SIGNS),
    "missing": _words,
    "serials": _serials,
    "types": read_texts,
    "aliases": read_texts,
    "shapes": _patterns,
    "confidence_of": _positive,
    "delimiter": _delimiter,
    "encoding": _encoding,
}
"""The readers of all keys that are not plain text."""


def _refuse_contradictions(where: str, mapping: Mapping) -> None:
    for item in mapping.fields:
        if (item.start is None) is not (item.end is None):
            raise InputError(f"{where}: field {item.name}: use start and end together")
        if item.separator and item.place_columns:
            raise InputError(
                f"{where}: field {item.name}: a list in one cell has no single place; remove start or quote"
            )
    seen: set[tuple[str, str | None]] = set()
    for item in mapping.fields:
        if (item.name, item.group) in seen:
            raise InputError(f"{where}: field {item.name}: two columns have this name and group; rename one")
        seen.add((item.name, item.group))
    for key, columns in (("columns", mapping.columns), ("ignored", mapping.ignored)):
        if len(set(columns)) != len(columns):
            double = next(column for column in columns if columns.count(column) > 1)
            raise InputError(f"{where}: {key} lists {double} twice; remove one")
    if mapping.header is False and not mapping.columns:
        raise InputError(f'{where}: header = false needs columns = ["…"], because the file has no column names')
    for column, use in mapping.uses().items() if mapping.columns else ():
        if column not in mapping.columns:
            raise InputError(f"{where}: {use} names the column {column}, which is missing in columns; add it there")
