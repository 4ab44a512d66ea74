"""check and types."""

import argparse
import contextlib
import sqlite3
import sys
from itertools import chain
from pathlib import Path

from db.errors import InputError
from db.io.types_toml import event_types_to_toml, parse_event_types
from db.maintenance import check as checks
from db.maintenance.backups import daily
from db.maintenance.compare import compare
from db.maintenance.opening import open_with_backup
from db.model import Value
from db.store.connection import open_file, writing
from db.store.event_types import declare, read_event_types
from tui.output.progress import progress_bars, warn
from tui.output.tables import print_rows
from tui.text.safe import safe

_SHOWN_PROBLEMS = 20


def check(arguments: argparse.Namespace) -> int:
    """Run every check and say what it found; repair or salvage where that is asked for."""
    if arguments.salvage is not None:
        return _salvage(arguments.file, arguments.salvage)
    if arguments.repair:
        return _repair(arguments.file)
    with contextlib.closing(open_with_backup(arguments.file)) as connection:
        sound = not _found(connection, arguments.file)
    failed = "✗ the check failed: do not write to this file; --repair mends what is derived, or restore a backup"
    print("state = extraction + decisions" if sound else failed)
    return 0 if sound else 1


def _found(connection: sqlite3.Connection, file: Path) -> list[str]:
    """Print the findings, those of a comparison with backups last; all problems."""
    found: list[str] = []
    with progress_bars("replaying decisions") as (progress,):
        for finding in chain(checks.check(connection, progress), compare(connection, file)):
            problems = finding.problems
            found += problems
            mark, many = ("✗", f", {len(problems):,} problems") if problems else ("✓", "")
            print(f"{mark} {finding.name}: {finding.looked_at:,} {finding.unit}{many}")
            for problem in problems[:_SHOWN_PROBLEMS]:
                print(f"    {safe(problem)}")
            if len(problems) > _SHOWN_PROBLEMS:
                print(f"    … and {len(problems) - _SHOWN_PROBLEMS:,} more")
    return found


def _repair(file: Path) -> int:
    from db.maintenance.repair import problems, repair

    with progress_bars("replaying decisions") as (progress,):
        before = problems(file, progress)
    with progress_bars("copying pages", "replaying decisions") as (copied, progress):
        connection, backup = repair(file, copied, progress)
    with contextlib.closing(connection):
        after = _found(connection, file)
    mended = len(set(before) - set(after))
    print(f"{mended:,} problems mended, {len(after):,} left; the file as it was: {safe(str(backup.path))}")
    if after:
        print(f"what is left is not derived: restore a backup, or check {safe(str(file))} --salvage NEW")
    return 1 if after else 0


def _salvage(file: Path, new: Path) -> int:
    from db.maintenance.salvage import salvage

    with progress_bars("reading pages") as (reading,):
        saved = salvage(file, new, reading)
    print_rows(
        ("table", "rows saved", "rows lost", "rows saved in part"),
        [[item.name, item.saved, item.lost, item.in_part] for item in saved.tables],
        right=("rows saved", "rows lost", "rows saved in part"),
    )
    if saved.events:
        print(f"events that lost something: {len(saved.events):,}")
        for event in saved.events:
            print(f"    {safe(event)}")
    for line in saved.remarks:
        print(safe(line))
    with contextlib.closing(open_file(new)) as connection:
        sound = not _found(connection, new)
    whole = saved.whole and sound
    print(f"{safe(str(new))}: {'all of it' if whole else 'what could be saved'}; {safe(str(file))} is as it was")
    return 0 if whole else 1


def types(arguments: argparse.Namespace) -> int:
    """Show event types; take in a TOML file when one is named."""
    declared = None
    if arguments.toml_file is not None:
        try:
            text = arguments.toml_file.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise InputError(f"{arguments.toml_file}: can't be read ({error})") from None
        declared = parse_event_types(text, str(arguments.toml_file))
    with contextlib.closing(open_with_backup(arguments.file)) as connection:
        if declared is not None:
            warn(daily(arguments.file))
            with writing(connection):
                declare(connection, declared)
        known = read_event_types(connection)
    if arguments.toml:
        text = event_types_to_toml(known.values())
        sys.stdout.buffer.write((safe(text, keep_newlines=True) if sys.stdout.isatty() else text).encode())
        return 0
    rows: list[list[Value]] = [
        [
            event_type.name,
            item.name,
            item.kind,
            item.group,
            " ".join(word for word, is_so in (("required", item.required), ("repeated", item.repeated)) if is_so),
            item.unit or ", ".join(item.choices),
            item.help,
            "declared" if event_type.declared else "learnt",
        ]
        for event_type in known.values()
        for item in event_type.fields
    ]
    print_rows(("type", "field", "kind", "group", "", "unit or choices", "help", "source"), rows)
    return 0 if rows else 1
