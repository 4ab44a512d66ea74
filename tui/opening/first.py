"""Shows what is in a file the first time, and imports it into a new eventdesk file once the person accepts."""

import os
from pathlib import Path

from db.errors import InputError
from db.formats.format import ReadOptions
from db.importing.importing import import_source
from db.importing.report import ImportReport
from db.sources.sync.syncing import add_source, sync_source
from db.store.known_files import remember
from db.store.new_file import new_file
from tui.config.settings import read_settings
from tui.mapping.app import MappingApp
from tui.mapping.plan_screen import PlanScreen
from tui.opening.offers import open_offer
from tui.output.import_report import print_report
from tui.output.progress import file_progress, progress_bars


def import_first(name: str, desk: Path, format: str | None, *, is_database: bool, texts: bool) -> bool:
    """Show the plan, and import by it if it is accepted; return False if it isn't.

    ``texts``: import also the texts of a database that have no event. Raises EventdeskError.
    """
    with open_offer(name, desk, format, is_database=is_database, texts=texts) as opened:
        settings = read_settings()
        screen = PlanScreen(opened.offer)
        MappingApp(screen, settings).run(mouse=settings.mouse)
        if screen.accepted is None:
            return False
        report = ImportReport()
        path = None if os.path.isdir(name) else opened.source.path
        with progress_bars("making indexes") as (indexing,), new_file(desk, indexing) as connection:
            with file_progress(path) as progress:
                if is_database:
                    plan = opened.plan or screen.accepted.plan
                    source = add_source(connection, desk, Path(name), plan)
                    sync_source(connection, desk, source, report, progress=progress)
                else:
                    format_ = opened.format(screen.accepted)
                    import_source(connection, opened.source, report, format_, ReadOptions(), progress)
            if not report.documents:
                why = f": {report.refusals[0]}" if report.refusals else ""
                raise InputError(f"{name}: nothing could be imported{why}")
            remember(connection, desk)
    print_report(report, None, None)
    return True
