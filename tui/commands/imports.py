"""import: adds events and texts to an eventdesk file, and creates the file if needed."""

import argparse
import contextlib
import gc
import json
import os
import shutil
import sqlite3
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from db.errors import InputError
from db.exporting import export_documents
from db.formats.format import Format, ReadOptions, Source
from db.formats.registry import format_named
from db.formats.sources import open_source, refuse_missing
from db.importing.importing import import_source
from db.importing.merging.differences import Choose, Difference, keep, newest
from db.importing.releases.changes import DocumentChange, ExtractionChange
from db.importing.report import ImportReport
from db.io.file_kinds import kind_of_file
from db.io.network import warning
from db.maintenance.opening import open_to_read, open_with_backup
from db.sources.plan import Plan
from db.sources.plan_toml import parse_plan
from db.sources.planning import import_database, is_source_database, plan_for, source_at
from db.store.connection import is_eventdesk_file, refuse_read_only, what_happened
from db.store.known_files import remember
from db.store.new_file import new_file
from tui.arguments import reviewer, text
from tui.commands import Command
from tui.config.login import login_name
from tui.output import decisions
from tui.output.import_report import print_report
from tui.output.optional import optional_output
from tui.output.plans import print_plans
from tui.output.progress import file_progress, progress_bars, warn

_UNCOLLECTED = 1_000_000  # objects


class _NothingImported(Exception):
    """Ends an import into a new file that would be empty, so that the file isn't created."""


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("sources", nargs="+", metavar="FILE", help="a file or folder, sqlite:FILE:TABLE, or - (stdin)")
    parser.add_argument("--format", metavar="NAME", help="default: detected; `eventdesk formats` lists them")
    parser.add_argument(
        "--mapping", metavar="FILE", help="a TOML file: a mapping of columns (or the name of a shipped one), or a plan"
    )
    parser.add_argument("--plan", action="store_true", help="print how a SQLite database would be read; import nothing")
    parser.add_argument("--json", action="store_true", help="print the plan as JSON instead of TOML")
    parser.add_argument("--texts", action="store_true", help="import also texts of a SQLite database without events")
    units = ("code_points", "utf16", "bytes")
    parser.add_argument("--offsets", choices=units, help="the unit of span offsets; default: detected")
    parser.add_argument("--extractor", type=text, metavar="NAME", help="the extractor, if the files don't name one")
    parser.add_argument("--run", type=text, metavar="NAME", help="the extractor's run or version, if not in the files")
    parser.add_argument(
        "--reviewer", type=reviewer, metavar="NAME", help="who edited an exported table; default: login name"
    )
    parser.add_argument("--refused", type=Path, metavar="NEW", help="write skipped lines to a new file, to correct")
    parser.add_argument(
        "--decisions",
        choices=("keep", "newest", "ask"),
        default="keep",
        help="where an imported decision differs from the file's: keep that (the default), use the newest, or ask",
    )
    parser.add_argument(
        "--changes",
        type=Path,
        metavar="NEW",
        help="write every change and differing decisions, as JSON Lines",
    )
    parser.add_argument(
        "--same-text",
        action=argparse.BooleanOptionalAction,
        default=None,
        help="documents with the same text are one; default: only if the format's ids are random",
    )
    parser.add_argument(
        "--mute", type=text, action="append", default=[], metavar="COLUMN", help="don't report changes of a column"
    )


