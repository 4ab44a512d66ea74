"""The command line: reads arguments, opens the file, calls a command. Errors are one line on standard error.

Exit status: 0 done; 1 the answer is no (nothing found, a check failed, lines refused); 2 unusable arguments or input;
70 a crash, with a report; 128 + N ended by signal N.
"""

import argparse
import contextlib
import os
import signal
import sys
import threading
import warnings
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from typing import NoReturn

from db.errors import EventdeskError, FileWarning, InputError
from tui.text.safe import safe

NO, UNUSABLE = 1, 2

_TEXTS = ("query", "reviewer", "event", "name", "help_text", "remove", "fields", "group_by", "sum")  # of arguments

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
    warnings.showwarning = _say_warning
    try:
        _refuse_no_characters(arguments)
        with _stopped_by_signals():
            command: Callable[[argparse.Namespace], int] = getattr(import_module(f"tui.commands.{module}"), function)
            status = command(arguments)
            sys.stdout.flush()  # at exit, Python would tell in its own words what could not be written
            return status
    except EventdeskError as error:
        print(f"eventdesk: {safe(str(error))}", file=sys.stderr)
        return UNUSABLE
    except _Stopped as stopped:
        print("eventdesk: stopped", file=sys.stderr)
        return 128 + stopped.signal
    except KeyboardInterrupt:
        print("eventdesk: stopped", file=sys.stderr)
        return 128 + signal.SIGINT
    except BrokenPipeError:
        _drop_output()  # the reader went away, as `head` does
        return NO
    except Exception as error:
        from tui.runtime import crash

        if isinstance(error, OSError) and error.errno in crash.DISK_ERRORS:
            _drop_output()
            where = error.filename or "the output"
            print(f"eventdesk: {safe(str(where))}: can't be written ({error.strerror}); make room", file=sys.stderr)
            return UNUSABLE
        if not crash.is_file_error(error):
            return crash.save_report(error, function.partition("_")[0])
        print(
            f"eventdesk: {safe(str(arguments.file))}: SQLite says: {safe(str(error))}; `eventdesk check` tells more",
            file=sys.stderr,
        )
        return UNUSABLE


def _drop_output() -> None:
    """Have what is left of the output go nowhere: Python would complain again when it flushes at exit."""
    with contextlib.suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _say_warning(message: Warning | str, category: type[Warning], *_: object, **__: object) -> None:
    """Say what is for people; what libraries warn of is for those who make them."""
    if issubclass(category, FileWarning):
        print(f"eventdesk: {safe(str(message))}", file=sys.stderr)


def _refuse_no_characters(arguments: argparse.Namespace) -> None:
    """Names of files may be any bytes; what is looked up or stored is text."""
    for name in _TEXTS:
        value = getattr(arguments, name, None)
        if isinstance(value, str) and not value.isascii() and any("\ud800" <= item <= "\udfff" for item in value):
            raise InputError(f"{value}: not UTF-8; type it in a terminal that is set to UTF-8")


