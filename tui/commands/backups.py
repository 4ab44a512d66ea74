"""backup and restore."""

import argparse
import contextlib
from pathlib import Path

from db.errors import InputError
from db.maintenance.backups import Backup, back_up, counts, listed, same_as_newest
from db.maintenance.copying import backup as copy_to
from db.maintenance.opening import open_with_backup
from db.maintenance.restore import restore as restore_file
from db.model import Value
from tui.output.progress import progress_bars
from tui.output.tables import print_rows
from tui.text.safe import safe

_COLUMNS = ("number", "made (UTC)", "why", "bytes", "events", "decisions")


def backup(arguments: argparse.Namespace) -> int:
    """Copy the file, to where it is told or among its backups; or list those."""
    if arguments.list:
        return _list(arguments.file)
    with (
        contextlib.closing(open_with_backup(arguments.file)) as connection,
        progress_bars("copying pages") as (progress,),
    ):
        if arguments.target is not None:
            copy_to(connection, arguments.target, progress)
            target = arguments.target
        elif newest := same_as_newest(connection, arguments.file):
            print(f"nothing was written since backup 1, {safe(str(newest.path))}")
            return 0
        else:
            target = back_up(connection, arguments.file, "asked", progress).path
    print(f"{safe(str(target))}: {target.stat().st_size:,} bytes")
    return 0


def restore(arguments: argparse.Namespace) -> int:
    """Make the file what it was when a backup was made, or list the backups."""
    if arguments.backup is None:
        status = _list(arguments.file)
        if status == 0:
            print(f"eventdesk restore {safe(str(arguments.file))} NUMBER restores one")
        return status
    chosen, name = _chosen(arguments.file, arguments.backup)
    with progress_bars("copying pages") as (progress,):
        restored = restore_file(arguments.file, chosen, progress)
    file = safe(str(arguments.file))
    held = f"{restored.counts.events:,} events, {restored.counts.decisions:,} decisions"
    line = f"{file} is as in {name}: {held}"
    if restored.before is not None and not restored.readable:
        line += f"; the damaged file is kept as {safe(str(restored.before.path))}"
    elif restored.before is not None:
        if restored.lost:
            many = "decision that is" if restored.lost == 1 else "decisions that are"
            line += f"; {restored.lost:,} {many} not in it: eventdesk restore {file} 1 goes back"
        else:
            line += f"; eventdesk restore {file} 1 goes back"
    print(line)
    return 0


def _list(file: Path) -> int:
    rows: list[list[Value]] = []
    for number, item in enumerate(listed(file), 1):
        held = counts(item.path)
        many: list[Value] = ["damaged", ""] if held is None else [held.events, held.decisions]
        rows.append([number, f"{item.made_at:%Y-%m-%d %H:%M:%S}", item.why.replace("-", " "), item.bytes, *many])
    if not rows:
        print(f"{safe(str(file))} has no backups yet; eventdesk backup {safe(str(file))} makes one")
        return 1
    print_rows(_COLUMNS, rows, right=("number", "bytes", "events", "decisions"))
    return 0


def _chosen(file: Path, backup: str) -> tuple[Path, str]:
    """The copy that a number of the list or a file's name stands for, and how to speak of it."""
    path = Path(backup)
    if not (backup.isascii() and backup.isdecimal()) or path.is_file():
        return path, safe(backup)
    backups: list[Backup] = listed(file)
    number = int(backup[:9])
    if not 1 <= number <= len(backups):
        there = f"there are {len(backups)}" if backups else "there are none"
        raise InputError(f"{file}: has no backup {backup}, {there}; `eventdesk restore {file}` lists them")
    item = backups[number - 1]
    return item.path, f"backup {number} of {item.made_at:%Y-%m-%d %H:%M} UTC, {item.why.replace('-', ' ')}"
