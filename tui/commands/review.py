"""review, and demo, which ``eventdesk`` alone opens."""

import argparse
import contextlib
import os
import sqlite3
import tempfile
from pathlib import Path

from db.decisions.review import Review
from db.demo import open_demo
from db.errors import FileError, InputError
from db.maintenance.opening import open_with_backup
from db.query import check_query, parse
from db.sources.desks import sources_of
from db.store.connection import place_of, refuse_hard_link, reopener
from db.store.known_files import SCANNED_AT_ONCE, is_known, scan
from tui.arguments import add_review_options
from tui.commands import Command
from tui.config.login import login_name
from tui.config.settings import read_settings
from tui.opening.opening import desk_of
from tui.output.streams import on_terminal
from tui.review.session.housekeeping import Housekeeping
from tui.text.safe import safe


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    add_review_options(parser)
    parser.add_argument("--desk", type=Path, metavar="FILE", help="the eventdesk file for DB; default: beside it")
    parser.add_argument("--texts", action="store_true", help="import also the texts of a database that have no event")
    parser.add_argument("--plan", action="store_true", help="show, and change, the plan by which a database is read")
    parser.add_argument("--format", metavar="NAME", help="of a file that is imported first; default: detected")


def review(arguments: argparse.Namespace) -> int:
    """Open a file in the reviewer; one that isn't eventdesk's is shown and imported first."""
    file = desk_of(arguments.file, arguments.desk, arguments.format, has_screen=_has_screen(), texts=arguments.texts)
    if file is None:
        return 0
    refuse_hard_link(file)
    with contextlib.closing(open_with_backup(file)) as connection:
        known = is_known(connection, file)
        if not known and file.stat().st_size <= SCANNED_AT_ONCE:
            scan(connection, file)
            known = True
        housekeeping = Housekeeping(file, known, reopener(connection))
        status = _run(connection, arguments.reviewer, arguments.query, housekeeping)
        return status or _publish(connection, file)


def _publish(connection: sqlite3.Connection, file: Path) -> int:
    """Publish to the databases whose plans say so for the end of a session; return the exit status."""
    if not any("on_quit" in source.plan for source in sources_of(connection)):
        return 0
    from db.sources.publish.publishing import publish_on_quit
    from tui.output.published import print_published

    done = publish_on_quit(connection, file)
    return max([print_published(report, path, rehearsal=False) for path, report in done], default=0)


def _has_screen() -> bool:
    """Return True on a terminal, or where TEXTUAL_DRIVER names what carries the screen, as in ``eventdesk serve``."""
    return on_terminal() or bool(os.environ.get("TEXTUAL_DRIVER"))


def _add_demo_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", type=Path, nargs="?", metavar="DIR", help="write files here; default: open the demo")


def demo(arguments: argparse.Namespace) -> int:
    """Open a temporary copy of the demo in the reviewer, or write the demo as files."""
    if arguments.folder is not None:
        from db.demo.files import write_files

        about = ("a pipeline's database", "a table", "documents with events in eventdesk's own format")
        for path, words in zip(write_files(arguments.folder), about, strict=True):
            print(safe(f"{path}: {words}"))
        print(safe(f"try: eventdesk review {arguments.folder / 'news.db'}"))
        return 0
    with (
        tempfile.TemporaryDirectory(prefix="eventdesk-demo-") as folder,
        contextlib.closing(open_demo(Path(folder) / "demo.db")) as connection,
    ):
        return _run(connection, None, "")


def _run(
    connection: sqlite3.Connection, reviewer: str | None, query: str, housekeeping: Housekeeping | None = None
) -> int:
    settings = read_settings()
    check_query(connection, parse(query))  # a mistake is reported before the screen opens
    if not _has_screen():
        raise InputError("the reviewer needs a terminal; to print events, use eventdesk find")
    from tui.review.app import EventdeskApp

    app = EventdeskApp(Review(connection, reviewer or login_name()), query, settings, housekeeping)
    try:
        app.run(mouse=settings.mouse)
    finally:
        refuse_lost(connection)
    return app.return_code or 0


def refuse_lost(connection: sqlite3.Connection) -> None:
    """Raise FileError, and say where a copy is, if the file isn't there any more."""
    place = place_of(connection)
    if place is None or not place.is_suspect():
        return
    from db.maintenance.rescue import rescue

    if lost := rescue(connection):
        file = lost.file
        if lost.copy is None:
            raise FileError(f"{file} {lost.why} while it was open, and a copy can't be saved: {lost.failure}")
        if not lost.sound:
            raise FileError(
                f"{file} {lost.why} while it was open; what can still be read is in {lost.copy}:"
                f" eventdesk check {lost.copy} --salvage NEW; `eventdesk restore {file}` lists backups"
            )
        raise FileError(
            f"{file} {lost.why} while it was open; a copy with all decisions is {lost.copy}."
            f" Add them to a file with: eventdesk import {file} {lost.copy}"
        )


COMMANDS = {
    "review": Command(
        review,
        ("eventdesk review war.db --query status:pending", "eventdesk review events.csv"),
        _add_arguments,
        "DB is an eventdesk file, or any SQLite database, table, file or folder of yours. The first\n"
        "time, eventdesk shows what it found; enter imports it into NAME.eventdesk.db beside it, and\n"
        "later runs open that.",
    ),
    "demo": Command(demo, ("eventdesk demo", "eventdesk demo try-it"), _add_demo_arguments, takes_file=False),
}
