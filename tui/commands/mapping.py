"""map: says what the columns of a table are, on a screen or as a guess."""

import argparse
import contextlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path

from db.errors import InputError
from db.formats.format import Source
from db.formats.tables.files.opening import open_table
from db.formats.tables.table import Table
from db.io.atomic import refuse_existing
from tui.commands.imports import source_of_table
from tui.mapping.sample import Sample, begin
from tui.mapping.writing import Writing, toml_bytes
from tui.text.safe import safe


def make_mapping(arguments: argparse.Namespace) -> int:
    """Make a mapping of a table; without a terminal, or with ``--guess``, print the guess."""
    if arguments.output is not None:
        refuse_existing(arguments.output)
    with _opened(arguments.file) as source:
        table = open_table(source)
        writing = Writing(arguments.file, arguments.output)
        if arguments.guess or not (sys.stdin.isatty() and sys.stdout.isatty()):
            _guess(table, writing)
            status = 0
        else:
            status = _run(table, writing)
    if writing.path is not None:
        command = writing.command()
        line = safe(command).encode() if sys.stdout.isatty() else os.fsencode(command)
        sys.stdout.buffer.write(line + b"\n")
    return status


def _guess(table: Table, writing: Writing) -> None:
    """The mapping that one would begin with, to the file that was asked for or to standard output."""
    mapping, _ = begin(table)
    if writing.given is not None:
        writing.write(mapping, writing.given)
        return
    toml = toml_bytes(mapping)
    terminal = sys.stdout.isatty()
    sys.stdout.buffer.write(safe(toml.decode(), keep_newlines=True).encode() if terminal else toml)


def _run(table: Table, writing: Writing) -> int:
    from tui.config.settings import read_settings
    from tui.mapping.app import MappingApp
    from tui.mapping.screen import MappingScreen

    settings = read_settings()
    mapping, known = begin(table)
    origin = f"the shipped mapping {known}" if known else "a guess"
    app = MappingApp(MappingScreen(Sample(table), mapping, origin, writing), settings)
    app.run(mouse=settings.mouse)
    return app.return_code or 0


@contextlib.contextmanager
def _opened(name: str) -> Iterator[Source]:
    """The table of that name. Raises InputError."""
    if name == "-":
        raise InputError("standard input can be read once only, and a mapping needs the keyboard: name a file")
    if table := source_of_table(name):
        yield table
        return
    try:
        stream = open(name, "rb")  # noqa: SIM115 (the with below closes it; an error in opening is told apart)
    except FileNotFoundError:
        raise InputError(f"{name}: no such file") from None
    except IsADirectoryError:
        raise InputError(f"{name}: is a folder; name a file that is a table") from None
    except (OSError, ValueError) as error:
        raise InputError(f"{name}: can't be read ({error}); check its name and permissions") from None
    with stream:
        if not stream.seekable():
            raise InputError(f"{name}: can be read once only; save it as a file")
        yield Source(name, stream, Path(name))
