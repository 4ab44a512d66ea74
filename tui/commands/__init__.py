"""The commands, a module for each theme: every command's arguments, examples and function.

Commands may import every room, but not each other. To add one, list it in ``COMMANDS`` and declare it in its module.
"""

import argparse
from collections.abc import Callable
from typing import NamedTuple


class Command(NamedTuple):
    """A command as its module declares it: what runs it, and what its --help shows."""

    run: Callable[[argparse.Namespace], int]
    """Returns the exit status."""
    examples: tuple[str, ...]
    add_arguments: Callable[[argparse.ArgumentParser], None] = lambda _: None
    details: str = ""
    takes_file: bool = True
    """True if the first argument is DB, an eventdesk file."""


class Entry(NamedTuple):
    """Where a command is declared, in ``COMMANDS`` of that module, and its line in ``eventdesk --help``."""

    module: str
    summary: str


# A command's module is imported when the command runs, so that no command waits for what others need.
COMMANDS = {
    "review": Entry("review", "review events by keyboard"),
    "serve": Entry("serve", "review events in a browser (needs the extra serve)"),
    "import": Entry("imports", "import events or texts into a file, created if needed"),
    "map": Entry("mapping", "map the columns of a table, by keyboard and with a preview"),
    "export": Entry("exports", "export events and decisions in one of the formats"),
    "sync": Entry("sources", "import what changed in the databases that events come from"),
    "publish": Entry("sources", "write reviewed values back to where the events came from"),
    "formats": Entry("reference", "list the formats to import from and export to"),
    "find": Entry("find", "find, count, group and sum events"),
    "queries": Entry("definitions", "list saved queries; save, show or delete one"),
    "show": Entry("lookup", "show one event with its fields and quotes"),
    "set": Entry("values", "set values of an event, as a decision that can be undone"),
    "apply": Entry("values", "set the values of a table, all or none"),
    "log": Entry("lookup", "show the decisions on one event, or on all events"),
    "stats": Entry("lookup", "show progress and how often the extractors were right"),
    "check": Entry("maintenance", "check that the file is sound; repair or salvage a damaged one"),
    "types": Entry("definitions", "show the event types, or load types from a TOML file"),
    "keys": Entry("reference", "show what every key of the reviewer does, and its binding id"),
    "backup": Entry("maintenance", "back up the file, even while it is in use; list its backups"),
    "restore": Entry("maintenance", "restore the file from a backup; restoring can be undone"),
    "demo": Entry("review", "open the demo, or write its files to try the commands on"),
    "completions": Entry("reference", "print a script that completes commands in your shell"),
}