class _Stopped(KeyboardInterrupt):
    """Asked to stop by a signal, as by ctrl+c."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.signal = number


@contextlib.contextmanager
def _stopped_by_signals() -> Iterator[None]:
    """Meanwhile, leave in order when the system asks to: what is half written goes, what is open is closed."""

    def stop(number: int, _: object) -> NoReturn:
        raise _Stopped(number)

    numbers = [signal.SIGTERM, *([signal.SIGHUP] if sys.platform != "win32" else [])]
    # Where they are ignored, as nohup has it, or somebody else's, they stay so.
    numbers = [number for number in numbers if signal.getsignal(number) is signal.SIG_DFL]
    if threading.current_thread() is not threading.main_thread():
        numbers = []
    try:
        for number in numbers:
            signal.signal(number, stop)
        yield
    finally:
        for number in numbers:
            signal.signal(number, signal.SIG_DFL)


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

    add_import = add("import", "imports", "import_files", "import extractions or texts; makes the file if need be",
                     "eventdesk import war.db candidates.jsonl article.txt")  # fmt: skip
    add_import.add_argument(
        "sources", nargs="+", metavar="FILE", help="a file or folder; sqlite:FILE:TABLE; - is standard input"
    )
    add_import.add_argument("--format", metavar="NAME", help="recognised by content unless given; `eventdesk formats`")
    add_import.add_argument(
        "--mapping", metavar="FILE", help="TOML that says which columns are what, or the name of a shipped one"
    )
    add_import.add_argument(
        "--offsets", choices=("code_points", "utf16", "bytes"), help="what spans count in; found out unless given"
    )
    add_import.add_argument("--extractor", metavar="NAME", help="who extracted, where the file does not say")
    add_import.add_argument(
        "--refused", type=Path, metavar="NEW", help="write what is refused to a new file, to be mended and imported"
    )
    add_import.add_argument(
        "--changes", type=Path, metavar="NEW", help="write what changed under decisions to a new file, as JSON Lines"
    )

    add_map = add("map", "mapping", "make_mapping", "say what the columns of a table are, by keys, with a preview",
                  "eventdesk map events.csv; eventdesk map events.csv --guess", file=False)  # fmt: skip
    add_map.add_argument("file", metavar="FILE", help="CSV, JSON rows, Parquet, or sqlite:FILE:TABLE")
    add_map.add_argument("--output", type=Path, metavar="NEW", help="where the mapping goes; asked unless given")
    add_map.add_argument("--guess", action="store_true", help="print what is guessed, without a screen")

    add_export = add("export", "exports", "export", "export events with what was decided, in one of the formats",
                     "eventdesk export war.db --reviewed --output gold.jsonl")  # fmt: skip
    add_export.add_argument(
        "--format", default="native", metavar="NAME", help="native unless given; `eventdesk formats`"
    )
    add_export.add_argument(
        "--output", default="-", metavar="FILE", help="a file, or folder, that is not there yet; - is standard output"
    )
    add_export.add_argument("--mapping", metavar="FILE", help="TOML that says which columns a table has, and how")
    add_export.add_argument(
        "--layout", choices=("wide", "long"), default="wide", help="a row an event, or a row a field"
    )
    add_export.add_argument(
        "--reviewed", action="store_true", help="only accepted events, with their final values: gold"
    )
    add_export.add_argument("--query", metavar="Q", help="only events that the query finds")

    add_formats = add("formats", "formats", "formats", "list the formats that can be read and written",
                      "eventdesk formats; eventdesk formats --json", file=False)  # fmt: skip
    _add_formats(add_formats, csv=False)

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

    add_check = add(
        "check", "upkeep", "check", "prove that the state is extraction + decisions, and the file sound",
        "eventdesk check war.db\n"
        "  eventdesk check war.db --repair\n"
        "  eventdesk check war.db --salvage saved.db"
    )  # fmt: skip
    add_mending = add_check.add_mutually_exclusive_group()
    add_mending.add_argument(
        "--repair", action="store_true", help="back the file up, then make anew all that is derived"
    )
    add_mending.add_argument(
        "--salvage", type=Path, metavar="NEW", help="save what can be read of a damaged file into a new one"
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
        "backup", "backups", "backup", "copy the file, also while it is in use; list the copies that were made",
        "eventdesk backup war.db war-monday.db\n"
        "  eventdesk backup war.db --list"
    )  # fmt: skip
    add_backup.add_argument(
        "target",
        nargs="?",
        type=Path,
        metavar="FILE",
        help="a file that is not there yet; among its backups unless given",
    )
    add_backup.add_argument("--list", action="store_true", help="show the backups of the file")

    add_restore = add(
        "restore", "backups", "restore", "make the file what it was when it was backed up; can be undone",
        "eventdesk restore war.db; eventdesk restore war.db 2"
    )  # fmt: skip
    add_restore.add_argument(
        "backup", nargs="?", metavar="BACKUP", help="a number of the list, or a file; lists unless given"
    )
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
