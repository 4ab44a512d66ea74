"""check, backup and restore: checks, repairs or salvages a file, copies it, and goes back to a backup."""

import argparse
import contextlib
import sqlite3
from itertools import chain
from pathlib import Path

from db.errors import InputError
from db.maintenance import check as checks
from db.maintenance.backups import Backup, Counts, back_up, count_rows, identity_of, is_of, list_backups, same_as_newest
from db.maintenance.compare import compare
from db.maintenance.copying import copy_file
from db.maintenance.opening import open_to_read, open_with_backup
from db.maintenance.restore import restore as restore_file
from db.model import Value
from db.store.connection import is_eventdesk_file, open_file
from db.store.identity import Identity
from tui.commands import Command
from tui.output.progress import progress_bars
from tui.output.tables import count, print_rows
from tui.text.safe import safe

_SHOWN_PROBLEMS = 20
_DETAILS = """The check proves that every event's state is the extraction plus its decisions."""
_COLUMNS = ("number", "made (UTC)", "why", "bytes", "events", "decisions")
_OTHER = "of another file"


def _add_backup_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("target", nargs="?", type=Path, metavar="NEW", help="a new file; default: the list of backups")
    parser.add_argument("--list", action="store_true", help="list the backups of the file")


def _add_restore_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("backup", nargs="?", metavar="BACKUP", help="a number from the list, or a file; default: list")


def backup(arguments: argparse.Namespace) -> int:
    """Copy the file to a new file or to its backups, or list the backups."""
    if arguments.list:
        return _list(arguments.file)
    with (
        contextlib.closing(open_with_backup(arguments.file)) as connection,
        progress_bars("copying pages") as (progress,),
    ):
        if arguments.target is not None:
            copy_file(connection, arguments.target, progress)
            target = arguments.target
        elif newest := same_as_newest(connection, arguments.file):
            print(f"no changes since backup 1, {safe(str(newest.path))}")
            return 0
        else:
            target = back_up(connection, arguments.file, "asked", progress).path
    print(f"{safe(str(target))}: {target.stat().st_size:,} bytes")
    return 0


def restore(arguments: argparse.Namespace) -> int:
    """Restore the file from a backup, or list the backups."""
    if arguments.backup is None:
        status = _list(arguments.file)
        if status == 0:
            print(f"to restore one: eventdesk restore {safe(str(arguments.file))} NUMBER")
        return status
    chosen, name = _chosen(arguments.file, arguments.backup)
    with progress_bars("copying pages") as (progress,):
        restored = restore_file(arguments.file, chosen, progress)
    file = safe(str(arguments.file))
    line = f"{file} restored from {name}: {_totals(restored.counts)}"
    if restored.before is not None and not restored.readable:
        line += f"; the damaged file is kept as {safe(str(restored.before.path))}"
    elif restored.before is not None:
        if restored.lost:
            line += f"; {count(restored.lost, 'later decision')} not included"
        before = "1" if restored.same else safe(str(restored.before.path))
        line += f"; to undo: eventdesk restore {file} {before}"
    print(line)
    return 0


def _totals(counts: Counts) -> str:
    return f"{count(counts.events, 'event')}, {count(counts.decisions, 'decision')}"


def _reason(item: Backup) -> str:
    return "requested" if item.reason == "asked" else item.reason.replace("-", " ")


def _list(file: Path) -> int:
    rows: list[list[Value]] = []
    identity = _identity(file)
    for number, item in enumerate(list_backups(file), 1):
        found = count_rows(item.path)
        totals: list[Value] = ["damaged", ""] if found is None else [found.events, found.decisions]
        why = _reason(item) if is_of(item, identity) else f"{_reason(item)}, {_OTHER}"
        rows.append([number, f"{item.made_at:%Y-%m-%d %H:%M:%S}", why, item.bytes, *totals])
    if not rows:
        if not file.exists():
            raise InputError(f"{file}: no such file, and no backups of one")
        to_make = f" yet; to make one: eventdesk backup {safe(str(file))}" if is_eventdesk_file(file) else ""
        print(f"{safe(str(file))} has no backups{to_make or ', and is not an eventdesk file'}")
        return 1
    print_rows(_COLUMNS, rows, right=("number", "bytes", "events", "decisions"))
    return 0


def _identity(file: Path) -> Identity | None:
    return identity_of(file) if file.exists() else None


def _chosen(file: Path, backup: str) -> tuple[Path, str]:
    """Return the path of the backup with this number or file name, and its description."""
    path = Path(backup)
    if not (backup.isascii() and backup.isdecimal()) or path.is_file():
        return path, safe(backup)
    backups: list[Backup] = list_backups(file)
    number = int(backup[:9])
    if not 1 <= number <= len(backups):
        raise InputError(f"{file}: no backup {backup}, there are {len(backups)}; list them: eventdesk restore {file}")
    item = backups[number - 1]
    if not is_of(item, _identity(file)):
        raise InputError(
            f"{file}: backup {number} is {_OTHER} that was here before;"
            f" to restore it nevertheless: eventdesk restore {file} {item.path}"
        )
    return item.path, f"backup {number} of {item.made_at:%Y-%m-%d %H:%M} UTC, {_reason(item)}"


def _add_check_arguments(parser: argparse.ArgumentParser) -> None:
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
        _add_check_arguments,
        _DETAILS,
    ),
    "backup": Command(
        backup,
        ("eventdesk backup war.db", "eventdesk backup war.db war-monday.db", "eventdesk backup war.db --list"),
        _add_backup_arguments,
    ),
    "restore": Command(restore, ("eventdesk restore war.db", "eventdesk restore war.db 2"), _add_restore_arguments),
}
