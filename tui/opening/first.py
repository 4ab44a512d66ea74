"""Shows what is in a file the first time, and imports it into a new eventdesk file once the person accepts."""

import contextlib
import os
import sqlite3
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from db.errors import InputError
from db.formats.format import ReadOptions
from db.importing.importing import import_source
from db.importing.report import ImportReport
from db.maintenance.backups import back_up_if_changed
from db.maintenance.opening import open_with_backup
from db.sources.desks import StoredSource, sources_of, store_mapping
from db.sources.plan import Plan
from db.sources.plan_toml import parse_plan
from db.sources.sync.syncing import add_source, sync_source
from db.store.connection import refuse_read_only, writing
from db.store.known_files import remember
from db.store.new_file import new_file
from tui.config.settings import read_settings
from tui.mapping.app import MappingApp
from tui.mapping.plan_screen import PlanScreen
from tui.opening.offers import open_offer
from tui.output.import_report import print_report
from tui.output.progress import file_progress, progress_bars, warn

_SECONDS = 3.0  # for which the first import of a database may keep a person waiting


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a person wants reviewed: the desk to make of a file, or to change.

    format: of a file, if not detected. texts: import also the texts of a database that have no event.
    """

    name: str
    desk: Path
    is_database: bool
    format: str | None = None
    texts: bool = False


def import_first(wanted: Wanted) -> bool:
    """Show the plan, and import by it if it is accepted; return False if it isn't.

    A desk that exists gets the changed plan of its database. Raises EventdeskError.
    """
    desk, path = wanted.desk, Path(wanted.name)
    with contextlib.ExitStack() as stack:
        connection = stored = None
        if os.path.lexists(desk):
            connection = stack.enter_context(contextlib.closing(open_with_backup(desk)))
            refuse_read_only(connection)
            stored = None if wanted.texts else _stored_plan(connection, desk, path)
        opened = stack.enter_context(
            open_offer(
                wanted.name, desk, wanted.format, is_database=wanted.is_database, texts=wanted.texts, plan=stored
            )
        )
        settings = read_settings()
        screen = PlanScreen(opened.offer)
        MappingApp(screen, settings).run(mouse=settings.mouse)
        if screen.accepted is None:
            return False
        report = ImportReport()
        new = connection is None
        if connection is None:
            (indexing,) = stack.enter_context(progress_bars("making indexes"))
            connection = stack.enter_context(new_file(desk, indexing))
        elif problem := back_up_if_changed(connection, desk, "before-import"):
            warn(problem)
        with file_progress(None if path.is_dir() else opened.source.path) as progress:
            if wanted.is_database:
                source = add_source(connection, desk, path, opened.plan or screen.accepted.plan)
                begin = _begin if new else sync_source
                begin(connection, desk, source, report, progress=progress)
            else:
                format = opened.format(screen.accepted)
                import_source(connection, opened.source, report, format, ReadOptions(), progress)
                if screen.accepted.plan != screen.accepted.first and path.is_file() and report.documents:
                    with writing(connection):
                        store_mapping(connection, desk, path, screen.accepted.mapping)
        if new and not report.documents:
            why = f": {report.refusals[0]}" if report.refusals else ""
            raise InputError(f"{wanted.name}: nothing could be imported{why}")
        if new:
            remember(connection, desk)
    print_report(report, None, None)
    return True


class _EnoughError(Exception):
    """Ends an import that the reviewer completes."""


def _begin(
    connection: sqlite3.Connection,
    desk: Path,
    source: StoredSource,
    report: ImportReport,
    *,
    progress: Callable[[int], None],
) -> None:
    """Import a database as far as that takes no longer than a person waits; the open reviewer's sync does the rest."""
    until = time.monotonic() + _SECONDS

    def go_on(size: int) -> None:
        progress(size)
        if time.monotonic() > until:
            raise _EnoughError

    try:
        sync_source(connection, desk, source, report, in_slices=True, progress=go_on)
    except _EnoughError:
        warn(f"{report.events:,} events so far; the others are imported while you review")


def _stored_plan(connection: sqlite3.Connection, desk: Path, path: Path) -> Plan | None:
    """Return the plan by which a desk reads a database, if that is one of its sources."""
    for source in sources_of(connection):
        if source.find(desk).resolve() == path.resolve():
            with contextlib.suppress(InputError):  # someone edited it; a new one is proposed
                return parse_plan(source.plan, "the plan")
    return None
