"""import."""

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

from db.errors import InputError
from db.formats.format import ReadOptions, Source
from db.formats.registry import format_named
from db.importing.importing import import_source
from db.importing.report import ImportReport, Refusal
from db.io.atomic import new_output, refuse_existing
from db.io.network import warning
from db.maintenance.opening import open_with_backup
from db.store.known_files import know
from db.store.new_file import new_file
from tui.commands.changes import count, tell_changes, totals
from tui.commands.review import login_name
from tui.output.progress import progress_bars, warn
from tui.output.tables import console
from tui.text.safe import safe

_SHOWN = 20
_SQLITE = "sqlite:"
_UNCOLLECTED = 1_000_000  # objects


def import_files(arguments: argparse.Namespace) -> int:
    """Import files one after the other; a file that can't be used stops there, what came before stays."""
    for name in arguments.sources:
        if not _is_there(name):  # which a name too long for a file does not make fail
            raise InputError(f"{name}: no such file")
    format = None if arguments.format is None else format_named(arguments.format)
    options = ReadOptions(arguments.mapping, arguments.offsets, arguments.extractor)
    # What is read is rows, without cycles: looking for some among millions of them takes a third of the time.
    gc.set_threshold(_UNCOLLECTED)
    report = ImportReport()
    stopped = None
    new = not os.path.exists(arguments.file)
    with (
        _kept(arguments.refused) as refused_lines,
        _kept(arguments.changes) as changes,
        _built(arguments.file) if new else contextlib.closing(open_with_backup(arguments.file)) as connection,
    ):
        report.on_refused = refused_lines.write
        report.on_change = lambda change: changes.write(f"{json.dumps(change.json(), ensure_ascii=False)}\n".encode())
        try:
            for number, name in enumerate(arguments.sources):
                with _opened(name) as source, refused_lines.of_one_import(), changes.of_one_import():
                    if not new and number == 0:
                        _back_up(connection, arguments.file)
                    with _progress(source) as progress:
                        import_source(connection, source, report, format, options, progress)
        except InputError as error:
            if number == 0:  # nothing came in: what was counted of this file is not in
                raise
            stopped = error
    if new:
        know(arguments.file)
    warn(warning(arguments.file))
    if stopped is not None:
        raise stopped
    _tell(report.refusals, report.refused, "more refused")
    _tell(report.notes, report.noted, "more notes")
    tell_changes(report, _reader() if report.changed else None)
    done = f"{count(report.documents, 'new document')}, {count(report.events, 'new event')}"
    more = [
        f"{count(number, 'event')} {what}"
        for number, what in ((report.updated, "updated"), (report.unchanged, "known already"))
        if number
    ]
    refused = f"{count(report.refused, 'line')} refused" if report.refused else "nothing refused"
    print("; ".join([done, *more, *totals(report), refused]))
    return 1 if report.refused else 0


def _tell(lines: list[Refusal], all_of_them: int, more: str) -> None:
    for line in lines[:_SHOWN]:
        print(safe(str(line)), file=sys.stderr)
    if all_of_them > _SHOWN:
        print(f"… and {all_of_them - _SHOWN:,} {more}", file=sys.stderr)


class _Kept:
    """A new file for what an import tells, which is made when there is something to tell."""

    def __init__(self, path: Path | None, stack: contextlib.ExitStack) -> None:
        self._path = path
        self._stack = stack
        self._stream: BinaryIO | None = None

    def write(self, raw: bytes) -> None:
        """Append; nothing where no file is wanted."""
        if self._path is None:
            return
        if self._stream is None:
            self._stream = self._stack.enter_context(new_output(self._path))
        self._stream.write(raw)

    @contextlib.contextmanager
    def of_one_import(self) -> Iterator[None]:
        """Meanwhile, keep what is told of a file that comes in, and drop it where the file does not."""
        at = self._stream.tell() if self._stream else 0
        try:
            yield
        except BaseException:
            if self._stream:
                self._stream.truncate(at)
                self._stream.seek(at)
            raise


@contextlib.contextmanager
def _kept(path: Path | None) -> Iterator[_Kept]:
    if path is not None:
        refuse_existing(path)
    with contextlib.ExitStack() as stack:
        yield _Kept(path, stack)


def _reader() -> str | None:
    try:
        return login_name()
    except InputError:
        return None


def _back_up(connection: sqlite3.Connection, path: Path) -> None:
    """Keep the file as it is before the import; where that can't be, the import, which is whole or absent, goes on."""
    from db.maintenance.backups import back_up_if_changed

    with progress_bars("backing up") as (progress,):
        said = back_up_if_changed(connection, path, "before-import", progress)
    warn(said)


def _is_there(name: str) -> bool:
    return name == "-" or os.path.exists(name) or source_of_table(name) is not None


def source_of_table(name: str) -> Source | None:
    """What ``sqlite:FILE:TABLE`` names, where both may hold colons; None for another name.

    Raises InputError where the file is not there.
    """
    if not name.startswith(_SQLITE):
        return None
    rest = name.removeprefix(_SQLITE)
    for at, character in enumerate(rest):
        if character == ":" and os.path.isfile(rest[:at]):
            return Source(name, None, Path(rest[:at]), rest[at + 1 :])
    raise InputError(f"{name}: no such file; write sqlite:FILE:TABLE")


@contextlib.contextmanager
def _opened(name: str) -> Iterator[Source]:
    if name == "-":
        # Kept first: an extractor may take hours to write it, and while an import runs nobody else can write.
        with tempfile.TemporaryFile() as kept:
            shutil.copyfileobj(sys.stdin.buffer, kept)
            kept.seek(0)
            yield Source("standard input", kept)
        return
    if table := source_of_table(name):
        yield table
        return
    if os.path.isdir(name):
        yield Source(name, None, Path(name))
        return
    try:
        stream = open(name, "rb")  # noqa: SIM115 (the with below closes it; an error in opening is told apart)
    except OSError as error:
        raise InputError(f"{name}: can't be read ({error.strerror}); check its permissions") from None
    with stream:
        yield Source(name, stream, Path(name))


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
def _progress(source: Source) -> Iterator[Callable[[int], None]]:
    """A bar on standard error when that is a terminal and the file's size is known."""
    if source.stream is None or source.path is None or not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}", markup=False), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console(stderr=True), transient=True) as progress:
        task = progress.add_task(safe(source.path.name), total=os.path.getsize(source.path))
        yield lambda taken: progress.update(task, completed=taken)
