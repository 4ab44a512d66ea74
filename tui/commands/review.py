"""review, and the demo that ``eventdesk`` alone opens."""

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
from db.store.connection import place_of, refuse_hard_link, reopener
from db.store.known_files import SCANNED_AT_ONCE, is_known, scan
from tui.arguments import add_review_options
from tui.commands import Command
from tui.config.login import login_name
from tui.config.settings import read_settings
from tui.output.streams import on_terminal
from tui.review.session.housekeeping import Housekeeping


def review(arguments: argparse.Namespace) -> int:
    """Open a file in the reviewer."""
    refuse_hard_link(arguments.file)
    with contextlib.closing(open_with_backup(arguments.file)) as connection:
        known = is_known(connection, arguments.file)
        if not known and arguments.file.stat().st_size <= SCANNED_AT_ONCE:
            scan(connection, arguments.file)
            known = True
        return _run(
            connection, arguments.reviewer, arguments.query, Housekeeping(arguments.file, known, reopener(connection))
        )


def demo() -> int:
    """Open a temporary copy of the demo in the reviewer."""
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
    # Without a terminal, as in `eventdesk serve`, TEXTUAL_DRIVER names what carries the screen.
    if not on_terminal() and not os.environ.get("TEXTUAL_DRIVER"):
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


COMMANDS = {"review": Command(review, ("eventdesk review war.db --query status:pending",), add_review_options)}
