"""What a newer extraction changed of what people had decided, in words: a line each, as `import` tells it."""

from db.describe import value_words
from db.importing.changes import DecidedChange, FieldValue
from db.importing.report import ImportReport
from db.model import Status
from tui.text.safe import safe
from tui.text.wrapping import clip

_SHOWN = 20
_VALUE_CELLS = 60
_JUDGED: dict[Status, str] = {
    "confirmed": "accepted",
    "corrected": "accepted",
    "rejected": "rejected",
    "unsure": "was unsure of",
    "pending": "worked on",
}


def tell_changes(report: ImportReport, reader: str | None) -> None:
    """Print the first of them; ``reader`` is who reads it."""
    for change in report.changes[:_SHOWN]:
        print(words_of(change, reader))
    if report.changed > _SHOWN:
        print(f"… and {report.changed - _SHOWN:,} more")


def totals(report: ImportReport) -> list[str]:
    """How many there are, for the last line; nothing where there are none."""
    parts = []
    if report.settled or report.to_review:
        hint = " (is:changed finds them)" if report.to_review else ""
        parts.append(f"{report.settled:,} settled, {report.to_review:,} to look at again{hint}")
    if report.evidence:
        parts.append(f"{count(report.evidence, 'decided field')} with other evidence alone")
    if report.not_extracted:
        parts.append(f"{count(report.not_extracted, 'event')} no longer extracted")
    return parts


def words_of(change: DecidedChange, reader: str | None) -> str:
    """``seed/1 count (transfer:2): the machine now says 757, you said 757: settled``, safe for the terminal."""
    where = safe(change.event)
    if change.field is not None:
        where += f" {safe(change.field)}" + (f" ({safe(change.group)})" if change.group else "")
    who = "you" if reader is not None and change.reviewer == reader else safe(change.reviewer or "somebody")
    judged = _JUDGED[change.status]
    if who == "you":
        judged = judged.replace("was", "were")
    if change.what == "not extracted":
        return f"{where}: no longer extracted, {who} {judged} it"
    if change.what == "type":
        where += " type"
    gone = change.what == "gone"
    machine = f"no longer says {_value(change.before)}" if gone else f"now says {_value(change.now)}"
    if change.reviewed is not None:
        person = f"said {_value(change.reviewed)}"
    elif change.removed:
        person = "removed it"
    elif change.status == "pending":
        person = "wrote a note on it"
    else:
        person = f"{judged} the event" + " without it" * (change.what == "new" and judged == "accepted")
    return f"{where}: the machine {machine}, {who} {person}: {'settled' if change.settled else 'look again'}"


def _value(said: FieldValue | None) -> str:
    return clip(safe(value_words(said.value, said.modifier)), _VALUE_CELLS) if said else "nothing"


def count(number: int, what: str) -> str:
    """``1 event``, ``1,200 events``."""
    return f"{number:,} {what}{'' if number == 1 else 's'}"
