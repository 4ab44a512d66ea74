"""export: writes files that were not there, whole or not at all."""

import argparse
import contextlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from db.errors import InputError
from db.exporting import export_documents
from db.formats.format import Export, Format
from db.formats.registry import format_named
from db.io.atomic import new_output, new_output_folder, refuse_existing
from db.maintenance.opening import open_with_backup
from db.query import compile_query, parse
from db.query.running import event_ids
from db.store.event_types import read_event_types
from tui.text.safe import safe


def export(arguments: argparse.Namespace) -> int:
    """Write events in a format; a file appears whole or not at all, and none is overwritten."""
    format = format_named(arguments.format)
    query = parse(arguments.query) if arguments.query is not None else None
    with contextlib.closing(open_with_backup(arguments.file)) as connection:
        # One read transaction, so that the export is of one moment.
        connection.execute("BEGIN")
        ids = None if query is None else event_ids(connection, compile_query(connection, query))

        def documents() -> Iterator[dict[str, Any]]:
            return export_documents(connection, reviewed=arguments.reviewed, event_ids=ids)

        wanted = Export(
            documents,
            read_event_types(connection),
            arguments.reviewed,
            arguments.mapping,
            arguments.layout,
            arguments.file.stem,
        )
        if arguments.output == "-":
            _to_standard_output(format, wanted)
        else:
            _to_files(format, wanted, Path(arguments.output))
    return 0


def _to_standard_output(format: Format, wanted: Export) -> None:
    if format.write is None:
        raise InputError(f"{format.name} is a folder of files; name one with --output")
    terminal = sys.stdout.isatty()
    if terminal and format.binary:
        raise InputError(f"{format.name} is not text; name a file with --output")
    for piece in format.write(wanted):
        sys.stdout.buffer.write(safe(piece.decode(), keep_newlines=True).encode() if terminal else piece)


def _to_files(format: Format, wanted: Export, target: Path) -> None:
    if format.write is None:
        _to_folder(format, wanted, target)
        return
    others = [(target.with_suffix(companion.suffix), companion) for companion in format.companions]
    for path in (target, *(path for path, _ in others)):
        refuse_existing(path)
    with contextlib.ExitStack() as stack:
        # All before any is in place: the last to be entered is the first to be put there.
        for path, companion in others:
            _write(stack.enter_context(new_output(path)), companion.write(wanted))
        _write(stack.enter_context(new_output(target)), format.write(wanted))


def _to_folder(format: Format, wanted: Export, target: Path) -> None:
    if format.write_folder is None:
        raise InputError(f"{format.name} can only be read; `eventdesk formats` lists what can be written")
    with new_output_folder(target) as folder:
        for name, content in format.write_folder(wanted):
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("xb") as stream:
                stream.write(content)
                stream.flush()
                os.fsync(stream.fileno())


def _write(stream: BinaryIO, pieces: Iterator[bytes]) -> None:
    for piece in pieces:
        stream.write(piece)
