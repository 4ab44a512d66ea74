"""Opens what a user names on the command line: a file, a folder, or a table as ``sqlite:FILE:TABLE``."""

import contextlib
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from db.errors import InputError
from db.formats.format import Source
from db.io.file_kinds import SQLITE, kind_of_file

_SQLITE = "sqlite:"
_WRITE = "write sqlite:FILE:TABLE"
_ADDRESS = re.compile(r"(?:https?|ftp|s3|gs)://", re.IGNORECASE)


def table_source(name: str) -> Source | None:
    """Return the source that ``sqlite:FILE:TABLE`` names, where both may contain colons; None for other names.

    Raises InputError if there is no such file.
    """
    if not name.lower().startswith(_SQLITE) or os.path.exists(name):
        return None
    rest = name[len(_SQLITE) :]
    for at in (*(at for at, character in enumerate(rest) if character == ":"), len(rest)):
        if os.path.isfile(rest[:at]):
            kind, is_text = kind_of_file(Path(rest[:at]))
            if kind not in (None, SQLITE) or is_text:
                what = "a text file" if kind is None else kind.what
                raise InputError(f"{name}: {rest[:at]} is {what}, not a SQLite database; import it by its name alone")
            return Source(name, None, Path(rest[:at]), rest[at + 1 :])
    file = rest.rpartition(":")[0] or rest
    if os.path.exists(file):
        raise InputError(f"{name}: {file} is {'a folder' if os.path.isdir(file) else 'no file'}; {_WRITE}")
    raise InputError(f"{name}: no such file{f' {file}' if file else ''}; {_WRITE}")


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
        raise InputError(f"{name}: {_why_missing(name)}") from None
    except (OSError, ValueError) as error:  # ValueError for a name with a NUL character
        raise InputError(f"{name}: can't be read ({error}); check its name and permissions") from None
    with stream:
        yield Source(name, stream, Path(name))


@contextlib.contextmanager
def open_input(name: str, standard_input: BinaryIO | None) -> Iterator[Source]:
    """Open what ``open_source`` opens, or a pipe, or standard input as ``-``. Raises InputError.

    Standard input and pipes are saved first: a program may take hours to write them, and writing locks the file.
    """
    is_pipe = os.path.exists(name) and not os.path.isfile(name) and not os.path.isdir(name)
    if name != "-" and not is_pipe:
        with open_source(name) as source:
            yield source
        return
    with tempfile.TemporaryFile() as saved:
        if name != "-":
            with open_source(name) as source:
                shutil.copyfileobj(source.required_stream, saved)
        elif standard_input is None:
            raise InputError("standard input is closed; name a file")
        else:
            shutil.copyfileobj(standard_input, saved)
        saved.seek(0)
        yield Source("standard input" if name == "-" else name, saved)


def refuse_missing(name: str) -> None:
    """Raise InputError if ``name`` is neither a file, a folder nor a table."""
    if not os.path.exists(name) and not table_source(name):
        raise InputError(f"{name}: {_why_missing(name)}")


def _why_missing(name: str) -> str:
    if _ADDRESS.match(name):
        return "eventdesk downloads nothing; save it as a file first, for example with curl"
    if os.path.islink(name):
        return f"is a link to {os.readlink(name)}, which doesn't exist"
    return "no such file"
