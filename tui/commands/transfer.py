"""import and export."""

import argparse
import contextlib
import gc
import json
import os
import shutil
import sqlite3
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

from db.backup import put_in_place, remove
from db.building import new_file
from db.errors import InputError
from db.exporting import export_lines
from db.file import open_file
from db.finding import event_ids
from db.importing import ImportReport, import_stream
from db.known import know
from db.network import warning
from db.partial import partial_of, sweep
from db.query import compile_query, parse
from tui.commands.waiting import progress_bars, warn
from tui.output import console
from tui.safe_text import safe

_SHOWN_REFUSALS = 20
_UNCOLLECTED = 1_000_000  # objects


def import_files(arguments: argparse.Namespace) -> int:
    """Import files one after the other; a file that can't be used stops there, what came before stays."""
    for source in arguments.sources:
        if source != "-" and not os.path.isfile(source):  # which a name too long for a file does not make fail
            raise InputError(f"{source}: no such file")
    # What is read is rows, without cycles: looking for some among millions of them takes a third of the time.
    gc.set_threshold(_UNCOLLECTED)
    report = ImportReport()
    stopped = None
    new = not os.path.exists(arguments.file)
    with _built(arguments.file) if new else contextlib.closing(open_file(arguments.file)) as connection:
        try:
            for number, source in enumerate(arguments.sources):
                with _opened(source) as (stream, name):
                    if not new and number == 0:
                        _back_up(connection, arguments.file)
                    with _progress(source) as progress:
                        import_stream(connection, stream, name, report, arguments.format, progress)
        except InputError as error:
            if not report.documents:
                raise
            stopped = error
    if new:
        know(arguments.file)
    warn(warning(arguments.file))
    if stopped is not None:
        raise stopped
    for refusal in report.refusals[:_SHOWN_REFUSALS]:
        print(safe(str(refusal)), file=sys.stderr)
    if report.refused > _SHOWN_REFUSALS:
        print(f"… and {report.refused - _SHOWN_REFUSALS} more lines refused", file=sys.stderr)
    done = f"{_count(report.documents, 'new document')}, {_count(report.events, 'new event')}"
    more = [
        f"{_count(count, 'event')} {what}"
        for count, what in ((report.updated, "updated"), (report.unchanged, "known already"))
        if count
    ]
    refused = f"{_count(report.refused, 'line')} refused" if report.refused else "nothing refused"
    print("; ".join([done, *more, refused]))
    return 1 if report.refused else 0


def _back_up(connection: sqlite3.Connection, path: Path) -> None:
    """Keep the file as it is before the import; where that can't be, the import, which is whole or absent, goes on."""
    from db.backups import back_up_if_changed

    with progress_bars("backing up") as (progress,):
        said = back_up_if_changed(connection, path, "before-import", progress)
    warn(said)


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"


@contextlib.contextmanager
def _opened(source: str) -> Iterator[tuple[BinaryIO, str]]:
    if source == "-":
        # Kept first: an extractor may take hours to write it, and while an import runs nobody else can write.
        with tempfile.TemporaryFile() as kept:
            shutil.copyfileobj(sys.stdin.buffer, kept)
            kept.seek(0)
            yield kept, "standard input"
        return
    try:
        stream = open(source, "rb")  # noqa: SIM115 (the with below closes it; an error in opening is told apart)
    except OSError as error:
        raise InputError(f"{source}: can't be read ({error.strerror}); check its permissions") from None
    with stream:
        yield stream, source


@contextlib.contextmanager
def _built(path: Path) -> Iterator[sqlite3.Connection]:
    """A new file, with a bar for its indexes where standard error is a terminal."""
    if not path.parent.is_dir():
        raise InputError(f"{path}: there is no folder {path.parent}; make it first")
    if not sys.stderr.isatty():
        with new_file(path) as connection:
            yield connection
        return
    from rich.progress import Progress

    with Progress(console=console(stderr=True), transient=True) as progress:
        task = progress.add_task("making indexes", visible=False)
        with new_file(
            path, lambda done, total: progress.update(task, completed=done, total=total, visible=True)
        ) as connection:
            progress.stop()
            yield connection
            progress.start()


@contextlib.contextmanager
def _progress(source: str) -> Iterator[Callable[[int], None]]:
    """A bar on standard error when that is a terminal and the file's size is known."""
    if source == "-" or not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}", markup=False), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console(stderr=True), transient=True) as progress:
        task = progress.add_task(safe(Path(source).name), total=os.path.getsize(source))
        yield lambda taken: progress.update(task, completed=taken)


def export(arguments: argparse.Namespace) -> int:
    """Write the native format; a file appears whole or not at all, and none is overwritten."""
    query = parse(arguments.query) if arguments.query is not None else None
    connection = open_file(arguments.file)
    with contextlib.closing(connection):
        # One read transaction, so that the export is of one moment.
        connection.execute("BEGIN")
        ids = None if query is None else event_ids(connection, compile_query(connection, query))
        lines = export_lines(connection, reviewed=arguments.reviewed, event_ids=ids)
        if arguments.output == "-":
            for line in lines:
                # A terminal gets it with everything outside ASCII escaped, as by --json elsewhere.
                shown = json.dumps(json.loads(line)) if sys.stdout.isatty() else line
                sys.stdout.buffer.write(shown.encode() + b"\n")
            return 0
        _write_new(Path(arguments.output), lines)
    return 0


def _write_new(target: Path, lines: Iterator[str]) -> None:
    if target.exists():
        raise InputError(f"{target}: is there already; eventdesk overwrites no file: give another name")
    sweep(target)
    partial = partial_of(target)
    try:
        with partial.open("xb") as stream:
            for line in lines:
                stream.write(line.encode() + b"\n")
            stream.flush()
            os.fsync(stream.fileno())
        put_in_place(partial, target)
    except OSError as error:
        raise InputError(f"{target}: can't be written ({error.strerror})") from None
    finally:
        remove(partial)
