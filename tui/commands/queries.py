"""queries: lists, saves, shows and deletes saved queries."""

import argparse
import contextlib
import sqlite3

from db.errors import InputError
from db.figures.summaries import count_events
from db.maintenance.backups import back_up_daily
from db.maintenance.opening import open_with_backup
from db.model import Json, Value
from db.query import QueryError, compile_query, parse
from db.query.saved import SavedQuery, read_saved_queries, read_saved_query, remove_query, save_query
from tui.arguments import add_output_options, text
from tui.commands import Command
from tui.output.damage import DamagedRows
from tui.output.progress import warn
from tui.output.tables import print_json, print_rows
from tui.text.safe import safe

_DETAILS = "A saved query is used as @NAME in any other query."


def _add_arguments(parser: argparse.ArgumentParser) -> None:
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


COMMANDS = {
    "queries": Command(
        queries,
        (
            "eventdesk queries war.db handovers 'type:repatriation_of_remains -status:rejected'",
            "eventdesk find war.db '@handovers date>=2025' --count",
            "eventdesk queries war.db --remove handovers",
        ),
        _add_arguments,
        _DETAILS,
    )
}
