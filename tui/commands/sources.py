"""sync and publish: imports what changed where events come from, and writes reviewed values back."""

import argparse
import contextlib
from pathlib import Path

from db.errors import EventdeskError, InputError
from db.formats.tables.mapping.loading import load_mapping
from db.importing.report import ImportReport
from db.io.file_kinds import SQLITE, kind_of_file
from db.maintenance.backups import back_up_daily
from db.maintenance.opening import open_with_backup
from db.sources.desks import desk_path
from db.sources.sync.syncing import Synced
from db.store.connection import is_eventdesk_file, refuse_read_only
from tui.commands import Command
from tui.output.import_report import print_report
from tui.output.progress import file_progress, warn
from tui.output.published import print_published
from tui.output.tables import count
from tui.text.safe import safe


def _add_sync_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--replaced",
        action="store_true",
        help="sync also a database that seems to be an older copy or another one",
    )


def sync(arguments: argparse.Namespace) -> int:
    """Import what changed in every source of a desk. A source that can't be synced keeps no other from it."""
    from db.sources.desks import sources_of
    from db.sources.sync.syncing import sync_source

    desk = _desk_of(arguments.file)
    failed: list[EventdeskError] = []
    total = ImportReport()
    with contextlib.closing(open_with_backup(desk)) as connection:
        refuse_read_only(connection)
        sources = sources_of(connection)
        if not sources:
            raise InputError(f"{desk}: has no source; review a database to make its desk: eventdesk review my.db")
        if problem := back_up_daily(connection, desk):
            warn(problem)
        for source in sources:
            report = ImportReport()
            try:
                with file_progress(None) as progress:
                    done = sync_source(connection, desk, source, report, replaced=arguments.replaced, progress=progress)
            except InputError as error:
                failed.append(error)
                continue
            total.refused += report.refused
            if report.lines or done:
                print_report(report, None, None)
            _print_synced(done)
    for earlier in failed[:-1]:
        warn(str(earlier))
    if failed:
        raise failed[-1]
    return 1 if total.refused else 0


def _desk_of(file: Path) -> Path:
    """Return the desk itself, or that of a database."""
    if is_eventdesk_file(file) or kind_of_file(file)[0] is not SQLITE:
        return file
    desk = desk_path(file)
    if not desk.exists():
        raise InputError(f"{file}: has not been reviewed yet, so there is nothing to sync; open it with: review {file}")
    return desk


def _print_synced(done: Synced) -> None:
    parts = [
        f"{count(number, 'event')} {what}"
        for number, what in (
            (done.gone, "gone from it (is:gone finds them)"),
            (done.returned, "back"),
            (done.moved, "moved to another document"),
        )
        if number
    ]
    if parts or not done:
        print(safe(f"{done.path.name}: {'; '.join(parts) or 'nothing has changed'}"))


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--into", type=Path, metavar="FILE", help="the database, or the imported CSV, TSV, JSON or Parquet file"
    )
    parser.add_argument("--mapping", metavar="M", help="the mapping with which a table file was imported")
    parser.add_argument("--drop-rejected", action="store_true", help="delete the rows of rejected events from a file")
    parser.add_argument("--dry-run", action="store_true", help="print what would change, and change nothing")


def publish(arguments: argparse.Namespace) -> int:
    """Write reviewed values to the databases of a desk, or to the file that was imported."""
    from db.sources.publish import publishing  # slow to import, and the completions need it not

    mapping = load_mapping(arguments.mapping) if arguments.mapping else None
    desk = publishing.find_desk(arguments.file)
    into = arguments.into
    if into is None and desk != arguments.file:
        into = arguments.file
    with contextlib.closing(open_with_backup(desk)) as connection:
        done = publishing.publish(
            connection, desk, into, mapping, rehearsal=arguments.dry_run, drop_rejected=arguments.drop_rejected
        )
    return max([print_published(report, path, rehearsal=arguments.dry_run) for path, report in done], default=0)


COMMANDS = {
    "sync": Command(
        sync,
        ("eventdesk sync my.db", "eventdesk sync my.eventdesk.db"),
        _add_sync_arguments,
        "DB is a database or its desk, NAME.eventdesk.db. New and changed rows are imported, and events\n"
        "whose rows are gone are marked; decisions stay. The reviewer does the same while it is open.",
    ),
    "publish": Command(
        publish,
        ("eventdesk publish my.db --dry-run", "eventdesk publish my.db", "eventdesk publish war.db --into events.csv"),
        _add_arguments,
        "DB is an eventdesk file, or the database that was reviewed. For each event table NAME, the tables\n"
        "NAME_reviewed and NAME_corrections are written to that database; its own tables stay as they are.\n"
        "In a CSV, TSV, JSON or Parquet file, only the cells that reviewers changed are written. A copy is\n"
        "made before the first time.",
    ),
}
