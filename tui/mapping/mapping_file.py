"""Saving a mapping as a new TOML file, and the command that imports with it."""

import os
import shlex
from itertools import count
from pathlib import Path

from db.errors import InputError
from db.formats.tables.mapping.mapping import Mapping
from db.formats.tables.mapping.toml import to_toml
from db.io.atomic import new_output

_NAME = "mapping.toml"


class MappingFile:
    """Where a mapping is saved. ``table`` is the table's name on the command line, ``requested`` the --output file."""

    def __init__(self, table: str, requested: Path | None = None) -> None:
        self._table = table
        self._requested = requested
        self._saved: tuple[Path, Mapping] | None = None

    @property
    def path(self) -> Path | None:
        """The file that was saved last."""
        return self._saved[0] if self._saved else None

    @property
    def requested(self) -> Path | None:
        """The requested file, unless it exists already."""
        return self._requested if self._requested is not None and not os.path.lexists(self._requested) else None

    def suggest(self) -> str:
        """Return the name of a file that doesn't exist yet."""
        base = self._requested or Path(_NAME)
        names = (base if n == 1 else base.with_name(f"{base.stem}-{n}{base.suffix}") for n in count(1))
        return str(next(name for name in names if not os.path.lexists(name)))

    def holding(self, mapping: Mapping) -> Path | None:
        """Return the file that holds exactly this mapping, if there is one."""
        return self._saved[0] if self._saved and self._saved[1] == mapping else None

    def save(self, mapping: Mapping, path: Path) -> None:
        """Save to a new file. Raises InputError, for example if the file exists."""
        with new_output(path) as stream:
            stream.write(toml_bytes(mapping))
        self._saved = (path, mapping)

    def import_command(self) -> str:
        """Return the command that imports the table with the saved mapping; empty if none was saved."""
        if self.path is None:
            return ""
        return f"eventdesk import DB {_quoted(self._table)} --mapping {_quoted(str(self.path))}"


def toml_bytes(mapping: Mapping) -> bytes:
    """Return a mapping as the content of a file. Raises InputError for column names that UTF-8 can't hold."""
    try:
        return to_toml(mapping).encode()
    except UnicodeEncodeError:
        raise InputError("a column name holds half a character, which TOML can't; rename it in the table") from None


def _quoted(name: str) -> str:
    return shlex.quote(f"./{name}" if name.startswith("-") else name)
