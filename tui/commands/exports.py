"""export: writes events to new files, whole or not at all."""

import argparse
import contextlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from db.errors import InputError
from db.exporting import export_documents, export_hardest, has_modifiers, limited
from db.formats.format import Export, Format
from db.formats.registry import format_named
from db.io.atomic import new_output, new_output_folder, refuse_existing, sync
from db.maintenance.opening import open_to_read
from db.query import compile_query, parse
from db.query.running import event_ids
from db.store.event_types import read_event_types
from tui.arguments import positive, text
from tui.commands import Command
from tui.output.damage import DamagedRows
from tui.text.safe import safe


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--format", default="native", metavar="NAME", help="default: native; see `eventdesk formats`")
    parser.add_argument("--output", default="-", metavar="NEW", help="a new file or folder; default: standard output")
    parser.add_argument("--mapping", metavar="FILE", help="a TOML file that lays out the columns of a table")
    layouts = ("wide", "long")
    parser.add_argument("--layout", choices=layouts, default="wide", help="one row per event (wide) or field (long)")
    parser.add_argument("--reviewed", action="store_true", help="only accepted events with final values: the gold set")
    parser.add_argument("--query", type=text, metavar="Q", help="only events that match the query")
    parser.add_argument("--limit", type=positive, metavar="N", help="only N documents; in a table, N events")
    parser.add_argument(
        "--hardest", action="store_true", help="those with the most corrections first, then with the lowest confidence"
    )


def export(arguments: argparse.Namespace) -> int:
    """Export events in a format. Files appear whole or not at all, and none is overwritten."""
    format = format_named(arguments.format)
    query = parse(arguments.query) if arguments.query is not None else None
    damaged = DamagedRows()
    with contextlib.closing(open_to_read(arguments.file)) as connection:
        ids = None if query is None else frozenset(event_ids(connection, compile_query(connection, query)))

        reviewed = arguments.reviewed or format.reviewed_alone

        def documents() -> Iterator[dict[str, Any]]:
            by_event = format.row_is_event
            if arguments.hardest:
                found = export_hardest(connection, by_event=by_event, reviewed=reviewed, event_ids=ids, skipped=damaged)
            else:
                found = export_documents(connection, reviewed=reviewed, event_ids=ids, skipped=damaged)
            return found if arguments.limit is None else limited(found, arguments.limit, by_event=by_event)

        content = Export(
            documents,
            read_event_types(connection, damaged),
            reviewed,
            arguments.mapping,
            arguments.layout,
            arguments.file.stem,
            arguments.mapping is None or has_modifiers(connection),
        )
        wants_folder = arguments.output.endswith(("/", os.sep)) and format.write_folder is not None
        if wants_folder:
            _to_folder(format, content, Path(arguments.output))
        elif arguments.output == "-":
            _to_standard_output(format, content)
        else:
            _to_files(format, content, Path(arguments.output))
    return damaged.status(arguments.file)


def _to_standard_output(format: Format, content: Export) -> None:
    if format.write is None:
        _refuse_unless_folder(format)
        raise InputError(f"{format.name} is a folder of files; name a new folder with --output")
    terminal = sys.stdout.isatty()
    if terminal and format.binary:
        raise InputError(f"{format.name} is not text; name a file with --output")
    for piece in format.write(content):
        sys.stdout.buffer.write(safe(piece.decode(), keep_newlines=True).encode() if terminal else piece)


def _to_files(format: Format, content: Export, target: Path) -> None:
    if format.write is None:
        _to_folder(format, content, target)
        return
    refuse_existing(target)
    others = [(target.with_suffix(companion.suffix), companion) for companion in format.companions]
    for path, companion in others:
        if path.name.casefold() == target.name.casefold():
            message = f"{target}: is also the name of the second file that {format.name} writes"
            raise InputError(f"{message}; choose a name that doesn't end in {companion.suffix}")
        refuse_existing(path)
    with contextlib.ExitStack() as stack:
        # All are written before any is in place. The stack ends the other way round, with the companions last.
        for path, companion in others:
            _write(stack.enter_context(new_output(path)), companion.write(content))
        _write(stack.enter_context(new_output(target)), format.write(content))


def _refuse_unless_folder(format: Format) -> None:
    if format.write_folder is None:
        raise InputError(f"{format.name} can only be imported; `eventdesk formats` lists the formats to export to")


def _to_folder(format: Format, content: Export, target: Path) -> None:
    _refuse_unless_folder(format)
    assert format.write_folder is not None
    with new_output_folder(target) as folder:
        for name, data in format.write_folder(content):
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("xb") as stream:
                stream.write(data)
                stream.flush()
                sync(stream.fileno())


def _write(stream: BinaryIO, pieces: Iterator[bytes]) -> None:
    for piece in pieces:
        stream.write(piece)


COMMANDS = {"export": Command(export, ("eventdesk export war.db --reviewed --output gold.jsonl",), _add_arguments)}
