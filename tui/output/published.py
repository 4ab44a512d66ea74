"""What a publication wrote, or would write."""

from pathlib import Path

from db.sources.publish.report import PublishReport
from tui.output.progress import warn
from tui.output.tables import count
from tui.text.safe import safe


def print_published(report: PublishReport, target: Path, *, rehearsal: bool) -> int:
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
        print(f"the file as it was before the first time: {safe(report.backup)}")
    return 1 if report.problem_count else 0
