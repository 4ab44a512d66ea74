"""check, types and backup."""

import argparse
import contextlib
import sys
from collections.abc import Callable, Iterator

from db import backup as backup_of
from db import check as checks
from db.errors import InputError
from db.event_types import declare, parse_event_types, read_event_types, to_toml
from db.file import open_file, writing
from db.model import Value
from tui.output import console, print_rows
from tui.safe_text import safe

_SHOWN_PROBLEMS = 20


def check(arguments: argparse.Namespace) -> int:
    """Run every check and say what it found."""
    sound = True
    with contextlib.closing(open_file(arguments.file)) as connection, _progress("replaying decisions") as progress:
        for finding in checks.check(connection, progress):
            problems = finding.problems
            sound = sound and not problems
            mark, found = ("✗", f", {len(problems):,} problems") if problems else ("✓", "")
            print(f"{mark} {finding.name}: {finding.looked_at:,} {finding.unit}{found}")
            for problem in problems[:_SHOWN_PROBLEMS]:
                print(f"    {safe(problem)}")
            if len(problems) > _SHOWN_PROBLEMS:
                print(f"    … and {len(problems) - _SHOWN_PROBLEMS:,} more")
    failed = "✗ the check failed: do not write to this file, restore a backup"
    print("state = extraction + decisions" if sound else failed)
    return 0 if sound else 1


def types(arguments: argparse.Namespace) -> int:
    """Show event types; take in a TOML file when one is named."""
    declared = None
    if arguments.toml_file is not None:
        try:
            text = arguments.toml_file.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise InputError(f"{arguments.toml_file}: can't be read ({error})") from None
        declared = parse_event_types(text, str(arguments.toml_file))
    with contextlib.closing(open_file(arguments.file)) as connection:
        if declared is not None:
            with writing(connection):
                declare(connection, declared)
        known = read_event_types(connection)
    if arguments.toml:
        sys.stdout.buffer.write(to_toml(known.values()).encode())
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


def backup(arguments: argparse.Namespace) -> int:
    """Copy the file."""
    with contextlib.closing(open_file(arguments.file)) as connection, _progress("copying pages") as progress:
        backup_of.backup(connection, arguments.target, progress)
    print(f"{safe(str(arguments.target))}: {arguments.target.stat().st_size:,} bytes")
    return 0


@contextlib.contextmanager
def _progress(what: str) -> Iterator[Callable[[int, int], None]]:
    """A bar on standard error when that is a terminal."""
    if not sys.stderr.isatty():
        yield lambda *_: None
        return
    from rich.progress import Progress

    with Progress(console=console(stderr=True), transient=True) as progress:
        task = progress.add_task(what, total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total)
