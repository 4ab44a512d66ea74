"""set and apply: values from the command line and from a table, as ordinary decisions that can be undone."""

import argparse
import contextlib
import sqlite3
import sys

from db.applying.values import Applier, Report, Setting
from db.errors import InputError
from db.formats.sources import open_input
from db.maintenance.backups import back_up_daily
from db.maintenance.opening import open_with_backup
from tui.arguments import reviewer, text
from tui.commands import Command
from tui.config.login import login_name
from tui.output.progress import warn
from tui.output.tables import count
from tui.text.safe import safe

_SHOWN = 20  # decisions, and problems

_NAMES = (
    "NAME is a field, such as killed; killed[2] is the second of several, transfer:2.count that of a\n"
    "group. type, status, reason and note are those of the event; field.note is a field of that name."
)


def _add_set_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("event", type=text, metavar="EVENT", help="the id of an event")
    parser.add_argument(
        "settings", type=text, nargs="+", metavar="NAME=VALUE", help="a value to set; NAME= removes the field"
    )
    parser.add_argument("--extractor", type=text, metavar="NAME", help="whose event, if several have the id")
    _add_common(parser)


def _add_apply_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("table", metavar="FILE", help="a table (CSV, JSON rows, …), or - (stdin)")
    _add_common(parser)


def _add_common(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--reviewer", type=reviewer, metavar="NAME", help="your name on decisions; default: login name")
    parser.add_argument("--new", action="store_true", help="allow names of fields that the file doesn't have")
    parser.add_argument("--dry-run", action="store_true", help="show what would change, and save nothing")


def set_values(arguments: argparse.Namespace) -> int:
    """Set values of one event."""
    settings = []
    for item in arguments.settings:
        name, equals, value = item.partition("=")
        if not equals or not name.strip():
            raise InputError(f"{item}: write NAME=VALUE, as in killed=21")
        settings.append(Setting(name.strip(), value))
    with _opened(arguments) as connection:
        applier = _applier(connection, arguments)
        with applier.applying(rehearsal=arguments.dry_run):
            applier.set(applier.find(arguments.event, arguments.extractor), settings)
    _print(applier.report, arguments.dry_run)
    return 0


def apply(arguments: argparse.Namespace) -> int:
    """Set the values of a table, all or none."""
    from db.applying.table import apply_table, lines_of

    class Refused(Exception):
        """Rolls the transaction back."""

    standard_input = sys.stdin.buffer if sys.stdin is not None else None
    with open_input(arguments.table, standard_input) as source, _opened(arguments) as connection:
        applier = _applier(connection, arguments)
        problems = []
        with contextlib.suppress(Refused), applier.applying(rehearsal=arguments.dry_run):
            problems = apply_table(applier, source)
            if problems:
                raise Refused
    if not problems:
        _print(applier.report, arguments.dry_run)
        return 0
    lines = list(lines_of(problems, source.name))
    for line in lines[:_SHOWN]:
        print(safe(line), file=sys.stderr)
    if len(lines) > _SHOWN:
        print(f"… and {len(lines) - _SHOWN:,} more", file=sys.stderr)
    print(
        f"nothing was saved: {count(len(problems), 'row')} can't be applied; correct or delete"
        f" {'it' if len(problems) == 1 else 'them'} and apply the table again",
        file=sys.stderr,
    )
    return 1


def _opened(arguments: argparse.Namespace) -> contextlib.closing[sqlite3.Connection]:
    return contextlib.closing(open_with_backup(arguments.file))


def _applier(connection: sqlite3.Connection, arguments: argparse.Namespace) -> Applier:
    if not arguments.dry_run:
        warn(back_up_daily(connection, arguments.file))
    return Applier(connection, arguments.reviewer or login_name(), allow_new=arguments.new)


def _print(report: Report, is_rehearsal: bool) -> None:
    for event, words in report.changes[:_SHOWN]:
        print(f"{safe(event)}: {safe(words)}")
    if (more := len(report.changes) - _SHOWN) > 0:
        print(f"… and {more:,} more")
    saved = "would be saved" if is_rehearsal else "saved"
    parts = [f"{count(len(report.changes), 'decision')} on {count(report.events, 'event')} {saved}"]
    if not report.changes:
        parts = ["nothing to change" if is_rehearsal else "nothing changed"]
    if report.equal:
        parts.append(f"{count(report.equal, 'value')} {'was' if report.equal == 1 else 'were'} the same already")
    print("; ".join(parts))


_SET_EXAMPLE = "eventdesk set war.db report-1/1 killed=21 location=Kyiv --reviewer me"
COMMANDS = {
    "set": Command(set_values, (_SET_EXAMPLE,), _add_set_arguments, _NAMES),
    "apply": Command(
        apply,
        ("eventdesk apply war.db fixes.csv --dry-run", "eventdesk apply war.db fixes.csv --reviewer me"),
        _add_apply_arguments,
        "The table has the columns event, field and value (an empty value removes the field), or the\n"
        "column event and a column for each field (an empty cell changes nothing).\n" + _NAMES,
    ),
}