def import_files(arguments: argparse.Namespace) -> int:
    """Import files one after the other. An unusable file ends the import; the files before it stay imported.

    A new file is created only if something is imported.
    """
    for name in arguments.sources:
        if name != "-":
            refuse_missing(name)
        if is_eventdesk_file(Path(name)) and kind_of_file(arguments.file)[1]:
            raise InputError(f"{arguments.file}: is a text file; name the eventdesk file first: import {name} FILE")
        if os.path.exists(arguments.file) and os.path.isfile(name) and os.path.samefile(name, arguments.file):
            raise InputError(f"{name}: is the file to import into; name another one")
    plans = _plans(arguments)
    if arguments.plan:
        print_plans(arguments.file, {name: plan for name, plan in plans.items() if plan}, as_json=arguments.json)
        return 0
    if arguments.decisions == "ask" and not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise InputError("--decisions ask needs a terminal; use --decisions newest or keep")
    format = None if arguments.format is None else format_named(arguments.format)
    options = ReadOptions(
        None if plans else arguments.mapping,
        arguments.offsets,
        arguments.extractor,
        arguments.reviewer or _login_name(),
        beside=tuple(Path(name) for name in arguments.sources if os.path.isfile(name)),
        run=arguments.run,
        muted=tuple(arguments.mute),
        same_text=arguments.same_text,
    )
    kinds = Counter(map(_kind, arguments.sources))

    def several(name: str) -> bool:
        return kinds[_kind(name)] > 1

    # Rows hold no reference cycles, and looking for cycles among millions of them takes a third of the time.
    gc.set_threshold(_UNCOLLECTED)
    report = ImportReport()
    failed = None
    new = not os.path.exists(arguments.file)
    with (
        optional_output(arguments.refused) as skipped,
        optional_output(arguments.changes) as changes,
        contextlib.suppress(_NothingImported),
        _new_file(arguments.file) if new else contextlib.closing(open_with_backup(arguments.file)) as connection,
    ):
        report.on_refused = skipped.write
        report.every_change = arguments.changes is not None
        report.on_change = lambda change: changes.write(_json_line(change))
        report.on_document = lambda change: changes.write(_json_line(change))
        report.on_difference = lambda difference: changes.write(_json_line(difference))
        try:
            for number, name in enumerate(arguments.sources):
                with _opened(name, name in plans) as source, skipped.transaction(), changes.transaction():
                    if not new and number == 0:
                        refuse_read_only(connection)
                        _back_up(connection, arguments.file)
                    if name in plans:
                        with file_progress(None) as progress:
                            import_database(connection, arguments.file, Path(name), plans[name], report, progress)
                        continue
                    choose: Choose = newest if arguments.decisions == "newest" else keep
                    if arguments.decisions == "ask":
                        choose = _answers(connection, source, format, options, several=several(name))
                    with file_progress(source.path if source.stream else None) as progress:
                        import_source(
                            connection, source, report, format, options, progress, choose, several=several(name)
                        )
        except InputError as error:
            if number == 0:  # nothing was imported, so there is nothing to report
                raise
            failed = error
        if problem := what_happened(connection) if failed is None and not new else None:
            raise InputError(f"{arguments.file}: {problem} during the import; import again")
        if new and not report.documents:
            raise _NothingImported
        if new:
            remember(connection, arguments.file)
    warn(warning(arguments.file))
    created = not new or report.documents > 0
    print_report(report, _login_name() if report.changed else None, None if created else arguments.file)
    if failed is not None:
        raise failed
    return 1 if report.refused or report.not_added or not created else 0


def _plans(arguments: argparse.Namespace) -> dict[str, Plan | None]:
    """Return the plan of each source that is a SQLite database of another program; None to import by the stored one.

    Raises InputError.
    """
    names = [name for name in arguments.sources if not arguments.format and is_source_database(Path(name))]
    option = next((name for name in ("plan", "json", "texts") if getattr(arguments, name)), None)
    if option and (other := [name for name in arguments.sources if name not in names]):
        raise InputError(f"{other[0]}: --{option} is for SQLite databases, and this is none; omit --{option}")
    if arguments.json and not arguments.plan:
        raise InputError("--json prints a plan; use it with --plan")
    if arguments.mapping and 0 < len(names) < len(arguments.sources):
        raise InputError("--mapping is a plan for a database and a mapping for a table; import them separately")
    for unused in ("extractor", "run", "offsets", "mute") if names else ():
        if getattr(arguments, unused):
            raise InputError(f"{names[0]}: --{unused} is not for databases; change the plan: import DB FILE --plan")
    known: dict[str, Plan | None] = {}
    if names and not (arguments.mapping or arguments.texts) and is_eventdesk_file(arguments.file):
        with contextlib.closing(open_to_read(arguments.file)) as connection:
            found = {name: source_at(connection, arguments.file, Path(name)) for name in names}
        for name, source in found.items():
            if source is not None:
                known[name] = parse_plan(source.plan, f"the plan of {name}") if arguments.plan else None
    return {
        name: known[name] if name in known else plan_for(Path(name), arguments.mapping, texts=arguments.texts)
        for name in names
    }


