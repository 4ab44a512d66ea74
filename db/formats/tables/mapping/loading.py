"""Loads mappings from TOML files, and presets: mappings of well-known data sets that ship with eventdesk."""

import re
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path

from db.errors import InputError
from db.formats.tables.mapping.mapping import Mapping
from db.formats.tables.mapping.toml import parse_mapping

WIDE = "eventdesk_wide"
"""The preset of the wide table that eventdesk exports."""

_MOST_BYTES = 2**20


def load_mapping(name: str) -> Mapping:
    """Return the mapping in a TOML file, or the preset of that name. Raises InputError."""
    path = Path(name)
    if name in preset_names() and not path.exists():
        return preset(name)
    try:
        with path.open("rb") as stream:
            content = stream.read(_MOST_BYTES + 1)
    except (OSError, ValueError) as error:
        why = "no such mapping" if isinstance(error, FileNotFoundError) else f"can't be read ({error})"
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
    """Return a preset. Raises InputError."""
    from importlib.resources import files

    return parse_mapping(files(__package__).joinpath("presets", f"{name}.toml").read_text("utf-8"), name)


def preset_for_columns(columns: Iterable[str]) -> str | None:
    """Return the name of the preset that fits a table with these columns; None if none surely does."""
    there = set(columns)
    fitting = [name for name in preset_names() if (needed := preset(name).recognise) and there.issuperset(needed)]
    return max(fitting, key=lambda name: len(preset(name).recognise), default=None)


def preset_for_row(cells: Sequence[str]) -> str | None:
    """Return the name of the preset for files without a header row that fits this row; None if none surely does."""
    for name in preset_names():
        mapping = preset(name)
        if mapping.shapes and len(mapping.columns) == len(cells):
            row = dict(zip(mapping.columns, cells, strict=True))
            if all(re.fullmatch(pattern, row.get(column, "")) for column, pattern in mapping.shapes.items()):
                return name
    return None
