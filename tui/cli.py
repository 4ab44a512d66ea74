"""The command line: reads arguments, opens the file, calls a command. Errors are one line on standard error.

Exit status: 0 done; 1 the answer is no (nothing found, a check failed, lines refused); 2 unusable arguments or input.
"""

import argparse
import contextlib
import os
import sqlite3
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import NoReturn

from db.errors import EventdeskError
from tui.safe_text import safe

NO, UNUSABLE = 1, 2

_FORM_HELP = {"--ndjson": "as JSON, an object a line", "--count": "the number alone"}
_FIND_TELLS = """Grouped, an event counts once in each value of a field that repeats, and
under (none) without one. Fields of one group, as transfer:1, stay together:
--group-by recipient --sum count gives each recipient its own counts. A date
that is no more than a year has a row of its own under date:month. Put -- before
a query that begins with -."""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        self.exit(UNUSABLE, f"{self.prog}: {safe(message)}; {self.prog} --help shows how\n")


class _Version(argparse.Action):
    """Shows the version; argparse's own would look it up at every start."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        from importlib.metadata import version

        print(f"{parser.prog} {version('eventdesk')}")
        parser.exit()


def main(argv: list[str] | None = None) -> int:
    """Run one command; the exit status."""
    arguments = _parsed(argv)
    # Imported by name, so that `find` does not load what `review` needs.
    module, function = arguments.run
    command: Callable[[argparse.Namespace], int] = getattr(import_module(f"tui.commands.{module}"), function)
    try:
        return command(arguments)
    except EventdeskError as error:
        print(f"eventdesk: {safe(str(error))}", file=sys.stderr)
        return UNUSABLE
    except sqlite3.Error as error:
        print(
            f"eventdesk: {safe(str(arguments.file))}: SQLite says: {error}; `eventdesk check` tells more",
            file=sys.stderr,
        )
        return UNUSABLE
    except KeyboardInterrupt:
        print("eventdesk: stopped", file=sys.stderr)
        return 130
    except BrokenPipeError:
        # The reader went away, as `head` does. Python would complain again when it flushes at exit.
        with contextlib.suppress(OSError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return NO


def _parsed(argv: list[str] | None) -> argparse.Namespace:
    parser = _parser()
    arguments, others = parser.parse_known_args(argv)
    # argparse gives arguments that may be left out no value when options stand before them: `find DB --json QUERY`.
    marked = others[:1] == ["--"]
    others = others[marked:]
    for name in getattr(arguments, "late", ()):
        if not getattr(arguments, name) and others and (marked or not others[0].startswith("-")):
            setattr(arguments, name, others.pop(0))
    if others:
        parser.error(f"unrecognized arguments: {' '.join(others)}")
    return arguments


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="eventdesk",
        description="Review machine-extracted events by keyboard, over one local SQLite file.",
        epilog="Without a command, eventdesk opens its demo in the reviewer, on a throw-away copy.",
    )
    parser.set_defaults(run=("review", "demo"), reviewer=None, file=None)
    parser.add_argument("--version", action=_Version, nargs=0, help="show the version")
    commands = parser.add_subparsers(metavar="COMMAND", parser_class=_Parser)

    def add(
        name: str, module: str, function: str, help_line: str, example: str, *, file: bool = True
    ) -> argparse.ArgumentParser:
        command = commands.add_parser(
            name,
            help=help_line,
            description=help_line[0].upper() + help_line[1:] + ".",
            epilog=f"example:\n  {example}",
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        if file:
            command.add_argument("file", type=Path, metavar="DB", help="the eventdesk file")
        command.set_defaults(run=(module, function))
        return command

    add_review = add(
        "review", "review", "review", "review events by keyboard", "eventdesk review war.db --query status:pending"
    )
    add_review.add_argument("--query", default="", metavar="Q", help="which events; / changes it")
    add_review.add_argument("--reviewer", metavar="NAME", help="who decides; your login name unless given")

    add_serve = add("serve", "serve", "serve", "review in a browser of this machine; needs the extra `serve`",
                    "eventdesk serve war.db --port 8001")  # fmt: skip
    add_serve.add_argument("--query", default="", metavar="Q", help="which events; / changes it")
    add_serve.add_argument("--reviewer", metavar="NAME", help="who decides; your login name unless given")
    add_serve.add_argument("--port", type=int, default=8000, metavar="N", help="8000 unless given")

    add_import = add("import", "transfer", "import_files", "import extractions or texts; makes the file if need be",
                     "eventdesk import war.db candidates.jsonl article.txt")  # fmt: skip
    add_import.add_argument("sources", nargs="+", metavar="FILE", help="JSON Lines or .txt; - is standard input")
    add_import.add_argument("--format", choices=("native", "text"), help="recognised by content unless given")

    add_export = add("export", "transfer", "export", "export JSON Lines, a document a line",
                     "eventdesk export war.db --reviewed --output gold.jsonl")  # fmt: skip
    add_export.add_argument("--format", choices=("native",), default="native", help="native unless given")
    add_export.add_argument(
        "--output", default="-", metavar="FILE", help="a file that is not there yet; - is standard output"
    )
    add_export.add_argument(
        "--reviewed", action="store_true", help="only accepted events, with their final values: gold"
    )
    add_export.add_argument("--query", metavar="Q", help="only events that the query finds")

    add_find = add(
        "find", "finding", "find", "find events, count them, group them, add them up",
        "eventdesk find war.db 'recipient:Ukraine count>=500 date>=2024-10'\n"
        "  eventdesk find war.db type:attack --fields id,date,location,killed --csv\n"
        "  eventdesk find war.db 'type:repatriation_of_remains date>=2024-10' --count\n"
        "  eventdesk find war.db --group-by type,date:month\n"
        "  eventdesk find war.db @handovers --group-by recipient --sum count"
    )  # fmt: skip
    add_find.description = f"{add_find.description}\n\n{_FIND_TELLS}"
    add_find.add_argument("query", nargs="?", default="", metavar="QUERY", help="all events unless given")
    add_find.set_defaults(late=("query",))
    add_find.add_argument("--fields", metavar="A,B,C", help="columns: fields, id, type, status, title, published …")
    add_find.add_argument("--limit", type=_limit, metavar="N", help="only the first N events, or rows of groups")
    add_find.add_argument("--group-by", metavar="A,B", help="count by up to three names, dates as date:month")
    add_find.add_argument("--sum", metavar="FIELD", help="add up a field's numbers, alone or for each group")
    _add_formats(add_find, "--ndjson", "--count")

    add_queries = add(
        "queries", "queries", "queries", "list saved queries, save, show or remove one; @NAME in a query stands for it",
        "eventdesk queries war.db handovers 'type:repatriation_of_remains -status:rejected'\n"
        "  eventdesk find war.db '@handovers date>=2025' --count\n"
        "  eventdesk queries war.db --remove handovers"
    )  # fmt: skip
    add_queries.add_argument("name", nargs="?", metavar="NAME", help="letters, digits, - _ . ; all unless given")
    add_queries.add_argument("query", nargs="?", metavar="QUERY", help="saves it, in place of one of that name")
    add_queries.set_defaults(late=("name", "query"))
    add_queries.add_argument("--help-text", metavar="TEXT", help="what it is for")
    add_queries.add_argument("--remove", metavar="NAME", help="remove a saved query that no other one uses")
    _add_formats(add_queries, csv=False)

    add_show = add(
        "show", "lookup", "show", "show one event with its fields and quotes", "eventdesk show war.db seed/1"
    )
    add_show.add_argument("event", metavar="EVENT", help="an event's id")
    _add_formats(add_show, csv=False)

    add_log = add("log", "lookup", "log", "show the decisions about one event, or all", "eventdesk log war.db seed/1")
    add_log.add_argument("event", nargs="?", metavar="EVENT", help="an event's id")
    add_log.set_defaults(late=("event",))
    _add_formats(add_log)

    add_stats = add("stats", "lookup", "stats", "show progress and what machines got wrong", "eventdesk stats war.db")
    _add_formats(add_stats, csv=False)

    add(
        "check",
        "upkeep",
        "check",
        "prove that the state is extraction + decisions, and the file sound",
        "eventdesk check war.db",
    )

    add_types = add("types", "upkeep", "types", "show event types, or take in a TOML file of them",
                    "eventdesk types war.db --toml > types.toml; eventdesk types war.db types.toml")  # fmt: skip
    add_types.add_argument(
        "toml_file", nargs="?", type=Path, metavar="FILE", help="TOML; its types replace those of the same name"
    )
    add_types.add_argument("--toml", action="store_true", help="write the types as TOML")

    add_keys = add("keys", "keys", "keys", "show what every key of the reviewer does, and the ids to set others by",
                   "eventdesk keys --toml", file=False)  # fmt: skip
    add_keys.add_argument("--preset", choices=("vim", "arrows"), help="a shipped set of keys, not those set")
    add_keys.add_argument("--toml", action="store_true", help="as lines for the configuration file")

    add_backup = add(
        "backup", "upkeep", "backup", "copy the file, also while it is in use", "eventdesk backup war.db war-monday.db"
    )
    add_backup.add_argument("target", type=Path, metavar="FILE", help="a file that is not there yet")
    return parser


def _add_formats(parser: argparse.ArgumentParser, *more: str, csv: bool = True) -> None:
    group = parser.add_mutually_exclusive_group()
    group.add_argument("--json", action="store_const", const="json", dest="form", help="as JSON")
    if csv:
        group.add_argument("--csv", action="store_const", const="csv", dest="form", help="as CSV")
    for option in more:
        group.add_argument(option, action="store_const", const=option.lstrip("-"), dest="form", help=_FORM_HELP[option])


def _limit(text: str) -> int:
    number = int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else 0
    if number < 1:
        raise argparse.ArgumentTypeError(f"a whole number from 1, not {text}")
    return number
