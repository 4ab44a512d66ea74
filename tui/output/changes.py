"""What an import says of reviewed events that it changed, one line each, and of values that texts usually lack."""

import sys
from collections import Counter

from db.describe import spans_words, value_words
from db.importing.releases.changes import ExtractionChange, FieldValue
from db.importing.releases.differing import Kind
from db.importing.report import ImportReport
from db.io.json_lines import shorten
from db.model import Status
from tui.output.tables import count
from tui.text.safe import safe
from tui.text.wrapping import clip

_SHOWN = 20
_VALUE_CELLS = 60
_KINDS: dict[Kind, str] = {
    "changed": "changed",
    "new": "new",
    "gone": "gone",
    "written": "only written differently",
    "details": "with other evidence or details",
}
_JUDGED: dict[Status, str] = {
    "confirmed": "accepted",
    "corrected": "accepted",
    "rejected": "rejected",
    "unsure": "was unsure of",
    "pending": "worked on",
}


def print_changes(report: ImportReport, reader: str | None) -> None:
    """Print the first changes; ``reader`` is the reviewer who reads them, to whom they say "you"."""
    for change in report.changes[:_SHOWN]:
        print(words_of(change, reader))
    if report.changed > _SHOWN:
        print(f"… and {report.changed - _SHOWN:,} more")


def print_documents(report: ImportReport) -> None:
    """Print the first documents that got another title, or a text that lacks evidence, one line each."""
    telling = [change for change in report.documents_changed if change.lost or change.what == "title"]
    for change in telling[:_SHOWN]:
        words = f"{safe(change.document)}: new {change.what}"
        if change.what == "title":
            words += f" {_title(change.now)}, was {_title(change.before)}"
        print(words + (f"; {spans_words(change.moved, change.lost)}" if change.moved or change.lost else ""))
    if (more := len(telling) - _SHOWN) > 0:
        print(f"… and {more:,} more")


def document_totals(report: ImportReport) -> list[str]:
    """Return the totals of documents that got another text or title."""
    parts = []
    for number, what in ((report.new_texts, "text"), (report.new_titles, "title")):
        if number:
            parts.append(f"{count(number, 'document')} {'has' if number == 1 else 'have'} a new {what}")
    if report.moved or report.lost:
        parts.append(spans_words(report.moved, report.lost) + " (is:changed finds them)" * bool(report.lost))
    if report.other_texts:
        what = "keeps its text" if report.other_texts == 1 else "keep their texts"
        parts.append(f"{count(report.other_texts, 'document')} {what}: the export has another version")
    return parts


def _title(title: str | None) -> str:
    return repr(clip(safe(title or ""), _VALUE_CELLS))


def print_apart(report: ImportReport) -> None:
    """Print how files that name no extractor were told apart."""
    names = list(dict.fromkeys(report.apart.values()))
    if not names:
        return
    shown = safe(", ".join(names[:_SHOWN])) + (f" … and {len(names) - _SHOWN:,} more" if len(names) > _SHOWN else "")
    files = "1 file names" if len(report.apart) == 1 else f"{len(report.apart):,} files name"
    print(f"{files} no extractor: imported as {shown}, after the file; --extractor NAME makes several files one")


def print_release(report: ImportReport) -> None:
    """Print what changed by field, decided or not, and the ids of events that are gone."""
    if report.by_field:
        fields = sorted(report.by_field.items(), key=lambda pair: -sum(pair[1].values()))
        shown = [f"{safe(name)}: {_kinds(counts)}" for name, counts in fields[:_SHOWN]]
        if len(fields) > _SHOWN:
            shown.append(f"… and {len(fields) - _SHOWN:,} more")
        print("; ".join(shown))
    if report.vanished:
        ids = ", ".join(clip(safe(event), _VALUE_CELLS) for _, event in report.vanished[:_SHOWN])
        more = report.not_extracted - _SHOWN
        print(f"no longer in the file: {ids}" + (f" … and {more:,} more (--changes NEW lists all)" if more > 0 else ""))


def _kinds(counts: Counter[Kind]) -> str:
    return ", ".join(f"{counts[kind]:,} {words}" for kind, words in _KINDS.items() if counts[kind])


def totals(report: ImportReport) -> list[str]:
    """Return the totals of changes for the last line of the report."""
    parts = []
    if report.settled or report.to_review:
        hint = " (is:changed finds them)" if report.to_review else ""
        parts.append(f"{report.settled:,} settled, {report.to_review:,} to review again{hint}")
    if report.evidence:
        parts.append(f"{count(report.evidence, 'reviewed field')} with new evidence only")
    if report.new_evidence:
        parts.append(f"{count(report.new_evidence, 'event')} with evidence found anew")
    if report.not_extracted:
        parts.append(f"{count(report.not_extracted, 'event')} no longer extracted")
    return parts


def print_usually_absent(report: ImportReport) -> None:
    """Say which values are usually not in the texts, once: no event is marked for them."""
    usual = {name: counts for name, counts in report.searched.items() if counts.usually_absent}
    if not usual:
        return
    names = ", ".join(
        f"{shorten(name)} ({counts.found:,} of {counts.values:,})" for name, counts in list(usual.items())[:_SHOWN]
    )
    more = f" … and {len(usual) - _SHOWN:,} more" if len(usual) > _SHOWN else ""
    print(safe(f"usually not in the texts, so not marked as missing there: {names}{more}"), file=sys.stderr)


def words_of(change: ExtractionChange, reader: str | None) -> str:
    """Return ``seed/1 count (transfer:2): the machine now says 757, you said 757: settled``, for the terminal."""
    where = safe(change.event)
    if change.field is not None:
        where += f" {safe(change.field)}" + (f" ({safe(change.group)})" if change.group else "")
    who = "you" if reader is not None and change.reviewer == reader else safe(change.reviewer or "someone")
    judged = _JUDGED[change.status]
    if who == "you":
        judged = judged.replace("was", "were")
    if change.what == "not extracted":
        return f"{where}: no longer extracted, {who} {judged} it"
    if change.what == "type":
        where += " type"
    gone = change.what == "gone"
    if change.what == "evidence":
        return f"{where}: its evidence has no place in the new text: review again"
    machine = f"no longer says {_value(change.before)}" if gone else f"now says {_value(change.now)}"
    if change.reviewed is not None:
        person = f"said {_value(change.reviewed)}"
    elif change.removed:
        person = "removed it"
    elif change.status == "pending":
        person = "added a note"
    else:
        person = f"{judged} the event" + " without it" * (change.what == "new" and judged == "accepted")
    return f"{where}: the machine {machine}, {who} {person}: {'settled' if change.settled else 'review again'}"


def _value(said: FieldValue | None) -> str:
    return clip(safe(value_words(said.value, said.modifier)), _VALUE_CELLS) if said else "nothing"
