"""types: prints the event types of a file, or loads types from a TOML file."""

import argparse
import contextlib
import sys
from pathlib import Path

from db.errors import InputError
from db.grounding.missing import Searched, searched_fields
from db.io.file_kinds import unreadable
from db.io.types_toml import event_types_to_toml, parse_event_types
from db.maintenance.backups import back_up_daily
from db.maintenance.opening import open_with_backup
from db.model import Value
from db.store.connection import writing
from db.store.event_types import declare, read_event_types
from tui.commands import Command
from tui.output.damage import DamagedRows
from tui.output.progress import warn
from tui.output.tables import print_rows
from tui.text.safe import safe


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("toml_file", nargs="?", type=Path, metavar="FILE", help="TOML; replaces types of the same name")
    parser.add_argument("--toml", action="store_true", help="print the types as TOML")


def types(arguments: argparse.Namespace) -> int:
    """Print the event types, after loading a TOML file if one is given."""
    declared = None
    damaged = DamagedRows()
    if arguments.toml_file is not None:
        try:
            text = arguments.toml_file.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise InputError(f"{arguments.toml_file}: {unreadable(error)}") from None
        declared = parse_event_types(text, str(arguments.toml_file))
    with contextlib.closing(open_with_backup(arguments.file)) as connection:
        if declared is not None:
            warn(back_up_daily(connection, arguments.file))
            with writing(connection):
                declare(connection, declared)
        known = read_event_types(connection, damaged)
        searched = {} if arguments.toml else searched_fields(connection)
    if arguments.toml:
        text = event_types_to_toml(known.values())
        sys.stdout.buffer.write((safe(text, keep_newlines=True) if sys.stdout.isatty() else text).encode())
        return damaged.status(arguments.file)
    rows: list[list[Value]] = []
    for event_type in known.values():
        source = "declared" if event_type.declared else "learnt"
        for item in event_type.fields:
            flags = " ".join(
                word for word, is_set in (("required", item.required), ("repeated", item.repeated)) if is_set
            )
            choices = item.unit or ", ".join(item.choices)
            found = _found(searched, item.name)
            rows.append([event_type.name, item.name, item.kind, item.group, flags, choices, item.help, source, found])
    print_rows(("type", "field", "kind", "group", "", "unit or choices", "help", "source", "in the texts"), rows)
    return damaged.status(arguments.file, 0 if rows else 1)


def _found(searched: dict[tuple[str, str], Searched], name: str) -> str | None:
    """Say how many values of a field are in their texts, in a sample of the events of each extractor."""
    parts = []
    for (extractor, field), counts in searched.items():
        if field == name:
            whose = f"{extractor}: " if extractor and len({extractor for extractor, _ in searched}) > 1 else ""
            unmarked = ", absence not marked" if counts.usually_absent else ""
            parts.append(f"{whose}{counts.found:,} of {counts.values:,}{unmarked}")
    return "; ".join(parts) or None


COMMANDS = {
    "types": Command(
        types, ("eventdesk types war.db --toml > types.toml", "eventdesk types war.db types.toml"), _add_arguments
    )
}
