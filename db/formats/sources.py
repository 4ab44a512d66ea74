"""Opens what a user names on the command line: a file, a folder, or a table as ``sqlite:FILE:TABLE``."""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

from db.errors import InputError
from db.formats.format import Source

_SQLITE = "sqlite:"


def table_source(name: str) -> Source | None:
    """Return the source that ``sqlite:FILE:TABLE`` names, where both may contain colons; None for other names.

    Raises InputError if there is no such file.
    """
    if not name.startswith(_SQLITE):
        return None
    rest = name.removeprefix(_SQLITE)
    for at, character in enumerate(rest):
        if character == ":" and os.path.isfile(rest[:at]):
            return Source(name, None, Path(rest[:at]), rest[at + 1 :])
    raise InputError(f"{name}: no such file; write sqlite:FILE:TABLE")


@contextlib.contextmanager
def open_source(name: str) -> Iterator[Source]:
    """Open a file, a folder or a table, and close it after the block. Raises InputError."""
    if table := table_source(name):
        yield table
        return
    if os.path.isdir(name):
        yield Source(name, None, Path(name))
        return
    try:
        stream = open(name, "rb")  # noqa: SIM115 (closed below; only errors of opening are translated)
    except FileNotFoundError:
        raise InputError(f"{name}: no such file") from None
    except (OSError, ValueError) as error:  # ValueError for a name with a NUL character
        raise InputError(f"{name}: can't be read ({error}); check its name and permissions") from None
    with stream:
        yield Source(name, stream, Path(name))
