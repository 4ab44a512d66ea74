"""check: checks a file, repairs what is derived, or salvages a damaged file."""

import argparse
import contextlib
import sqlite3
from itertools import chain
from pathlib import Path

from db.maintenance import check as checks
from db.maintenance.compare import compare
from db.maintenance.opening import open_to_read
from db.store.connection import open_file
from tui.commands import Command
from tui.output.progress import progress_bars
from tui.output.tables import count, print_rows
from tui.text.safe import safe

_SHOWN_PROBLEMS = 20
_DETAILS = """The check proves that every event's state is the extraction plus its decisions."""


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    group = parser.add_mutually_exclusive_group()
    group.add_argument("--repair", action="store_true", help="back up the file, then rebuild everything derived")
    group.add_argument(
        "--salvage", type=Path, metavar="NEW", help="save the readable part of a damaged file to a new one"
    )


def check(arguments: argparse.Namespace) -> int:
    """Run every check and print its result. With ``--repair`` or ``--salvage``, do that instead."""
    if arguments.salvage is not None:
        return _salvage(arguments.file, arguments.salvage)
    if arguments.repair:
        return _repair(arguments.file)
    with contextlib.closing(open_to_read(arguments.file)) as connection:
        sound = not _print_findings(connection, arguments.file)
    failed = "✗ the check failed: don't work on this file; run eventdesk check with --repair, or restore a backup"
    print("✓ the file is sound: state = extraction + decisions" if sound else failed)
    return 0 if sound else 1


def _print_findings(connection: sqlite3.Connection, file: Path) -> list[str]:
    """Print the result of every check and of the comparison with backups. Return all problems."""
    found: list[str] = []
    with progress_bars("replaying decisions") as (progress,):
        for finding in chain(checks.check(connection, progress), compare(connection, file)):
            problems = finding.problems
            found += problems
            mark, total = ("✗", f", {count(len(problems), 'problem')}") if problems else ("✓", "")
            print(f"{mark} {finding.name}: {finding.checked:,} {finding.unit}{total}")
            for problem in problems[:_SHOWN_PROBLEMS]:
                print(f"    {safe(problem)}")
            if len(problems) > _SHOWN_PROBLEMS:
                print(f"    … and {len(problems) - _SHOWN_PROBLEMS:,} more")
    return found


def _repair(file: Path) -> int:
    from db.maintenance.repair import find_problems, repair

    with progress_bars("replaying decisions") as (progress,):
        before = find_problems(file, progress)
    with progress_bars("copying pages", "replaying decisions") as (copying, replaying):
        connection, backup = repair(file, copying, replaying)
    with contextlib.closing(connection):
        after = _print_findings(connection, file)
    repaired = count(len(set(before) - set(after)), "problem")
    print(f"{repaired} repaired, {len(after):,} left; the file before the repair: {safe(str(backup.path))}")
    if after:
        print(f"to solve the rest, restore a backup or run: eventdesk check {safe(str(file))} --salvage NEW")
    return 1 if after else 0


def _salvage(file: Path, new: Path) -> int:
    from db.maintenance.salvage import salvage

    with progress_bars("reading pages") as (progress,):
        saved = salvage(file, new, progress)
    print_rows(
        ("table", "rows saved", "rows lost", "rows saved in part"),
        [[item.name, item.saved, item.lost, item.in_part] for item in saved.tables],
        right=("rows saved", "rows lost", "rows saved in part"),
    )
    if saved.events:
        print(f"events with lost data: {len(saved.events):,}")
        for event in saved.events:
            print(f"    {safe(event)}")
    for line in saved.remarks:
        print(safe(line))
    with contextlib.closing(open_file(new)) as connection:
        sound = not _print_findings(connection, new)
    complete = saved.whole and sound
    what = "everything was saved" if complete else "everything readable was saved"
    print(f"{safe(str(new))}: {what}; {safe(str(file))} is unchanged")
    return 0 if complete else 1


COMMANDS = {
    "check": Command(
        check,
        ("eventdesk check war.db", "eventdesk check war.db --repair", "eventdesk check war.db --salvage saved.db"),
        _add_arguments,
        _DETAILS,
    )
}
