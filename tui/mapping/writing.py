"""Writes a mapping as a new file of TOML, and tells the command that imports with it."""

import os
import shlex
from itertools import count
from pathlib import Path

from db.errors import InputError
from db.formats.tables.mapping.mapping import Mapping
from db.formats.tables.mapping.toml import to_toml
from db.io.atomic import new_output

_NAME = "mapping.toml"


class Writing:
    """Where a mapping goes. ``source`` is what the table was called; ``wanted`` the file that was asked for."""

    def __init__(self, source: str, wanted: Path | None = None) -> None:
        self._source = source
        self._wanted = wanted
        self._written: tuple[Path, Mapping] | None = None

    @property
    def path(self) -> Path | None:
        """The file that was written last."""
        return self._written[0] if self._written else None

    @property
    def given(self) -> Path | None:
        """The file that was asked for, as long as it is not there."""
        return self._wanted if self._wanted is not None and not os.path.lexists(self._wanted) else None

    def proposal(self) -> str:
        """A name that no file has."""
        base = self._wanted or Path(_NAME)
        names = (base if n == 1 else base.with_name(f"{base.stem}-{n}{base.suffix}") for n in count(1))
        return str(next(name for name in names if not os.path.lexists(name)))

    def written_as(self, mapping: Mapping) -> Path | None:
        """The file that holds this very mapping."""
        return self._written[0] if self._written and self._written[1] == mapping else None

    def write(self, mapping: Mapping, path: Path) -> None:
        """Write a new file. Raises InputError in a line, as where one is there."""
        with new_output(path) as stream:
            stream.write(toml_bytes(mapping))
        self._written = (path, mapping)

    def command(self) -> str:
        """The command that imports with the mapping; empty where none was written."""
        if self.path is None:
            return ""
        return f"eventdesk import DB {_quoted(self._source)} --mapping {_quoted(str(self.path))}"


def toml_bytes(mapping: Mapping) -> bytes:
    """A mapping as a file. Raises InputError for names that no file can hold."""
    try:
        return to_toml(mapping).encode()
    except UnicodeEncodeError:
        raise InputError("a column's name holds half a character, which no TOML has; rename it in the table") from None


def _quoted(name: str) -> str:
    return shlex.quote(f"./{name}" if name.startswith("-") else name)
