"""The report of an import: what was skipped and noted, how files were told apart, what changed, and the totals."""

import sys
from pathlib import Path

from db.importing.report import ImportReport
from db.io.json_lines import shorten
from tui.output import decisions
from tui.output.changes import (
    document_totals,
    print_apart,
    print_changes,
    print_documents,
    print_release,
    print_usually_absent,
    totals,
)
from tui.output.tables import count
from tui.text.safe import safe

_SHOWN = 20


def print_report(report: ImportReport, reader: str | None, missing: Path | None) -> None:
    """Print a report for ``reader``, the reviewer; ``missing`` is the file that was not created."""
    _print_remarks(list(map(str, report.refusals)), report.refused, "more skipped")
    _print_remarks(report.counted_notes(), report.noted, "more notes")
    _print_unread(report)
    print_usually_absent(report)
    print_apart(report)
    print_documents(report)
    print_changes(report, reader)
    print_release(report)
    decisions.print_differences(report)
    parts = [f"{count(report.documents, 'new document')}, {count(report.events, 'new event')}"]
    for number, what in ((report.updated, "updated"), (report.unchanged, "unchanged")):
        if number:
            parts.append(f"{count(number, 'event')} {what}")
    if report.same_text:
        parts.append(f"{count(report.same_text, 'document')} with the text of another")
    parts += [*document_totals(report), *decisions.totals(report), *totals(report)]
    parts.append(f"{count(report.refused, 'line')} skipped" if report.refused else "nothing skipped")
    if missing is not None:
        parts.append(f"{missing} was not created")
    print(safe("; ".join(parts)))


def _print_remarks(lines: list[str], total: int, more: str) -> None:
    for line in lines[:_SHOWN]:
        print(safe(line), file=sys.stderr)
    if total > _SHOWN:
        print(f"… and {total - _SHOWN:,} {more}", file=sys.stderr)


def _print_unread(report: ImportReport) -> None:
    if not report.unread:
        return
    shown = report.unread.most_common(_SHOWN)
    more = report.unread.total() + report.unread_more - sum(times for _, times in shown)
    names = ", ".join(f"{shorten(name)} ({times:,})" for name, times in shown)
    print(safe(f"not read: {names}{f' … and {more:,} more' if more else ''}"), file=sys.stderr)
