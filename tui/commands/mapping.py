"""map: maps the columns of a table, on a screen or by guessing."""

import argparse
import contextlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path

from db.errors import InputError
from db.formats.format import Source
from db.formats.sources import open_source
from db.formats.tables.files.opening import open_table
from db.formats.tables.table import Table
from db.io.atomic import refuse_existing
from tui.commands import Command
from tui.mapping.mapping_file import MappingFile, toml_bytes
from tui.mapping.rows import Sample, initial_mapping
from tui.output.streams import on_terminal
from tui.text.safe import safe


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", help="CSV, JSON rows, Parquet, or sqlite:FILE:TABLE")
    parser.add_argument("--output", type=Path, metavar="NEW", help="the mapping to write; default: asked on the screen")
    parser.add_argument("--guess", action="store_true", help="print a guessed mapping, without a screen")


def make_mapping(arguments: argparse.Namespace) -> int:
    """Make a mapping of a table. Without a terminal or with ``--guess``, print or write a guess."""
    if arguments.output is not None:
        refuse_existing(arguments.output)
    with _opened(arguments.file) as source:
        table = open_table(source)
        file = MappingFile(arguments.file, arguments.output)
        if arguments.guess or not on_terminal():
            _guess(table, file)
            status = 0
        else:
            status = _run(table, file)
    if file.path is not None:
        command = file.import_command()
        line = safe(command).encode() if sys.stdout.isatty() else os.fsencode(command)
        sys.stdout.buffer.write(line + b"\n")
    return status


def _guess(table: Table, file: MappingFile) -> None:
    """Write the guessed mapping to the output file, or to standard output if none was given."""
    mapping, _ = initial_mapping(table)
    if file.requested is not None:
        file.save(mapping, file.requested)
        return
    toml = toml_bytes(mapping)
    terminal = sys.stdout.isatty()
    sys.stdout.buffer.write(safe(toml.decode(), keep_newlines=True).encode() if terminal else toml)


def _run(table: Table, file: MappingFile) -> int:
    from tui.config.settings import read_settings
    from tui.mapping.app import MappingApp
    from tui.mapping.screen import MappingScreen

    settings = read_settings()
    mapping, known = initial_mapping(table)
    origin = f"the shipped mapping {known}" if known else "a guess"
    app = MappingApp(MappingScreen(Sample(table), mapping, origin, file), settings)
    app.run(mouse=settings.mouse)
    return app.return_code or 0


@contextlib.contextmanager
def _opened(name: str) -> Iterator[Source]:
    """Open a table that can be read more than once. Raises InputError."""
    if name == "-":
        raise InputError("a mapping can't be made from standard input; save the table as a file")
    with open_source(name) as source:
        if source.table is None and source.stream is None:
            raise InputError(f"{name}: is a folder; name a table file")
        if source.stream is not None and not source.stream.seekable():
            raise InputError(f"{name}: can be read only once; save it as a file")
        yield source


COMMANDS = {
    "map": Command(
        make_mapping, ("eventdesk map events.csv", "eventdesk map events.csv --guess"), _add_arguments, takes_file=False
    )
}