def _answers(
    connection: sqlite3.Connection, source: Source, format: Format | None, options: ReadOptions, *, several: bool
) -> Choose:
    """Ask about each difference, before the import, because an import keeps other people from writing.

    An answer can lead to further differences, so the import is rehearsed until nothing is left to ask.
    """
    answers: dict[tuple[str, ...], bool] = {}
    while True:
        found: list[Difference] = []
        report = ImportReport(on_difference=found.append)
        choose = partial(_answered, answers)
        import_source(connection, source, report, format, options, choose=choose, rehearsal=True, several=several)
        if source.stream is not None:
            source.stream.seek(0)
        unanswered = [item for item in found if item.place not in answers and not item.must_keep]
        if not unanswered:
            return choose
        answers |= decisions.ask(unanswered)


def _answered(answers: dict[tuple[str, ...], bool], difference: Difference) -> bool:
    return answers.get(difference.place, False)


def _json_line(item: ExtractionChange | DocumentChange | Difference) -> bytes:
    return f"{json.dumps(item.json(), ensure_ascii=False)}\n".encode()


def _kind(name: str) -> str:
    return Path(name).suffix.lower() if os.path.isfile(name) else name.partition(":")[0] * name.startswith("sqlite:")


def _login_name() -> str | None:
    try:
        return login_name()
    except InputError:
        return None


def _back_up(connection: sqlite3.Connection, path: Path) -> None:
    """Back up the file. If that fails, warn and go on: an import changes all it should or nothing."""
    from db.maintenance.backups import back_up_if_changed

    with progress_bars("backing up") as (progress,):
        warning = back_up_if_changed(connection, path, "before-import", progress)
    warn(warning)


def _is_pipe(name: str) -> bool:
    """Return True for what can be read only once, such as ``<(command)`` or /dev/stdin."""
    return os.path.exists(name) and not os.path.isfile(name) and not os.path.isdir(name)


@contextlib.contextmanager
def _opened(name: str, is_database: bool) -> Iterator[Source]:
    if is_database:
        yield Source(name, None, Path(name))
        return
    if name != "-" and not _is_pipe(name):
        with _exported(Path(name)) if is_eventdesk_file(Path(name)) else open_source(name) as source:
            yield source
        return
    # Standard input or a pipe is saved first: an extractor may take hours to write it, and an import locks the file.
    with tempfile.TemporaryFile() as saved:
        if name == "-":
            if sys.stdin is None:
                raise InputError("standard input is closed; name a file")
            shutil.copyfileobj(sys.stdin.buffer, saved)
        else:
            with open_source(name) as source:
                shutil.copyfileobj(source.required_stream, saved)
        saved.seek(0)
        yield Source("standard input" if name == "-" else name, saved)


@contextlib.contextmanager
def _exported(path: Path) -> Iterator[Source]:
    """Yield what another eventdesk file exports, decisions included."""
    with contextlib.closing(open_to_read(path)) as connection, tempfile.TemporaryFile() as saved:
        for document in export_documents(connection):
            saved.write(json.dumps(document, ensure_ascii=False).encode() + b"\n")
        saved.seek(0)
        yield Source(path.name, saved)


@contextlib.contextmanager
def _new_file(path: Path) -> Iterator[sqlite3.Connection]:
    """Create a file, with a progress bar for its indexes, which are made after the block."""
    if not path.parent.is_dir():
        raise InputError(f"{path}: no folder {path.parent}; create it first")
    with progress_bars("making indexes") as (progress,), new_file(path, progress) as connection:
        yield connection


COMMANDS = {"import": Command(import_files, ("eventdesk import war.db candidates.jsonl article.txt",), _add_arguments)}
