"""publish: writes reviewed values back to where the events came from."""

import argparse
import contextlib
from pathlib import Path

from db.errors import InputError
from db.formats.tables.mapping.loading import load_mapping
from db.maintenance.opening import open_to_read
from db.sources.publish.report import PublishReport
from tui.commands import Command
from tui.output.progress import warn
from tui.output.tables import count
from tui.text.safe import safe


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--into", type=Path, metavar="FILE", help="the imported CSV, TSV, JSON or Parquet file to correct"
    )
    parser.add_argument("--mapping", metavar="M", help="the mapping with which the file was imported")
    parser.add_argument("--drop-rejected", action="store_true", help="delete the rows of rejected events from the file")
    parser.add_argument("--dry-run", action="store_true", help="print what would change, and change nothing")


def publish(arguments: argparse.Namespace) -> int:
    """Write reviewed values to the file that was imported."""
    if arguments.into is None:
        raise InputError("name the file to correct with --into FILE")
    from db.sources.publish.files.writing import publish_to_file

    mapping = load_mapping(arguments.mapping) if arguments.mapping else None
    with contextlib.closing(open_to_read(arguments.file)) as connection:
        report = publish_to_file(
            connection,
            arguments.into,
            mapping,
            rehearsal=arguments.dry_run,
            drop_rejected=arguments.drop_rejected,
        )
    return _print(report, arguments.into, rehearsal=arguments.dry_run)


def _print(report: PublishReport, target: Path, *, rehearsal: bool) -> int:
    """Print what was, or would be, written; return the exit status."""
    for problem in report.problems:
        warn(problem)
    if (more := report.problem_count - len(report.problems)) > 0:
        warn(f"and {more:,} more that were not written")
    if rehearsal:
        for change in report.changes:
            print(safe(change))
        if (more := report.cells.total() - len(report.changes)) > 0:
            print(f"and {count(more, 'more cell')}")
    verb = "would change" if rehearsal else "changed"
    for table in dict.fromkeys((*report.rows, *report.removed)):
        columns = [(column, number) for (name, column), number in report.cells.items() if name == table]
        parts = [f"{column} {number:,}" for column, number in columns]
        what = f"{count(report.rows[table], 'row')} {verb}" + (f" ({', '.join(parts)})" if parts else "")
        if removed := report.removed[table]:
            what += f", {count(removed, 'row')} {'would be removed' if rehearsal else 'removed'}"
        print(f"{safe(table)}: {safe(what)}")
    if not report.has_changes:
        print(f"{safe(str(target))}: nothing to publish")
    for note in report.notes:
        print(safe(note))
    if report.backup is not None:
        print(f"the file as it was before the first publication: {safe(report.backup)}")
    return 1 if report.problem_count else 0


COMMANDS = {
    "publish": Command(
        publish,
        ("eventdesk publish war.db --into events.csv --dry-run", "eventdesk publish war.db --into events.csv"),
        _add_arguments,
        "In a CSV, TSV, JSON or Parquet file that was imported, only the cells that reviewers changed are written;"
        " every other character stays. The file as it was is kept as FILE.original.",
    )
}
