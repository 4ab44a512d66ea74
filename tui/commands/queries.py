"""queries: list saved queries, show one, save one, remove one."""

import argparse
import contextlib
import sqlite3
import sys

from db.errors import InputError
from db.figures.summaries import count_events
from db.maintenance.backups import daily
from db.maintenance.opening import open_with_backup
from db.model import Json, Value
from db.query import QueryError, compile_query, parse
from db.query.saved import SavedQuery, read_saved_queries, read_saved_query, remove_query, save_query
from tui.output.progress import warn
from tui.output.tables import print_json, print_rows
from tui.text.safe import safe


def queries(arguments: argparse.Namespace) -> int:
    """Do what the arguments ask; with no name, list all."""
    name = _bare(arguments.name)
    if arguments.remove is not None and (name or arguments.help_text is not None or arguments.form):
        raise InputError("--remove takes a name and nothing else; take the rest out")
    if arguments.help_text is not None and not name:
        raise InputError("--help-text is about one query; give its name before it")
    with contextlib.closing(open_with_backup(arguments.file)) as connection:
        if arguments.remove is not None or arguments.query is not None or arguments.help_text is not None:
            warn(daily(arguments.file))
        if arguments.remove is not None:
            removed = remove_query(connection, _bare(arguments.remove) or "")
            print(f"@{_shown(removed.name)} removed")
            return 0
        if name is None:
            saved = read_saved_queries(connection)
            _print(connection, saved, arguments.form == "json")
            return 0 if saved else 1
        if arguments.query is not None:
            saved_query = save_query(connection, name, arguments.query, arguments.help_text)
        else:
            saved_query = read_saved_query(connection, name)
            if arguments.help_text is not None:
                saved_query = save_query(connection, saved_query.name, saved_query.query, arguments.help_text)
        _print(connection, [saved_query], arguments.form == "json", alone=True)
    return 0


def _bare(name: str | None) -> str | None:
    return None if name is None else name.removeprefix("@")


def _shown(text: str) -> str:
    return safe(text) if sys.stdout.isatty() else text


def _print(connection: sqlite3.Connection, saved: list[SavedQuery], json: bool, *, alone: bool = False) -> None:
    """Print queries with the number of events that each finds now: none for one that no longer works, which is told."""
    objects: list[Json] = []
    for item in saved:
        events: int | None = None
        try:
            events = count_events(connection, compile_query(connection, parse(item.query)))
        except QueryError as error:  # written by another program, or its field is no more
            print(f"eventdesk: {safe(f'@{item.name}: {error}')}", file=sys.stderr)
        objects.append({"name": item.name, "query": item.query, "help": item.help, "events": events})
    if json:
        print_json(objects[0] if alone else objects)
    else:
        columns = ("name", "query", "help", "events")
        rows: list[list[Value]] = [[item[column] for column in columns] for item in objects]
        print_rows(columns, rows, right=("events",))
