"""Loads mappings from TOML files, and presets: mappings of well-known data sets that ship with eventdesk."""

import re
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from db.errors import InputError
from db.formats.tables.mapping.fitting import share_of
from db.formats.tables.mapping.mapping import Mapping
from db.formats.tables.mapping.toml import mapping_of, parse_mapping
from db.io.file_kinds import unreadable
from db.io.toml import parse_toml

WIDE = "eventdesk_wide"
"""The preset of the wide table that eventdesk exports."""

_MOST_BYTES = 2**20
_MOST_KNOWN = 0.75  # share of the columns that identify a preset
_MOST_OF_PRESET = 0.6  # share of a preset's columns
_MOST_OF_TABLE = 0.8  # share of a table's columns
_LEAST = 6  # columns of such a table


def load_mapping(name: str) -> Mapping:
    """Return the mapping in a TOML file, or the preset of that name. Raises InputError."""
    path = Path(name)
    if name in preset_names() and not path.exists():
        return preset(name)
    try:
        with path.open("rb") as stream:
            content = stream.read(_MOST_BYTES + 1)
    except (OSError, ValueError) as error:
        why = "no such mapping" if isinstance(error, FileNotFoundError) else unreadable(error)
        raise InputError(f"{name}: {why}; give a TOML file or a preset: {', '.join(preset_names())}") from None
    if len(content) > _MOST_BYTES:
        raise InputError(f"{name}: larger than {_MOST_BYTES:,} bytes; a mapping is a short TOML file")
    try:
        return parse_mapping(content.decode("utf-8-sig"), name)
    except UnicodeDecodeError as error:
        raise InputError(f"{name}: not UTF-8 at byte {error.start + 1}; save it as UTF-8") from None


@cache
def preset_names() -> tuple[str, ...]:
    """Return the names of the presets, sorted."""
    from importlib.resources import files

    found = (item.name for item in files(__package__).joinpath("presets").iterdir())
    return tuple(sorted(name.removesuffix(".toml") for name in found if name.endswith(".toml")))


@cache
def preset(name: str) -> Mapping:
    """Return a preset. Raises InputError. A preset ``like`` another has its keys, except for columns that it lacks."""
    from importlib.resources import files

    def table_of(name: str) -> dict[str, Any]:
        table = parse_toml(files(__package__).joinpath("presets", f"{name}.toml").read_text("utf-8"), name)
        if like := table.pop("like", None):
            table = table_of(like) | table
            table["fields"] = [item for item in table["fields"] if item["column"] in table["columns"]]
        return table

    return mapping_of(table_of(name), name)


def preset_for_columns(columns: Iterable[str]) -> str | None:
    """Return the name of the preset that fits a table with these columns, in any spelling; None if none surely does.

    It fits if all columns that identify it are there, or most of them, and most columns are those of the preset.
    """
    names = tuple(columns)
    if set(preset(WIDE).recognise).issubset(names):
        return WIDE
    fits: dict[str, tuple[float, float]] = {}
    for name in preset_names():
        mapping = preset(name)
        if name == WIDE or not (known := share_of(mapping.recognise, names, mapping)):
            continue
        its = share_of(mapping.columns, names, mapping)
        theirs = its * len(mapping.columns) / len(names)
        most = known >= _MOST_KNOWN and mapping.markup is None
        if known == 1 or (most and (its >= _MOST_OF_PRESET or (theirs >= _MOST_OF_TABLE and len(names) >= _LEAST))):
            fits[name] = known, its
    return max(fits, key=lambda name: fits[name], default=None)


def preset_for_row(cells: Sequence[str]) -> str | None:
    """Return the name of the preset for files without a header row that fits this row; None if none surely does."""
    for name in preset_names():
        mapping = preset(name)
        if mapping.shapes and len(mapping.columns) == len(cells):
            row = dict(zip(mapping.columns, cells, strict=True))
            if all(re.fullmatch(pattern, row.get(column, "")) for column, pattern in mapping.shapes.items()):
                return name
    return None
