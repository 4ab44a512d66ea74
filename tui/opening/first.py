"""Shows what is in a file the first time, and imports it into a new eventdesk file once the person accepts."""

import os
from pathlib import Path

from db.formats.format import ReadOptions
from db.importing.importing import import_source
from db.importing.report import ImportReport
from db.store.known_files import remember
from db.store.new_file import new_file
from tui.config.login import login_name
from tui.config.settings import read_settings
from tui.mapping.app import MappingApp
from tui.mapping.plan_screen import PlanScreen
from tui.opening.offers import open_offer
from tui.output.import_report import print_report
from tui.output.progress import file_progress, progress_bars


def import_first(name: str, desk: Path, format: str | None, *, is_database: bool) -> bool:
    """Show the plan, and import by it if it is accepted; return False if it isn't."""
    with open_offer(name, desk, format, is_database=is_database) as opened:
        settings = read_settings()
        screen = PlanScreen(opened.offer)
        MappingApp(screen, settings).run(mouse=settings.mouse)
        if screen.accepted is None:
            return False
        report = ImportReport()
        options = ReadOptions(reviewer=login_name())
        with (
            progress_bars("making indexes") as (indexing,),
            new_file(desk, indexing) as connection,
        ):
            with file_progress(opened.source.path if not os.path.isdir(name) else None) as progress:
                import_source(connection, opened.source, report, opened.format(screen.accepted), options, progress)
            remember(connection, desk)
    print_report(report, None, None)
    return True
