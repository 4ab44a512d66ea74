"""queries and types: what a file defines, saved queries and event types."""

import argparse
import contextlib
import sqlite3
import sys
from pathlib import Path

from db.errors import InputError
from db.figures.summaries import count_events
from db.grounding.missing import Searched, searched_fields
from db.io.file_kinds import unreadable
from db.io.types_toml import event_types_to_toml, parse_event_types
from db.maintenance.backups import back_up_daily
from db.maintenance.opening import open_with_backup
from db.model import Json, Value
from db.query import QueryError, compile_query, parse
from db.query.saved import SavedQuery, read_saved_queries, read_saved_query, remove_query, save_query
from db.store.connection import writing
from db.store.event_types import declare, read_event_types
from tui.arguments import add_output_options, text
from tui.commands import Command
from tui.output.damage import DamagedRows
from tui.output.progress import warn
from tui.output.tables import print_json, print_rows
from tui.text.safe import safe

_DETAILS = "A saved query is used as @NAME in any other query."


def _add_query_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", nargs="?", type=text, metavar="NAME", help="the query to show or save; default: all")
    parser.add_argument("query", nargs="?", type=text, metavar="QUERY", help="save this query as NAME, or replace it")
    parser.add_argument("--help-text", type=text, metavar="TEXT", help="what the query is for, shown in lists")
    parser.add_argument("--remove", type=text, metavar="NAME", help="delete a saved query that no other query uses")
    add_output_options(parser, "json")


def queries(arguments: argparse.Namespace) -> int:
    """List, show, save or delete saved queries, as the arguments say."""
    name = arguments.name and arguments.name.removeprefix("@")
    if arguments.remove is not None and (name or arguments.help_text is not None or arguments.form):
        raise InputError("--remove takes a name and nothing else; leave the rest out")
    if arguments.help_text is not None and not name:
        raise InputError("--help-text describes one query; give its name, too")
    with contextlib.closing(open_with_backup(arguments.file)) as connection:
        if arguments.remove is not None or arguments.query is not None or arguments.help_text is not None:
            warn(back_up_daily(connection, arguments.file))
        if arguments.remove is not None:
            removed = remove_query(connection, arguments.remove.removeprefix("@"))
            print(f"deleted @{safe(removed.name)}")
            return 0
        if name is None:
            damaged = DamagedRows()
            saved = read_saved_queries(connection, damaged)
            _print(connection, saved, arguments.form == "json")
            return damaged.status(arguments.file, 0 if saved else 1)
        if arguments.query is not None:
            saved_query = save_query(connection, name, arguments.query, arguments.help_text)
        else:
            saved_query = read_saved_query(connection, name)
            if arguments.help_text is not None:
                saved_query = save_query(connection, saved_query.name, saved_query.query, arguments.help_text)
        _print(connection, [saved_query], arguments.form == "json", alone=True)
    return 0


def _print(connection: sqlite3.Connection, saved: list[SavedQuery], json: bool, *, alone: bool = False) -> None:
    """Print queries with the number of events that each finds now. One that no longer works gets a warning instead."""
    objects: list[Json] = []
    for item in saved:
        events: int | None = None
        try:
            events = count_events(connection, compile_query(connection, parse(item.query)))
        except QueryError as error:  # another program wrote it, or its field is gone
            warn(f"@{item.name}: {error}")
        objects.append({"name": item.name, "query": item.query, "help": item.help, "events": events})
    if json:
        print_json(objects[0] if alone else objects)
    else:
        columns = ("name", "query", "help", "events")
        rows: list[list[Value]] = [[item[column] for column in columns] for item in objects]
        print_rows(columns, rows, right=("events",))


def _add_type_arguments(parser: argparse.ArgumentParser) -> None:
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
    "queries": Command(
        queries,
        (
            "eventdesk queries war.db handovers 'type:repatriation_of_remains -status:rejected'",
            "eventdesk find war.db '@handovers date>=2025' --count",
            "eventdesk queries war.db --remove handovers",
        ),
        _add_query_arguments,
        _DETAILS,
    ),
    "types": Command(
        types, ("eventdesk types war.db --toml > types.toml", "eventdesk types war.db types.toml"), _add_type_arguments
    ),
}
