"""Imported decisions that differ from those of the file: one line each, and the question which to use."""

import sys
from collections.abc import Iterable

from db.describe import value_words
from db.errors import InputError
from db.importing.merging.differences import Decided, Difference
from db.importing.report import ImportReport
from tui.output.tables import count
from tui.text.safe import safe
from tui.text.wrapping import clip

_SHOWN = 20
_VALUE_CELLS = 60
_QUESTION = "Use the decision of the [f]ile or the [i]mported one? (F, I: for all) "


def print_differences(report: ImportReport) -> None:
    """Print the first differences, and how to use the imported decisions."""
    for difference in report.differences[:_SHOWN]:
        print(words_of(difference))
    if report.differing > _SHOWN:
        print(f"… and {report.differing - _SHOWN:,} more differences")


def totals(report: ImportReport) -> list[str]:
    """Return the totals of decisions for the last line of the report."""
    parts = []
    if report.decisions:
        parts.append(f"{count(report.decisions, 'decision')} added")
    if report.differing > report.not_added:
        parts.append(f"{count(report.differing - report.not_added, 'decision')} replaced")
    if report.not_added:
        parts.append(f"{count(report.not_added, 'decision')} not added (--decisions newest or ask replaces the file's)")
    if report.superseded:
        parts.append(f"{count(report.superseded, 'event')} decided again since the export")
    return parts


def words_of(difference: Difference) -> str:
    """Return ``e1 killed: kept 9 (ana, 2026-01-01 00:00), not added 11 (ben, 2026-01-02 10:00)``."""
    file, imported = _words(difference, difference.file), _words(difference, difference.imported)
    if difference.used == "imported":
        return f"{_place(difference)}: replaced {file} by {imported}"
    return f"{_place(difference)}: kept {file}, not added {imported}"


def ask(differences: Iterable[Difference]) -> dict[tuple[str, ...], bool]:
    """Ask on the terminal which decision to use for each difference. Raises InputError if the terminal is closed."""
    answers: dict[tuple[str, ...], bool] = {}
    always = None
    for difference in differences:
        if always is None:
            file, imported = _words(difference, difference.file), _words(difference, difference.imported)
            print(f"{_place(difference)}: the file has {file}, the import has {imported}", file=sys.stderr)
        answer = always
        while answer is None:
            print(_QUESTION, end="", file=sys.stderr, flush=True)
            line = sys.stdin.readline()
            if not line:
                raise InputError("no answer; nothing of this file was imported")
            typed = line.strip()
            if typed in ("f", "i", "F", "I"):
                answer = typed in ("i", "I")
                always = answer if typed.isupper() else None
        answers[difference.place] = answer
    return answers


def _place(difference: Difference) -> str:
    where = safe(difference.event)
    if difference.field is not None:
        where += f" {safe(difference.field)}" + (f" ({safe(difference.group)})" if difference.group else "")
    if difference.about in ("value", "event"):
        return where
    return f"{where} {'note' if difference.about == 'field note' else difference.about}"


def _words(difference: Difference, said: Decided) -> str:
    nothing = "its removal" if difference.about == "event" else "no value"
    value = nothing if said.value is None else clip(safe(value_words(said.value, said.modifier)), _VALUE_CELLS)
    who = [safe(said.author.reviewer or "someone")]
    if said.author.decided_at:
        who.append(safe(said.author.decided_at[:16].replace("T", " ")))
    return f"{value} ({', '.join(who)})"
